"""The buttons under a character's words."""

from __future__ import annotations

import pytest

from bot.discord_io import controls
from bot.discord_io.controls import Control, Verb


def test_one_text_has_no_row_and_several_say_which_is_shown():
    assert controls.takes(0, 1) == ()
    first, middle = controls.takes(0, 3), controls.takes(1, 3)
    assert [(one.label, one.disabled) for one in first] == [
        ("◀", True),
        ("1/3", True),
        ("▶", False),
        ("↻", False),
    ]
    assert [one.disabled for one in middle] == [False, True, False, False]


def test_a_button_leads_to_the_neighbour():
    back, _, on, again = controls.takes(1, 3)
    assert controls.parse(back.id) == Control(Verb.TAKE, 0)
    assert controls.parse(on.id) == Control(Verb.TAKE, 2)
    assert controls.parse(again.id) == Control(Verb.AGAIN)
    assert controls.parse(controls.STOP[0].id) == Control(Verb.STOP)


def test_an_answer_that_was_cut_can_be_continued():
    assert controls.under("It is so.", take=0, of=1) == ()
    assert controls.under("It is so […]", take=0, of=1) == controls.CONTINUE
    row = controls.under("b […]", take=1, of=2)
    assert row == (*controls.takes(1, 2), *controls.CONTINUE)
    assert controls.under("b […]\n-# edited by @Ann", take=1, of=2) == row
    assert len(row) <= 5
    assert controls.under(f"{'b' * 19_600} […]", take=0, of=1) == ()
    assert controls.parse(controls.CONTINUE[0].id) == Control(Verb.MORE)


@pytest.mark.parametrize("count", [2, 40, 9_999])
def test_ids_are_different_and_short_enough_for_discord(count: int):
    ids = [one.id for one in controls.takes(count - 1, count)]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 100


@pytest.mark.parametrize("other", ["", "troupe", "troupe:", "troupe:fly", "else:stop", "a:b:c:d"])
def test_what_is_not_ours_asks_for_nothing(other: str):
    assert controls.parse(other) is None


async def test_discord_py_is_given_the_same_row_and_keeps_nothing_of_it():
    row = controls.takes(0, 2)
    view = controls.view(row)
    assert view is not None
    assert view.is_finished()
    (shown,) = view.to_components()
    assert controls.ids_in([shown]) == tuple(one.id for one in row)
    assert controls.ids_in(controls.payload(row)) == controls.ids_in([shown])
