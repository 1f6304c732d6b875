"""Faults of character files, told to the bot's owner: one message for all that are new.

Owns the words and when they are said. What a fault is, is `bot.characters`'; the way to the owner
is `bot.discord_io`'s.
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
    """`tell` says a text to the owner and gives whether it arrived."""

    def __init__(self, told: ToldFaults, tell: Callable[[str], Awaitable[bool]]) -> None:
        self._told = told
        self._tell = tell

    async def report(self, faults: Sequence[CharacterError]) -> None:
        """Tell those that are new; what did not arrive is told the next time."""
        new = self._told.new(faults)
        if new and not await self._tell(message(new)):
            return
        await self._told.keep(faults)


def message(faults: Sequence[CharacterError]) -> str:
    """What the owner reads."""
    shown = tuple(brief(fault) for fault in faults[:SHOWN])
    if len(faults) > SHOWN:
        return render(ManyFaultyFiles(shown, len(faults) - SHOWN, command("doctor")))
    return render(FaultyFiles(shown))


def brief(fault: CharacterError) -> str:
    """A fault with the last two parts of its path: folders of a machine are nobody's business."""
    where = "/".join(PurePath(fault.path).parts[-2:])
    place = where if fault.line is None else f"{where}:{fault.line}"
    text = fault.text if len(fault.text) <= LENGTH else fault.text[:LENGTH] + "…"
    return f"{place}: {text}"
