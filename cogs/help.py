"""`/help`: pages by topic, limited to what this person may do in this channel.

The texts are in `bot.messages.help`. Only registered commands are listed; a command without a
text there is listed with its own description.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.room import Place
from bot.domain.spending import SpendingLimits
from bot.errors import RefusedError, TroupeError
from bot.message_data import Markup, Message
from bot.messages import failures
from bot.messages.help import (
    ENTRIES,
    MENU,
    WORKS_ON_MESSAGES,
    About,
    Entry,
    Heading,
    Here,
    Needs,
    NotHere,
    NotShown,
    OtherCommand,
    Title,
    Topic,
    lines,
)
from bot.messages.rendering import render
from bot.refusals import NOT_A_CHOICE, SUMMON_NOT_ALLOWED
from bot.rooms.ports.casts import Characters
from bot.rooms.state.casting import Casting
from bot.rooms.state.policies import Policies
from cogs.authority import (
    Interaction,
    Right,
    authorise,
    authorise_edit,
    owns_bot,
    place_of,
    room_of,
)
from cogs.by_id import ByIdCog, chosen
from cogs.presses import Presses
from cogs.restrictions import FAULTS, kept_from
from cogs.show import command_shown, fitted

log = logging.getLogger(__name__)

_Tree = app_commands.CommandTree[commands.AutoShardedBot]
_Any = app_commands.Command[commands.Cog, ..., object] | app_commands.ContextMenu

_CHOICES: Final = [
    app_commands.Choice(name=render(Title(topic)), value=topic.value) for topic in Topic
]
_PREFIX: Final = "troupe-help"


class HelpCog(ByIdCog):
    """Shows the help pages and the menu of topics."""

    PREFIXES = frozenset({_PREFIX})

    def __init__(
        self,
        *,
        tree: _Tree,
        ids: Callable[[], Mapping[str, int]],
        casting: Casting,
        characters: Characters,
        policies: Policies,
        limits: SpendingLimits,
        reads_messages: Callable[[], bool],
        presses: Presses | None = None,
    ) -> None:
        """`ids` returns the slash commands' Discord ids by name, as far as they are known."""
        super().__init__(presses)
        self._tree = tree
        self._ids = ids
        self._casting = casting
        self._characters = characters
        self._policies = policies
        self._limits = limits
        self._reads_messages = reads_messages

    @app_commands.command(description="How to begin, and everything that you can do here.")
    @app_commands.describe(topic="What you want to know about")
    @app_commands.choices(topic=_CHOICES)
    async def help(self, interaction: Interaction, topic: str | None = None) -> None:
        """Show the topic's page with the menu of topics."""
        page = await self._page(interaction, _topic(topic or Topic.BEGIN))
        await interaction.response.send_message(
            page[0],
            view=page[1],
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:  # noqa: ARG002 one menu
        """Replace the page by the chosen topic's."""
        page = await self._page(interaction, _topic(next(iter(chosen(interaction)), Topic.BEGIN)))
        await interaction.response.edit_message(
            content=page[0], view=page[1], allowed_mentions=discord.AllowedMentions.none()
        )

    # --- pages ------------------------------------------------------------------------------

    async def _page(self, interaction: Interaction, topic: Topic) -> tuple[str, discord.ui.View]:
        kept = await self._denied(interaction)
        here = self._here(interaction)
        may = self._may(interaction, here)
        entries = [entry for entry in self._entries(interaction) if entry.command not in kept]
        mine = [entry for entry in entries if entry.needs in may]
        rows = [render(Heading(Title(topic)))]
        barred = SUMMON_NOT_ALLOWED if "summon" in kept else None
        refusal = here.refusal or barred
        if refusal is not None and topic in (Topic.BEGIN, Topic.TALKING, Topic.CHARACTERS):
            rows.append(render(NotHere(refusal)))
        rows += map(render, lines(topic, here, self._shown))
        rows += [
            f"{self._shown(entry.command)} {render(entry.text)}"
            for entry in mine
            if entry.topic is topic
        ]
        lacking = {entry.needs for entry in entries if entry.topic is topic} - may
        if named := tuple(need.value for need in _PERMISSIONS if need in lacking):
            rows.append(render(NotShown(named)))
        topics = {entry.topic for entry in mine} | {Topic.BEGIN, Topic.PRIVACY, topic}
        return fitted(rows), _menu([known for known in Topic if known in topics], topic)

    async def _denied(self, interaction: Interaction) -> frozenset[str]:
        """Return the commands, with sub-commands, denied to the person by server settings."""
        try:
            kept = await kept_from(interaction, self._ids())
        except FAULTS as error:
            log.info("cannot read the command permissions of %s: %s", interaction.guild, error)
            return frozenset()
        return frozenset(
            command.qualified_name
            for command in self._commands()
            if _top(command.qualified_name) in kept
        )

    def _entries(self, interaction: Interaction) -> Iterator[Entry]:
        """Yield the entries available here in the order of `ENTRIES`, then commands without one."""
        there = {
            command.qualified_name: command
            for command in self._commands()
            if interaction.guild_id is not None or not _guild_only(command)
        }
        for entry in ENTRIES:
            if there.pop(entry.command, None) is not None:
                yield entry
        for name, command in there.items():
            text = getattr(command, "description", "") or render(WORKS_ON_MESSAGES)
            needs = Needs.SERVER if _for_admins(command) else Needs.NOTHING
            topic = Topic.ADMINS if needs is Needs.SERVER else Topic.ROOMS
            yield Entry(name, topic, OtherCommand(text), needs)

    def _commands(self) -> Iterator[_Any]:
        for command in self._tree.walk_commands():
            if isinstance(command, app_commands.Command):
                yield command
        yield from self._tree.get_commands(type=discord.AppCommandType.message)
        yield from self._tree.get_commands(type=discord.AppCommandType.user)

    def _here(self, interaction: Interaction) -> Here:
        room = place_of(interaction)
        return Here(
            direct=room.place is Place.DIRECT,
            reads_messages=self._reads_messages(),
            present=self._casting.cast(room),
            known=self._characters.all(),
            limits=self._limits,
            refusal=self._refusal(interaction),
        )

    def _refusal(self, interaction: Interaction) -> Message | Markup | None:
        """Return why no character can speak for this person here; None if one can."""
        try:
            authorise(interaction, Right.TALK)
            room = room_of(interaction)
        except TroupeError as refused:
            told = failures.of_stranger(refused)
            return Markup(told) if isinstance(told, str) else told
        return self._casting.refusal(room)

    def _may(self, interaction: Interaction, here: Here) -> set[Needs]:
        """Return the person's rights here, as the needs that they meet."""
        asker_may = self._policies.of(place_of(interaction)).askers_edit
        held = {
            Needs.NOTHING: True,
            Needs.TALK: here.refusal is None,
            Needs.EDIT: _passes(lambda: authorise_edit(interaction, asker_may=asker_may)),
            Needs.CHANNELS: _passes(lambda: authorise(interaction, Right.MANAGE_CHANNELS)),
            Needs.SERVER: _passes(lambda: authorise(interaction, Right.MANAGE_SERVER)),
            Needs.OWNER: owns_bot(interaction),
        }
        return {need for need, holds in held.items() if holds}

    # --- how commands are shown ---------------------------------------------------------------

    def _shown(self, command: str) -> str:
        return command_shown(command, self._ids())


_PERMISSIONS: Final = (Needs.EDIT, Needs.CHANNELS, Needs.SERVER)


def _top(command: str) -> str:
    """Return the top-level name of a command: `room` for `room why`."""
    return command.split(" ", maxsplit=1)[0]


def _topic(value: str) -> Topic:
    """Return the topic. Raises `RefusedError`: a modified client can send any value."""
    try:
        return Topic(value)
    except ValueError:
        raise RefusedError(NOT_A_CHOICE) from None


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except RefusedError:
        return False
    return True


def _guild_only(command: _Any) -> bool:
    """Return whether the command or its group works in servers only."""
    parent = getattr(command, "root_parent", None)
    return command.guild_only or bool(parent is not None and parent.guild_only)


def _for_admins(command: _Any) -> bool:
    """Return whether Discord hides the command from people without a permission."""
    root = getattr(command, "root_parent", None) or command
    return root.default_permissions is not None


def _menu(topics: list[Topic], now: Topic) -> discord.ui.View:
    """Return the menu of topics, which discord.py does not store."""
    made = discord.ui.View(timeout=None)
    made.add_item(
        discord.ui.Select(
            custom_id=f"{_PREFIX}:topic",
            placeholder=render(MENU),
            options=[
                discord.SelectOption(
                    label=render(Title(topic)),
                    value=topic.value,
                    description=render(About(topic)),
                    default=topic is now,
                )
                for topic in topics
            ],
        )
    )
    made.stop()
    return made
