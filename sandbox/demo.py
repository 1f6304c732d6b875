"""The demo: a Discord, a model and the bot's process, with a page to talk to them.

Puts the parts together and ends them in order. What stands in the guild is `crossroads`, the
command line is `__main__`.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.tasks import Tasks
from sandbox.bot_process import ROOT, BotProcess, environment
from sandbox.crossroads import Crossroads, furnish
from sandbox.discord import DiscordServer
from sandbox.keeper import Keeper
from sandbox.llama import LlamaOptions, LlamaServer
from sandbox.local_model import Running
from sandbox.model import BOT_SETTINGS, ModelServer
from sandbox.model.demo_script import demo_script
from sandbox.page import Page
from sandbox.page.routes import BotStatus

# What a real model needs of our environment. A proxy would stand between the bot and the
# scripted one, so none is passed on without `--real-model`.
OF_REAL_MODEL = (
    *("CODEX_BASE_URL", "CODEX_API_KEY", "CODEX_MODEL", "CODEX_REASONING_EFFORT", "CODEX_HOME"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
)
OF_ANY_MODEL = ("CODEX_BIN", "LOG_LEVEL", "REDIS_URL")
_HERE = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose: the real model, a local one, or neither for the scripted one.

    `parent` holds the values that may be passed on, by name.
    """

    port: int
    data_dir: Path
    real_model: bool
    parent: Mapping[str, str]
    local: Running | LlamaOptions | None = None
    """A model on this machine: one that runs, or how to start one."""

    @property
    def bot_data(self) -> Path:
        """The bot's DATA_DIR. It goes with the world that it remembers, when the demo ends."""
        return self.data_dir.resolve() / "bot"


@dataclass(frozen=True, slots=True)
class Mind:
    """Where the bot's model is: CODEX_BASE_URL, CODEX_API_KEY and CODEX_MODEL."""

    base_url: str
    key: str = "none"
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Demo:
    """The running demo: where the page is, and the bot's keeper."""

    server: DiscordServer
    town: Crossroads
    keeper: Keeper
    bot: BotProcess

    @property
    def address(self) -> str:
        """The page's address."""
        return f"{self.server.origin}/"


@asynccontextmanager
async def opened(options: Options, *, tell: Callable[[str], None]) -> AsyncIterator[Demo]:
    """Everything runs inside; afterwards nothing does.

    `tell` gets each line for people, the bot's log among them. Raises OSError when the port is
    taken or the folder cannot be made, BlockingIOError when another demo runs in the folder.
    """
    options.data_dir.mkdir(parents=True, exist_ok=True)
    with _alone_in(options.data_dir):
        _forget(options)  # an earlier demo may have been killed
        async with _opened(options, tell) as demo:
            yield demo


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other demo starts in the folder meanwhile: it would forget what this one's bot knows."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@asynccontextmanager
async def _opened(options: Options, tell: Callable[[str], None]) -> AsyncIterator[Demo]:
    keepers: list[Keeper] = []
    page = Page(
        status=lambda: keepers[0].status if keepers else BotStatus("starting"),
        model="local" if options.local else "real" if options.real_model else "scripted",
    )
    server = DiscordServer(port=options.port, extra_routes=page.routes())
    town = furnish(server.world)
    page.guests.extend(town.guests)
    async with server, _mind(options) as mind:
        bot = BotProcess(
            env=bot_environment(options, server, town, mind),
            folder=options.data_dir,
            on_line=lambda line: tell(f"bot | {line}"),
        )
        keeper = Keeper(bot, connected=lambda: _connected(server, town), tell=tell)
        keepers.append(keeper)
        async with Tasks("demo") as tasks:
            tasks.start("bot", keeper.run())
            try:
                yield Demo(server, town, keeper, bot)
            finally:
                keeper.leave()
                await tasks.close()
                await bot.stop()
                _forget(options)


@asynccontextmanager
async def _mind(options: Options) -> AsyncIterator[Mind]:
    """The model that is not the account's: it answers inside."""
    match options.local:
        case Running() as found:
            yield Mind(found.base_url, model=found.model)
        case LlamaOptions() as start:
            async with LlamaServer(start, options.parent) as engine:
                yield Mind(engine.base_url, model=start.alias)
        case None:
            async with ModelServer(demo_script()) as model:
                yield Mind(model.base_url, "key-of-the-scripted-model")


def _forget(options: Options) -> None:
    shutil.rmtree(options.bot_data, ignore_errors=True)


def _connected(server: DiscordServer, town: Crossroads) -> bool:
    bot_id = town.application.user.id
    sessions = server.record.sessions
    return any(one.connected for one in sessions if one.user_id == bot_id)


def bot_environment(
    options: Options, server: DiscordServer, town: Crossroads, mind: Mind
) -> dict[str, str]:
    """The bot's environment: an allow-list of ours, and where the stand-ins are."""
    names = (*OF_ANY_MODEL, *(OF_REAL_MODEL if options.real_model else ()))
    chosen = {name: options.parent[name] for name in names if options.parent.get(name)}
    settings = {
        "DISCORD_TOKEN": town.application.token,
        "DISCORD_API_BASE": server.api_base,
        "DISCORD_GATEWAY_URL": server.gateway_url,
        "CHARACTERS_DIR": str(ROOT / "characters"),
        "DATA_DIR": str(options.bot_data),
        "HTTP_PORT": "0",
        "NO_PROXY": _HERE,
        "no_proxy": _HERE,
    }
    if not options.real_model:
        settings |= {"CODEX_BASE_URL": mind.base_url, "CODEX_API_KEY": mind.key}
        settings |= {"CODEX_MODEL": mind.model} if mind.model else BOT_SETTINGS
    return environment(options.parent, chosen | settings)
