"""Finding a model on this machine, with stand-ins on the ports of Ollama and llama.cpp."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.local_model import fetched, running

NOBODY = "http://127.0.0.1:1"


@asynccontextmanager
async def engine(answers: Mapping[str, Any]) -> AsyncIterator[str]:
    """A server that answers these paths with JSON; everything else is 404."""

    async def answer(request: web.Request) -> web.Response:
        if request.path not in answers:
            raise web.HTTPNotFound
        return web.json_response(answers[request.path])

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def models(*names: str) -> dict[str, Any]:
    return {"/v1/models": {"data": [{"id": name} for name in names]}}


async def test_ollama_is_found_and_its_first_model_that_talks_is_taken() -> None:
    async with engine(models("nomic-embed-text", "llama3.2")) as origin:
        found = await running(None, ollama=origin, llama_cpp=NOBODY)
    assert found is not None
    assert (found.base_url, found.model) == (f"{origin}/v1", "llama3.2")


async def test_the_model_that_is_asked_for_is_taken_from_whoever_has_it() -> None:
    llama_cpp = models("small") | {"/props": {"n_ctx": 4096}}
    async with engine(models("big")) as ollama, engine(llama_cpp) as other:
        found = await running("small", ollama=ollama, llama_cpp=other)
        nothing = await running("huge", ollama=ollama, llama_cpp=other)
    assert found is not None
    assert found.base_url == f"{other}/v1"
    assert nothing is None


async def test_another_program_on_port_8080_is_not_taken_for_llama_cpp() -> None:
    others: list[dict[str, Any]] = [{}, models("something"), {"/v1/models": []}]
    for answers in others:
        async with engine(answers) as origin:
            assert await running(None, ollama=NOBODY, llama_cpp=origin) is None


async def test_what_was_fetched_is_started_the_best_one_first_and_never_a_base_model(
    tmp_path: Path,
) -> None:
    assert fetched(tmp_path / "log", None, tmp_path) is None
    for name in ("bin/llama-server", "gguf/gemma3-270m.gguf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert fetched(tmp_path / "log", None, tmp_path) is None
    for name in ("smollm2-135m", "qwen2.5-0.5b"):
        (tmp_path / f"gguf/{name}.gguf").touch()
        found = fetched(tmp_path / "log", None, tmp_path)
        assert found is not None
        assert found.alias == name
