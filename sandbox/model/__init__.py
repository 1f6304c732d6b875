"""A model on this machine: OpenAI's Responses API as server-sent events, scripted by rules."""

from __future__ import annotations

from sandbox.model.request import Request, Tool, ToolOutput
from sandbox.model.server import BOT_SETTINGS, ModelServer
from sandbox.model.steps import (
    Rule,
    Step,
    always,
    call,
    commentary,
    cut,
    end,
    event,
    fail,
    gate,
    hang,
    http,
    incomplete,
    raw,
    say,
    usage,
)

__all__ = [
    "BOT_SETTINGS",
    "ModelServer",
    "Request",
    "Rule",
    "Step",
    "Tool",
    "ToolOutput",
    "always",
    "call",
    "commentary",
    "cut",
    "end",
    "event",
    "fail",
    "gate",
    "hang",
    "http",
    "incomplete",
    "raw",
    "say",
    "usage",
]
