"""Twins of real model servers on loopback: each answers in the shapes of the one it stands for.

What each says of itself is taken from its source or documentation (see `bot.endpoint.metadata`);
how each treats a tool in a namespace from its own bug tracker.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Answer = Callable[[Json], web.StreamResponse]


# Codex wants all three.
USAGE = {"input_tokens": 40, "output_tokens": 21, "total_tokens": 61}


@dataclass
class Twin:
    """One server. `pages` are its GET and POST paths beside the Responses API."""

    pages: dict[str, Json] = field(default_factory=dict)
    key: str | None = None
    """The key that it asks for; None asks for none."""
    refuse: Callable[[Json], tuple[int, Json] | None] = lambda body: None
    """A status and a body in place of an answer, or None."""
    namespaces: str = "kept"
    """What becomes of a call in a namespace: `kept`, `dropped` or `flattened`."""
    words: tuple[str, ...] = ("one", " two", " three")
    stream: bool = True
    asked: list[Json] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    origin: str = ""

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        self.keys.append(request.headers.get("Authorization", ""))
        if self.key is not None and self.keys[-1] != f"Bearer {self.key}":
            wrong = {"message": "Invalid API Key", "type": "authentication_error", "code": 401}
            return web.json_response({"error": wrong}, status=401)
        if request.path.endswith("/responses"):
            return await self._respond(request)
        page = self.pages.get(request.path)
        if page is None:
            # llama.cpp's own words for a path that it does not have.
            missing = {"code": 404, "message": "File Not Found", "type": "not_found_error"}
            return web.json_response({"error": missing}, status=404)
        return web.json_response(page)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        refused = self.refuse(body)
        if refused is not None:
            return web.json_response(refused[1], status=refused[0])
        output = self._output(body)
        response = {"id": "resp_1", "object": "response", "output": output, "usage": USAGE}
        if not self.stream:
            return web.json_response(response)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        if output[0]["type"] == "message":  # Codex takes no words of an item that was not begun
            await _send(stream, {"type": "response.output_item.added", "item": output[0]})
        for word in self.words if output[0]["type"] == "message" else ():
            await _send(stream, {"type": "response.output_text.delta", "delta": word})
        for item in output:
            await _send(stream, {"type": "response.output_item.done", "item": item})
        await _send(stream, {"type": "response.completed", "response": response})
        return stream

    def _output(self, body: Json) -> list[Json]:
        tools = body["tools"]
        grouped = bool(tools) and tools[0]["type"] == "namespace"
        if not tools or (grouped and self.namespaces == "dropped"):
            text = "".join(self.words)
            parts = [{"type": "output_text", "text": text}]
            return [{"type": "message", "id": "m1", "role": "assistant", "content": parts}]
        if not grouped:
            return [{"type": "function_call", "name": tools[0]["name"], "arguments": "{}"}]
        space, name = tools[0]["name"], tools[0]["tools"][0]["name"]
        if self.namespaces == "flattened":
            return [{"type": "function_call", "name": f"{space}.{name}", "arguments": "{}"}]
        return [{"type": "function_call", "name": name, "namespace": space, "arguments": "{}"}]


async def _send(stream: web.StreamResponse, event: Json) -> None:
    await stream.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
    await asyncio.sleep(0)


@asynccontextmanager
async def serving(twin: Twin, port: int = 0) -> AsyncIterator[Twin]:
    """The twin on loopback."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", twin.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        twin.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield twin
    finally:
        await runner.cleanup()


def listing(*rows: Json) -> Json:
    return {"object": "list", "data": [{"object": "model", **row} for row in rows]}


def has_picture(body: Json) -> bool:
    return any(part["type"] == "input_image" for part in body["input"][0]["content"])


def tool_kind(body: Json) -> str:
    return str(body["tools"][0]["type"]) if body["tools"] else ""


def refusing(status: int, message: str, when: Callable[[Json], bool], **more: Any) -> Any:
    """A `refuse` that answers with an error in OpenAI's form."""
    error = {"error": {"message": message, "type": "invalid_request_error", **more}}
    return lambda body: (status, error) if when(body) else None


def llama(*, n_ctx: int = 8192, vision: bool = False, **more: Any) -> Twin:
    """llama.cpp, which drops namespaces and takes any model's name."""
    pages = {
        "/v1/models": listing(
            {"id": "qwen.gguf", "owned_by": "llamacpp", "meta": {"n_ctx": n_ctx}}
        ),
        "/props": {
            "default_generation_settings": {"n_ctx": n_ctx, "params": {}},
            "total_slots": 1,
            "model_path": "qwen.gguf",
            "modalities": {"vision": vision, "video": False, "audio": False},
            "chat_template": "{{ messages }}",
            "build_info": "b11434-abc",
        },
    }
    return Twin(pages=pages, namespaces="dropped", **more)


def newer_llama(**more: Any) -> Twin:
    """llama.cpp build 11434: its list alone tells everything."""
    row = {
        "id": "qwen.gguf",
        "owned_by": "llamacpp",
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "meta": {"n_ctx": 4096, "n_ctx_train": 32768},
    }
    return Twin(pages={"/v1/models": listing(row)}, namespaces="dropped", **more)


def ollama(*, able: tuple[str, ...] = ("completion", "tools"), **more: Any) -> Twin:
    """Ollama, which folds a namespace into the tool's name."""
    pages = {
        "/v1/models": listing({"id": "llama3.2:latest", "owned_by": "library"}),
        "/api/show": {
            "parameters": 'stop                           "<|eot_id|>"',
            "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
            "capabilities": list(able),
        },
        "/api/ps": {"models": [{"model": "llama3.2:latest", "context_length": 4096}]},
    }
    return Twin(pages=pages, namespaces="flattened", **more)


def vllm(**more: Any) -> Twin:
    """vLLM with a text-only model, which knows namespaces."""
    pages = {"/v1/models": listing({"id": "qwen3", "owned_by": "vllm", "max_model_len": 32768})}
    more.setdefault("refuse", refusing(400, "qwen3 is not a multimodal model", has_picture))
    return Twin(pages=pages, **more)


def lm_studio(**more: Any) -> Twin:
    """LM Studio, which refuses a tool of any other type than `function`."""
    pages = {
        "/v1/models": listing({"id": "gemma", "owned_by": "organization_owner"}),
        "/api/v0/models/gemma": {
            "id": "gemma",
            "type": "vlm",
            "state": "loaded",
            "max_context_length": 131072,
            "loaded_context_length": 16384,
        },
    }
    refuse = refusing(
        400, "Invalid", lambda body: tool_kind(body) == "namespace", code="invalid_string"
    )
    return Twin(pages=pages, refuse=refuse, **more)


def litellm(**more: Any) -> Twin:
    """LiteLLM, which maps a flattened namespace back."""
    info = {"max_input_tokens": 40960, "supports_vision": True}
    pages = {
        "/v1/models": listing({"id": "mine", "owned_by": "openai"}),
        "/model/info": {"data": [{"model_name": "mine", "model_info": info}]},
    }
    return Twin(pages=pages, **more)


def openrouter(**more: Any) -> Twin:
    """OpenRouter: everything stands in its list."""
    row = {
        "id": "maker/model",
        "context_length": 200000,
        "architecture": {"input_modalities": ["text", "image"]},
        "top_provider": {"context_length": 128000},
    }
    others = ({"id": f"maker/other-{number}"} for number in range(400))
    return Twin(pages={"/v1/models": listing(row, *others)}, **more)
