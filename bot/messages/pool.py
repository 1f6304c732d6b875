"""Messages of `/pool`: how many app-servers run, for whom, and what was done to them."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed, Message

DRAINED_ROW: Final = Fixed("pool.row_drained")
NOTHING_RUNS: Final = Fixed("pool.nothing_runs")
NOBODY_AWAKE: Final = Fixed("pool.nobody_awake")
ADMITS: Final = Fixed("pool.admits")
DRAINS: Final = Fixed("pool.drains")


class AwakeHere(Filled, id="pool.awake_here"):
    """A character that is awake for so many rooms of a server."""

    name: str
    rooms: Message


class HasNewServer(Filled, id="pool.has_new_server"):
    """The character's app-server was restarted."""

    name: str


class Sleeps(Filled, id="pool.sleeps"):
    """The character's app-server was ended."""

    name: str


class Turns(Filled, id="pool.turns"):
    """So many turns; as the others below, a part of a sentence."""

    count: int


class CodexThreads(Filled, id="pool.threads"):
    """So many Codex threads."""

    count: int


class Tokens(Filled, id="pool.tokens"):
    """So many tokens."""

    count: int


class Rooms(Filled, id="pool.rooms"):
    """So many rooms."""

    count: int


class Characters(Filled, id="pool.characters"):
    """So many characters."""

    count: int


class Running(Filled, id="pool.running"):
    """How many app-servers run, and how many turns wait for one."""

    active: int
    most: int
    healthy: int
    waiting: Message


class Used(Filled, id="pool.used"):
    """What the app-servers that run have done and use."""

    threads: Message
    turns: Message
    tokens: Message
    memory: str


class SinceStart(Filled, id="pool.since_start"):
    """What happened since the bot was started."""

    starts: int
    evictions: int
    failures: int


class Problem(Filled, id="pool.problem"):
    """What is wrong with the pool."""

    problem: str


class AwakeInServer(Filled, id="pool.awake_in_server"):
    """For a server's admins: what concerns their server."""

    characters: Message
    rooms: Message


class Instance(Filled, id="pool.instance"):
    """An app-server; `resting` is its state with how long it has been idle."""

    name: str
    state: Message
    pid: str
    age: float
    rooms: Message
    turns: Message
    tokens: Message
    memory: str


class State(Filled, id="pool.state"):
    """What an app-server does."""

    state: str


class Resting(Filled, id="pool.resting"):
    """The same with how long it has been idle, in seconds."""

    state: str
    idle: float


class LastError(Filled, id="pool.last_error"):
    """An app-server with its last error below."""

    instance: Message
    error: str
