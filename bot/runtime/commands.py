"""Wires the cogs: hands each its dependencies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from discord.ext import commands

from bot.codex.pool import Pool
from bot.discord_io.client import TroupeClient
from bot.endpoint.table import Row
from bot.runtime.adapters import Vitals
from bot.runtime.reports import Reporting
from bot.runtime.wiring import House
from bot.store.guidelines import RedisGuidelines
from cogs.casting import CastingCog, Roster
from cogs.diagnose import DiagnoseCog
from cogs.errors import answer_failure
from cogs.guidelines import GuidelinesCog
from cogs.members_tree import presses_of
from cogs.pool import PoolCog
from cogs.replies import RepliesCog
from cogs.room import RoomCog
from cogs.speaking import Speaking


@dataclass(frozen=True, slots=True, kw_only=True)
class BotParts:
    """The bot's parts, besides the rooms, that commands show or change."""

    pool: Pool
    """The app-servers."""
    report: Reporting
    """Collects the bot's current state."""
    vitals: Vitals
    """The health of each part."""
    models: Callable[[], list[tuple[str, tuple[Row, ...]]]]
    """Returns each model with the rows of its table of properties."""
    guidelines: RedisGuidelines
    """The servers' rules for their characters."""


async def add_cogs(client: TroupeClient, *, house: House, parts: BotParts) -> CastingCog:
    """Add all cogs to the client, which unloads them when it closes; return the summoning cog."""
    client.tree.error(answer_failure)
    # Shared: slow mode counts a person's requests from all commands, menus and buttons together.
    speaking = Speaking(house.discord.slow_mode)
    presses, rooms = presses_of(client), house.rooms
    casting = _casting(house, parts, speaking)
    cogs: list[commands.Cog] = [
        casting,
        _diagnose(house, parts),
        GuidelinesCog(guidelines=parts.guidelines, presses=presses),
        PoolCog(pool=parts.pool, casting=rooms.state.casting),
        RepliesCog(
            tree=client.tree,
            replies=rooms.replies,
            why=rooms.why,
            speaking=speaking,
            presses=presses,
        ),
        RoomCog(
            policies=rooms.state.policies,
            casting=rooms.state.casting,
            running_turns=rooms.running_turns,
            why=rooms.why,
            reads_messages=parts.report.reads_messages,
            presses=presses,
        ),
    ]
    for cog in cogs:
        await client.add_cog(cog)
    return casting


def _casting(house: House, parts: BotParts, speaking: Speaking) -> CastingCog:
    rooms = house.rooms
    return CastingCog(
        roster=Roster(rooms.state.casting, house.library, house.discord.avatars.emojis),
        dispatcher=rooms.dispatcher,
        process_state=rooms.process_state,
        persona_states=rooms.state.persona_states,
        dismissal=rooms.dismissal,
        on_said=house.discord.actions.note_command,
        reads_messages=parts.report.reads_messages,
        speaking=speaking,
    )


def _diagnose(house: House, parts: BotParts) -> DiagnoseCog:
    return DiagnoseCog(
        vitals=parts.vitals,
        characters=house.library,
        casting=house.rooms.state.casting,
        reads_messages=parts.report.reads_messages,
        models=parts.models,
        faults=parts.report.character_faults,
        failed_turn=parts.vitals.failed_turn,
    )
