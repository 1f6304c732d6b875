"""Metadata that a server states about itself and its models: window, pictures, server program.

The formats are those of llama.cpp (`/props`, `/v1/models` with `meta`; read in its source, build
11434), Ollama (`/api/show`, `/api/ps`), LM Studio (`/api/v0/models`), LiteLLM (`/model/info`), vLLM
(`max_model_len` in `/v1/models`) and OpenRouter (`context_length`, `architecture`), each from its
documentation. A path that a server does not have costs a 404.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from bot.domain.model_profile import WINDOW_LEAST, WINDOW_MOST, ToolRoute
from bot.endpoint.client import LIST_LIMIT, Answer, EndpointClient, mapping, read_json
from bot.endpoint.findings import OFFERED_MOST, Metadata, line
from bot.errors import EndpointError

NAME_LENGTH = 100
# Fields for the window in lists of models, the most reliable first: as loaded, then as possible.
_WINDOWS = (
    "loaded_context_length",
    "max_model_len",
    "max_input_tokens",
    "context_length",
    "context_window",
    "max_context_length",
)


async def look(client: EndpointClient, model: str) -> tuple[Answer, Metadata]:
    """Request the list of models, and further metadata while the window or pictures are unknown.

    Also returns the response to the list: its status shows whether the key was accepted. Raises
    `EndpointError` when the endpoint cannot be reached.
    """
    answer = await _models(client)
    found = listed(await read_json(answer), model) if answer.ok else Metadata()
    if answer.status in (401, 403):
        return answer, found
    for ask in _ASKED:
        if found.window is not None and found.pictures is not None:
            break
        try:
            found = found.filled(await ask(client, model))
        except EndpointError:
            continue  # the server closes the connection on an unknown path
    return answer, found


async def listing(client: EndpointClient, model: str) -> Metadata:
    """Return the metadata from the list of models alone. Raises `EndpointError`."""
    answer = await _models(client)
    return listed(await read_json(answer), model) if answer.ok else Metadata()


async def _models(client: EndpointClient) -> Answer:
    return await client.get(client.endpoint.base_url.rstrip("/") + "/models", limit=LIST_LIMIT)


async def loaded_window(client: EndpointClient, model: str) -> int | None:
    """Return the window with which Ollama has loaded the model; `/api/show` does not have it."""
    try:
        answer = await client.get(f"{client.endpoint.root}/api/ps")
    except EndpointError:
        return None
    rows = _rows((await read_json(answer)).get("models")) if answer.ok else ()
    own_rows = (row for row in rows if is_name_of(row.get("model") or row.get("name"), model))
    return next((window_in(row.get("context_length")) for row in own_rows), None)


def listed(body: Mapping[str, Any], model: str) -> Metadata:
    """Read the metadata from a list of models, in the format of OpenAI's `GET /v1/models`."""
    rows = _rows(body.get("data"))
    names = [name for row in rows if (name := line(row.get("id"), NAME_LENGTH))]
    if not names:
        return Metadata()
    own_row = next((row for row in rows if is_name_of(row.get("id"), model)), None)
    offered = tuple(sorted(names)[:OFFERED_MOST])
    if own_row is None:
        return Metadata(listed=False, offered=offered)
    return Metadata(
        server=_OWNERS.get(str(own_row.get("owned_by")), ""),
        listed=True,
        offered=offered,
        window=_window_of(own_row),
        pictures=_pictures_of(own_row),
        tools=ToolRoute.FUNCTIONS if own_row.get("owned_by") == "llamacpp" else None,
    )


async def _llama(client: EndpointClient, _: str) -> Metadata:
    """Read llama.cpp's `/props`. It silently drops every tool that is not a function."""
    answer = await client.get(f"{client.endpoint.root}/props")
    props = await read_json(answer) if answer.ok else {}
    if "default_generation_settings" not in props:
        return Metadata()
    vision = mapping(props.get("modalities")).get("vision")
    build = line(props.get("build_info"), 40)
    return Metadata(
        server=f"llama.cpp {build}".strip(),
        window=window_in(mapping(props["default_generation_settings"]).get("n_ctx")),
        pictures=vision if isinstance(vision, bool) else None,
        tools=ToolRoute.FUNCTIONS,
    )


