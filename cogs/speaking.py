"""What each request to a character requires: the right to speak here, and slow mode.

One table for commands, menus, buttons and forms. `cogs.authority` checks who may change a reply.
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
    """A request that a person makes of a character."""

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
    """What a request requires."""

    voice: bool
    """The request changes what the room reads, so the person must be able to write here and must
    not be timed out.
    """
    slow_mode: bool
    """The request adds something new to read, so slow mode counts it like a message of theirs."""
    new_message: bool
    """The bot posts a message for it, so the bot must be able to speak here."""


_SPEAKS: Final = Rule(voice=True, slow_mode=True, new_message=True)
# New text in an existing message or in the command's own answer.
_CHANGES: Final = Rule(voice=True, slow_mode=True, new_message=False)
# ◀ ▶ edit a message to show text that the room has read before; slow mode ignores edits.
_SHOWS: Final = Rule(voice=True, slow_mode=False, new_message=False)
# Removing text says nothing new, so a muted person may still stop or delete their own answer.
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
    """Checks requests against `RULES`, with one slow mode for all of them."""

    def __init__(self, slow_mode: SlowMode | None = None) -> None:
        self._slow_mode = slow_mode or SlowMode()

    def check(self, interaction: Interaction, wish: Wish) -> None:
        """Check the person's right to make the request here, now.

        Raises `RefusedError` if they lack it, `DeliveryError` when the bot could not speak here.
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
        """Check the request, and count it for slow mode if the block succeeds.

        Raises as `check`.
        """
        self.check(interaction, wish)
        if not (RULES[wish].slow_mode and _is_held(interaction)):
            yield
            return
        with self._slow_mode.speaking(*_by(interaction)):
            yield


def _is_held(interaction: Interaction) -> bool:
    """Return whether slow mode applies to this person.

    Since 23 February 2026 only *Bypass Slowmode* exempts from slow mode (Discord's change log):
    Manage Messages, Manage Channels and Manage Threads no longer do.
    """
    return interaction.guild_id is not None and not interaction.permissions.bypass_slowmode


def _by(interaction: Interaction) -> tuple[object, int, datetime]:
    return interaction.channel, interaction.user.id, interaction.created_at
