"""Takes are counted by take: the same words again are another one, and each keeps its own label."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.takes import TAKES_LIMIT, Take
from bot.domain.turn import Reason, Turn
from bot.messages.rendering import render
from bot.messages.why import of_turn
from tests.fakes.mind import Play
from tests.refused import refused
from tests.unit.rooms.company import ROOM, Company, company
from tests.unit.rooms.crashing import reborn
from tests.unit.rooms.test_replies import Replying


def label(house: Company, turn: Turn) -> str:
    """What stands between ◀ and ▶."""
    return "{}/{}".format(*house.stage.labels[turn.id])


async def shown(inn: Replying, turn: Turn, number: int) -> str:
    """The label once that take was chosen."""
    await inn.replies.choose(turn, number)
    await inn.house.quiet()
    return label(inn.house, turn)


async def test_the_same_words_again_are_another_take() -> None:
    async with company(*map(Play, ("Yes.", "Yes.", "No.", "Yes."))) as house:
        inn = Replying(house)
        turn = await inn.asked()
        labels = []
        for _ in range(3):
            turn = await inn.regenerated(turn)
            labels.append(label(house, turn))
        assert labels == ["2/2", "3/3", "4/4"]
        assert [take.text for take in turn.takes] == ["Yes.", "Yes.", "No.", "Yes."]
        back = [await shown(inn, turn, number) for number in (2, 1, 0, 1, 2, 3)]
        assert back == ["3/4", "2/4", "1/4", "2/4", "3/4", "4/4"]
        assert "this is alternative 4 of 4" in render(of_turn(await inn.now(), "Mira"))


async def test_another_take_joins_from_wherever_people_look() -> None:
    async with company(*map(Play, ("A.", "B.", "A."))) as house:
        inn = Replying(house)
        turn = await inn.regenerated(await inn.asked())
        assert await shown(inn, turn, 0) == "1/2"
        turn = await inn.regenerated(turn)
        assert label(house, turn) == "3/3"
        assert [take.text for take in turn.takes] == ["A.", "B.", "A."]


async def test_an_edit_changes_one_take_and_its_label_goes_with_it() -> None:
    async with company(*map(Play, ("Yes.", "No."))) as house:
        inn = Replying(house)
        turn = await inn.regenerated(await inn.asked())
        await inn.replies.edit(turn, "Yes.", by="Ann", may_link=True)
        await house.quiet()
        assert (house.answers(), label(house, turn)) == (["Yes.\n-# edited by @Ann"], "2/2")
        assert await shown(inn, turn, 0) == "1/2"
        assert house.answers() == ["Yes."]  # the same words, but the character's own
        assert "Ann" not in render(of_turn(await inn.now(), "Mira"))
        assert await shown(inn, turn, 1) == "2/2"
        assert "the words are by Ann" in render(of_turn(await inn.now(), "Mira"))


async def test_a_form_that_is_sent_as_it_was_opened_makes_nobody_the_editor() -> None:
    async with company(Play("Yes.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        await inn.replies.edit(turn, "Mine.", by="Ann", may_link=True)
        await house.quiet()
        await inn.replies.edit(turn, "Mine.", by="Ben", may_link=True)
        await house.quiet()
        assert house.answers() == ["Mine.\n-# edited by @Ann"]


async def test_the_label_is_right_after_a_restart() -> None:
    async with company(*map(Play, ("Yes.", "Yes.", "No."))) as house:
        turn = await Replying(house).asked()
        turn = await Replying(house).regenerated(turn)
    again = reborn(house, Play("Yes."))
    async with again.tasks:
        await again.casting.summon(turn.room, house.shelf.by_key["mira"])
        inn = Replying(again)
        assert await shown(inn, turn, 0) == "1/2"
        assert label(again, await inn.regenerated(turn)) == "3/3"


async def test_many_takes_let_go_of_the_oldest_that_is_not_shown() -> None:
    async with company(Play("New."), Play("New.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        takes = (Take("New."), *(Take(f"take {number}") for number in range(1, TAKES_LIMIT)))
        house.memory.turns[turn.id] = replace(turn, takes=takes)
        turn = await inn.regenerated(turn)
        assert turn.takes == (takes[0], *takes[2:], Take("New."))
        assert label(house, turn) == f"{TAKES_LIMIT}/{TAKES_LIMIT}"


async def test_a_take_that_is_not_kept_any_more_is_refused() -> None:
    async with company(*map(Play, ("Yes.", "No."))) as house:
        inn = Replying(house)
        turn = await inn.regenerated(await inn.asked())
        with refused("not kept any more"):
            await inn.replies.choose(turn, 2)


TURN = Turn(ROOM, "mira", 5, 9, Reason.NAMED, datetime.now(UTC))
WISHES = st.lists(
    st.one_of(
        st.tuples(st.just("again"), st.sampled_from(("Yes.", "No."))),
        st.tuples(st.just("edit"), st.sampled_from(("Yes.", "Mine."))),
        st.tuples(st.just("more"), st.sampled_from(("Yes.", "And so."))),
        st.tuples(st.just("choose"), st.integers(0, 20)),
    ),
    max_size=40,
)


@given(WISHES)
def test_whatever_people_do_the_shown_take_is_the_one_at_its_place(
    wishes: list[tuple[str, str | int]],
) -> None:
    at = TURN.accepted_at
    turn = TURN.answered("Yes.")
    for wish, what in wishes:
        kept = turn.takes or (turn.answer,)
        if wish == "choose" and isinstance(what, int):
            if what >= len(turn.takes):
                continue
            turn = turn.choosing(what, at)
            assert (turn.take, turn.takes) == (what, kept)
        elif wish == "edit":
            turn = turn.edited(str(what), at, by="Ann")
            assert turn.answer == Take(str(what), editor="Ann")
            assert len(turn.takes or (1,)) == len(kept)
        elif wish == "more":
            turn = turn.more(at).answered(f"{turn.text} {what}")
            assert turn.continued
            assert len(turn.takes or (1,)) == len(kept)
        else:
            assert turn.again(at).put_back().answer == turn.answer
            turn = turn.again(at).answered(str(what))
            assert len(turn.takes) == min(len(kept) + 1, TAKES_LIMIT)
            assert turn.take == len(turn.takes) - 1
        assert not turn.goes_on
        if turn.takes:
            assert turn.takes[turn.take] == turn.answer
