"""A whole house on this machine: a Discord with people in it, a model, and the bot's process.

What the tests and the benchmarks live in; `make demo` furnishes its own. Owns no behaviour.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.bot_process import ROOT, BotProcess, environment
from sandbox.discord import DiscordServer, Limits
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Channel, Message, User
from sandbox.model import ModelServer, Rule

_REPLY_LINE = re.compile(r"\A-# ↪ .*\n")
# From a cold start on two busy cores.
READY_WITHIN = 30.0
ANSWER_WITHIN = 15.0


class House:
    """`async with House(folder, parent_env=…) as house`: the bot is started by `start_bot`.

    `settings` are further settings of the bot. `bot` is the process; `ann` owns the guild, `ben`
    is a member; `room` is a text channel.
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
    ) -> None:
        self.folder = folder
        self.model = ModelServer(script)
        self.discord = DiscordServer(openapi=openapi, limits=limits)
        self._settings = dict(settings or {})
        self._on_line = on_line
        self._parent_env = parent_env
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
                "CHARACTERS_DIR": str(ROOT / "characters"),
                "DATA_DIR": str(self.folder / "data"),
                "HTTP_PORT": "0",
                **self._settings,
            },
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

    async def summon(self, character: str, channel: Channel | None = None) -> Interaction:
        """Ann summons a character; returns when the bot has answered."""
        return await self.command("summon", channel, character=character)

    async def command(
        self, name: str, channel: Channel | None = None, *, by: User | None = None, **options: str
    ) -> Interaction:
        """Ann (or `by`) runs a command; returns when it has its answer."""
        asked = self.world.run_command(
            by or self.ann, channel or self.room, self.application, name, target=None, **options
        )
        await self.discord.wait_for(lambda _: asked.answer, ANSWER_WITHIN)
        return asked

    def say(
        self, text: str, channel: Channel | None = None, *, reply_to: Message | None = None
    ) -> Message:
        """Ann says something."""
        return self.world.say(self.ann, channel or self.room, text, reply_to=reply_to)

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
