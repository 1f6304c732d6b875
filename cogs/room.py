"""`/room`: a room's settings, pause and reset, and why a character spoke or kept silent.

`bot.rooms.state.policies` has the settings, `bot.rooms.decisions.why` the decisions.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot import refusals
from bot.domain.actions import ACTION_NAMES
from bot.domain.decision import Decision
from bot.domain.policy import (
    CHAIN_LIMIT,
    CHANCE_LIMIT,
    COOLDOWN_LIMIT,
    Mode,
    Policy,
    Quiet,
    quiet_hours,
)
from bot.domain.room import Place, Room
from bot.domain.utterance import snowflake_at
from bot.domain.zones import zone_named
from bot.errors import RefusedError
from bot.message_data import Markup, Message
from bot.messages import rooms as messages
from bot.messages.failures import UNREAD
from bot.messages.rendering import render
from bot.messages.why import (
    NOBODY_HERE,
    NOTHING_LATELY,
    Heading,
    HeadingOfSomebody,
    Undecided,
    of_turn,
)
from bot.rooms.decisions.why import KEPT as DECISIONS_KEPT
from bot.rooms.decisions.why import Why
from bot.rooms.runs.running_turns import RunningTurns
from bot.rooms.state.casting import Casting
from bot.rooms.state.policies import Policies
from cogs import reset_form
from cogs.announcing import FAILURES, announce, is_unclear, show
from cogs.authority import Interaction, Right, authorise, place_of, room_of
from cogs.by_id import ByIdCog
from cogs.in_time import in_time
from cogs.presses import Presses
from cogs.reset_form import ResetButton
from cogs.show import fitted, name_of

# `123` or `https://discord.com/channels/1/2/123`, also links of Discord's beta sites.
_MESSAGE = re.compile(
    r"\s*(?:https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/(?P<room>\d+)/)?"
    r"(?P<message>\d{1,20})\s*"
)
# Brackets in a name would break the Markdown link, and a URL in it would be a link of its own.
_NOT_IN_LINKS = re.compile(r"[^\w '.’-]")
_MODERATORS, _ASKERS = "moderators", "askers"
_EDITORS = {
    _MODERATORS: messages.EDITED_BY_MODERATORS,
    _ASKERS: messages.EDITED_BY_ASKERS,
}
_Choice = TypeVar("_Choice", bound=StrEnum)
_ACTIONS = [app_commands.Choice(name=name, value=name) for name in ACTION_NAMES]


class RoomCog(ByIdCog, commands.GroupCog, group_name="room"):
    """The settings, for whoever manages the channel; `/room why` is for everybody."""

    PREFIXES = frozenset({reset_form.PREFIX})

    def __init__(
        self,
        *,
        policies: Policies,
        casting: Casting,
        running_turns: RunningTurns,
        why: Why,
        reads_messages: Callable[[], bool],
        presses: Presses | None = None,
    ) -> None:
        """`reads_messages` returns whether the Message Content Intent is on."""
        super().__init__(presses)
        self._reads_messages = reads_messages
        self._policies = policies
        self._casting = casting
        self._running_turns = running_turns
        self._why = why

    @app_commands.command(description="How talkative characters are here; shows it, or changes it.")
    @app_commands.describe(
        mode="What characters answer",
        chance="Talkative: how likely each one chimes in, in percent",
        chain="How often characters may answer one another after a person spoke",
        cooldown="Seconds a character rests between two turns that nobody asked of it",
        quiet="Hours in which only those who are spoken to answer, like 22:00-07:00, or off",
        timezone="Where those hours are counted, like Europe/Berlin",
        deny="An action that characters may not take here",
        allow="An action that they may take again",
        edits="Who may edit what a character said",
    )
    @app_commands.choices(
        mode=[
            app_commands.Choice(name=render(messages.ModeOf(mode)), value=mode.value)
            for mode in Mode
        ],
        deny=_ACTIONS,
        allow=_ACTIONS,
        edits=[
            app_commands.Choice(name=render(text), value=value) for value, text in _EDITORS.items()
        ],
    )
    async def settings(
        self,
        interaction: Interaction,
        *,
        mode: str | None = None,
        chance: app_commands.Range[int, 0, CHANCE_LIMIT] | None = None,
        chain: app_commands.Range[int, 0, CHAIN_LIMIT] | None = None,
        cooldown: app_commands.Range[int, 0, COOLDOWN_LIMIT] | None = None,
        quiet: app_commands.Range[str, 1, 40] | None = None,
        timezone: app_commands.Range[str, 1, 60] | None = None,
        deny: str | None = None,
        allow: str | None = None,
        edits: str | None = None,
    ) -> None:
        """Apply the given options, then show the room's settings."""
        authorise(interaction, Right.MANAGE_CHANNELS)
        room = room_of(interaction)
        chosen = None if mode is None else _parse_choice(Mode, mode)
        for action in (deny, allow):
            if action is not None and action not in ACTION_NAMES:
                raise _no_choice()

        def changed(policy: Policy) -> Policy:
            denied = (policy.denied | {deny}) - {allow} if deny != allow else policy.denied
            return replace(
                policy,
                mode=policy.mode if chosen is None else chosen,
                chance=policy.chance if chance is None else chance,
                chain=policy.chain if chain is None else chain,
                cooldown=policy.cooldown if cooldown is None else cooldown,
                quiet=_quiet(policy, quiet, timezone),
                askers_edit=policy.askers_edit if edits is None else edits == _ASKERS,
                denied=frozenset(action for action in denied if action is not None),
            )

        def shown() -> Awaitable[object]:
            return show(interaction, fitted(self._rows(room, chance=chance)), private=True)

        if changed(self._policies.of(room)) == self._policies.of(room):
            await shown()
        else:
            await self._change(room, changed, shown)

    @app_commands.command(
        description="Nobody speaks here until you resume; what is said now stops."
    )
    async def pause(self, interaction: Interaction) -> None:
        """Pause the room and stop its running turns."""
        authorise(interaction, Right.MANAGE_CHANNELS)
        room = room_of(interaction)
        async with in_time():
            await self._policies.change(room, lambda policy: replace(policy, paused=True))
        # Also turns in Discord threads that inherit this room's policy.
        self._running_turns.stop(lambda turn: self._policies.of(turn.room).paused)
        await announce(interaction, render(messages.PAUSED))

    @app_commands.command(description="Let characters speak here again.")
    async def resume(self, interaction: Interaction) -> None:
        """Lift the pause."""
        authorise(interaction, Right.MANAGE_CHANNELS)
        room = room_of(interaction)
        async with in_time():
            await self._policies.change(room, lambda policy: replace(policy, paused=False))
        await announce(interaction, render(messages.RESUMED))

    @app_commands.command(
        description="Make characters forget what was said here so far; asks first."
    )
    async def reset(self, interaction: Interaction) -> None:
        """Ask before anything is forgotten, and offer to undo the last reset."""
        authorise(interaction, Right.MANAGE_CHANNELS)
        policy = self._policies.of(room_of(interaction))
        await interaction.response.send_message(
            render(messages.RESET_ASKS),
            ephemeral=True,
            view=reset_form.form(can_undo=policy.can_undo_reset(interaction.created_at)),
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:
        """Handle a button of the reset confirmation."""
        if (button := reset_form.parse(custom_id)) is not None:
            await self._reset_pressed(interaction, button)

    async def _reset_pressed(self, interaction: Interaction, button: ResetButton) -> None:
        authorise(interaction, Right.MANAGE_CHANNELS)
        room, now = room_of(interaction), snowflake_at(interaction.created_at)
        match button:
            case ResetButton.KEEP:
                await _replace(interaction, render(messages.RESET_KEPT), None)
                return
            case ResetButton.FORGET:
                told, view = render(messages.RESET_DONE), reset_form.undo_form()
                await self._change(
                    room,
                    lambda policy: policy.reset(now),
                    lambda: _replace(interaction, told, view),
                )
            case ResetButton.UNDO:
                if not self._policies.of(room).can_undo_reset(interaction.created_at):
                    raise RefusedError(refusals.NO_RESET_TO_UNDO)
                await self._change(
                    room,
                    lambda policy: policy.without_reset(),
                    lambda: _replace(interaction, render(messages.RESET_UNDONE), None),
                )
        since = self._policies.since(room)
        self._running_turns.stop(
            lambda turn: self._policies.since(turn.room) == since and bool(since)
        )
        # Tell the whole room, and name the person who did it.
        who = name_of(interaction.user)
        await announce(interaction, reset_form.told_all(who, undone=button is ResetButton.UNDO))

    async def _change(
        self, room: Room, how: Callable[[Policy], Policy], answer: Callable[[], Awaitable[object]]
    ) -> None:
        """Change the policy, then answer.

        If Discord rejects the answer, it tells the person that the command failed: undo the change.
        """
        before = self._policies.of(room)
        async with in_time():
            after = await self._policies.change(room, how)
        try:
            await answer()
        except FAILURES as failure:
            if not is_unclear(failure):
                await self._policies.change(room, lambda now: before if now == after else now)
            raise

    @app_commands.command(description="Why characters spoke here, or kept silent.")
    @app_commands.describe(message="A message’s link or id; without one: the last of a person")
    async def why(
        self, interaction: Interaction, message: app_commands.Range[str, 1, 200] | None = None
    ) -> None:
        """Explain the latest decisions, or the decision about one message."""
        room = place_of(interaction)
        async with in_time():
            if message is None:
                rows = await self._latest(room)
            else:
                rows = await self._about(room, _message_id(room, message))
        if not rows:
            nothing = NOTHING_LATELY if message is None else Undecided(DECISIONS_KEPT)
            rows = [nothing if self._casting.has(room) else NOBODY_HERE]
        unread = [] if self._reads_messages() or room.place is Place.DIRECT else [UNREAD]
        await _answer(interaction, [render(row) for row in (*rows, *unread)])

    async def _latest(self, room: Room) -> list[Message]:
        rows: list[Message] = []
        for decision in await self._why.latest(room.id):
            rows += [heading(room, decision), *await self._why.tell(decision)]
        return rows

    async def _about(self, room: Room, message_id: int) -> list[Message]:
        """Return why a character wrote this message, or who answered a person's message."""
        turn = await self._why.turn_of(room.id, message_id)
        told = await self._why.of_message(room.id, message_id if turn is None else turn.trigger)
        if told is None and turn is not None:
            who = self._casting.present(room, turn.character)
            told = [of_turn(turn, turn.character if who is None else who.name)]
        return told or []

    def _rows(self, room: Room, *, chance: int | None = None) -> list[str]:
        """Return the room's settings as rows; `chance` is the value that was just set, if any."""
        policy = self._policies.of(room)
        denied = tuple(sorted(policy.denied))
        editors = _EDITORS[_ASKERS if policy.askers_edit else _MODERATORS]
        chain = messages.Chain(policy.chain) if policy.chain else messages.NO_CHAIN
        rows: list[Message] = [
            messages.ModeRow(messages.ModeOf(policy.mode)),
            messages.ChainRow(chain),
            messages.CooldownRow(policy.cooldown),
            messages.QuietRow(str(policy.quiet)) if policy.quiet else messages.NO_QUIET_ROW,
            messages.DeniedRow(denied) if denied else messages.NONE_DENIED_ROW,
            messages.EditorsRow(editors),
        ]
        if policy.mode is Mode.TALKATIVE:
            rows.insert(1, messages.ChanceRow(policy.chance))
        elif chance is not None:
            rows.insert(1, messages.ChanceLaterRow(chance))
        if policy.paused:
            rows.insert(0, messages.PAUSED_ROW)
        if room.parent_id is not None and not self._policies.has_own(room):
            rows.append(messages.INHERITED_ROW)
        return [render(row) for row in rows]


def _parse_choice(kind: type[_Choice], value: str) -> _Choice:
    """Return the member of `kind`. Raises `RefusedError`: a modified client can send any value."""
    try:
        return kind(value)
    except ValueError:
        raise _no_choice() from None


def _no_choice() -> RefusedError:
    return RefusedError(refusals.NOT_A_CHOICE)


def _quiet(policy: Policy, hours: str | None, zone: str | None) -> Quiet | None:
    """Return the quiet hours after a change of the hours, the time zone, or both."""
    old = policy.quiet
    if hours is not None and hours.strip().casefold() in ("off", "none"):
        return None
    where = zone or (old.zone if old is not None else "UTC")
    if hours is not None:
        return quiet_hours(hours, where)
    if zone is not None and old is None:
        raise RefusedError(refusals.QUIET_HOURS_MISSING)
    return None if old is None else replace(old, zone=zone_named(where).key)


def _message_id(room: Room, text: str) -> int:
    found = _MESSAGE.fullmatch(text)
    if found is None:
        raise RefusedError(refusals.NOT_A_MESSAGE)
    if found["room"] is not None and int(found["room"]) != room.id:
        raise RefusedError(refusals.MESSAGE_ELSEWHERE)
    return int(found["message"])


def heading(room: Room, decision: Decision) -> Message:
    """Return a line that names and links the message of the decision."""
    place = room.guild_id or "@me"
    link = Markup(f"https://discord.com/channels/{place}/{room.id}/{decision.trigger}")
    who = _NOT_IN_LINKS.sub("", decision.speaker).strip()
    return Heading(who, link) if who else HeadingOfSomebody(link)


async def _replace(interaction: Interaction, text: str, view: discord.ui.View | None) -> None:
    """Replace the confirmation by `text` and `view`."""
    await interaction.response.edit_message(
        content=text, view=view, allowed_mentions=discord.AllowedMentions.none()
    )


async def _answer(interaction: Interaction, rows: list[str]) -> None:
    await interaction.response.send_message(
        fitted(rows), ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )
