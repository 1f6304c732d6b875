"""Words for people about a store that is away or refuses writes.

The operator is told what to do, people in a room whether waiting helps.
"""

from __future__ import annotations

from bot.errors import StoreError, StoreRefusal, StoreRefusingError, StoreUnavailableError

# What is wrong with a Redis that takes no writes, as part of a sentence, and how it is mended.
_FIXES: dict[StoreRefusal, tuple[str, str]] = {
    StoreRefusal.FULL: (
        "is full",
        "Give Redis more memory (`maxmemory`); `docs/operations.md` says how much is kept.",
    ),
    StoreRefusal.READ_ONLY: (
        "can only be read",
        "Point REDIS_URL to the primary: this server is a replica, or was made one.",
    ),
    StoreRefusal.DISK: (
        "can’t be written to its disk",
        "Free some disk space where Redis keeps its files; its own log says what failed.",
    ),
    StoreRefusal.REPLICAS: (
        "waits for replicas that aren’t there",
        "Bring the replicas back, or lower `min-replicas-to-write`.",
    ),
    StoreRefusal.RIGHTS: (
        "doesn’t let the bot write",
        "Let the user of REDIS_URL read and write keys that begin with `troupe:`, and run scripts.",
    ),
    StoreRefusal.BUSY: (
        "is busy with somebody else’s script",
        "Give Redis `SCRIPT KILL`, or wait until that script ends.",
    ),
    StoreRefusal.CLUSTER: (
        "is a Redis Cluster, and those aren’t supported yet",
        "Set REDIS_URL to a single Redis or Valkey (a primary with replicas is fine), or to none.",
    ),
}
_AWAY = ("can’t be reached", "Start Redis, or correct REDIS_URL; the bot goes on by itself.")
_ONE = ("refuses one of its records", "The log of the bot names it.")


def for_owner(error: StoreError) -> str:
    """What is wrong and what to do, for the page, the log and `doctor`; names the server."""
    return f"{str(error).rstrip('.')}. {fix(error)}"


def fix(error: StoreError) -> str:
    """What the operator can do."""
    return _meaning(error)[1]


def for_admin(error: StoreError) -> str:
    """For `/diagnose`, whose reader runs the Discord server but perhaps not the bot; Markdown."""
    what, how = _meaning(error)
    return f"**Memory**: mine {what}, and nobody is answered until that’s mended. Fix: {how}"


def for_person(error: StoreError) -> str:
    """The answer to a command that failed."""
    what, _ = _meaning(error)
    if isinstance(error, StoreRefusingError):
        return f"The bot’s memory {what}, so that didn’t work. Whoever runs the bot has to mend it."
    if isinstance(error, StoreUnavailableError):
        return f"The bot’s memory {what} right now. Try again in a moment."
    return f"The bot’s memory {what}. Whoever runs the bot will find the reason in its log."


def waits(error: BaseException | None) -> str:
    """The notice to a person whose message waits for the store: it need not be repeated."""
    if isinstance(error, StoreRefusingError):
        what, _ = _meaning(error)
        return (
            f"The bot’s memory {what}, so nobody can answer yet. Whoever runs the bot has to mend "
            "it; you’ll be answered if that’s done within a quarter of an hour."
        )
    if isinstance(error, StoreError) and not isinstance(error, StoreUnavailableError):
        return for_person(error)  # waiting would not help
    return "The bot’s memory can’t be reached right now. You’ll be answered when it’s back."


_FULL_SOON = "When it’s full, nobody is answered any more."
_MIB = 1024 * 1024


def nearly_full(used: int, limit: int, of_host: bool) -> str:
    """For the page, the log and `doctor`: the server uses so many bytes of those that it may."""
    whose = "that this machine can give it" if of_host else "that it may use (`maxmemory`)"
    return (
        f"Redis holds {used / _MIB:,.0f} of the {limit / _MIB:,.0f} MB {whose}: "
        f"{min(used / limit, 1):.0%}. {_FULL_SOON}"
    )


def more_memory(of_host: bool) -> str:
    """How a server that is nearly full gets more."""
    if of_host:
        return "Free some memory there, or move Redis to a machine with more."
    return "Raise `maxmemory`; `docs/operations.md` says how much is kept, and for how long."


def nearly_full_for_admin(share: float) -> str:
    """For `/diagnose`; Markdown."""
    return (
        f"**Memory**: mine is {share:.0%} full. {_FULL_SOON} "
        "Fix: whoever runs me gives Redis more memory."
    )


def _meaning(error: StoreError) -> tuple[str, str]:
    if isinstance(error, StoreRefusingError):
        return _FIXES[error.refusal]
    return _AWAY if isinstance(error, StoreUnavailableError) else _ONE
