"""Messages of `/pool`: the running app-servers, and the results of commands on them."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed, Message

DRAINED_ROW: Final = Fixed("pool.row_drained")
NOTHING_RUNS: Final = Fixed("pool.nothing_runs")
NOBODY_AWAKE: Final = Fixed("pool.nobody_awake")
ADMITS: Final = Fixed("pool.admits")
DRAINS: Final = Fixed("pool.drains")


class AwakeHere(Filled, id="pool.awake_here"):
    """A character with an app-server, and the number of its rooms in a server."""

    name: str
    rooms: Message


class HasNewServer(Filled, id="pool.has_new_server"):
    """The character's app-server was restarted."""

    name: str


class Sleeps(Filled, id="pool.sleeps"):
    """The character's app-server was ended."""

    name: str


class Turns(Filled, id="pool.turns"):
    """A number of turns; like the counts below, a part of a sentence."""

    count: int


class CodexThreads(Filled, id="pool.threads"):
    """A number of Codex threads."""

    count: int


class Tokens(Filled, id="pool.tokens"):
    """A number of tokens."""

    count: int


class Rooms(Filled, id="pool.rooms"):
    """A number of rooms."""

    count: int


class Characters(Filled, id="pool.characters"):
    """A number of characters."""

    count: int


class Starts(Filled, id="pool.starts"):
    """A number of starts of app-servers."""

    count: int


class FailedStarts(Filled, id="pool.failed_starts"):
    """A number of failed starts of app-servers."""

    count: int


class Running(Filled, id="pool.running"):
    """How many app-servers run, and how many turns wait for an app-server."""

    active: int
    most: int
    healthy: int
    waiting: Message


class Used(Filled, id="pool.used"):
    """The work and the memory of the running app-servers."""

    threads: Message
    turns: Message
    tokens: Message
    memory: str


class SinceStart(Filled, id="pool.since_start"):
    """Starts, evictions and failed starts since the bot was started."""

    starts: Message
    evictions: int
    failures: Message


class Problem(Filled, id="pool.problem"):
    """A problem of the pool."""

    problem: str


class AwakeInServer(Filled, id="pool.awake_in_server"):
    """For a server's admins: the characters with an app-server, and their rooms in the server."""

    characters: Message
    rooms: Message


class Instance(Filled, id="pool.instance"):
    """An app-server in `/pool instances`."""

    name: str
    state: Message
    pid: str
    age: float
    rooms: Message
    turns: Message
    tokens: Message
    memory: str


class State(Filled, id="pool.state"):
    """The state of an app-server."""

    state: str


class Resting(Filled, id="pool.resting"):
    """The state of an app-server that has been idle for `idle` seconds."""

    state: str
    idle: float


class LastError(Filled, id="pool.last_error"):
    """An app-server with its last error below."""

    instance: Message
    error: str
