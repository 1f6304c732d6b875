"""What breaks, and when: drawn from the seed before anything runs. Breaks nothing itself."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.talk import Shape


class Kind(StrEnum):
    """A way to break something; the value is what the run prints."""

    APP_KILL = "app-server: SIGKILL"
    APP_PAUSE = "app-server: SIGSTOP, SIGCONT later"
    APP_HANG = "app-server: SIGSTOP for good"
    APP_EOF_OUT = "app-server: stdout ends while it lives"
    APP_EOF_IN = "app-server: stdin ends"
    APP_GARBAGE = "app-server: garbage on stdout"
    APP_TORN = "app-server: a line of stdout torn"
    BOT_KILL = "bot: SIGKILL, started again"
    BOT_TERM = "bot: SIGTERM, started again"
    BOT_PAUSE = "bot: SIGSTOP, SIGCONT later"
    POWER_CUT = "host: bot and Redis gone at once, Redis' last second lost, started again"
    REDIS_KILL = "Redis: SIGKILL, started again"
    REDIS_LOSES = "Redis: SIGKILL, its last second lost, started again"
    REDIS_PAUSE = "Redis: SIGSTOP, SIGCONT later"
    REDIS_FULL = "Redis: refuses every write (full)"
    OP7 = "gateway: op 7"
    OP9 = "gateway: op 9"
    OP9_RESUMABLE = "gateway: op 9, resumable"
    GATEWAY_CLOSE = "gateway: socket closed"
    GATEWAY_CUT = "gateway: line cut"
    GATEWAY_REFUSE = "gateway: line cut, connections refused"
    GATEWAY_HOLD = "gateway: events late"
    REST_429 = "REST: 429"
    REST_500 = "REST: 500"
    REST_502 = "REST: 502"
    REST_502_DONE = "REST: 502 after the work was done"
    REST_RESET = "REST: line reset"
    REST_RESET_DONE = "REST: line reset after the work was done"
    REST_SLOW = "REST: slow"
    WEBHOOK_GONE = "Discord: webhook deleted"
    NO_WEBHOOKS = "Discord: webhook deleted, Manage Webhooks taken, given back later"
    NO_HISTORY = "Discord: Read Message History taken, given back later"
    NO_SENDING = "Discord: Send Messages taken, given back later"
    MODEL_429 = "model: 429"
    MODEL_500 = "model: 500"
    MODEL_OVERLOADED = "model: overloaded"
    MODEL_CUT = "model: stream cut"
    MODEL_HANG = "model: hangs"
    MODEL_DOWN = "model: 500 until Codex gives up"
    DISK_FULL = "disk: full for a while"


# How often in the long form. A hang costs its room the whole of CODEX_TURN_TIMEOUT.
LONG: Mapping[Kind, int] = {
    **dict.fromkeys((Kind.APP_KILL,), 8),
    **dict.fromkeys((Kind.BOT_KILL, Kind.WEBHOOK_GONE, Kind.OP9, Kind.GATEWAY_CUT), 4),
    **dict.fromkeys((Kind.REST_429, Kind.REST_500, Kind.REST_502, Kind.REST_RESET), 4),
    **dict.fromkeys((Kind.REST_502_DONE, Kind.REST_RESET_DONE, Kind.REST_SLOW), 4),
    **dict.fromkeys((Kind.APP_PAUSE, Kind.APP_HANG, Kind.APP_EOF_OUT, Kind.APP_EOF_IN), 3),
    **dict.fromkeys((Kind.APP_GARBAGE, Kind.REDIS_KILL, Kind.REDIS_PAUSE, Kind.OP7), 3),
    **dict.fromkeys((Kind.REDIS_LOSES, Kind.POWER_CUT), 3),
    **dict.fromkeys((Kind.GATEWAY_CLOSE, Kind.NO_WEBHOOKS, Kind.MODEL_429, Kind.MODEL_500), 3),
    **dict.fromkeys((Kind.MODEL_CUT,), 3),
    **dict.fromkeys((Kind.APP_TORN, Kind.BOT_TERM, Kind.BOT_PAUSE, Kind.REDIS_FULL), 2),
    **dict.fromkeys((Kind.OP9_RESUMABLE, Kind.GATEWAY_REFUSE, Kind.GATEWAY_HOLD), 2),
    **dict.fromkeys((Kind.NO_HISTORY, Kind.NO_SENDING, Kind.MODEL_OVERLOADED), 2),
    **dict.fromkeys((Kind.MODEL_HANG, Kind.MODEL_DOWN, Kind.DISK_FULL), 1),
}
# The short form: once each, without those that cost many seconds.
SHORT: Mapping[Kind, int] = dict.fromkeys(
    (
        *(Kind.APP_KILL, Kind.APP_PAUSE, Kind.APP_EOF_OUT, Kind.APP_GARBAGE, Kind.BOT_KILL),
        *(Kind.POWER_CUT, Kind.REDIS_KILL, Kind.REDIS_LOSES),
        *(Kind.OP7, Kind.OP9, Kind.GATEWAY_CUT, Kind.WEBHOOK_GONE),
        *(Kind.REST_429, Kind.REST_500, Kind.REST_502_DONE, Kind.REST_RESET_DONE),
        *(Kind.NO_WEBHOOKS, Kind.MODEL_429, Kind.MODEL_500, Kind.MODEL_CUT),
    ),
    1,
)
# The bot that is alive at the end must have lived long enough for its memory to be judged.
_LAST_BOT_FAULT = 0.6
_ENDS_THE_BOT = frozenset({Kind.BOT_KILL, Kind.BOT_TERM, Kind.POWER_CUT})
# Nothing breaks before the first so many mentions are made.
_FIRST = 0.04


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that breaks once `at` mentions are made.

    `pick` chooses among whatever targets there are then, `times` says how many requests suffer,
    `seconds` for how long; each kind uses what it needs.
    """

    at: int
    kind: Kind
    pick: int
    times: int
    seconds: float


def draw(rng: random.Random, shape: Shape, counts: Mapping[Kind, int]) -> list[Fault]:
    """The faults of one run, in the order of their times."""
    faults = []
    for kind, count in counts.items():
        for _ in range(count):
            last = shape.mentions - shape.calm
            if kind in _ENDS_THE_BOT:
                last = int(shape.mentions * _LAST_BOT_FAULT)
            at = rng.randint(max(1, int(shape.mentions * _FIRST)), last)
            faults.append(Fault(at, kind, rng.randrange(1_000), rng.randint(1, 3), rng.random()))
    return sorted(faults, key=lambda one: one.at)
