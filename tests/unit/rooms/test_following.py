"""A thread follows what its room shows: edits, deletions, what another thread said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.room import Seat
from bot.domain.turn import Turn
from bot.domain.utterance import Excerpt, Utterance
from bot.errors import RequestTimeoutError, TurnFailure
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play, ScriptedLease
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread, crashes, reborn

SEAT = Seat(ROOM.id, "mira")


def edit(house: Company, said: Utterance, text: str) -> None:
    """As Discord does: the room shows it, and then says so."""
    house.stage.posted[said.message_id].text = text
    house.changes.edited(replace(said, text=text))


def delete(house: Company, message_id: int) -> None:
    del house.stage.posted[message_id]
    house.changes.deleted(ROOM.id, [message_id])


async def asked(house: Company, text: str) -> Utterance:
    said = house.says(text)
    await house.quiet()
    return said


async def test_an_answer_that_had_to_move_to_another_message_is_heard_there() -> None:
    async with company(Play("One.")) as house:
        await asked(house, "@Mira hello")
        old = next(one for one in house.stage.posted.values() if one.turn is not None)
        said = (await house.message_log.since(ROOM, old.id - 1))[0]
        del house.stage.posted[old.id]
        house.message_log.unsay(ROOM.id, [old.id])
        moved = house.stage.say(ROOM, said.speaker, "Two.")
        house.message_log.reword(replace(moved, settled=said.order, turn=said.turn))
        heard = await house.message_log.since(ROOM, 0)
        assert [one.text for one in heard] == ["@Mira hello", "Two."]


async def test_an_edited_question_is_known_as_it_reads_now() -> None:
    async with company(Play("One."), Play("Two."), Play("Three.")) as house:
        await asked(house, "@Mira first")
        said = await asked(house, "@Mira it is plum")
        edit(house, said, "@Mira it is pear")
        await house.quiet()
        await asked(house, "@Mira and now?")
        check_thread(house)
        assert house.answers() == ["One.", "Two.", "Three."]
        assert len({thread for thread, _ in house.mind.asked}) == 1


async def test_what_was_deleted_is_known_no_more() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        aside = house.says("the secret is plum")
        await asked(house, "@Mira hello")
        delete(house, aside.message_id)
        await house.quiet()
        await asked(house, "@Mira what is it?")
        check_thread(house)


class SlowLedger(MemoryLedger):
    """Takes its time to say whose message it was, until `answers` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()

    async def turn_of(self, message_id: int) -> Turn | None:
        await self.answers.wait()
        return await super().turn_of(message_id)


