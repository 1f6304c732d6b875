"""Calls of plain functions: taken on, cancelled with their turn, each answered exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.codex import tool_calls
from bot.codex.tool_calls import IN_FLIGHT, METHOD, ToolCalls
from bot.domain.tool_calls import ToolAnswer, ToolCall


class Calls:
    """Some calls, what serves them, and the answers that were sent."""

    def __init__(self) -> None:
        self.answers: list[tuple[object, Any]] = []
        self.served: list[ToolCall] = []
        self.open = asyncio.Event()
        self.calls = ToolCalls(self.serve, lambda *answer: self.answers.append(answer))

    async def serve(self, call: ToolCall) -> ToolAnswer:
        self.served.append(call)
        if call.name == "break":
            raise RuntimeError("a fault of ours")
        if call.name == "wait":
            await self.open.wait()
        return ToolAnswer("done")

    def take(self, request_id: int, tool: str, turn: str = "u", **more: Any) -> bool:
        params = {"threadId": "t", "turnId": turn, "callId": "c", "tool": tool, "arguments": {}}
        return self.calls.take(request_id, METHOD, params | more)

    async def settle(self) -> None:
        await self.calls._tasks.join(5)

    def told(self, request_id: int) -> str:
        """The one answer to a request."""
        (text,) = [
            result["contentItems"][0]["text"]
            for asked, result in self.answers
            if asked == request_id
        ]
        return str(text)


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    made = Calls()
    yield made
    await made.calls.close()


async def test_a_call_is_answered_with_what_the_tool_says(calls: Calls) -> None:
    assert calls.take(1, "wave", arguments=[1])
    await calls.settle()
    assert calls.answers == [
        (1, {"contentItems": [{"type": "inputText", "text": "done"}], "success": True})
    ]
    assert calls.served == [ToolCall("t", "u", "wave", [1])]
    assert len(calls.calls) == 0


async def test_a_fault_of_ours_is_logged_and_told_without_its_text(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    calls.take(1, "break")
    await calls.settle()
    assert calls.told(1) == "This failed, and not by your fault."
    assert not calls.answers[0][1]["success"]
    assert "a fault of ours" in caplog.text


async def test_the_end_of_a_turn_ends_its_calls_and_no_others(calls: Calls) -> None:
    calls.take(1, "wait", "over")
    calls.take(2, "wait", "running")
    await asyncio.sleep(0)
    calls.calls.heard("turn/started", {"turn": {"id": "running"}})
    calls.calls.heard("turn/completed", {"turn": {"id": "over"}})
    calls.open.set()
    await calls.settle()
    assert calls.told(1).startswith("This turn is over")
    assert calls.told(2) == "done"


@pytest.mark.parametrize("params", [{}, {"turn": None}, {"turn": "u"}, {"turn": {}}])
async def test_an_odd_end_of_a_turn_ends_nothing(calls: Calls, params: dict[str, Any]) -> None:
    calls.take(1, "wait")
    calls.calls.heard("turn/completed", params)
    calls.open.set()
    await calls.settle()
    assert calls.told(1) == "done"


async def test_a_call_that_was_cancelled_before_it_began_is_answered_too(calls: Calls) -> None:
    calls.take(1, "wave")
    calls.calls.cancel()
    await calls.settle()
    assert calls.told(1).startswith("This turn is over")
    assert calls.served == []


async def test_closing_ends_and_answers_every_call(calls: Calls) -> None:
    calls.take(1, "wait")
    await asyncio.sleep(0)
    await calls.calls.close()
    assert calls.told(1).startswith("This turn is over")


async def test_a_call_has_a_deadline(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_calls, "TOOL_SECONDS", 0.05)
    calls.take(1, "wait")
    await calls.settle()
    assert calls.told(1).startswith("This took too long.")
    calls.open.set()
    await calls.settle()
    assert len(calls.answers) == 1


async def test_a_request_that_comes_twice_is_served_and_answered_once(calls: Calls) -> None:
    assert calls.take(1, "wait")
    assert calls.take(1, "wait")
    await asyncio.sleep(0)
    calls.open.set()
    await calls.settle()
    assert calls.told(1) == "done"
    assert len(calls.served) == 1


async def test_what_is_no_tool_call_is_left_to_be_declined(calls: Calls) -> None:
    assert not calls.calls.take(1, "item/fileChange/requestApproval", {})
    assert not calls.calls.take(2, METHOD, {"threadId": 7})
    assert not ToolCalls(None, lambda *_: None).take(3, METHOD, {})
    assert calls.answers == []


async def test_a_flood_of_calls_is_refused_at_once(calls: Calls) -> None:
    for request_id in range(IN_FLIGHT + 1):
        assert calls.take(request_id, "wait")
    assert calls.told(IN_FLIGHT) == "Too many tools are being used at once."
    await asyncio.sleep(0)
    assert len(calls.served) == IN_FLIGHT
