"""A whole house on this machine: a Discord with people in it, a model, and the bot's process.

What the tests and the benchmarks live in; `make demo` furnishes its own. Owns no behaviour.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from mimetypes import guess_type
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.bot_process import ROOT, BotProcess, environment
from sandbox.discord import DiscordServer, Limits, Upload
from sandbox.discord.world.components import walk
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Channel, Json, Message, User
from sandbox.model import BOT_SETTINGS, ModelServer, Rule

_REPLY_LINE = re.compile(r"\A-# ↪ .*\n")
_GREETING = re.compile(r"^greeting: *[^\s\"']|^greeting: *([\"'])(?!\1)", re.MULTILINE)
# From a cold start on two busy cores.
READY_WITHIN = 30.0
ANSWER_WITHIN = 25.0
# Fewer commands than one person may give at once.
SUMMONS_EACH = 6
# Settings for a crowd that one person plays: no spending limit, and all turns at once.
UNBOUNDED = {
    "TURNS_PER_HOUR": "0",
    "TOKENS_PER_DAY": "0",
    "TURNS_AT_ONCE": "1000",
    "SERVER_TURNS_AT_ONCE": "1000",
}


class House:
    """`async with House(folder, parent_env=…) as house`: the bot is started by `start_bot`.

    `settings` are further settings of the bot, `code` is the checkout that it is run from. `bot`
    is the process; `ann` owns the guild, `ben` is a member; `room` is a text channel.
    """

    def __init__(
        self,
        folder: Path,
        *,
        parent_env: Mapping[str, str],
        script: Sequence[Rule] = (),
        limits: Limits | None = None,
        openapi: Path | None = None,
        settings: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
        code: Path = ROOT,
    ) -> None:
        self.folder = folder
        self._code = code
        self.model = ModelServer(script)
        self.discord = DiscordServer(openapi=openapi, limits=limits)
        self._settings = dict(settings or {})
        self.characters = Path(self._settings.get("CHARACTERS_DIR", ROOT / "characters"))
        self._on_line = on_line
        self._parent_env = parent_env
        self._summons = 0
        self._members: list[User] = []
        self._stack = AsyncExitStack()
        world = self.world = self.discord.world
        self.ann = world.add_user("ann", display="Ann")
        self.ben = world.add_user("ben", display="Ben")
        self.application = world.add_application("Troupe", owner=self.ann)
        self.guild = world.add_guild("The Crossroads", self.ann)
        world.add_member(self.guild, self.ben)
        self.room = world.add_channel(self.guild, "tavern")
        world.install(self.application, self.guild)

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.discord)
        await self._stack.enter_async_context(self.model)
        self.bot = BotProcess(env=self.bot_env(), folder=self.folder, on_line=self._on_line)
        self._stack.push_async_callback(self.bot.stop)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def bot_env(self) -> dict[str, str]:
        """The environment that the bot is started with."""
        return environment(
            self._parent_env,
            {
                "DISCORD_TOKEN": self.application.user.token,
                "DISCORD_API_BASE": self.discord.api_base,
                "DISCORD_GATEWAY_URL": self.discord.gateway_url,
                "CODEX_BASE_URL": self.model.base_url,
                "CODEX_API_KEY": "key-of-the-scripted-model",
                **BOT_SETTINGS,
                "CHARACTERS_DIR": str(self.characters),
                "DATA_DIR": str(self.folder / "data"),
                "HTTP_PORT": "0",
                **self._settings,
            },
            self._code,
        )

    async def start_bot(self) -> None:
        """Start the bot and wait until it is ready: connected, its commands registered."""
        sessions = len(self.discord.record.sessions)
        await self.bot.start()
        await self.connected(after=sessions)

    async def connected(self, *, after: int = 0) -> None:
        """Wait until the bot has its commands and more gateway sessions than `after`."""
        sessions = self.discord.record.sessions
        await self.discord.wait_for(
            lambda _: len(sessions) > after and self.application.commands, READY_WITHIN
        )

    async def summon(
        self, character: str, channel: Channel | None = None, *, greets: bool | None = None
    ) -> Interaction:
        """Ann, or a member, summons a character; returns when it was answered and greeted.

        `greets` says whether a greeting comes; None: if its file in CHARACTERS_DIR has one. After
        a refusal, which only Ann sees, none is waited for.
        """
        place = channel or self.room
        heard = len(self._voices(place))
        asked = await self.command("summon", place, by=self._summoner(), character=character)
        welcome = asked.original is not None and asked.original.only_for is None
        if welcome and (_greets(self.characters, character) if greets is None else greets):
            await self.discord.wait_for(lambda _: len(self._voices(place)) > heard, ANSWER_WITHIN)
        return asked

    def _summoner(self) -> User:
        """Ann; of many characters other members bring some: the bot holds each person to a pace."""
        self._summons += 1
        number = self._summons // SUMMONS_EACH
        if number == 0:
            return self.ann
        if number > len(self._members):
            member = self.world.add_user(f"member{number}", display=f"Member {number}")
            self.world.add_member(self.guild, member)
            self._members.append(member)
        return self._members[number - 1]

    async def command(
        self, name: str, channel: Channel | None = None, *, by: User | None = None, **options: str
    ) -> Interaction:
        """Ann (or `by`) runs a command; returns when it has its answer."""
        return await self.answered(
            self.world.run_command(
                by or self.ann, channel or self.room, self.application, name, target=None, **options
            )
        )

    async def menu(self, name: str, message: Message, *, by: User | None = None) -> Interaction:
        """Ann (or `by`) chooses an entry of a message's menu; returns when it has its answer."""
        place = self.world.channel(message.channel_id)
        return await self.answered(
            self.world.run_command(by or self.ann, place, self.application, name, target=message)
        )

    async def press(self, message: Message, button: str, *, by: User | None = None) -> Interaction:
        """Ann (or `by`) presses a button, named by its custom id, label or emoji; returns when it
        has its answer. Raises LookupError when the message shows no such button."""
        shown = self.now(message)
        return await self.answered(
            self.world.press(by or self.ann, shown, _custom_id(shown.components, button))
        )

    async def submit(self, opened: Interaction, values: Mapping[str, str]) -> Interaction:
        """Whoever was shown the form that answers `opened` fills it in, fields named by label or
        custom id (the others stay as they are), and sends it; returns when it has its answer."""
        assert opened.form is not None, "this was not answered with a form"
        form = opened.form
        texts = {_custom_id(form.components, name): text for name, text in values.items()}
        return await self.answered(self.world.submit(form.user, opened.channel, form.id, **texts))

    async def answered(self, asked: Interaction) -> Interaction:
        """Wait until the bot has answered."""
        await self.discord.wait_for(lambda _: asked.answer, ANSWER_WITHIN)
        return asked

    def say(
        self,
        text: str,
        channel: Channel | None = None,
        *,
        by: User | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Ann (or `by`) says something."""
        return self.world.say(by or self.ann, channel or self.room, text, reply_to=reply_to)

    def upload(
        self,
        filename: str,
        data: bytes,
        text: str = "",
        channel: Channel | None = None,
        *,
        content_type: str | None = None,
        by: User | None = None,
    ) -> Message:
        """Ann (or `by`) sends a file with some words; its type goes by its name unless given."""
        guessed = content_type or guess_type(filename)[0] or "application/octet-stream"
        files = [Upload(0, filename, guessed, data)]
        return self.world.say(by or self.ann, channel or self.room, text, files=files)

    def edit(self, message: Message, text: str) -> Message:
        """Whoever wrote a message changes it."""
        return self.world.edit(message.author, self.now(message), text)

    def delete(self, message: Message) -> None:
        """A message goes."""
        self.world.delete(self.now(message))

    def delete_many(self, *messages: Message) -> None:
        """Ann removes several messages of one place at once."""
        self.world.delete_many(self.ann, list(messages))

    def direct(self, by: User | None = None) -> Channel:
        """The DM between Ann (or `by`) and the bot."""
        return self.world.direct(by or self.ann, self.application.user)

    def dm(self, text: str, *, by: User | None = None, reply_to: Message | None = None) -> Message:
        """Ann (or `by`) writes to the bot directly."""
        return self.say(text, self.direct(by), by=by, reply_to=reply_to)

    def thread(
        self,
        name: str,
        channel: Channel | None = None,
        *,
        source: Message | None = None,
        by: User | None = None,
    ) -> Channel:
        """Ann (or `by`) opens a public thread, from a message (then it has its id) or without."""
        place = channel or (self.world.channel(source.channel_id) if source else self.room)
        return self.world.start_thread(by or self.ann, place, name, source=source)

    def post(self, name: str, text: str, forum: Channel, *, by: User | None = None) -> Channel:
        """Ann (or `by`) opens a post in a forum."""
        return self.world.start_post(by or self.ann, forum, name, text)

    def now(self, message: Message) -> Message:
        """A message as it is now, whatever copy of it is given; KeyError when it is gone."""
        hidden = self.world.hidden.get(message.id)
        return hidden or self.world.channel(message.channel_id).messages[message.id]

    def _voices(self, channel: Channel) -> list[Message]:
        """What characters said, also under the bot's own name where webhooks are denied."""
        own, bot = self.application.id, self.application.user.id
        return [
            one
            for one in channel.messages.values()
            if (one.webhook_id is not None and one.webhook_id != own)
            or (one.webhook_id is None and one.author.id == bot and one.content.startswith("**"))
        ]

    @property
    def presence(self) -> Json:
        """What the bot last said of itself: `status` and `activities`; empty when it is away."""
        return self.world.presences.get(self.application.user.id, {})

    def spoken(self, channel: Channel | None = None) -> list[Message]:
        """What characters have said, oldest first."""
        place = channel or self.room
        # Answers to commands carry the application's own id there.
        others = (None, self.application.id)
        return [one for one in place.messages.values() if one.webhook_id not in others]

    async def hears(
        self, text: str, channel: Channel | None = None, timeout: float = ANSWER_WITHIN
    ) -> Message:
        """Wait until a character has said exactly `text`."""
        return await self.discord.wait_for(
            lambda _: next((one for one in self.spoken(channel) if words(one) == text), None),
            timeout,
        )


def words(message: Message) -> str:
    """What a character said, without the line above it that says whom it answers."""
    return _REPLY_LINE.sub("", message.content)


def _greets(folder: Path, character: str) -> bool:
    """Whether a character's file has a greeting; one without a file there is taken to have one."""
    file = folder / character.casefold() / "character.md"
    return not file.is_file() or _GREETING.search(file.read_text("utf-8")) is not None


def _custom_id(components: list[Json], name: str) -> str:
    """The custom id of what people see by that name: a button, or the field under a label."""
    for _, one in walk(components):
        shown = one.get("component") if "component" in one else one
        emoji = (one.get("emoji") or {}).get("name")
        if shown and "custom_id" in shown and name in (shown["custom_id"], one.get("label"), emoji):
            return str(shown["custom_id"])
    known = [one.get("label") or one.get("custom_id") for _, one in walk(components)]
    raise LookupError(f"nothing is called {name!r} here, only {[one for one in known if one]}")
