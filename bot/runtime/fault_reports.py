"""Reports new faults of character files to the bot's owner, in one message.

Owns which faults are new and when they are reported. `bot.characters` finds the faults,
`bot.messages.commands` has the texts, `bot.discord_io` sends the message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import PurePath

from bot.characters.told import ToldFaults
from bot.command_line import command
from bot.errors import CharacterError
from bot.messages.commands import FaultyFiles, ManyFaultyFiles
from bot.messages.rendering import render

SHOWN = 8
LENGTH = 200


class FaultReports:
    """Reports faults; `tell` sends a text to the owner and returns whether it arrived."""

    def __init__(self, told: ToldFaults, tell: Callable[[str], Awaitable[bool]]) -> None:
        self._told = told
        self._tell = tell

    async def report(self, faults: Sequence[CharacterError]) -> None:
        """Report the new faults; if the message does not arrive, retry at the next call."""
        new = self._told.new(faults)
        if new and not await self._tell(message(new)):
            return
        await self._told.keep(faults)


def message(faults: Sequence[CharacterError]) -> str:
    """Return the message for the owner."""
    shown = tuple(brief(fault) for fault in faults[:SHOWN])
    if len(faults) > SHOWN:
        return render(ManyFaultyFiles(shown, len(faults) - SHOWN, command("doctor")))
    return render(FaultyFiles(shown))


def brief(fault: CharacterError) -> str:
    """Return a fault with the last two parts of its path: the rest is private to the host."""
    where = "/".join(PurePath(fault.path).parts[-2:])
    place = where if fault.line is None else f"{where}:{fault.line}"
    text = fault.text if len(fault.text) <= LENGTH else fault.text[:LENGTH] + "…"
    return f"{place}: {text}"
