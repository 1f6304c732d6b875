"""The app-server messages that we use: pydantic models for reading, plain objects for sending.

Reading is lenient: unknown fields are ignored, enumerations that Codex extends are plain strings,
and optional fields have a default. `tests/contract/test_codex_schema.py` checks both directions
against the schema that the installed binary generates. Knows no transport.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from bot.domain.allowance import summed_up_at
from bot.domain.tool_calls import ToolAnswer, ToolSpec
from bot.domain.turn import Line
from bot.domain.utterance import Image
from bot.errors import RpcError

Sent: TypeAlias = dict[str, object]


class Wire(BaseModel):
    """Base of every message and message part; camelCase on the wire."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


W = TypeVar("W", bound=Wire)


def read(model: type[W], method: str, answer: object) -> W:
    """Parse the answer of `method` as `model`. Raises `RpcError` when it does not validate."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        raise RpcError(method, 0, f"the answer does not match: {faults}"[:500]) from None


# --- answers ---------------------------------------------------------------------------------


class Initialized(Wire):
    """Answer of `initialize`."""

    user_agent: str = ""
    codex_home: str = ""


class Account(Wire):
    """The logged-in account. `type` is `chatgpt`, `apiKey`, …"""

    type: str = ""


class AccountRead(Wire):
    """Answer of `account/read`. A custom model provider needs no OpenAI account."""

    account: Account | None = None
    requires_openai_auth: bool = False


class Thread(Wire):
    """A Codex thread; only its id is read."""

    id: str


class ThreadOpened(Wire):
    """Answer of `thread/start` and `thread/resume`: the settings in effect."""

    thread: Thread
    model: str = ""
    reasoning_effort: str | None = None


class TurnError(Wire):
    """Why a turn failed. `codex_error_info` is a string, or an object with one key."""

    message: str = ""
    codex_error_info: object = None
    additional_details: object = None


class Turn(Wire):
    """A turn. `status` is `inProgress`, `completed`, `interrupted` or `failed`."""

    id: str
    status: str = ""
    error: TurnError | None = None


class TurnsListed(Wire):
    """Answer of `thread/turns/list`, newest first."""

    data: list[Turn]


class TurnStarted(Wire):
    """Answer of `turn/start`."""

    turn: Turn


# --- notifications ---------------------------------------------------------------------------


class Delta(Wire):
    """`item/agentMessage/delta`."""

    thread_id: str
    turn_id: str
    item_id: str
    delta: str


class Item(Wire):
    """An item of a turn. Only an `agentMessage` has `text` and `phase`."""

    id: str
    type: str
    text: str = ""
    phase: str | None = None


class ItemNotice(Wire):
    """`item/started` and `item/completed`."""

    thread_id: str
    turn_id: str
    item: Item


class TurnNotice(Wire):
    """`turn/started` and `turn/completed`."""

    thread_id: str
    turn: Turn


class ErrorNotice(Wire):
    """`error`. With `will_retry`, Codex asks the model again and the answer starts over."""

    thread_id: str
    turn_id: str
    error: TurnError
    will_retry: bool = False


class TokenCounts(Wire):
    """Token counts, of a single request to the model or of a sum of requests."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0


class TokenUsage(Wire):
    """`last` counts the newest request to the model, `total` the whole Codex thread.

    A revert lowers the total together with the turns (measured).
    """

    last: TokenCounts
    total: TokenCounts
    model_context_window: int | None = None


class UsageNotice(Wire):
    """`thread/tokenUsage/updated`."""

    thread_id: str
    turn_id: str
    token_usage: TokenUsage


# --- requests from Codex ---------------------------------------------------------------------


class ToolCallAsked(Wire):
    """`item/tool/call`: a call of one of the Codex thread's `dynamicTools`."""

    thread_id: str
    turn_id: str
    tool: str
    arguments: object = None


# --- what we send ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThreadSettings:
    """The settings of a Codex thread, all of them sent at each start and each resume.

    A loaded Codex thread ignores overrides, a cold one applies them, `instructions` included
    (measured).
    """

    instructions: str
    cwd: str
    model: str | None = None
    effort: str | None = None
    window: int | None = None
    """The model's context in tokens; None leaves Codex's own value."""
    functions: Sequence[ToolSpec] = ()
    """Tools that the model gets as plain functions. Codex stores them with the Codex thread: a
    resume in another process restores them and cannot change them (measured)."""
    without_servers: Sequence[str] = ()
    """MCP servers of the process's configuration that are off for this Codex thread. With all of
    them off, Codex's own resource tools are gone too (measured)."""

    def params(self) -> Sent:
        """Return the fields that `thread/start` and `thread/resume` share."""
        return {
            "baseInstructions": self.instructions,
            "cwd": self.cwd,
            "model": self.model,
            "config": self._config() or None,
            "sandbox": "read-only",
            "approvalPolicy": "never",
        }

    def _config(self) -> Sent:
        """Return the Codex configuration that applies to this Codex thread only."""
        config: Sent = {}
        if self.effort is not None:
            config["model_reasoning_effort"] = self.effort
        if self.window is not None:
            # For a model outside its catalog Codex assumes a very large window.
            config["model_context_window"] = self.window
            config["model_auto_compact_token_limit"] = summed_up_at(self.window)
        config |= {f"mcp_servers.{name}.enabled": False for name in self.without_servers}
        return config


