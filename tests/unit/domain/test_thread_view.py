"""How far a thread is taken back, and what it is told: for any history of turns and any change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import thread_view
from bot.domain.room import Place, Room
from bot.domain.turn import Reason, SeenRange, Session, Turn
from bot.domain.utterance import Speaker, SpeakerKind, Utterance

ANN = Speaker(1, "Ann")
MIRA = Speaker(0, "Mira", SpeakerKind.CHARACTER, "mira")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def said(order: int, by: Speaker = ANN, turn: str | None = None) -> Utterance:
    return Utterance(order, 7, by, f"words {order}", NOON, turn=turn)


def a_turn(trigger: int) -> Turn:
    return Turn(
        Room(7, Place.CHANNEL), "mira", trigger, 1, Reason.NAMED, NOON, codex_turn_id=f"c{trigger}"
    )


def asked(turn: Turn, since: int, upto: int, ahead: tuple[int, ...] = ()) -> SeenRange:
    return SeenRange(turn.codex_turn_id or "", turn.id, since, upto, ahead)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """A thread that began with a history and had turns; in between, talk was injected."""
    cursor = draw(st.integers(0, 5))
    session = Session("th", "fp", cursor)
    for number in range(draw(st.integers(0, 6))):
        gap, length = draw(st.integers(0, 3)), draw(st.integers(1, 4))
        if draw(st.booleans()):
            own = said(session.cursor + gap + 1, MIRA, f"other {number}")
            session = thread_view.told_of(
                session, thread_view.Parts((own,), ()), "mira", own.order, 1.0
            )
        upto = session.cursor + length
        session = thread_view.after(session, asked(a_turn(upto), session.cursor, upto))
    return session


@given(sessions(), st.integers(1, 60))
def test_nothing_that_changed_is_left_in_a_thread_that_is_taken_back(
    session: Session, order: int
) -> None:
    back = thread_view.back(session, order)
    if back is None:
        return
    left = back.session
    assert left.cursor < order
    assert all(one.upto < order for one in left.told)
    assert left.told == session.told[: len(left.told)]
    gone = session.told[len(left.told)]
    assert gone.codex_turn_id == back.codex_turn_id
    assert gone.since == left.cursor


@given(sessions(), st.integers(1, 60))
def test_a_thread_is_taken_back_no_further_than_it_must(session: Session, order: int) -> None:
    back = thread_view.back(session, order)
    if back is None:
        return
    later = session.told[len(back.session.told) + 1 :]
    assert not any(one.codex_turn_id and one.since < order <= one.upto for one in later)


@given(sessions())
def test_what_was_known_before_the_first_turn_cannot_be_forgotten(session: Session) -> None:
    first = min((one.since for one in session.told if one.codex_turn_id), default=0)
    assert thread_view.back(session, first) is None


def test_only_the_newest_turns_are_remembered() -> None:
    session = Session("th", "fp")
    for order in range(1, 100):
        session = thread_view.after(session, asked(a_turn(order), order - 1, order))
    assert len(session.told) == thread_view.TOLD_KEPT
    assert thread_view.back(session, 99) is not None
    assert thread_view.back(session, 99 - thread_view.TOLD_KEPT) is None


@given(sessions(), st.integers(0, 3))
def test_turns_that_no_record_knows_are_found_and_no_others(session: Session, more: int) -> None:
    known = [one.codex_turn_id for one in session.told if one.codex_turn_id]
    left = [f"left {number}" for number in range(more)]
    assert thread_view.unknown(session, [*known, *left]) == (left[0] if left else None)
    assert thread_view.unknown(session, [*known, *left][-3:]) == (left[0] if left else None)


@given(st.lists(st.integers(0, 60), max_size=150))
def test_a_session_always_knows_the_last_turn_of_its_thread(steps: list[int]) -> None:
    """A step is how many own words are injected before the next turn, or how far it goes back."""
    session, turns = Session("th", "fp"), list[str]()
    for at, step in enumerate(steps, start=1):
        if step < 40:
            own = [said(session.cursor + 1, MIRA, f"other {at}") for _ in range(step)]
            session = thread_view.told_of(
                session, thread_view.Parts(tuple(own), ()), "mira", 1 << 60, 1.0
            )
            assert thread_view.unknown(session, turns) is None
            asks = replace(asked(a_turn(at), session.cursor, session.cursor + 1), turn=f"t{at}")
            session = thread_view.after(session, asks)
            turns.append(asks.codex_turn_id)
        elif (back := thread_view.back(session, session.cursor - (step - 40))) is not None:
            session, turns = back.session, turns[: turns.index(back.codex_turn_id)]
        assert len(session.told) <= thread_view.TOLD_KEPT
        assert thread_view.unknown(session, turns) is None


def test_the_newest_messages_are_remembered_whatever_turn_told_them() -> None:
    session = Session("th", "fp")
    for first in range(0, 300, 30):
        told = tuple(range(first, first + 30))
        session = thread_view.after(
            session, replace(asked(a_turn(first), first, first + 30), messages=told)
        )
    kept = [message for one in session.told for message in one.messages]
    assert kept == list(range(300 - thread_view.MESSAGES_KEPT, 300))


def heard(at: float, *messages: int) -> SeenRange:
    return SeenRange("c", "t", 0, max(messages), messages=messages, at=at)


def test_what_was_edited_after_it_was_told_or_is_gone_is_outdated() -> None:
    session = Session("th", "fp", told=(heard(10.0, 3, 4), heard(20.0, 6, 7)))
    same = {1: 0.0, 3: 0.0, 4: 9.0, 6: 19.0, 7: 0.0, 8: 99.0}
    assert thread_view.outdated(session, same) == 0
    assert thread_view.outdated(session, same | {4: 15.0}) == 4
    assert thread_view.outdated(session, same | {6: 25.0}) == 6
    assert thread_view.outdated(session, {one: at for one, at in same.items() if one != 6}) == 6
    assert thread_view.outdated(session, {6: 0.0, 7: 0.0}) == 0  # further back nothing is known
    assert thread_view.outdated(session, {}) == 3


def test_a_cut_that_the_thread_never_heard_is_none() -> None:
    assert thread_view.untrue_from(Session("th", "fp", cursor=9, cut=12)) == 0
    assert thread_view.untrue_from(Session("th", "fp", cursor=9, cut=9)) == 9


def test_what_was_asked_ahead_of_others_is_taken_back_as_well() -> None:
    session = thread_view.after(Session("th", "fp"), asked(a_turn(9), 0, 4, ahead=(9,)))
    session = thread_view.after(session, asked(a_turn(6), 4, 6))
    assert session.cursor == 6
    assert session.ahead == {9}
    assert session.reach == 9
    back = thread_view.back(session, 9)
    assert back is not None
    assert (back.codex_turn_id, back.session.ahead) == ("c9", frozenset())
    assert thread_view.untrue_from(replace(session, cut=9)) == 9


def test_a_question_that_failed_ahead_of_others_takes_back_no_more_than_itself() -> None:
    good = asked(a_turn(50), 0, 50)
    session = Session("th", "fp", cursor=50, told=(good,))
    session = thread_view.failed(session, asked(a_turn(60), 50, 50, ahead=(60,)))
    back = thread_view.back(session, thread_view.untrue_from(session))
    assert back is not None
    assert (back.codex_turn_id, back.session.told) == ("c60", (good,))


def test_a_question_that_could_not_be_forgotten_is_untrue() -> None:
    session = thread_view.failed(Session("th", "fp", cursor=9), asked(a_turn(12), 9, 12))
    assert thread_view.untrue_from(session) == 12
    back = thread_view.back(session, 12)
    assert back is not None
    assert back.session == Session("th", "fp", cursor=9)


@given(st.lists(st.sampled_from(["ann", "known", "strange", "asked"]), max_size=12))
def test_whatever_was_said_is_told_once_and_what_is_asked_is_asked(kinds: list[str]) -> None:
    known = SeenRange("c1", "known", 0, 1)
    session = Session("th", "fp", cursor=1, told=(known,))
    talk, asked = [], set()
    for order, kind in enumerate(kinds, start=2):
        own = kind in ("known", "strange")
        talk.append(said(order, MIRA if own else ANN, kind if own else None))
        if kind == "asked":
            asked.add(order)
    parts = thread_view.parted(talk, session, "mira", asked)
    told = [one.order for one in (*parts.missed, *parts.question)]
    assert sorted(told) == [one.order for one in talk if one.turn != "known"]
    assert asked <= {one.order for one in parts.question}
    assert all(one.speaker is ANN for one in parts.question)
    ready = thread_view.told_of(session, parts, "mira", 99, 1.0)
    assert all(one.order > ready.cursor for one in parts.question)
    again = thread_view.parted(talk, ready, "mira", asked)
    assert not any(one.turn == "strange" for one in again.missed)
