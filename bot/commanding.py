"""Wires the cogs: hands each its dependencies."""

from __future__ import annotations

from collections.abc import Callable

from bot.assembly import Rooms
from bot.bridges import Vitals
from bot.codex.pool import Pool
from bot.discord_io.client import TroupeClient
from bot.endpoint.table import Row
from bot.reporting import Reporting
from bot.rooms.turn_health import FailedTurn
from bot.store.guidelines import RedisGuidelines
from cogs.casting import CastingCog
from cogs.diagnose import DiagnoseCog
from cogs.errors import answer_failure
from cogs.guidelines import GuidelinesCog
from cogs.members_tree import presses_of
from cogs.pool import PoolCog
from cogs.replies import RepliesCog
from cogs.room import RoomCog
from cogs.speaking import Speaking


async def add_cogs(
    client: TroupeClient,
    *,
    rooms: Rooms,
    pool: Pool,
    report: Reporting,
    vitals: Vitals,
    models: Callable[[], list[tuple[str, tuple[Row, ...]]]],
    failed_turn: Callable[[], FailedTurn | None],
    guidelines: RedisGuidelines,
) -> CastingCog:
    """Add the cogs to the client, which unloads them when it closes.

    Returns the cog that summons.
    """
    client.tree.error(answer_failure)
    # Shared: slow mode counts a person's requests from all commands, menus and buttons together.
    speaking = Speaking(rooms.slow_mode)
    presses = presses_of(client)
    casting = CastingCog(
        casting=rooms.casting,
        characters=rooms.library,
        director=rooms.director,
        presence=rooms.presence,
        demeanours=rooms.demeanours,
        leaving=rooms.leaving,
        on_said=rooms.discord_actions.note_command,
        reads_messages=report.reads_messages,
        faces=rooms.avatars.emojis,
        speaking=speaking,
    )
    await client.add_cog(casting)
    await client.add_cog(
        DiagnoseCog(
            vitals=vitals,
            characters=rooms.library,
            casting=rooms.casting,
            reads_messages=report.reads_messages,
            models=models,
            faults=report.character_faults,
            failed_turn=failed_turn,
        )
    )
    await client.add_cog(GuidelinesCog(guidelines=guidelines, presses=presses))
    await client.add_cog(PoolCog(pool=pool, casting=rooms.casting))
    await client.add_cog(
        RepliesCog(
            tree=client.tree,
            replies=rooms.replies,
            why=rooms.why,
            speaking=speaking,
            presses=presses,
        )
    )
    await client.add_cog(
        RoomCog(
            policies=rooms.policies,
            casting=rooms.casting,
            scenes=rooms.scenes,
            why=rooms.why,
            reads_messages=report.reads_messages,
            presses=presses,
        )
    )
    return casting