@dataclass(frozen=True, slots=True)
class Question:
    """The input of a turn: text, then pictures.

    Pictures are sent as data URLs. By path (`localImage`) a picture would take 0.1 KB on the wire
    instead of three times its size (Codex echoes its input twice), and its size on disk once
    instead of twice. But then the prompt names the file, and the file must stay until Codex has
    read it: measured with 0.163.0, where remote addresses are refused and `detail: "low"` leaves a
    picture out. Codex replaces a picture that it or the model cannot read by a sentence to that
    effect.
    """

    words: str
    images: Sequence[Image] = ()

    def input(self) -> list[Sent]:
        """Return the `input` of a turn."""
        return [{"type": "text", "text": self.words}, *map(_picture, self.images)]


# Shown only in Codex's own logs and user agent.
CLIENT = {"name": "troupe", "title": "Troupe", "version": "1"}


def initialize() -> Sent:
    """Build the params of `initialize`. Resumes and reverts need the experimental API."""
    return {
        "clientInfo": CLIENT,
        "capabilities": {"experimentalApi": True},
    }


def account_read() -> Sent:
    """Build the params of `account/read`, without a refresh of the token."""
    return {"refreshToken": False}


def loaded_threads() -> Sent:
    """Build the params of `thread/loaded/list`, the cheapest request there is: used as a ping."""
    return {"limit": 1}


def thread_start(settings: ThreadSettings) -> Sent:
    """Build the params of `thread/start`."""
    if not settings.functions:
        return settings.params()
    return settings.params() | {"dynamicTools": [_function(tool) for tool in settings.functions]}


def thread_resume(thread_id: str, settings: ThreadSettings) -> Sent:
    """Build the params of `thread/resume`, without old turns in the answer: nothing reads them."""
    return {"threadId": thread_id, "excludeTurns": True, **settings.params()}


def thread_turns(thread_id: str, limit: int) -> Sent:
    """Build the params of `thread/turns/list`: the ids of the newest turns, without their items."""
    return {"threadId": thread_id, "limit": limit, "itemsView": "notLoaded"}


def thread_inject(thread_id: str, history: Sequence[Line]) -> Sent:
    """Build the params of `thread/inject_items`, with own lines in the role of the assistant."""
    return {"threadId": thread_id, "items": [_message(line) for line in history]}


def thread_revert(thread_id: str, turn_id: str) -> Sent:
    """Build the params of `thread/revert`, which drops `turn_id` and every later turn."""
    return {"threadId": thread_id, "beforeTurnId": turn_id}


def thread_unsubscribe(thread_id: str) -> Sent:
    """Build the params of `thread/unsubscribe`: a minute later Codex unloads the Codex thread."""
    return {"threadId": thread_id}


def turn_start(thread_id: str, question: Question) -> Sent:
    """Build the params of `turn/start`; all settings are those of the Codex thread."""
    return {"threadId": thread_id, "input": question.input()}


def turn_steer(thread_id: str, turn_id: str, question: Question) -> Sent:
    """Build the params of `turn/steer`, which Codex refuses while a different turn is running."""
    return {"threadId": thread_id, "expectedTurnId": turn_id, "input": question.input()}


def turn_interrupt(thread_id: str, turn_id: str) -> Sent:
    """Build the params of `turn/interrupt`."""
    return {"threadId": thread_id, "turnId": turn_id}


def tool_answer(answer: ToolAnswer) -> Mapping[str, object]:
    """Return the result of `item/tool/call`."""
    content = [{"type": "inputText", "text": answer.text}]
    return {"contentItems": content, "success": answer.success}


def _function(tool: ToolSpec) -> Sent:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "inputSchema": tool.parameters,
    }


def _picture(image: Image) -> Sent:
    data = base64.b64encode(image.data).decode()
    return {"type": "image", "url": f"data:{image.content_type};base64,{data}"}


def _message(line: Line) -> Sent:
    role, kind = ("assistant", "output_text") if line.own else ("user", "input_text")
    return {"type": "message", "role": role, "content": [{"type": kind, "text": line.text}]}
