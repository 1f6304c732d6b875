"""What is edited or deleted before anybody heard it: the newest wording counts, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Session, Turn
from bot.domain.utterance import Attachment, Image, Utterance
from bot.errors import StoreUnavailableError
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread
from tests.unit.rooms.test_gaps import lose_touch, regain_it, told

SEAT = Seat(ROOM.id, MIRA.key)
CAT = Image("image/jpeg", b"a cat")
PICTURE = (Attachment("cat.png", "cat.png?hm=1", 2_048, "image/png"),)


def delete(house: Company, *messages: Utterance) -> None:
    ids = [one.message_id for one in messages]
    for one in ids:
        del house.stage.posted[one]
    house.changes.deleted(ROOM.id, ids)


def edit(house: Company, said: Utterance, text: str, **more: Any) -> None:
    posted, now = house.stage.posted[said.message_id], datetime.now(UTC)
    posted.text, posted.edited_at = text, now
    posted.attachments = more.get("attachments", posted.attachments)
    house.changes.edited(replace(said, text=text, edited_at=now, **more))


# --- before it is heard -------------------------------------------------------------------------


async def test_a_question_deleted_before_the_connection_is_resumed_is_not_answered() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        lose_touch(house)
        secret = house.says("@Mira the password is plum")
        after = house.says("nothing of note")
        delete(house, secret)
        regain_it(house)
        await house.quiet()
        assert house.answers() == []
        house.says("@Mira and now?")
        await house.quiet()
        assert "plum" not in repr(house.mind.threads)
        assert house.decided[:2] == [secret.message_id, after.message_id]
        check_thread(house)


async def test_a_question_edited_before_the_connection_is_resumed_is_asked_as_it_reads_now() -> (
    None
):
    async with company(Play("One.")) as house:
        lose_touch(house)
        said = house.says("@Mira the password is plum")
        edit(house, said, "@Mira never mind")
        regain_it(house)
        await house.quiet()
        (asked,) = told(house)
        assert "plum" not in asked
        assert "never mind" in asked
        assert "· edited]" in asked
        check_thread(house)


@pytest.mark.parametrize(
    ("first", "then", "answers"),
    [("@Mira hello", "hello", []), ("hello", "@Mira hello", ["One."])],
)
async def test_who_is_called_is_decided_by_the_newest_wording(
    first: str, then: str, answers: list[str]
) -> None:
    async with company(Play("One.")) as house:
        lose_touch(house)
        said = house.says(first)
        edit(house, said, then)
        regain_it(house)
        await house.quiet()
        assert house.answers() == answers


class Away(MemoryLedger):
    """A store that takes no turn while it `is_away`; `tries` counts the attempts."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away, self.tries = True, 0

    async def accept(self, turn: Turn) -> bool:
        self.tries += 1
        if self.is_away:
            raise StoreUnavailableError("away")
        return await super().accept(turn)


