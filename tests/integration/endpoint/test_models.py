"""What is known of each model: who overrules whom, what is kept, and when anybody is asked."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.character import Character
from bot.domain.model_profile import (
    NOTHING_SAID,
    ModelProfile,
    ProfileOverrides,
    ToolRoute,
    TranscriptStyle,
)
from bot.endpoint import models as module
from bot.endpoint.client import Endpoint
from bot.endpoint.memory import FILE, FindingsMemory
from bot.endpoint.models import Models
from bot.endpoint.profiles_file import ProfilesFile
from bot.tasks import Tasks
from tests.endpoint_twins import Twin, llama, refusing, serving, vllm

MIRA = Character("mira", "Mira", "You are Mira.")
NAMES = TranscriptStyle.NAMES


def style_of(model: str, window: int | None) -> TranscriptStyle:
    return NAMES if window is not None and window < 5000 else TranscriptStyle.HEADERS


@pytest_asyncio.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks("test") as tasks:
        yield tasks


@pytest.fixture
def make(tmp_path: Path, tasks: Tasks):
    def make(
        endpoint: Endpoint | None,
        *,
        settings: ProfileOverrides = NOTHING_SAID,
        file: ProfilesFile | None = None,
    ) -> Models:
        return Models(
            endpoint=endpoint,
            model="qwen",
            settings=settings,
            file=file or ProfilesFile(),
            style_of=style_of,
            memory=FindingsMemory(tmp_path),
            tasks=tasks,
        )

    return make


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def test_the_character_overrules_the_file_which_overrules_the_settings_and_the_probe(
    make,
) -> None:
    async with serving(llama(n_ctx=8192)) as twin:
        here = Endpoint(twin.base_url)
        said = ProfileOverrides(window=7000, tools=ToolRoute.NONE)
        file = ProfilesFile((("qw*", ProfileOverrides(window=6000, pictures=True)),))
        own = replace(MIRA, profile=ProfileOverrides(window=4000))
        for models, character, expected in (
            (make(here), MIRA, ModelProfile(8192, False, ToolRoute.FUNCTIONS)),
            (make(here, settings=said), MIRA, ModelProfile(7000, False, ToolRoute.NONE)),
            (
                make(here, settings=said, file=file),
                MIRA,
                ModelProfile(6000, True, ToolRoute.NONE),
            ),
            (
                make(here, settings=said, file=file),
                own,
                ModelProfile(4000, True, ToolRoute.NONE, NAMES),
            ),
        ):
            models.want([character])
            await models.look()
            assert models.profile(character) == expected


async def test_a_style_that_somebody_chose_stays(make) -> None:
    own = replace(MIRA, profile=ProfileOverrides(window=4000, style=TranscriptStyle.HEADERS))
    models = make(Endpoint("http://127.0.0.1:9/v1"))
    assert models.profile(own).style is TranscriptStyle.HEADERS


async def test_openai_is_not_probed(make) -> None:
    models = make(None)
    models.want([MIRA])
    await models.look()
    await models.ready(MIRA)
    assert models.profile(MIRA) == ModelProfile()
    assert models.tables() == []


async def test_safe_assumptions_hold_for_an_endpoint_that_is_down(make) -> None:
    models = make(Endpoint(f"http://127.0.0.1:{free_port()}/v1"))
    models.want([MIRA])
    await models.look()
    assert models.profile(MIRA) == ModelProfile(tools=ToolRoute.FUNCTIONS)
    assert "cannot be reached" in (models.problem or "")


async def test_an_endpoint_that_comes_up_later_is_probed_then(
    make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)
    port = free_port()
    models = make(Endpoint(f"http://127.0.0.1:{port}/v1"))
    models.want([MIRA])
    await models.look()
    async with serving(llama(n_ctx=4096), port):
        await models.look()
    assert models.profile(MIRA).window == 4096
    assert models.problem is None


async def test_what_was_found_is_kept_over_a_restart_and_not_asked_again(make) -> None:
    async with serving(llama()) as twin:
        first = make(Endpoint(twin.base_url))
        first.want([MIRA])
        await first.look()
        asked = len(twin.asked)
        again = make(Endpoint(twin.base_url))
        again.want([MIRA])
        # Known at once, before anybody was asked for anything.
        assert again.profile(MIRA) == first.profile(MIRA)
        await again.look()
        assert len(twin.asked) == asked
    gone = make(Endpoint(twin.base_url))
    gone.want([MIRA])
    await gone.look()
    assert gone.profile(MIRA) == first.profile(MIRA)
    assert gone.problem is not None


@pytest.mark.parametrize("change", ["server", "age", "file"])
async def test_it_is_asked_anew_when_something_is_different(
    make, change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(llama(n_ctx=8192)) as twin:
        first = make(Endpoint(twin.base_url))
        first.want([MIRA])
        await first.look()
        asked = len(twin.asked)
        if change == "server":
            twin.pages["/props"]["default_generation_settings"]["n_ctx"] = 2048
            twin.pages["/v1/models"]["data"][0]["meta"]["n_ctx"] = 2048
        elif change == "age":
            monkeypatch.setattr(module, "STALE_SECONDS", -1.0)
        else:
            (tmp_path / FILE).write_text('{"models": {"x": 7')
        again = make(Endpoint(twin.base_url))
        again.want([MIRA])
        await again.look()
        assert len(twin.asked) > asked
        assert again.profile(MIRA).window == (2048 if change == "server" else 8192)


async def test_a_limit_that_is_used_up_changes_nothing_that_is_known(
    make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALE_SECONDS", -1.0)
    async with serving(vllm()) as twin:
        first = make(Endpoint(twin.base_url))
        first.want([MIRA])
        await first.look()
        assert first.profile(MIRA).tools is ToolRoute.MCP
        twin.refuse = refusing(429, "slow down", lambda _: True)
        again = make(Endpoint(twin.base_url))
        again.want([MIRA])
        await again.look()
    assert again.profile(MIRA).tools is ToolRoute.MCP
    assert "limit" in (again.problem or "")


class SlowTwin(Twin):
    """Answers no question before it is told to."""

    release: asyncio.Event

    async def _respond(self, request):
        await self.release.wait()
        return await super()._respond(request)


async def test_first_need_waits_for_what_the_server_says_and_not_for_the_model(make) -> None:
    twin = SlowTwin(pages=llama(n_ctx=2048).pages, namespaces="dropped")
    twin.release = asyncio.Event()
    async with serving(twin):
        models = make(Endpoint(twin.base_url))
        async with asyncio.timeout(5):
            await models.ready(replace(MIRA, model="other"))
        assert models.profile(replace(MIRA, model="other")).window == 2048
        twin.release.set()


async def test_first_need_does_not_wait_for_a_dead_endpoint_twice(make) -> None:
    models = make(Endpoint(f"http://127.0.0.1:{free_port()}/v1"))
    await models.ready(MIRA)
    began = asyncio.get_running_loop().time()
    await models.ready(MIRA)
    assert asyncio.get_running_loop().time() - began < 0.5


async def test_the_log_tells_the_table_and_each_fault_with_its_fix(
    make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(llama()) as twin:
        models = make(Endpoint(twin.base_url, "a-secret-key"))
        models.want([MIRA])
        await models.look()
        twin.refuse = refusing(404, "The model `qwen` does not exist", lambda _: True)
        twin.pages["/props"]["build_info"] = "b2"
        again = make(Endpoint(twin.base_url, "a-secret-key"))
        again.want([MIRA])
        await again.look()
    assert "window: 8,192 tokens, streaming: yes, tools: yes, as plain functions" in caplog.text
    assert "does not know this model" in caplog.text
    assert "Set CODEX_MODEL to one that it has. It has: qwen.gguf." in caplog.text
    assert "a-secret-key" not in caplog.text
