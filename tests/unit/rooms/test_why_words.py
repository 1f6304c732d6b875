"""Every verdict can be said, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from bot.domain.decision import SkipReason, Verdict
from bot.domain.turn import Reason, Turn, TurnState
from bot.messages.rendering import render
from bot.messages.why import came_to, in_words, of_turn
from tests.unit.rooms.company import ROOM


def test_there_are_words_for_every_reason_and_silence() -> None:
    for reason, silence in product((*Reason, None), (*SkipReason, None)):
        if reason is None and silence in (None, SkipReason.ROLLED, SkipReason.LOST_DRAW):
            continue  # cannot be
        told = render(in_words(Verdict("mira", "Mira", reason, silence, "12 %, rolled 43")))
        assert told
        assert "{" not in told


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ((Reason.NAMED, None, ""), "named in the text"),
        ((Reason.NAMED, None, "Kai"), "named by Kai"),
        ((Reason.KEYWORD, None, "engine"), "the keyword “engine”"),
        ((Reason.KEYWORD, SkipReason.QUIET, "tea"), "the keyword “tea”, but these are quiet hours"),
        ((Reason.CHANCE, SkipReason.ROLLED, "12 %, rolled 43"), "chance 12 %, rolled 43"),
        (
            (Reason.CHANCE, SkipReason.LOST_DRAW, "12 %, rolled 7"),
            "chance 12 %, rolled 7, but another character won the draw",
        ),
        ((Reason.CHANCE, SkipReason.COOLDOWN, ""), "it had spoken unasked just before (cool-down)"),
        (
            (Reason.REPLY, SkipReason.PAUSED, ""),
            "its message was replied to, but the room is paused",
        ),
        ((None, SkipReason.NOT_ASKED, ""), "nobody spoke to it"),
    ],
)
def test_a_verdict_in_words(verdict: tuple[Any, Any, str], words: str) -> None:
    assert render(in_words(Verdict("mira", "Mira", *verdict))) == words


def turn(state: TurnState, **more: Any) -> Turn:
    return Turn(ROOM, "mira", 5, 1, Reason.NAMED, datetime.now(UTC), state, **more)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, ""),
        (turn(TurnState.DONE, text="Yes."), ""),
        (turn(TurnState.RUNNING), "; still answering"),
        (turn(TurnState.DONE, note="not\nmy turn"), ", but it kept silent (not my turn)"),
        (
            turn(TurnState.DONE, note="answered together with 7"),
            "; answered together with another message",
        ),
        (turn(TurnState.CLOSED, note="overloaded: http 503"), ", but it gave no answer"),
        (turn(TurnState.CLOSED, text="", chunks=(6,), order=6), ", and the reply was deleted"),
    ],
)
def test_what_came_of_it_is_told_without_internals(found: Turn | None, words: str) -> None:
    assert render(came_to(found)) == words


def test_a_turns_own_record_tells_why_when_the_decision_is_gone() -> None:
    assert render(of_turn(turn(TurnState.DONE, detail="Kai"), "Mira")) == "Mira: named by Kai."