async def _ollama(client: EndpointClient, model: str) -> Metadata:
    """Read Ollama's `/api/show`. The window is the configured `num_ctx`: the model's own maximum is
    more than Ollama loads by default.
    """
    answer = await client.post(f"{client.endpoint.root}/api/show", {"model": model})
    shown = await read_json(answer) if answer.ok else {}
    if "model_info" not in shown and "capabilities" not in shown:
        return Metadata()
    able = shown.get("capabilities")
    return Metadata(
        server="Ollama",
        window=window_in(_parameter(shown.get("parameters"), "num_ctx")),
        pictures="vision" in able if isinstance(able, list) else None,
        tools=ToolRoute.NONE if isinstance(able, list) and "tools" not in able else None,
    )


async def _lm_studio(client: EndpointClient, model: str) -> Metadata:
    answer = await client.get(f"{client.endpoint.root}/api/v0/models/{quote(model, safe='/')}")
    row = await read_json(answer) if answer.ok else {}
    kind = row.get("type")
    if kind not in ("llm", "vlm"):
        return Metadata()
    return Metadata(server="LM Studio", window=_window_of(row), pictures=kind == "vlm")


async def _litellm(client: EndpointClient, model: str) -> Metadata:
    answer = await client.get(f"{client.endpoint.root}/model/info", limit=LIST_LIMIT)
    rows = _rows((await read_json(answer)).get("data")) if answer.ok else ()
    own_row = next((row for row in rows if row.get("model_name") == model), None)
    info = mapping(own_row.get("model_info")) if own_row is not None else {}
    vision = info.get("supports_vision")
    return Metadata(
        server="LiteLLM" if own_row is not None else "",
        window=_window_of(info),
        pictures=vision if isinstance(vision, bool) else None,
    )


_Ask = Callable[[EndpointClient, str], Awaitable[Metadata]]
_ASKED: tuple[_Ask, ...] = (_llama, _ollama, _lm_studio, _litellm)
_OWNERS = {"llamacpp": "llama.cpp", "vllm": "vLLM", "library": "Ollama"}


def is_name_of(name: object, model: str) -> bool:
    """Return whether `name` means `model`: Ollama adds `:latest` to a name without a tag."""
    return name in (model, f"{model}:latest")


def window_in(value: object) -> int | None:
    """Return a plausible window in tokens; None for any other value (llama.cpp's router says 0)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if WINDOW_LEAST <= value <= WINDOW_MOST else None


def _window_of(row: Mapping[str, Any]) -> int | None:
    """Return the smallest window in a row of a list: a router's first provider may have less."""
    meta, first = mapping(row.get("meta")), mapping(row.get("top_provider"))
    own = next((found for name in _WINDOWS if (found := window_in(row.get(name)))), None)
    windows = (window_in(meta.get("n_ctx")), own, window_in(first.get("context_length")))
    return min((window for window in windows if window is not None), default=None)


def _pictures_of(row: Mapping[str, Any]) -> bool | None:
    """Read the input modalities of llama.cpp and OpenRouter, or the capabilities of Mistral."""
    modalities = mapping(row.get("architecture")).get("input_modalities")
    if isinstance(modalities, list) and modalities:
        return "image" in modalities
    vision = mapping(row.get("capabilities")).get("vision")
    return vision if isinstance(vision, bool) else None


def _parameter(text: object, name: str) -> int | None:
    """Return a number from Ollama's `parameters`, which are lines of a name and a value."""
    rows = (row.split() for row in text[:20_000].splitlines()) if isinstance(text, str) else ()
    found = (row[1] for row in rows if len(row) == 2 and row[0] == name)
    value = next(found, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None


def _rows(value: object) -> Iterable[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
