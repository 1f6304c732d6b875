"""Wires the cogs for newcomers: `/help`, and the greeting of a new server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.discord_io.client import TroupeClient
from bot.domain.spending import SpendingLimits
from bot.runtime.wiring import House
from bot.store.connection import Store
from bot.store.greetings import RedisGreetings
from cogs.authority import Interaction
from cogs.casting import Roster
from cogs.greeting import GreetingCog
from cogs.help import HelpCog
from cogs.members_tree import presses_of


async def add_cogs(
    client: TroupeClient,
    *,
    house: House,
    summon: Callable[[Interaction, str], Awaitable[None]],
    store: Store,
    limits: SpendingLimits,
) -> None:
    """Add both cogs to the client; `summon` does what `/summon` does."""
    state = house.rooms.state
    await client.add_cog(
        HelpCog(
            tree=client.tree,
            ids=lambda: client.command_ids,
            casting=state.casting,
            characters=house.library,
            policies=state.policies,
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
            roster=Roster(state.casting, house.library, house.discord.avatars.emojis),
            ids=lambda: client.command_ids,
            reads_messages=lambda: client.reads_messages,
            presses=presses_of(client),
        )
    )
