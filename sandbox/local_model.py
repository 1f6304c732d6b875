"""Find a model on this machine: an engine that runs already, or what `make try-models` fetched.

Looks on two usual ports of loopback and into one folder; starts and fetches nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.bot_process import ROOT
from sandbox.llama import LlamaOptions

OLLAMA = "http://127.0.0.1:11434"
LLAMA_CPP = "http://127.0.0.1:8080"
CACHE = ROOT / ".models"
NONE_FOUND = (
    "no model was found on this machine. Start Ollama (its usual port is 11434) or llama.cpp's "
    "llama-server (8080), or let `make try-models` fetch a small one and an engine for it: "
    'make try-models ARGS="--conversations 1 --model qwen2.5-0.5b --endpoint llama.cpp"'
)
_BEST_FIRST = ("qwen2.5-0.5b", "smollm2-135m")
"""Of what is fetched, those that answer; a base model only goes on writing."""
_ASK_WITHIN = aiohttp.ClientTimeout(total=2)


@dataclass(frozen=True, slots=True)
class Running:
    """An engine that answers. `about` is for people."""

    about: str
    base_url: str
    model: str


async def running(
    wanted: str | None, *, ollama: str = OLLAMA, llama_cpp: str = LLAMA_CPP
) -> Running | None:
    """An engine that runs on this machine, and which of its models to ask.

    `wanted` is a model's name: taken where it is there; None takes the engine's first.
    """
    async with aiohttp.ClientSession(timeout=_ASK_WITHIN) as session:
        for origin, name in ((ollama, "Ollama"), (llama_cpp, "llama.cpp")):
            models = await _models(session, origin, name)
            if wanted is not None:
                models = [model for model in models if model == wanted]
            if models:
                return Running(f"{models[0]} at {name}, {origin}", f"{origin}/v1", models[0])
    return None


def fetched(log: Path, search_path: str | None, folder: Path = CACHE) -> LlamaOptions | None:
    """How to start what `make try-models` fetched; None where it was not run."""
    built = folder / "bin" / "llama-server"
    found = shutil.which("llama-server", path=search_path)
    program = Path(found) if found else built
    if not program.is_file():
        return None
    for name in _BEST_FIRST:
        file = folder / "gguf" / f"{name}.gguf"
        if file.is_file():
            return LlamaOptions(program=program, model=file, alias=name, log=log)
    return None


async def _models(session: aiohttp.ClientSession, origin: str, engine: str) -> list[str]:
    """The models that an engine lists; none where nobody, or somebody else, answers."""
    listed = await _json(session, f"{origin}/v1/models")
    entries = listed.get("data")
    if not isinstance(entries, list):
        return []
    if engine == "llama.cpp" and await _json(session, f"{origin}/props") == {}:
        return []  # port 8080 is everybody's
    names = [str(entry.get("id")) for entry in entries if isinstance(entry, Mapping)]
    return [name for name in names if "embed" not in name]


async def _json(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    try:
        async with session.get(url) as reply:
            found = await reply.json(content_type=None) if reply.status == 200 else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
