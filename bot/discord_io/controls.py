"""The buttons under a character's words: their ids, and the rows that they stand in.

An id names the verb alone; whose words it is about, the record tells by the message that it stands
under. So a button works after any restart, and nobody can make one that means another message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import discord

from bot.domain.cut_answers import is_cut
from bot.domain.editing import without_editor
from bot.domain.speech import GOES_ON_UPTO
from bot.messages.rendering import render
from bot.messages.replies import BUTTON_CONTINUE, BUTTON_STOP

PREFIX: Final = "troupe"
_ACTION_ROW: Final = 1
_BUTTON: Final = 2


class Verb(StrEnum):
    """What a button asks for."""

    STOP = "stop"
    TAKE = "take"
    AGAIN = "again"
    MORE = "more"
    # Says which alternative is shown; cannot be pressed.
    PLACE = "place"
    # A form, not a button.
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Control:
    """A pressed button or a form that was sent: its verb, and what that is about.

    `number` is that of an alternative (from 0), or the message whose words are edited.
    """

    verb: Verb
    number: int = 0


@dataclass(frozen=True, slots=True)
class Button:
    """One button. Equal ids look the same, so an id says all that is shown."""

    id: str
    label: str
    emoji: str = ""
    disabled: bool = False
    style: discord.ButtonStyle = discord.ButtonStyle.secondary

    def payload(self) -> dict[str, Any]:
        """As Discord's API takes it."""
        shown: dict[str, Any] = {"type": _BUTTON, "style": self.style.value, "custom_id": self.id}
        if self.label:
            shown["label"] = self.label
        if self.emoji:
            shown["emoji"] = {"name": self.emoji}
        return shown | ({"disabled": True} if self.disabled else {})


Row = tuple[Button, ...]

STOP: Final[Row] = (Button(f"{PREFIX}:{Verb.STOP}", render(BUTTON_STOP), "⏹️"),)


CONTINUE: Final[Row] = (Button(f"{PREFIX}:{Verb.MORE}", render(BUTTON_CONTINUE), "⏩"),)


def under(text: str, *, take: int, of: int) -> Row:
    """What stands under an answer of this text, which is the take `take` (from 0) of so many."""
    words = without_editor(text)
    goes_on = is_cut(words) and len(words) <= GOES_ON_UPTO
    return takes(take, of) + (CONTINUE if goes_on else ())


def takes(shown: int, count: int) -> Row:
    """◀ 2/3 ▶ ↻ for the take `shown` (from 0) of `count`; nothing where there is one."""
    if count < 2:
        return ()
    return (
        _step(shown - 1, "◀", "back", disabled=shown == 0),
        Button(f"{PREFIX}:{Verb.PLACE}:{shown}:{count}", f"{shown + 1}/{count}", disabled=True),
        _step(shown + 1, "▶", "on", disabled=shown == count - 1),
        Button(f"{PREFIX}:{Verb.AGAIN}", "↻"),
    )


def _step(number: int, label: str, way: str, *, disabled: bool) -> Button:
    # The way is named too: both ends would have one id where there are two.
    return Button(f"{PREFIX}:{Verb.TAKE}:{number}:{way}", label, disabled=disabled)


def edit_id(message_id: int) -> str:
    """The id of the form that edits the reply which this message is part of."""
    return f"{PREFIX}:{Verb.EDIT}:{message_id}"


def parse(custom_id: str) -> Control | None:
    """What an id of ours asks for; None when it is not one of ours."""
    prefix, _, rest = custom_id.partition(":")
    verb, *more = rest.split(":")
    if prefix != PREFIX or verb not in set(Verb):
        return None
    number = int(more[0]) if more and more[0].isdecimal() else 0
    return Control(Verb(verb), number)


def payload(row: Row) -> list[dict[str, Any]]:
    """The row as a message's components; none for an empty one."""
    if not row:
        return []
    return [{"type": _ACTION_ROW, "components": [button.payload() for button in row]}]


def view(row: Row) -> discord.ui.View | None:
    """The row for discord.py, which is told to keep nothing of it: presses come by their ids."""
    if not row:
        return None
    made = discord.ui.View(timeout=None)
    for button in row:
        made.add_item(
            discord.ui.Button(
                style=button.style,
                label=button.label,
                emoji=button.emoji or None,
                disabled=button.disabled,
                custom_id=button.id,
            )
        )
    made.stop()
    return made


def ids_in(components: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The ids of what a message shows, in order, from Discord's own form of it."""
    found: list[str] = []
    for one in components:
        if one.get("custom_id"):
            found.append(str(one["custom_id"]))
        found += ids_in(one.get("components") or ())
    return tuple(found)


def ids_of(message: discord.Message) -> tuple[str, ...]:
    """The same from discord.py's message."""
    rows = (one for one in message.components if isinstance(one, discord.ActionRow))
    found = (getattr(child, "custom_id", None) for row in rows for child in row.children)
    return tuple(one for one in found if one)
