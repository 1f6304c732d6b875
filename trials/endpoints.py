"""The endpoints for the trials: llama.cpp's own, and LiteLLM in front of its chat API."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from sandbox.llama import EngineError, LlamaOptions, LlamaServer, answers, free_port

LLAMA_CPP, LITELLM = "llama.cpp", "litellm"
KINDS = (LLAMA_CPP, LITELLM)
_START_WITHIN = 120.0
_STOP_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The values for CODEX_BASE_URL and CODEX_API_KEY."""

    base_url: str
    key: str


@asynccontextmanager
async def endpoint(
    kind: str, options: LlamaOptions, litellm: Path | None, env: Mapping[str, str]
) -> AsyncIterator[Endpoint]:
    """Run an endpoint inside the block. Raises `EngineError`."""
    async with LlamaServer(options, env) as server:
        if kind == LLAMA_CPP:
            yield Endpoint(server.base_url, "none")
            return
        assert litellm is not None, "LiteLLM is not installed"
        async with _litellm(litellm, options, server.base_url, env) as reached:
            yield reached


@asynccontextmanager
async def _litellm(
    program: Path, options: LlamaOptions, chat_url: str, env: Mapping[str, str]
) -> AsyncIterator[Endpoint]:
    port, key = free_port(), f"sk-{secrets.token_hex(16)}"  # LiteLLM requires a key with `sk-`
    origin = f"http://127.0.0.1:{port}"
    config = options.log.with_name("litellm.json")  # JSON is YAML
    config.write_text(json.dumps(_config(options.alias, chat_url)))
    with options.log.with_name("litellm.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)),
            env={
                **{name: env[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in env},
                "LITELLM_MASTER_KEY": key,
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # otherwise it downloads a price list
                "LITELLM_TELEMETRY": "False",
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        await _ready(process, f"{origin}/health/liveliness")
        yield Endpoint(f"{origin}/v1", key)
    finally:
        await _end(process)


def _config(model: str, chat_url: str) -> dict[str, object]:
    """Return LiteLLM's configuration: the chat API only, for most servers have no other."""
    return {
        "model_list": [
            {
                "model_name": model,
                "litellm_params": {
                    "model": f"openai/{model}",
                    "api_base": chat_url,
                    "api_key": "none",
                    "use_chat_completions_api": True,
                },
            }
        ],
        "litellm_settings": {"drop_params": True},
    }


async def _ready(process: asyncio.subprocess.Process, url: str) -> None:
    try:
        async with asyncio.timeout(_START_WITHIN), aiohttp.ClientSession() as session:
            while not await answers(session, url):
                if process.returncode is not None:
                    raise EngineError(f"LiteLLM ended with status {process.returncode}")
                await asyncio.sleep(0.3)
    except TimeoutError:
        raise EngineError(f"LiteLLM was not ready in {_START_WITHIN:g} s") from None


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
