"""The form that a reply is edited in: whole texts go in and come back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bot.discord_io import controls
from bot.discord_io.controls import Control, Verb
from cogs import reply_form
from tests.refused import refused


def fields(form: Any) -> list[dict[str, Any]]:
    return [one for row in form.to_dict()["components"] for one in row["components"]]


def sent(values: list[str]) -> Any:
    """What Discord hands on when these are written into the fields."""
    rows = [
        {"type": 1, "components": [{"type": 4, "custom_id": f"part:{number}", "value": value}]}
        for number, value in enumerate(values)
    ]
    return SimpleNamespace(data={"custom_id": "troupe:edit:5", "components": rows})


async def test_a_short_reply_is_one_field_with_its_text() -> None:
    form = await reply_form.form(5, "Good evening.")
    (field,) = fields(form)
    assert (field["label"], field["value"]) == ("Reply", "Good evening.")
    assert controls.parse(form.custom_id) == Control(Verb.EDIT, 5)
    assert form.is_finished()


async def test_a_long_reply_comes_back_whole() -> None:
    text = "A word or two.\n" * 300 + "```py\n" + "x = 1\n" * 600 + "```\nThe end."
    shown = fields(await reply_form.form(5, text))
    assert len(shown) > 1
    assert all(len(one["value"]) <= reply_form.FIELD_LIMIT for one in shown)
    assert reply_form.text_in(sent([one["value"] for one in shown])).split() == text.split()


async def test_a_field_holds_what_clients_count_as_two() -> None:
    for text in ("😀" * 2_000, "😀" * 2_001, "😀 and a word. " * 700, "😀" * 9_000):
        shown = fields(await reply_form.form(5, text))
        assert all(
            len(one["value"].encode("utf-16-le")) // 2 <= reply_form.FIELD_LIMIT for one in shown
        )
        back = reply_form.text_in(sent([one["value"] for one in shown]))
        assert "".join(back.split()) == "".join(text.split())


async def test_marks_that_a_form_tears_come_back_as_they_were() -> None:
    text = "||" + "A secret of many words. " * 300 + "|| and **bold** at its end."
    shown = fields(await reply_form.form(5, text))
    assert len(shown) > 1
    assert reply_form.text_in(sent([one["value"] for one in shown])) == text


async def test_half_a_surrogate_pair_is_replaced() -> None:
    assert reply_form.text_in(sent(["a\ud83d b"])) == "a\ufffd b"


async def test_fields_that_were_emptied_are_left_out() -> None:
    assert reply_form.text_in(sent(["Only this.", "", "  "])) == "Only this."
    assert reply_form.text_in(sent([""])) == ""


async def test_what_no_form_can_hold_is_refused() -> None:
    with refused("too long"):
        await reply_form.form(5, "word " * 5_000)
