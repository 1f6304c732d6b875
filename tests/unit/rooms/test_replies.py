"""What people do with a reply: said anew, chosen, continued, edited, taken back, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.policy import Policy
from bot.domain.room import Room
from bot.domain.takes import Take
from bot.domain.turn import Turn
from bot.errors import NotPermittedError
from bot.messages.rendering import render
from bot.messages.why import of_turn
from bot.rooms.controls.replies import Replies
from tests.fakes.mind import Play
from tests.refused import refused
from tests.unit.rooms.company import ANN, MIRA, ROOM, Company, company, until


class Replying:
    """A company in which Mira has answered once."""

    def __init__(self, house: Company, *, patience: float = 2.0) -> None:
        self.house = house
        self.replies = Replies(
            ledger=house.ledger,
            turn_queues=house.turn_queues,
            running_turns=house.running_turns,
            casting=house.casting,
            spending=house.spending,
            policies=house.policies,
            stage=house.stage,
            patience=patience,
        )

    async def asked(self, text: str = "@Mira hello") -> Turn:
        """Ask, and give the turn once it is settled."""
        self.house.says(text)
        await self.house.quiet()
        return await self.now()

    async def now(self) -> Turn:
        """The turn of the newest message that a character said."""
        newest = max(one.id for one in self.house.stage.posted.values() if one.turn is not None)
        return await self.replies.of(newest)

    async def regenerated(self, turn: Turn) -> Turn:
        await self.replies.regenerate(turn, by=1)
        await self.house.quiet()
        return await self.replies.of(turn.chunks[0])


@pytest.fixture
async def inn(request: pytest.FixtureRequest) -> AsyncIterator[Replying]:
    plays = getattr(request, "param", ("One.", "Two.", "Three."))
    async with company(*map(Play, plays)) as house:
        yield Replying(house)


async def test_what_no_character_said_is_nobodys_reply(inn: Replying) -> None:
    said = inn.house.says("nobody in particular")
    await inn.house.quiet()
    with refused("No character said that"):
        await inn.replies.of(said.message_id)


@pytest.mark.parametrize("by_another_process", [True, False])
async def test_a_reply_whose_record_is_lost_is_on_record_again(by_another_process: bool) -> None:
    async with company(Play("One."), Play("Two.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        if by_another_process:
            for turn_id in house.ledger._ended.known():
                house.ledger._ended.drop(turn_id)
        house.memory.turns.clear()
        house.memory._authors.clear()
        house.memory._chunks.clear()
        shown = replace(turn, thread_id="", codex_turn_id=None)

        async def unrecorded(_: Room, message_id: int) -> Turn | None:
            return shown if message_id in shown.chunks else None

        inn.house.stage.unrecorded = unrecorded  # type: ignore[method-assign, assignment]
        with refused("No character said that"):
            await inn.replies.of(turn.trigger, ROOM)
        found = await inn.replies.of(turn.chunks[0], ROOM)
        kept = shown if by_another_process else turn
        assert await house.ledger.turn_of(turn.chunks[0]) == found == kept
        assert await house.ledger.unfinished() == []
        await inn.regenerated(found)
        assert house.answers() == ["Two."]


async def test_another_answer_on_record_is_no_reason_to_call_a_reply_nobody_s() -> None:
    async with company(Play("One.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        other = replace(turn, chunks=(turn.chunks[0] + 1,), text="Two.")

        async def unrecorded(_: Room, message_id: int) -> Turn | None:
            return other if message_id in other.chunks else None

        inn.house.stage.unrecorded = unrecorded  # type: ignore[method-assign, assignment]
        with refused("lost the record of that reply"):
            await inn.replies.of(other.chunks[0], ROOM)
        assert await inn.replies.is_a_characters(other.chunks[0], ROOM)


async def test_a_reply_whose_record_is_gone_is_too_old(inn: Replying) -> None:
    turn = await inn.asked()
    del inn.house.memory.turns[turn.id]
    with refused("more than a week ago"):
        await inn.replies.of(turn.chunks[0])


async def test_another_answer_takes_the_place_and_both_can_be_chosen(inn: Replying) -> None:
    turn = await inn.regenerated(await inn.asked())
    assert inn.house.answers() == ["Two."]
    assert turn.takes == (Take("One."), Take("Two."))
    await inn.replies.choose(turn, 0)
    await inn.house.quiet()
    assert inn.house.answers() == ["One."]
    turn = await inn.now()
    assert (turn.text, turn.takes) == ("One.", (Take("One."), Take("Two.")))
    with refused("not kept"):
        await inn.replies.choose(turn, 2)


async def test_what_is_being_written_is_left_alone() -> None:
    gate = asyncio.Event()
    async with company(Play("One."), Play("Two.", gate=gate)) as house:
        inn = Replying(house, patience=0)
        turn = await inn.asked()
        await inn.replies.regenerate(turn, by=1)
        for wish in (
            inn.replies.regenerate(turn, by=1),
            inn.replies.edit(turn, "No.", by="Ann", may_link=True),
            inn.replies.go_on(turn, by=5),
        ):
            with refused("being written right now"):
                await wish
        gate.set()
        await house.quiet()
        assert house.answers() == ["Two."]


async def test_who_is_quick_waits_for_the_end_and_is_not_refused(inn: Replying) -> None:
    turn = await inn.asked()
    await inn.replies.regenerate(turn, by=1)
    await inn.replies.edit(turn, "Mine.", by="Ann", may_link=True)
    await inn.house.quiet()
    assert inn.house.answers() == ["Mine.\n-# edited by @Ann"]


async def test_a_greeting_is_not_said_anew(inn: Replying) -> None:
    await inn.house.dispatcher.greet(ROOM, MIRA, 77, ANN.id)
    await inn.house.quiet()
    with refused("A greeting"):
        await inn.replies.regenerate(await inn.now(), by=1)


async def test_who_is_sent_away_or_paused_says_nothing_anew(inn: Replying) -> None:
    turn = await inn.asked()
    await inn.house.policies.change(ROOM, lambda _: Policy(paused=True))
    with refused("paused"):
        await inn.replies.regenerate(turn, by=1)
    await inn.house.casting.dismiss(ROOM, "mira")
    with refused("isn’t here any more"):
        await inn.replies.go_on(turn, by=1)


async def test_what_was_said_can_be_edited_and_taken_back_after_who_said_it_left(
    inn: Replying,
) -> None:
    turn = await inn.asked()
    await inn.house.casting.dismiss(ROOM, "mira")
    await inn.replies.edit(turn, "Edited.", by="Ann", may_link=True)
    await inn.house.quiet()
    assert inn.house.answers() == ["Edited.\n-# edited by @Ann"]
    await inn.replies.remove(await inn.now())
    await inn.house.quiet()
    assert inn.house.answers() == []


async def test_without_its_characters_file_a_reply_is_not_changed(inn: Replying) -> None:
    turn = await inn.asked()
    del inn.house.shelf.by_key["mira"]
    with refused("is no character of this bot any more"):
        await inn.replies.remove(turn)


async def test_an_edit_changes_the_alternative_that_is_shown(inn: Replying) -> None:
    turn = await inn.regenerated(await inn.asked())
    await inn.replies.edit(turn, "  Two and a half. ", by="Ann", may_link=True)
    await inn.house.quiet()
    turn = await inn.now()
    assert turn.text == "Two and a half."
    assert turn.takes == (Take("One."), Take("Two and a half.", editor="Ann"))


async def test_words_of_a_person_show_who_wrote_them_and_no_others_do(inn: Replying) -> None:
    turn = await inn.regenerated(await inn.asked())
    await inn.replies.edit(turn, "Two and a half.", by="Ann *the* bold", may_link=True)
    await inn.house.quiet()
    (answer,) = inn.house.answers()
    assert answer == "Two and a half.\n-# edited by @Ann \\*the\\* bold"
    turn = await inn.now()
    assert turn.text == "Two and a half."
    assert "the words are by Ann" in render(of_turn(turn, "Mira"))
    await inn.replies.choose(turn, 0)
    await inn.house.quiet()
    assert inn.house.answers() == ["One."]
    await inn.replies.choose(await inn.now(), 1)
    await inn.house.quiet()
    assert inn.house.answers() == [answer]
    inn.house.says("@Mira did you say that?")
    await inn.house.quiet()
    thread = inn.house.mind.threads[inn.house.mind.asked[-1][0]]
    assert "edited by" not in "".join(line.text for line in thread.lines)


async def test_only_who_may_embed_links_adds_one(inn: Replying) -> None:
    turn = await inn.asked()
    for text in ("See https://example.org", "[See](HTTPS://example.org)", "steam://run/1"):
        with refused("Embed Links"):
            await inn.replies.edit(turn, text, by="Ann", may_link=False)
    await inn.replies.edit(turn, "See https://example.org", by="Ann", may_link=True)
    await inn.house.quiet()
    turn = await inn.now()
    await inn.replies.edit(turn, "Look at https://example.org", by="Ben", may_link=False)
    await inn.house.quiet()
    assert "edited by @Ben" in inn.house.answers()[0]


async def test_an_edit_that_discord_refused_can_be_made_again(inn: Replying) -> None:
    turn = await inn.asked()
    inn.house.stage.fails_with = NotPermittedError("Manage Webhooks")
    for _ in range(2):
        await inn.replies.edit(turn, "Well met.", by="Ann", may_link=True)
        await inn.house.quiet()
        inn.house.stage.fails_with = None
    assert inn.house.answers() == ["Well met.\n-# edited by @Ann"]


@pytest.mark.parametrize("words", ["", "  \n", "\u200b", "||||", "```\n```", "x" * 20_001])
async def test_an_edit_has_words_and_an_end(inn: Replying, words: str) -> None:
    turn = await inn.asked()
    with refused("nothing left to say|too long"):
        await inn.replies.edit(turn, words, by="Ann", may_link=True)
    assert inn.house.answers() == ["One."]


@pytest.mark.parametrize(
    "inn", [("".join(f"A sentence, number {n}. " for n in range(220)),)], indirect=True
)
async def test_all_chunks_of_a_reply_go_as_one(inn: Replying) -> None:
    turn = await inn.asked()
    assert len(inn.house.answers()) == len(turn.chunks) > 2
    await inn.replies.remove(await inn.replies.of(turn.chunks[1]))
    await inn.house.quiet()
    assert inn.house.answers() == []
    with refused("taken back"):
        await inn.replies.edit(
            await inn.replies.of(turn.chunks[0]), "Back?", by="Ann", may_link=True
        )


async def test_a_stopped_reply_ends_and_one_that_is_said_cannot_be_stopped() -> None:
    async with company(Play("Once upon a time", hangs=True)) as house:
        inn = Replying(house)
        house.says("@Mira hello")
        await until(lambda: house.answers())
        (turn,) = house.memory.turns.values()
        inn.replies.stop(turn)
        await house.quiet()
        (said,) = house.answers()
        assert said == "Once upon a *(stopped)*"
        with refused("Nothing of this reply is being written"):
            inn.replies.stop(turn)