async def test_a_question_deleted_while_it_waits_for_the_store_is_not_answered() -> None:
    ledger = Away()
    house = Company(Play("One."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        said = house.says("@Mira the password is plum")
        await until(lambda: ledger.tries)
        delete(house, said)
        ledger.is_away = False
        await house.quiet()
        assert house.mind.asked == []
        assert house.decided == [said.message_id]


class Held(MemoryLedger):
    """A store that is slow to take turns: until `go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def accept(self, turn: Turn) -> bool:
        self.begun.set()
        await self.go.wait()
        return await super().accept(turn)


async def test_a_question_deleted_while_it_is_decided_on_is_not_answered() -> None:
    ledger = Held()
    house = Company(Play("One."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        said = house.says("@Mira the password is plum")
        await ledger.begun.wait()
        delete(house, said)
        ledger.go.set()
        await house.quiet()
        assert house.mind.asked == []
        assert await ledger.unfinished() == []
        assert await house.message_log.since(ROOM, 0) == []


async def test_a_question_edited_while_it_is_decided_on_is_asked_as_it_reads_now() -> None:
    ledger = Held()
    house = Company(Play("One."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        said = house.says("@Mira the password is plum")
        await ledger.begun.wait()
        edit(house, said, "@Mira never mind")
        ledger.go.set()
        await house.quiet()
        assert "plum" not in repr(house.mind.threads)
        check_thread(house)


async def test_a_deletion_that_comes_before_its_message_holds() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        said = house.stage.say(ROOM, ANN, "@Mira the password is plum")
        delete(house, said)
        house.dispatcher.hear(ROOM, said, read=True)
        await house.quiet()
        assert house.mind.asked == []


@asynccontextmanager
async def between_answer_and_use(house: Company, happen: Callable[[], None]) -> Any:
    """What Discord's history answers is old news by the time that it is used: once."""
    history, did = house.stage.history, False

    async def old_news(*args: Any, **more: Any) -> list[Utterance]:
        nonlocal did
        found = await history(*args, **more)
        if not did:
            did = True
            happen()
        return found

    house.stage.history = old_news  # type: ignore[method-assign]
    yield
    house.stage.history = history  # type: ignore[method-assign]


async def test_what_is_deleted_while_history_is_read_is_not_told() -> None:
    async with company(Play("One.")) as house:
        secret = house.stage.say(ROOM, BEN, "the password is plum")
        async with between_answer_and_use(house, lambda: delete(house, secret)):
            house.says("@Mira hello")
            await house.quiet()
        assert "plum" not in repr(house.mind.threads)


async def test_what_is_edited_while_history_is_read_is_told_as_it_reads_now() -> None:
    async with company(Play("One.")) as house:
        secret = house.stage.say(ROOM, BEN, "the password is plum")
        async with between_answer_and_use(house, lambda: edit(house, secret, "never mind")):
            house.says("@Mira hello")
            await house.quiet()
        assert "plum" not in repr(house.mind.threads)
        check_thread(house)


async def test_what_a_character_said_and_a_moderator_deleted_calls_nobody() -> None:
    async with company(Play("@Kai, the plum!"), Play("Yes."), cast=(MIRA, KAI)) as house:
        house.says("@Mira speak")
        await until(lambda: house.answers())
        await until(lambda: Seat(ROOM.id, MIRA.key) in house.memory.sessions)
        lose_touch(house)
        await until(lambda: house.inbox.undecided(ROOM))
        (spoken,) = (one.id for one in house.stage.posted.values() if one.turn is not None)
        del house.stage.posted[spoken]
        house.changes.deleted(ROOM.id, [spoken])
        regain_it(house)
        await house.quiet()
        assert house.answers() == []
        assert await house.memory.unfinished() == []


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_gap", [True, False])
async def test_a_file_taken_off_a_message_is_not_opened(is_gap: bool) -> None:
    async with company(Play("One.")) as house:
        house.files.held[PICTURE[0].url] = CAT
        lose_touch(house)
        said = house.says("look at this", attachments=PICTURE)
        if not is_gap:
            regain_it(house)
            await house.quiet()
        edit(house, said, "look at this", attachments=())
        regain_it(house)
        house.says("@Mira what is it?")
        await house.quiet()
        assert house.mind.seen == [()]
        assert "cat.png" not in told(house)[0]


async def test_a_file_that_is_taken_off_has_the_thread_follow() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        house.files.held[PICTURE[0].url] = CAT
        said = house.says("@Mira look", attachments=PICTURE)
        await house.quiet()
        edit(house, said, "@Mira look", attachments=())
        await house.quiet()
        house.says("@Mira what was it?")
        await house.quiet()
        assert "cat.png" not in repr(house.mind.threads)
        check_thread(house)


async def test_an_address_that_is_only_signed_anew_is_no_edit() -> None:
    async with company(Play("One.")) as house:
        house.files.held[PICTURE[0].url] = CAT
        said = house.says("@Mira look", attachments=PICTURE)
        await house.quiet()
        again = replace(PICTURE[0], url="cat.png?hm=2")
        house.changes.edited(replace(said, attachments=(again,)))
        await house.quiet()
        assert house.memory.sessions[SEAT].cut == 0


async def test_what_is_deleted_while_its_file_is_fetched_is_not_asked() -> None:
    async with company(Play("One.")) as house:
        house.files.held[PICTURE[0].url] = CAT
        said = house.says("@Mira look", attachments=PICTURE)
        open_files, deleted = house.files.open, False

        async def slowly(utterances: Sequence[Utterance]) -> Any:
            nonlocal deleted
            found = await open_files(utterances)
            if not deleted:
                deleted = True
                delete(house, said)
            return found

        house.files.open = slowly  # type: ignore[method-assign]
        await house.quiet()
        assert house.mind.asked == []
        assert house.answers() == []


# --- quotes -------------------------------------------------------------------------------------


async def quoting(house: Company, change: Callable[[Utterance], None], *, heard: bool) -> str:
    """Ann answers Ben's words, then those are changed, then Mira is asked: what she is told."""
    house.says("@Mira hello")
    await house.quiet()
    lose_touch(house)
    old = house.says("the password is plum", by=BEN)
    house.says("an aside")
    house.says("a fine word", reply_to=old.message_id)
    if heard:
        regain_it(house)
        await house.quiet()
    change(old)
    regain_it(house)
    house.says("@Mira well?")
    await house.quiet()
    return told(house)[-1]


@pytest.mark.parametrize("heard", [True, False])
async def test_nobody_quotes_what_was_deleted(heard: bool) -> None:
    async with company(Play("One."), Play("Two.")) as house:
        words = await quoting(house, lambda old: delete(house, old), heard=heard)
        assert "plum" not in words
        assert "replying to Ben]" in words


@pytest.mark.parametrize("heard", [True, False])
async def test_what_is_quoted_reads_as_it_does_now(heard: bool) -> None:
    async with company(Play("One."), Play("Two.")) as house:
        words = await quoting(house, lambda old: edit(house, old, "never mind"), heard=heard)
        assert "plum" not in words
        assert "replying to Ben: “never mind”]" in words


async def test_an_answer_that_was_put_another_way_is_quoted_so() -> None:
    async with company(Play("The password is plum."), Play("Two.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        _, answer = await house.message_log.since(ROOM, 0)
        house.says("an aside", by=BEN)
        house.says("what a word", by=BEN, reply_to=answer.message_id)
        await house.quiet()
        house.message_log.reword(replace(answer, text="Never mind."))
        heard = await house.message_log.since(ROOM, 0)
        (quoting,) = (one for one in heard if one.text == "what a word")
        assert quoting.reply_to_text == "Never mind."


async def test_a_reply_to_words_whose_record_is_lost_is_for_who_said_them() -> None:
    async with company(Play("One."), Play("Two."), cast=(MIRA, KAI)) as house:
        for name, answers in (("Mira", 1), ("Nobody", 1)):
            said = house.says("and then?", reply_to=5)
            del house.stage.posted[said.message_id]
            house.changes.deleted(ROOM.id, [said.message_id])
            await house.quiet()
            again = house.stage.say(ROOM, ANN, "and then?", reply_to=5)
            house.dispatcher.hear(ROOM, replace(again, reply_to_own=name))
            await house.quiet()
            assert len(house.answers()) == answers


# --- threads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["edited", "deleted"])
async def test_a_thread_forgets_what_it_was_started_from_once_that_changes(how: str) -> None:
    async with company() as house:
        said = house.says("the password is plum")
        thread = Room(said.message_id, Place.THREAD, ROOM.guild_id, ROOM.id)
        seat, note = Seat(thread.id, MIRA.key), thread.id + 1
        house.message_log.hear(replace(said, room_id=thread.id, message_id=note))
        await house.ledger.keep_session(seat, Session("t", "x", cursor=note))
        if how == "edited":
            edit(house, said, "never mind")
        else:
            delete(house, said)
        await house.changes.settled(thread.id)
        assert 0 < house.memory.sessions[seat].cut <= note
        assert await house.message_log.since(thread, 0) == []


async def test_a_thread_forgets_the_answer_it_was_started_from_once_that_is_edited() -> None:
    async with company(Play("The password is plum.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        (turn,) = (outcome.turn for outcome in house.outcomes)
        seat = Seat(turn.chunks[0], MIRA.key)
        await house.ledger.keep_session(seat, Session("t", "x", cursor=turn.chunks[0] + 1))
        reworded = turn.edited("Never mind.", datetime.now(UTC))
        assert await house.turn_queues.reopen(reworded)
        house.turn_queues.play([reworded])
        await house.quiet()
        assert 0 < house.memory.sessions[seat].cut <= turn.chunks[0] + 1
