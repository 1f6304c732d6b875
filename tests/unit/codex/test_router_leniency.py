"""Notifications of a later Codex: what is new in them is no reason to lose a turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.codex.router import Router
from bot.codex.stream import TurnStream
from bot.domain.turn import Began, MindEvent, Settled
from bot.errors import TurnFailedError, TurnFailure


def running() -> tuple[Router, TurnStream]:
    router = Router(on_unloaded=lambda _: None, on_total=lambda _, __: None)
    stream = router.open("t")
    router.bind(stream, "u")
    return router, stream


async def heard(stream: TurnStream) -> list[MindEvent]:
    async with asyncio.timeout(1):
        return [event async for event in stream]


async def ended(router: Router, stream: TurnStream, turn: dict[str, Any]) -> TurnFailedError:
    router.heard("turn/completed", {"threadId": "t", "turn": {"id": "u", **turn}})
    with pytest.raises(TurnFailedError) as caught:
        await heard(stream)
    return caught.value


@pytest.mark.parametrize("moderation", [None, "flagged", {"action": "none"}, [1]])
async def test_a_message_that_was_moderated_is_speech_as_any_other(moderation: object) -> None:
    router, stream = running()
    item = {"id": "i", "type": "agentMessage", "text": "hello", "moderation": moderation}
    router.heard("item/completed", {"threadId": "t", "turnId": "u", "item": item})
    router.heard("turn/completed", {"threadId": "t", "turn": {"id": "u", "status": "completed"}})
    assert (await heard(stream))[:2] == [Began("u"), Settled("hello")]


@pytest.mark.parametrize("info", [None, 7, [], ["x"], {"x": None}, {"x": {"y": 1}}, "invented"])
async def test_an_unknown_kind_of_error_ends_the_turn(info: object) -> None:
    router, stream = running()
    error = {"message": "no", "codexErrorInfo": info, "additionalDetails": {"new": 1}}
    assert (await ended(router, stream, {"status": "failed", "error": error})).reason is (
        TurnFailure.OTHER
    )


async def test_an_end_that_is_not_understood_ends_the_turn_all_the_same() -> None:
    router, stream = running()
    error = await ended(router, stream, {"status": "failed", "error": {"message": None}})
    assert error.reason is TurnFailure.OTHER
