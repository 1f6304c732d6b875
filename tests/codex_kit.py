"""A mind on real Codex against a scripted model, for tests: opened in one `async with`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.codex import launch
from bot.codex.instance import Instance
from bot.codex.mind import CodexMind, ThreadDefaults, Tools
from bot.codex.options import CodexOptions, Installed, LaunchSpec
from bot.codex.pool import CallTool, Pool, PoolOptions
from bot.codex.registry import Registry
from bot.domain.character import Character
from bot.domain.model_profile import ModelProfile, ToolRoute
from bot.domain.room import Seat
from bot.domain.tool_calls import ToolSpec
from bot.domain.turn import Finished, MindEvent, Retracted, Settled, Words
from bot.errors import CodexError
from bot.log import Redactor
from sandbox.model import ModelServer, Rule

KEY = "key-of-the-scripted-model"
MIRA = Character("mira", "Mira", "You are Mira, who keeps the inn at the crossroads.")
SEAT = Seat(77, "mira")
# Nothing here waits longer for what must come.
PATIENCE = 15.0
# Codex's own retries wait longer each time: one is enough to see what they do.
ONE_RETRY = (
    "-c",
    "model_providers.troupe.stream_max_retries=1",
    "-c",
    "model_providers.troupe.request_max_retries=0",
)

_installed: dict[Path, Installed] = {}


def character(key: str) -> Character:
    return Character(key, key.title(), f"You are {key.title()}.")


@dataclass
class House:
    """What is open: the model, the pool and the mind; `spawned` counts the starts."""

    options: CodexOptions
    installed: Installed
    model: ModelServer
    redactor: Redactor = field(default_factory=Redactor)
    extra: tuple[str, ...] = ONE_RETRY
    pool: Pool = field(init=False)
    mind: CodexMind = field(init=False)

    def spec(self, who: Character = MIRA, bearer: str = "") -> LaunchSpec:
        spec = launch.build(self.options, self.installed, os.environ)
        return replace(spec, argv=spec.argv + self.extra)

    @property
    def run(self) -> Path:
        return self.options.data_dir / "run"

    def registry(self) -> Registry:
        return Registry(self.run)

    async def instance(self, **given: Any) -> Instance:
        """An app-server outside the pool; to be closed by who asked."""
        values: dict[str, Any] = {"silence": 30.0, "on_ended": lambda _: None} | given
        return await Instance.start(
            self.spec(), redactor=self.redactor, registry=self.registry(), **values
        )

    def make_pool(
        self,
        *,
        spec_for: Callable[..., LaunchSpec] | None = None,
        call_tool: CallTool | None = None,
        **given: Any,
    ) -> Pool:
        return Pool(
            call_tool=call_tool,
            spec_for=spec_for or self.spec,
            registry=self.registry(),
            redactor=self.redactor,
            options=PoolOptions(**({"queue_timeout": PATIENCE} | given)),
        )

    def make_mind(self, pool: Pool, **given: Any) -> CodexMind:
        return CodexMind(
            pool,
            prompt=lambda who, _: who.persona,
            tools=Tools("1", given.pop("functions", ()), given.pop("mcp_servers", ())),
            defaults=ThreadDefaults(self.options.work_dir, given.pop("model", None)),
            **given,
        )


@asynccontextmanager
async def house(
    folder: Path,
    *rules: Rule,
    extra: Sequence[str] = (),
    functions: Sequence[ToolSpec] = (),
    call_tool: CallTool | None = None,
    model: str | None = None,
    **pool: Any,
) -> AsyncIterator[House]:
    """A whole engine room in `folder`; with `functions`, its threads get these tools."""
    binary = launch.find_binary(None, os.environ.get("PATH"))
    async with ModelServer(list(rules)) as server:
        options = CodexOptions(
            binary=binary,
            home=folder / "home",
            work_dir=folder / "work",
            data_dir=folder,
            base_url=server.base_url,
            api_key=KEY,
            use_catalog=False,
        )
        if binary not in _installed:
            _installed[binary] = await launch.prepare(options, os.environ)
        launch.home.prepare(options.home, options.work_dir, user_home=None)
        opened = House(options, _installed[binary], server, extra=(*ONE_RETRY, *extra))
        opened.pool = opened.make_pool(call_tool=call_tool, **pool)
        profile = ModelProfile(tools=ToolRoute.FUNCTIONS if functions else ToolRoute.MCP)
        opened.mind = opened.make_mind(
            opened.pool, functions=functions, profile_of=lambda _: profile, model=model
        )
        async with opened.pool:
            yield opened


async def until(came: Callable[[], object]) -> None:
    """Wait for what nothing tells of: a look each time the event loop has gone round."""
    async with asyncio.timeout(PATIENCE):
        while not came():  # noqa: ASYNC110 there is no event for it
            await asyncio.sleep(0)


async def hear(events: AsyncIterator[MindEvent]) -> list[MindEvent]:
    """Every event, to the end."""
    async with asyncio.timeout(3 * PATIENCE):
        return [event async for event in events]


def shown(events: Sequence[MindEvent]) -> str:
    """What a person sees in the end, by the rules of the events."""
    settled: list[str] = []
    open_words = ""
    for event in events:
        match event:
            case Words(text):
                open_words += text
            case Retracted():
                open_words = ""
            case Settled(text):
                settled.append(text)
                open_words = ""
            case _:
                pass
    return "\n".join([*settled, open_words] if open_words else settled)


async def ask(mind: Any, thread_id: str, words: str) -> tuple[str, list[MindEvent]]:
    """One turn: what is shown in the end, and its events."""
    async with mind.speak(thread_id, words) as events:
        heard = await hear(events)
    assert isinstance(heard[-1], Finished)
    return shown(heard), heard


async def hear_failing(
    events: AsyncIterator[MindEvent],
) -> tuple[list[MindEvent], CodexError | None]:
    """What was heard, and the error that ended it."""
    heard: list[MindEvent] = []
    try:
        async with asyncio.timeout(10):
            async for event in events:
                heard.append(event)  # noqa: PERF401 what was heard before the error counts
    except CodexError as error:
        return heard, error
    return heard, None
