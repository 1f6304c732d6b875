"""What meets people who are new: `/help`, and one hello in a server. Puts the two cogs together."""

from __future__ import annotations

from bot.assembly import Rooms
from bot.characters.library import Library
from bot.discord_io.client import TroupeClient
from bot.domain.spending import SpendingLimits
from bot.store.connection import Store
from bot.store.greetings import RedisGreetings
from cogs.casting import CastingCog
from cogs.greeting import GreetingCog
from cogs.help import HelpCog
from cogs.members_tree import presses_of


async def add_cogs(
    client: TroupeClient, rooms: Rooms, library: Library, store: Store, limits: SpendingLimits
) -> None:
    """Add them to the client."""
    await client.add_cog(
        HelpCog(
            tree=client.tree,
            ids=lambda: client.command_ids,
            casting=rooms.casting,
            characters=library,
            policies=rooms.policies,
            limits=limits,
            reads_messages=lambda: client.reads_messages,
            presses=presses_of(client),
        )
    )
    casting = client.get_cog(CastingCog.__cog_name__)
    assert isinstance(casting, CastingCog), "it is added before"
    await client.add_cog(
        GreetingCog(
            summon=casting.bring,
            client=client,
            greetings=RedisGreetings(store),
            casting=rooms.casting,
            characters=library,
            faces=rooms.avatars.emojis,
            ids=lambda: client.command_ids,
            reads_messages=lambda: client.reads_messages,
            presses=presses_of(client),
        )
    )
