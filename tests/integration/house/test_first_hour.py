"""What a server and its people are told first: one hello with a menu, and `/help`."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from bot.messages.help import ENTRIES, Title, Topic
from bot.messages.rendering import render
from sandbox.discord.world import guilds
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Channel, ChannelType, Guild, Message
from sandbox.discord.world.permissions import Permission
from sandbox.house import House
from sandbox.model import always, say
from tests.fixtures_house import Furnish
from tests.integration.house.test_commands import private, said

SEE = Permission.VIEW_CHANNEL
SPEAK = Permission.SEND_MESSAGES


@dataclass
class Server:
    """A server before it invites the bot."""

    house: House
    guild: Guild
    channels: dict[str, Channel]

    def invite(self) -> None:
        self.house.world.install(self.house.application, self.guild)

    def greetings(self) -> list[Message]:
        bot = self.house.application.user.id
        return [
            message
            for channel in self.channels.values()
            for message in channel.messages.values()
            if message.author.id == bot and message.content.startswith("Hello!")
        ]

    async def greeted_in(self) -> str:
        """The name of the channel that the greeting came in."""
        (message,) = await self.house.discord.wait_for(lambda _: self.greetings(), 10)
        return self.house.world.channel(message.channel_id).name


class Log:
    """Notes when the bot has seen all its servers: what joins later is new."""

    def __init__(self) -> None:
        self._ready = asyncio.Event()

    def __call__(self, line: str) -> None:
        if " ready: " in line:
            self._ready.set()

    async def ready(self) -> None:
        async with asyncio.timeout(10):
            await self._ready.wait()
        self._ready.clear()


def server(house: House, *names: str) -> Server:
    guild = house.world.add_guild("New here", house.ann)
    house.world.add_member(guild, house.ben)
    channels = {name: house.world.add_channel(guild, name) for name in names}
    return Server(house, guild, channels)


async def choose(house: House, message: Message, key: str, **by: object) -> Interaction:
    shown = house.now(message)
    custom_id = shown.components[0]["components"][0]["custom_id"]
    person = by.get("by") or house.ann
    return await house.answered(house.world.press(person, shown, custom_id, [key]))  # type: ignore[arg-type]


async def test_a_server_that_invites_the_bot_is_greeted_once_and_summons_from_there(
    furnish: Furnish,
) -> None:
    log = Log()
    house = await furnish(always(say("Aye.")), on_line=log)
    await log.ready()
    new = server(house, "mods", "lobby")
    house.world.permit(new.channels["mods"], new.guild.id, deny=SEE)
    new.invite()
    assert await new.greeted_in() == "lobby"
    (hello,) = new.greetings()
    assert not hello.mentions
    assert not hello.mention_everyone
    ids = {command.key[0]: command.id for command in house.application.commands.values()}
    assert f"</summon:{ids['summon']}>" in hello.content
    assert f"</help:{ids['help']}>" in hello.content
    options = hello.components[0]["components"][0]["options"]
    assert [one["value"] for one in options] == ["mira", "rask", "tally"]
    assert options[1]["description"].startswith("Chief engineer")
    assert options[1]["emoji"]["name"].startswith("face_")

    come = await choose(house, hello, "mira", by=house.ben)
    assert said(come) == "**Mira** joins. Say `@Mira` to talk."
    await house.discord.wait_for(lambda _: house.spoken(new.channels["lobby"]))
    twice = await choose(house, hello, "mira")
    assert private(twice)
    assert "already here" in said(twice)
    house.world.permit(new.channels["lobby"], house.ben.id, deny=SPEAK)
    refused = await choose(house, hello, "rask", by=house.ben)
    assert private(refused)
    assert "**Send Messages**" in said(refused)

    house.world.permit(new.channels["lobby"], house.ben.id, allow=SPEAK)
    nobody = {"id": str(new.guild.id), "type": 1, "permission": False}
    house.application.command_permissions = {new.guild.id: {ids["summon"]: [nobody]}}
    barred = await choose(house, hello, "rask", by=house.ben)
    assert private(barred)
    assert said(barred) == "This server doesn’t let you use `/summon` here."

    await house.bot.stop()
    await house.start_bot()
    await log.ready()
    assert said(await choose(house, hello, "rask")) == "**Rask** joins. Say `@Rask` to talk."
    guilds.leave(house.world, new.guild, house.application.user.id)
    new.invite()
    other = server(house, "lobby")
    other.invite()
    await other.greeted_in()
    assert len(new.greetings()) == 1


async def test_the_greeting_comes_where_people_read_and_nowhere_else(furnish: Furnish) -> None:
    log = Log()
    house = await furnish(on_line=log)
    await log.ready()
    with_system = server(house, "rules", "lobby", "chat")
    with_system.guild.system_channel_id = with_system.channels["chat"].id
    with_system.invite()
    assert await with_system.greeted_in() == "chat"

    muted = server(house, "lobby", "chat")
    muted.guild.system_channel_id = muted.channels["lobby"].id
    house.world.permit(muted.channels["lobby"], house.application.user.id, deny=SPEAK)
    muted.invite()
    assert await muted.greeted_in() == "chat"

    gated = server(house, "hidden", "arrivals")
    gated.guild.system_channel_id = gated.channels["arrivals"].id
    for channel in gated.channels.values():
        house.world.permit(channel, gated.guild.id, deny=SEE)
        house.world.permit(channel, house.application.user.id, allow=SEE | SPEAK)
    gated.invite()
    assert await gated.greeted_in() == "arrivals"

    silent = server(house, "lobby")
    house.world.add_channel(silent.guild, "news", ChannelType.ANNOUNCEMENT)
    house.world.permit(silent.channels["lobby"], house.application.user.id, deny=SPEAK)
    silent.invite()
    last = server(house, "lobby")
    last.invite()
    await last.greeted_in()
    assert silent.greetings() == []
    await house.bot.stop()
    assert any("lets the bot speak" in line for line in house.bot.lines)


async def test_help_tells_how_to_begin_and_what_this_person_may_do(furnish: Furnish) -> None:
    house = await furnish()
    ids = {command.key[0]: command.id for command in house.application.commands.values()}
    shown = await house.command("help", by=house.ben)
    assert private(shown)
    assert len([row for row in said(shown).splitlines() if re.match(r"[1-6]\. ", row)]) == 6
    assert f"</summon:{ids['summon']}>" in said(shown)
    assert f"</room why:{ids['room']}>" in said(shown)
    rooms = said(await house.command("help", by=house.ben, topic="rooms"))
    assert "room settings" not in rooms
    assert "**Manage Channels**" in rooms
    assert "</room settings:" in said(await house.command("help", topic="rooms"))
    pages = [said(await house.command("help", topic=topic.value)) for topic in Topic]
    assert all(len(page) < 2_000 for page in pages)
    whole = "\n".join(pages)
    told = set(re.findall(r"</([^:>]+):\d+>", whole)) | {
        name for name in menus(house) if f"*{name}*" in whole
    }
    assert told == registered(house)
    assert {entry.command for entry in ENTRIES} <= registered(house)


async def test_help_leads_from_page_to_page_also_after_a_restart(furnish: Furnish) -> None:
    house = await furnish()
    shown = await house.command("help", by=house.ben)
    assert shown.original is not None
    await house.bot.stop()
    await house.start_bot()
    await choose(house, shown.original, "privacy", by=house.ben)
    page = house.now(shown.original)
    assert page.content.startswith(f"**{render(Title(Topic.PRIVACY))}**")
    assert "120 answers an hour" in page.content
    assert page.only_for == house.ben.id


async def test_help_says_why_nobody_can_speak_here(furnish: Furnish) -> None:
    house = await furnish()
    house.world.permit(house.room, house.ben.id, deny=SPEAK)
    muted = said(await house.command("help", by=house.ben))
    assert "⚠️ Not in this place: You need the permission **Send Messages**" in muted
    assert "</summon:" not in said(await house.command("help", by=house.ben, topic="characters"))
    house.world.permit(house.room, house.ben.id, allow=SPEAK)
    ids = {command.key[0]: command.id for command in house.application.commands.values()}
    barred = [{"id": str(house.ben.id), "type": 2, "permission": False}]
    house.application.command_permissions = {house.guild.id: {ids["room"]: barred}}
    assert "</room" not in said(await house.command("help", by=house.ben, topic="rooms"))
    assert "</room why" in said(await house.command("help", topic="rooms"))
    direct = said(await house.command("help", house.direct(), topic="rooms"))
    assert "guidelines" not in direct
    assert "</room settings:" in direct


def registered(house: House) -> set[str]:
    """The names of all commands that Discord was told."""
    names: set[str] = set()
    for command in house.application.commands.values():
        groups = [one for one in command.fields.get("options") or [] if one["type"] == 1]
        top = command.fields["name"]
        names |= {f"{top} {one['name']}" for one in groups} if groups else {top}
    return names


def menus(house: House) -> set[str]:
    return {one.key[0] for one in house.application.commands.values() if one.key[1] == 3}
