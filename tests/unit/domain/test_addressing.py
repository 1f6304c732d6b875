"""Who is spoken to, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.addressing import Address, addressed, called_by_keyword, named
from bot.domain.turn import Reason
from bot.domain.utterance import SpeakerKind
from tests.unit.domain.talk import KAI, MIRA, STONE, said

CAST = [MIRA, KAI, STONE]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("@Mira hello", ("mira",)),
        ("@mIrA hello", ("mira",)),
        ("hello @the innkeeper!", ("mira",)),
        ("@Kai, and then @Mira", ("kai", "mira")),
        ("@Mira @Kai @Mira", ("mira", "kai")),
        ("@Mira Stone, look", ("stone",)),
        ("@Mira and @Mira Stone", ("mira", "stone")),
        ("Mira, are you there?", ("mira",)),
        ("Mira: two ales", ("mira",)),
        ("Mira! The soup boils over", ("mira",)),
        ("Mira?", ("mira",)),
        ("mira", ("mira",)),
        ("Mira keeps the inn", ()),
        ("＠Ｍｉｒａ wide letters", ("mira",)),
        ("I like Mira", ()),
        ("write to ann@mira.example", ()),
        ("@Miranda is someone else", ()),
        ("`@Mira` is how you call her", ()),
        ("```\n@Mira\n```", ()),
        ("``@Mira`` is how you call her", ()),
        ("`` @Mira", ("mira",)),
        ("> @Mira said so\nindeed", ()),
        (">>> they wrote\n@Mira said so", ()),
        ("look\n>>> @Mira said so\n@Kai too", ()),
        (">.< @Mira help", ("mira",)),
        (">:( @Mira", ("mira",)),
        ("see https://video.example/@Mira/live", ()),
        ("@Kai/@Mira, see <https://video.example/@Mira>", ("kai", "mira")),
        ("", ()),
    ],
)
def test_a_name_in_the_text_calls_its_character_and_nobody_else(
    text: str, keys: tuple[str, ...]
) -> None:
    assert named(text, CAST) == keys


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("O'Neil", "@O’Neil hello"),  # as phones write it
        ("O’Neil", "@o'neil hello"),
        ("Ze\u200bro", "@Zero hello"),
        ("Zero", "@\u2068Zero\u2069 hello"),
        ("\u2764\ufe0f Heart", "@\u2764 heart hello"),
    ],
)
def test_a_name_is_called_as_it_looks(name: str, text: str) -> None:
    assert named(text, [replace(MIRA, name=name)]) == ("mira",)


def test_a_name_that_nobody_sees_is_called_by_nothing() -> None:
    unseen = [replace(MIRA, name="\u200b", aliases=(), triggers=("\u200b",))]
    assert [named(text, unseen) for text in ("", "@ noon", "!")] == [(), (), ()]
    assert called_by_keyword("soup", unseen) == ()


def test_who_is_replied_to_answers_before_those_who_are_named() -> None:
    found = addressed(said("@Kai what do you say?"), CAST, replied_to="mira")
    assert found == (Address("mira", Reason.REPLY), Address("kai", Reason.NAMED))


def test_a_name_in_a_reply_to_the_same_character_asks_it_once() -> None:
    assert addressed(said("@Mira yes"), CAST, replied_to="mira") == (Address("mira", Reason.REPLY),)


def test_a_mention_of_the_bot_goes_to_the_one_addressed_last() -> None:
    found = addressed(said("hello", mentions_bot=True), CAST, last="kai")
    assert found == (Address("kai", Reason.BOT_MENTION),)


def test_a_mention_of_the_bot_goes_to_the_only_one_there() -> None:
    found = addressed(said("hello", mentions_bot=True), [MIRA])
    assert found == (Address("mira", Reason.BOT_MENTION),)


def test_a_mention_of_the_bot_among_several_strangers_asks_nobody() -> None:
    assert addressed(said("hello", mentions_bot=True), CAST) == ()


def test_a_name_beats_a_mention_of_the_bot() -> None:
    found = addressed(said("@Kai hello", mentions_bot=True), CAST, last="mira")
    assert found == (Address("kai", Reason.NAMED),)


@pytest.mark.parametrize("kind", [SpeakerKind.BOT, SpeakerKind.CHARACTER])
def test_only_people_address_anybody(kind: SpeakerKind) -> None:
    assert addressed(said("@Mira hello", kind=kind, mentions_bot=True), CAST) == ()


def test_a_reply_to_a_character_that_left_asks_nobody() -> None:
    assert addressed(said("still there?"), [KAI], replied_to="mira") == ()


@pytest.mark.parametrize(
    "text", ["#[what do you think Mira?]", "see #[Mira, help], please", "#[a] is done #[hey Mira]"]
)
def test_what_a_thread_is_called_calls_nobody(text):
    assert named(text, [MIRA]) == ()
    assert named(f"@Mira, {text}", [MIRA]) == ("mira",)
