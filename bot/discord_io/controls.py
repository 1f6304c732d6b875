"""The buttons under a character's answer: their custom ids and rows.

A custom id contains only the verb; the answer is looked up by the message that has the button. So
a button works after any restart, and nobody can forge a button for another message.
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
    # Label with the number of the shown alternative; disabled.
    PLACE = "place"
    # A form (modal), not a button.
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Control:
    """A pressed button or a submitted form."""

    verb: Verb
    number: int = 0
    """The index of an alternative (from 0), or the id of the message to edit."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button. The id must identify the look: buttons with equal ids look the same."""

    id: str
    label: str
    emoji: str = ""
    disabled: bool = False
    style: discord.ButtonStyle = discord.ButtonStyle.secondary

    def payload(self) -> dict[str, Any]:
        """Return the button as JSON for Discord's API."""
        data: dict[str, Any] = {"type": _BUTTON, "style": self.style.value, "custom_id": self.id}
        if self.label:
            data["label"] = self.label
        if self.emoji:
            data["emoji"] = {"name": self.emoji}
        return data | ({"disabled": True} if self.disabled else {})


Row = tuple[Button, ...]

STOP: Final[Row] = (Button(f"{PREFIX}:{Verb.STOP}", render(BUTTON_STOP), "⏹️"),)


CONTINUE: Final[Row] = (Button(f"{PREFIX}:{Verb.MORE}", render(BUTTON_CONTINUE), "⏩"),)


def under(text: str, *, take: int, of: int) -> Row:
    """Return the buttons under an answer: alternative `take` (from 0) of `of`, with this text."""
    answer = without_editor(text)
    can_continue = is_cut(answer) and len(answer) <= GOES_ON_UPTO
    return takes(take, of) + (CONTINUE if can_continue else ())


def takes(shown: int, count: int) -> Row:
    """Return ◀ 2/3 ▶ ↻ for alternative `shown` (from 0) of `count`; an empty row for only one."""
    if count < 2:
        return ()
    return (
        _step(shown - 1, "◀", "back", disabled=shown == 0),
        Button(f"{PREFIX}:{Verb.PLACE}:{shown}:{count}", f"{shown + 1}/{count}", disabled=True),
        _step(shown + 1, "▶", "on", disabled=shown == count - 1),
        Button(f"{PREFIX}:{Verb.AGAIN}", "↻"),
    )


def _step(number: int, label: str, direction: str, *, disabled: bool) -> Button:
    # With the direction, because buttons with equal ids must look the same: ◀ and ▶ do not.
    return Button(f"{PREFIX}:{Verb.TAKE}:{number}:{direction}", label, disabled=disabled)


def edit_id(message_id: int) -> str:
    """Return the custom id of the form that edits the answer containing the message."""
    return f"{PREFIX}:{Verb.EDIT}:{message_id}"


def parse(custom_id: str) -> Control | None:
    """Parse a custom id; None if it is not ours."""
    prefix, _, rest = custom_id.partition(":")
    verb, *more = rest.split(":")
    if prefix != PREFIX or verb not in set(Verb):
        return None
    number = int(more[0]) if more and more[0].isdecimal() else 0
    return Control(Verb(verb), number)


def payload(row: Row) -> list[dict[str, Any]]:
    """Return the row as JSON for the `components` of a message; an empty row gives []."""
    if not row:
        return []
    return [{"type": _ACTION_ROW, "components": [button.payload() for button in row]}]


def view(row: Row) -> discord.ui.View | None:
    """Return the row as a discord.py view; None for an empty row.

    The view is stopped, because discord.py must not store it: presses are routed by custom id.
    """
    if not row:
        return None
    stopped = discord.ui.View(timeout=None)
    for button in row:
        stopped.add_item(
            discord.ui.Button(
                style=button.style,
                label=button.label,
                emoji=button.emoji or None,
                disabled=button.disabled,
                custom_id=button.id,
            )
        )
    stopped.stop()
    return stopped


def ids_in(components: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the custom ids in a message's `components` JSON, in order."""
    found: list[str] = []
    for component in components:
        if component.get("custom_id"):
            found.append(str(component["custom_id"]))
        found += ids_in(component.get("components") or ())
    return tuple(found)


def ids_of(message: discord.Message) -> tuple[str, ...]:
    """Return the custom ids in the action rows of a discord.py message, in order."""
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    found = (getattr(child, "custom_id", None) for row in rows for child in row.children)
    return tuple(custom_id for custom_id in found if custom_id)
