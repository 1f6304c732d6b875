"""Wires the cogs for newcomers: `/help`, and the greeting of a new server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.assembly import Rooms
from bot.discord_io.client import TroupeClient
from bot.domain.spending import SpendingLimits
from bot.store.connection import Store
from bot.store.greetings import RedisGreetings
from cogs.authority import Interaction
from cogs.greeting import GreetingCog
from cogs.help import HelpCog
from cogs.members_tree import presses_of


async def add_cogs(
    client: TroupeClient,
    *,
    rooms: Rooms,
    summon: Callable[[Interaction, str], Awaitable[None]],
    store: Store,
    limits: SpendingLimits,
) -> None:
    """Add both cogs to the client; `summon` does what `/summon` does."""
    await client.add_cog(
        HelpCog(
            tree=client.tree,
            ids=lambda: client.command_ids,
            casting=rooms.casting,
            characters=rooms.library,
            policies=rooms.policies,
            limits=limits,
            reads_messages=lambda: client.reads_messages,
            presses=presses_of(client),
        )
    )
    await client.add_cog(
        GreetingCog(
            summon=summon,
            client=client,
            greetings=RedisGreetings(store),
            casting=rooms.casting,
            characters=rooms.library,
            faces=rooms.avatars.emojis,
            ids=lambda: client.command_ids,
            reads_messages=lambda: client.reads_messages,
            presses=presses_of(client),
        )
    )
