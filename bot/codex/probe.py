"""Checks for `doctor`: that an app-server starts with the settings, and that its model answers."""

from __future__ import annotations

import contextlib
import time

from bot.codex.instance import Instance
from bot.codex.options import LaunchSpec
from bot.codex.protocol import Question, ThreadSettings
from bot.codex.registry import Registry
from bot.domain.room import Seat
from bot.domain.turn import Settled, Words
from bot.errors import CodexLoginError
from bot.log import Redactor

# Seconds: Codex retries an unreachable model several times before it reports the failure.
ANSWER_SECONDS = 60.0


async def probe(spec: LaunchSpec, registry: Registry, redactor: Redactor) -> None:
    """Start and end an app-server. Raises `CodexError`, with Codex's own line if it refuses.

    A missing login is no fault here; `login` checks it.
    """

    with contextlib.suppress(CodexLoginError):
        instance = await Instance.start(
            spec,
            redactor=redactor,
            silence=10.0,
            registry=registry,
            on_ended=lambda _: None,
        )
        await instance.close()


async def answer(
    spec: LaunchSpec, registry: Registry, redactor: Redactor, *, model: str | None
) -> tuple[str, float | None]:
    """Run a real turn, and return the answer and the seconds to its first words (None without).

    Raises `CodexError`; its subclass `TurnFailedError` says why the model did not answer.
    """
    instance = await Instance.start(
        spec,
        redactor=redactor,
        silence=ANSWER_SECONDS,
        registry=registry,
        on_ended=lambda _: None,
    )
    try:
        settings = ThreadSettings("You answer with one word.", str(spec.cwd), model=model)
        thread_id = await instance.begin(Seat(0, "doctor"), (), settings)
        began, first_words, text = time.monotonic(), None, ""
        question = Question("Say the word yes.")
        async with instance.turn(thread_id, question, settings) as events:
            async for event in events:
                if isinstance(event, Words | Settled):
                    first_words = first_words or time.monotonic() - began
                if isinstance(event, Settled):
                    text = event.text
        return text, first_words
    finally:
        await instance.close()
