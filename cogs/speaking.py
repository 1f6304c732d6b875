"""What people ask of characters, and what each wish takes: a voice of one's own, slow mode's wait.

The one table of it, for commands, menus, buttons and forms alike. Who may change which reply is
`cogs.authority`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot import refusals
from bot.discord_io.slow_mode import SlowMode
from bot.errors import RefusedError
from cogs.authority import (
    Interaction,
    Right,
    authorise,
    require_membership,
    room_to_speak_in,
)


class Wish(StrEnum):
    """What a person asks of a character."""

    SUMMON = "summon"
    DISMISS = "dismiss"
    SAY = "say"
    REGENERATE = "regenerate"
    CONTINUE = "continue"
    EDIT = "edit"
    CHOOSE = "choose"
    STOP = "stop"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a wish needs."""

    voice: bool
    """Who is timed out, or may not write in that place, may not have it: it changes what the room
    reads there.
    """
    slow_mode: bool
    """It gives the room something new to read, so slow mode counts it as if that person spoke."""
    new_message: bool
    """A message of the bot's is to come of it, so the bot has to be able to speak there too."""


_SPEAKS: Final = Rule(voice=True, slow_mode=True, new_message=True)
# New words, in a message that stands there already or in the command's own answer.
_CHANGES: Final = Rule(voice=True, slow_mode=True, new_message=False)
# ◀ ▶ show again what the room has read before, as an edit; Discord holds edits to no slow mode.
_SHOWS: Final = Rule(voice=True, slow_mode=False, new_message=False)
# Words that go away say nothing, so who is muted may still end or take back their own answer.
_SILENCES: Final = Rule(voice=False, slow_mode=False, new_message=False)

RULES: Final[Mapping[Wish, Rule]] = MappingProxyType(
    {
        Wish.SUMMON: _SPEAKS,
        Wish.DISMISS: _CHANGES,
        Wish.SAY: _SPEAKS,
        Wish.REGENERATE: _SPEAKS,
        Wish.CONTINUE: _SPEAKS,
        Wish.EDIT: _CHANGES,
        Wish.CHOOSE: _SHOWS,
        Wish.STOP: _SILENCES,
        Wish.DELETE: _SILENCES,
    }
)


class Speaking:
    """Judges wishes by the table, with one slow mode for all of them."""

    def __init__(self, slow_mode: SlowMode | None = None) -> None:
        self._slow_mode = slow_mode or SlowMode()

    def check(self, interaction: Interaction, wish: Wish) -> None:
        """Raise `RefusedError` when this person may not have that wish here, or not yet, and
        `DeliveryError` when the bot could not speak here.
        """
        rule = RULES[wish]
        if rule.voice:
            authorise(interaction, Right.TALK)
        else:
            require_membership(interaction)
        if rule.new_message:
            room_to_speak_in(interaction)
        held = rule.slow_mode and _is_held(interaction)
        if held and (seconds := self._slow_mode.wait(*_by(interaction))):
            raise RefusedError(refusals.SlowMode(int(seconds + 1)))

    @contextmanager
    def granted(self, interaction: Interaction, wish: Wish) -> Iterator[None]:
        """Hold this while the wish is carried out. Raises as `check`.

        Slow mode counts it, unless it fails.
        """
        self.check(interaction, wish)
        if not (RULES[wish].slow_mode and _is_held(interaction)):
            yield
            return
        with self._slow_mode.speaking(*_by(interaction)):
            yield


def _is_held(interaction: Interaction) -> bool:
    """Since 23 February 2026 *Bypass Slowmode* alone frees a person from it (Discord's change log):
    Manage Messages, Manage Channels and Manage Threads no longer do.
    """
    return interaction.guild_id is not None and not interaction.permissions.bypass_slowmode


def _by(interaction: Interaction) -> tuple[object, int, datetime]:
    return interaction.channel, interaction.user.id, interaction.created_at
