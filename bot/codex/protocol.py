"""The app-server messages that we use: what we read as models, what we send as plain objects.

Lenient in what is read: unknown fields are ignored, values that Codex counts up are plain
strings, and what we can do without has a default. `tests/contract/test_codex_schema.py` holds
both sides against the schema that the installed binary generates. Knows no transport.
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
    """A message or a part of one, camelCase on the wire."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


W = TypeVar("W", bound=Wire)


def read(model: type[W], method: str, answer: object) -> W:
    """The answer of `method` as `model`. Raises `RpcError` when it is nothing of the kind."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        raise RpcError(method, 0, f"the answer is not understood: {faults}"[:500]) from None


# --- answers ---------------------------------------------------------------------------------


class Initialized(Wire):
    """Answer of `initialize`."""

    user_agent: str = ""
    codex_home: str = ""


class Account(Wire):
    """Who is logged in. `type` is `chatgpt`, `apiKey`, …"""

    type: str = ""


class AccountRead(Wire):
    """Answer of `account/read`. A provider of one's own needs no account of OpenAI's."""

    account: Account | None = None
    requires_openai_auth: bool = False


class Thread(Wire):
    """A thread; only its name is read."""

    id: str


class ThreadOpened(Wire):
    """Answer of `thread/start` and `thread/resume`: what the thread really runs with."""

    thread: Thread
    model: str = ""
    reasoning_effort: str | None = None


class TurnError(Wire):
    """Why a turn failed. `codex_error_info` is a word, or an object with one key."""

    message: str = ""
    codex_error_info: object = None
    additional_details: object = None


class Turn(Wire):
    """A turn. `status` is `inProgress`, `completed`, `interrupted` or `failed`."""

    id: str
    status: str = ""
    error: TurnError | None = None


class TurnsListed(Wire):
    """Answer of `thread/turns/list`, the newest first."""

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
    """Something that happens in a turn. `text` and `phase` belong to an `agentMessage`."""

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
    """`error`. With `will_retry` Codex asks the model again, and its words start anew."""

    thread_id: str
    turn_id: str
    error: TurnError
    will_retry: bool = False


class TokenCounts(Wire):
    """Tokens, of one request to the model or of many."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0


class TokenUsage(Wire):
    """`last` is of the newest request to the model, `total` of all that the thread holds.

    A revert takes the total back with the turns (measured).
    """

    last: TokenCounts
    total: TokenCounts
    model_context_window: int | None = None


class UsageNotice(Wire):
    """`thread/tokenUsage/updated`."""

    thread_id: str
    turn_id: str
    token_usage: TokenUsage


# --- requests of Codex -----------------------------------------------------------------------


class ToolCallAsked(Wire):
    """`item/tool/call`: a call of one of the thread's `dynamicTools`."""

    thread_id: str
    turn_id: str
    tool: str
    arguments: object = None


# --- what we send ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThreadSettings:
    """What a thread is started with, and resumed with: all of it, every time.

    A loaded thread ignores overrides and a cold one takes them, `instructions` too (measured).
    """

    instructions: str
    cwd: str
    model: str | None = None
    effort: str | None = None
    window: int | None = None
    """Tokens of the model's context; None leaves Codex's own idea of it."""
    functions: Sequence[ToolSpec] = ()
    """Tools that the model gets as plain functions. They are kept with the thread: a resume in
    another process brings them back, and cannot change them (measured)."""
    without_servers: Sequence[str] = ()
    """MCP servers of the process's configuration that this thread is not connected to. With all of
    them off, Codex's own resource tools stay away too (measured)."""

    def params(self) -> Sent:
        """As the fields that `thread/start` and `thread/resume` share."""
        return {
            "baseInstructions": self.instructions,
            "cwd": self.cwd,
            "model": self.model,
            "config": self._config() or None,
            "sandbox": "read-only",
            "approvalPolicy": "never",
        }

    def _config(self) -> Sent:
        """Settings of Codex's for this thread alone."""
        config: Sent = {}
        if self.effort is not None:
            config["model_reasoning_effort"] = self.effort
        if self.window is not None:
            # Of a model that is not in its catalog Codex believes that it holds very much.
            config["model_context_window"] = self.window
            config["model_auto_compact_token_limit"] = summed_up_at(self.window)
        config |= {f"mcp_servers.{name}.enabled": False for name in self.without_servers}
        return config


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn is asked: words, and pictures after them.

    Pictures go as data URLs. By path (`localImage`) they would need 0.1 KB on the wire and not
    three times their size (Codex echoes what it was given twice), and once their size on disk,
    not twice. But then the prompt names the file, and the file must wait until it is read:
    measured with 0.163.0, where remote addresses are refused and `detail: "low"` leaves a picture
    out. What cannot be read, or not by this model, Codex replaces by a sentence that says so.
    """

    words: str
    images: Sequence[Image] = ()

    def input(self) -> list[Sent]:
        """As the `input` of a turn."""
        return [{"type": "text", "text": self.words}, *map(_picture, self.images)]


# Shown in Codex's own logs and user agent, nowhere else.
CLIENT = {"name": "troupe", "title": "Troupe", "version": "1"}


def initialize() -> Sent:
    """Params of `initialize`. The experimental API holds what resumes and reverts need."""
    return {
        "clientInfo": CLIENT,
        "capabilities": {"experimentalApi": True},
    }


def account_read() -> Sent:
    """Params of `account/read`: tells what is known, renews nothing."""
    return {"refreshToken": False}


def loaded_threads() -> Sent:
    """Params of `thread/loaded/list`, the cheapest question there is: a sign of life."""
    return {"limit": 1}


def thread_start(settings: ThreadSettings) -> Sent:
    """Params of `thread/start`."""
    if not settings.functions:
        return settings.params()
    return settings.params() | {"dynamicTools": [_function(tool) for tool in settings.functions]}


def thread_resume(thread_id: str, settings: ThreadSettings) -> Sent:
    """Params of `thread/resume`. The old turns are not sent back: nobody reads them."""
    return {"threadId": thread_id, "excludeTurns": True, **settings.params()}


def thread_turns(thread_id: str, limit: int) -> Sent:
    """Params of `thread/turns/list`: the ids of its newest turns, without what was said."""
    return {"threadId": thread_id, "limit": limit, "itemsView": "notLoaded"}


def thread_inject(thread_id: str, history: Sequence[Line]) -> Sent:
    """Params of `thread/inject_items`: own lines as the assistant's, others as the user's."""
    return {"threadId": thread_id, "items": [_message(line) for line in history]}


def thread_revert(thread_id: str, turn_id: str) -> Sent:
    """Params of `thread/revert`: drops that turn and all after it."""
    return {"threadId": thread_id, "beforeTurnId": turn_id}


def thread_unsubscribe(thread_id: str) -> Sent:
    """Params of `thread/unsubscribe`: a thread that nobody follows unloads after a minute."""
    return {"threadId": thread_id}


def turn_start(thread_id: str, question: Question) -> Sent:
    """Params of `turn/start`; all settings are the thread's."""
    return {"threadId": thread_id, "input": question.input()}


def turn_steer(thread_id: str, turn_id: str, question: Question) -> Sent:
    """Params of `turn/steer`: refused when the turn that runs is another one."""
    return {"threadId": thread_id, "expectedTurnId": turn_id, "input": question.input()}


def turn_interrupt(thread_id: str, turn_id: str) -> Sent:
    """Params of `turn/interrupt`."""
    return {"threadId": thread_id, "turnId": turn_id}


def tool_answer(answer: ToolAnswer) -> Mapping[str, object]:
    """The result of `item/tool/call`."""
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