async def test_who_is_asked_right_after_a_deletion_knows_of_it_however_slow_the_store() -> None:
    ledger = SlowLedger()
    house = Company(Play("One."), Play("Two."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        aside = house.says("the secret is plum")
        await asked(house, "@Mira hello")
        delete(house, aside.message_id)
        house.says("@Mira what is it?")
        for _ in range(100):  # everybody goes as far as they can
            await asyncio.sleep(0)
        assert len(house.mind.asked) == 1
        ledger.answers.set()
        await house.quiet()
        check_thread(house)
        assert house.answers() == ["One.", "Two."]


async def test_a_question_that_is_edited_while_it_is_answered_is_followed_too() -> None:
    held = asyncio.Event()
    async with company(Play("One.", gate=held), Play("Two.")) as house:
        said = house.says("@Mira it is plum")
        await until(lambda: house.mind.asked)
        edit(house, said, "@Mira it is pear")
        held.set()
        await house.quiet()
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_what_was_edited_before_it_was_heard_costs_nothing() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        await asked(house, "@Mira hello")
        aside = await asked(house, "an asid")
        edit(house, aside, "an aside")
        await house.quiet()
        await asked(house, "@Mira and now?")
        check_thread(house)
        thread = house.mind.threads[house.memory.sessions[SEAT].thread_id]
        assert [turn.said for turn in thread.turns] == ["One.", "Two."]
        header, words = house.mind.asked[-1][1].split("\n")[:2]
        assert header.endswith(" · edited]")
        assert words == "  an aside"


async def test_a_preview_that_is_added_to_a_message_is_no_edit() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        said = await asked(house, "@Mira look at this")
        house.changes.edited(said)
        await house.quiet()
        assert house.memory.sessions[SEAT].cut == 0
        assert all(one.edited_at is None for one in await house.message_log.since(ROOM, 0))


async def test_a_preview_is_told_with_its_message_and_costs_no_thread_anything() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        await asked(house, "@Mira hello")
        said = await asked(house, "see https://example.org")
        preview = Excerpt("preview of a link", "@Kai and a storm")
        house.message_log.enrich(replace(said, excerpts=(preview,)))
        assert house.memory.sessions[SEAT].cut == 0
        await asked(house, "@Mira and now?")
        words = house.mind.asked[-1][1]
        assert "  see https://example.org\n  preview of a link:\n  | @Kai and a storm\n" in words
        assert "edited" not in words


async def test_an_answer_that_a_moderator_deleted_is_forgotten_by_all() -> None:
    script = [Play(text) for text in ("Rude.", "I see.", "Yes.", "No.")]
    async with company(*script, cast=(MIRA, KAI)) as house:
        await asked(house, "@Mira say it")
        await asked(house, "@Kai did you hear?")
        (rude,) = (one.id for one in house.stage.posted.values() if one.text == "Rude.")
        delete(house, rude)
        await house.quiet()
        await asked(house, "@Mira go on")
        check_thread(house)
        await asked(house, "@Kai and you?")
        check_thread(house, KAI)


async def test_a_change_of_what_was_said_before_it_came_has_the_thread_made_anew() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        early = house.says("the bridge is out")
        await asked(house, "@Mira hello")
        edit(house, early, "the bridge is mended")
        await house.quiet()
        await asked(house, "@Mira and now?")
        check_thread(house)
        assert len({thread for thread, _ in house.mind.asked}) == 2


async def test_two_changes_before_it_is_asked_again_are_both_followed() -> None:
    async with company(*map(Play, ("One.", "Two.", "Three.", "Four."))) as house:
        first = await asked(house, "@Mira plum")
        await asked(house, "@Mira quince")
        third = await asked(house, "@Mira cherry")
        edit(house, third, "@Mira sloe")
        delete(house, first.message_id)
        await house.quiet()
        await asked(house, "@Mira and now?")
        check_thread(house)
        assert house.answers() == ["One.", "Two.", "Three.", "Four."]


async def test_a_greeting_that_a_thread_did_not_say_is_known_as_its_own() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        await asked(house, "@Mira hello")
        await house.casting.dismiss(ROOM, "mira")
        await house.casting.summon(ROOM, MIRA)
        summons = house.stage.say(ROOM, ANN, "(a summons)")
        await house.dispatcher.greet(ROOM, MIRA, summons.message_id, ANN.id)
        await house.quiet()
        del house.stage.posted[summons.message_id]
        await asked(house, "@Mira and now?")
        check_thread(house)
        assert house.answers() == ["One.", "Come in!", "Two."]


async def test_a_crash_at_any_point_of_telling_it_what_it_said_tells_that_once() -> None:
    async def prepare(house: Company) -> None:
        await asked(house, "@Mira hello")
        summons = house.stage.say(ROOM, ANN, "(a summons)")
        await house.dispatcher.greet(ROOM, MIRA, summons.message_id, ANN.id)
        await house.quiet()
        del house.stage.posted[summons.message_id]

    async def play(house: Company) -> None:
        house.says("@Mira go on")

    async for house in crashes(prepare, play, *map(Play, ("One.", "Two.", "Three.", "Four."))):
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_a_half_answer_of_a_dead_process_is_no_part_of_its_own_question() -> None:
    async with company(Play("Half of", hangs=True)) as house:
        house.mind.silence = 5
        house.says("@Mira tell me")
        await until(house.answers)
        aside = house.says("an aside", by=BEN)
    second = reborn(house, Play("All of it."))
    async with second.tasks:
        await second.casting.summon(ROOM, MIRA)
        second.dispatcher.hear(ROOM, aside)
        await second.quiet()
        await second.crash_recovery.resume()
        await second.quiet()
        assert second.answers() == ["All of it."]
        check_thread(second)


async def test_a_question_that_a_thread_could_not_forget_is_forgotten_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    revert = ScriptedLease.revert

    async def hangs(*_: Any) -> None:
        raise RequestTimeoutError("thread/revert", 10)

    async with company(
        Play("One."), Play("", fails=TurnFailure.OVERLOADED), Play("Three.")
    ) as house:
        await asked(house, "@Mira hello")
        monkeypatch.setattr(ScriptedLease, "revert", hangs)
        await asked(house, "@Mira lost question")
        monkeypatch.setattr(ScriptedLease, "revert", revert)
        await asked(house, "@Mira and now?")
        check_thread(house)
        assert house.answers() == ["One.", "Three."]


async def test_before_a_reset_nothing_is_remembered() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        await asked(house, "the secret is plum")
        said = await asked(house, "@Mira hello")
        await house.memory.drop_session(SEAT)
        await house.policies.change(ROOM, lambda old: replace(old, since=said.message_id))
        await asked(house, "@Mira what is it?")
        thread = house.mind.threads[house.memory.sessions[SEAT].thread_id]
        told = "\n".join(line.text for line in thread.lines)
        assert "plum" not in told
        assert "hello" not in told
        assert "what is it?" in told


async def test_a_crash_at_any_point_of_following_an_edit_leaves_the_thread_true() -> None:
    async def prepare(house: Company) -> None:
        said = await asked(house, "@Mira it is plum")
        await asked(house, "@Mira second")
        edit(house, said, "@Mira it is pear")

    async def play(house: Company) -> None:
        house.says("an aside", by=BEN)
        house.says("@Mira third")

    script = [Play(text) for text in ("One.", "Two.", "Three.", "Four.", "Five.")]
    seen = 0
    async for house in crashes(prepare, play, *script):
        await asked(house, "@Mira last")
        check_thread(house)
        assert await house.memory.unfinished() == []
        seen += 1
    assert seen > 10


async def test_many_that_are_deleted_at_once_are_asked_for_at_once() -> None:
    async with company(Play("Hm.")) as house:
        said = [house.says(f"@Mira {number}").message_id for number in range(100)]
        await house.quiet()
        asked, turns_of = list[int](), house.memory.turns_of

        async def counted(message_ids: Sequence[int]) -> dict[int, Turn]:
            asked.append(len(message_ids))
            return await turns_of(message_ids)

        house.memory.turns_of = counted  # type: ignore[method-assign]
        house.changes.deleted(ROOM.id, said[10:])
        await house.changes.settled(ROOM.id)
        assert asked == [90]
        assert house.memory.sessions[SEAT].cut == said[10]
