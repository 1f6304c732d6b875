"""The commands, menus and buttons, put together. Owns which part each of them is handed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from discord.ext import commands

from bot.assembly import House
from bot.bridges import Vitals
from bot.codex.pool import Pool
from bot.discord_io.client import TroupeClient
from bot.endpoint.table import Row
from bot.reporting import Reporting
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
class Backstage:
    """What commands tell of beside the rooms: the bot's own state."""

    pool: Pool
    """The app-servers."""
    report: Reporting
    """What the bot says about itself."""
    vitals: Vitals
    """Whether each part is well."""
    models: Callable[[], list[tuple[str, tuple[Row, ...]]]]
    """What each model can take, for a table."""
    guidelines: RedisGuidelines
    """The servers' rules for their characters."""


async def add_cogs(client: TroupeClient, *, house: House, about: Backstage) -> CastingCog:
    """Add all of them to the client, which has none: closing it takes them away.

    Gives the one that summons.
    """
    client.tree.error(answer_failure)
    # One for all: slow mode has one clock, whichever way a person speaks.
    speaking = Speaking(house.discord.slow_mode)
    presses, rooms = presses_of(client), house.rooms
    casting = _casting(house, about, speaking)
    cogs: list[commands.Cog] = [
        casting,
        _diagnose(house, about),
        GuidelinesCog(guidelines=about.guidelines, presses=presses),
        PoolCog(pool=about.pool, casting=rooms.state.casting),
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
            scenes=rooms.scenes,
            why=rooms.why,
            reads_messages=about.report.reads_messages,
            presses=presses,
        ),
    ]
    for cog in cogs:
        await client.add_cog(cog)
    return casting


def _casting(house: House, about: Backstage, speaking: Speaking) -> CastingCog:
    rooms, parts = house.rooms, house.discord
    return CastingCog(
        roster=Roster(rooms.state.casting, house.library, parts.avatars.emojis),
        director=rooms.director,
        presence=rooms.presence,
        demeanours=rooms.state.demeanours,
        leaving=rooms.leaving,
        on_said=parts.hands.note_command,
        reads_messages=about.report.reads_messages,
        speaking=speaking,
    )


def _diagnose(house: House, about: Backstage) -> DiagnoseCog:
    return DiagnoseCog(
        vitals=about.vitals,
        characters=house.library,
        casting=house.rooms.state.casting,
        reads_messages=about.report.reads_messages,
        models=about.models,
        faults=about.report.character_faults,
        failed_turn=about.vitals.failed_turn,
    )
