"""Messages about a store that is unavailable, refuses writes or is nearly full.

They tell the person who runs the bot what to do, and people in a room whether waiting helps.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bot.errors import StoreError, StoreRefusal, StoreRefusingError, StoreUnavailableError
from bot.message_data import Filled, Fixed, Message
from bot.messages.rendering import render


class Trouble(StrEnum):
    """A fault of the store: a reason for refusing all writes, `AWAY` or `ONE`."""

    FULL = StoreRefusal.FULL.value
    READ_ONLY = StoreRefusal.READ_ONLY.value
    DISK = StoreRefusal.DISK.value
    REPLICAS = StoreRefusal.REPLICAS.value
    RIGHTS = StoreRefusal.RIGHTS.value
    BUSY = StoreRefusal.BUSY.value
    CLUSTER = StoreRefusal.CLUSTER.value
    AWAY = "away"
    """The store cannot be reached."""
    ONE = "one"
    """The store refused a single command because of the value at its key."""


class StoreState(Filled, id="store_state", by="trouble"):
    """The fault as part of a sentence about the bot's memory."""

    trouble: Trouble


class StoreFix(Filled, id="store_fix", by="trouble"):
    """How the person who runs the bot can fix the fault."""

    trouble: Trouble


class ForAdmin(Filled, id="store.for_admin"):
    """For `/diagnose`, whose reader runs the Discord server but perhaps not the bot."""

    state: StoreState
    fix: StoreFix


class Refusing(Filled, id="store.refusing"):
    """The answer to a command while the store refuses writes."""

    state: StoreState


class WaitsForRepair(Filled, id="store.waits_for_repair"):
    """For a person who spoke to a character meanwhile: the message need not be repeated."""

    state: StoreState


AWAY: Final = Fixed("store.away")
REFUSES_ONE: Final = Fixed("store.refuses_one")
WAITS: Final = Fixed("store.waits")
MORE_MEMORY: Final = Fixed("store.more_memory")
MORE_MEMORY_ON_HOST: Final = Fixed("store.more_memory_host")


class NearlyFull(Filled, id="store.nearly_full"):
    """Redis holds `used` of the `allowed` MB that it is configured to use."""

    used: float
    allowed: float
    share: float


class NearlyFullHost(Filled, id="store.nearly_full_host"):
    """Redis holds `used` of the `allowed` MB that its machine has."""

    used: float
    allowed: float
    share: float


class NearlyFullForAdmin(Filled, id="store.nearly_full_for_admin"):
    """Redis is nearly full, for `/diagnose`."""

    share: float


_MIB = 1024 * 1024


def for_owner(error: StoreError) -> str:
    """Return fault and fix for the status page, the log and `doctor`; names the server."""
    return f"{str(error).rstrip('.')}. {fix(error)}"


def fix(error: StoreError) -> str:
    """Return how the person who runs the bot can fix the fault."""
    return render(StoreFix(_trouble(error)))


def of_admin(error: StoreError) -> Message:
    """Return the message for `/diagnose`."""
    trouble = _trouble(error)
    return ForAdmin(StoreState(trouble), StoreFix(trouble))


def of_person(error: StoreError) -> Message:
    """Return the answer to a command that failed."""
    match error:
        case StoreRefusingError():
            return Refusing(StoreState(_trouble(error)))
        case StoreUnavailableError():
            return AWAY
        case _:
            return REFUSES_ONE


def waits(error: BaseException | None) -> Message:
    """Return the notice to a person whose message waits for the store."""
    match error:
        case StoreRefusingError():
            return WaitsForRepair(StoreState(_trouble(error)))
        case StoreError() if not isinstance(error, StoreUnavailableError):
            return of_person(error)  # waiting would not help
        case _:
            return WAITS


def nearly_full(used: int, limit: int, of_host: bool) -> str:
    """Return the warning for the status page, the log and `doctor`; `used` and `limit` in bytes."""
    kind = NearlyFullHost if of_host else NearlyFull
    return render(kind(used / _MIB, limit / _MIB, min(used / limit, 1)))


def more_memory(of_host: bool) -> str:
    """Return how to give more memory to a server that is nearly full."""
    return render(MORE_MEMORY_ON_HOST if of_host else MORE_MEMORY)


def _trouble(error: StoreError) -> Trouble:
    match error:
        case StoreRefusingError():
            return Trouble(error.refusal.value)
        case StoreUnavailableError():
            return Trouble.AWAY
        case _:
            return Trouble.ONE
