"""Who speaks when, by the rules."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.domain.budget import LONGEST, MOST_TOKENS, Budget
from bot.domain.character import Character
from bot.domain.deciding import GOES_ON, DecisionInputs, Last, decide
from bot.domain.decision import Decision, SkipReason
from bot.domain.policy import Mode, Policy, Quiet
from bot.domain.turn import Reason
from bot.domain.utterance import SpeakerKind
from tests.unit.domain.talk import KAI, MIRA, NOON, said

RUE = Character(key="rue", name="Rue", persona="You listen.", triggers=("engine", "old tales"))
CAST = [MIRA, KAI, RUE]
MENTION = Policy()
TALKATIVE = Policy(mode=Mode.TALKATIVE, chance=0)
EVERY = Policy(mode=Mode.EVERY)


class Rolls(random.Random):
    """Luck that falls as told; draws the first of a list."""

    def __init__(self, *numbers: int) -> None:
        super().__init__(0)
        self.numbers = list(numbers)

    def randint(self, a: int, b: int) -> int:
        return self.numbers.pop(0)

    def choice(self, seq: object) -> object:  # type: ignore[override]
        return seq[0]  # type: ignore[index]


FACTS = DecisionInputs(now=NOON, rng=Rolls(), budget=Budget(since=NOON))
LATELY = Last("kai", by=1, at=NOON - timedelta(minutes=1))


def spoken(decision: Decision) -> list[tuple[str, Reason | None]]:
    return [(one.character, one.reason) for one in decision.speaking]


def silences(decision: Decision) -> dict[str, SkipReason | None]:
    return {one.character: one.silence for one in decision.verdicts if not one.speaks}


def rolling(*numbers: int, **more: object) -> DecisionInputs:
    return replace(FACTS, rng=Rolls(*numbers), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", [MENTION, TALKATIVE, EVERY])
def test_who_is_called_speaks_in_the_order_named_in_every_mode(policy: Policy) -> None:
    inputs = rolling(100)
    found = decide(said("@Kai and @Mira, look at the engine"), CAST, policy, inputs)
    assert spoken(found) == [("kai", Reason.NAMED), ("mira", Reason.NAMED)]
    rue = found.verdicts[2]
    assert rue.silence in (SkipReason.OTHERS_ASKED, SkipReason.ROLLED)


def test_everyone_there_has_a_verdict() -> None:
    found = decide(said("what a day"), CAST, MENTION, FACTS)
    assert silences(found) == dict.fromkeys(("mira", "kai", "rue"), SkipReason.NOT_ASKED)


def test_a_reply_beats_a_name_and_a_name_a_mention_of_the_bot() -> None:
    inputs = replace(FACTS, replied_to="rue", last=Last("mira"))
    found = decide(said("@Kai hm", mentions_bot=True), CAST, MENTION, inputs)
    assert spoken(found) == [("rue", Reason.REPLY), ("kai", Reason.NAMED)]


@pytest.mark.parametrize("policy", [MENTION, TALKATIVE, EVERY])
def test_who_listens_still_is_spoken_to_without_a_name_in_every_mode(policy: Policy) -> None:
    inputs = rolling(100, 100, listening="rue", last=Last("mira", 1, NOON))
    assert spoken(decide(said("and then"), CAST, policy, inputs)) == [("rue", Reason.WENT_ON)]
    assert spoken(decide(said("@Kai too"), CAST, policy, inputs)) == [("kai", Reason.NAMED)]


@pytest.mark.parametrize(("text", "elsewhere"), [("and you, @[Ben]?", False), ("hm", True)])
def test_who_listens_still_is_not_meant_by_what_is_for_somebody_else(
    text: str, elsewhere: bool
) -> None:
    inputs = replace(FACTS, listening="rue", elsewhere=elsewhere)
    assert spoken(decide(said(text), CAST, MENTION, inputs)) == []


def test_who_listens_still_and_has_left_is_asked_no_more() -> None:
    inputs = replace(FACTS, listening="gone")
    assert spoken(decide(said("and then"), CAST, MENTION, inputs)) == []


def test_a_place_that_belongs_to_a_character_asks_it_unless_another_is_called() -> None:
    inputs = replace(FACTS, bound="rue")
    assert spoken(decide(said("so?"), CAST, MENTION, inputs)) == [("rue", Reason.BOUND)]
    assert spoken(decide(said("@Mira so?"), CAST, MENTION, inputs)) == [("mira", Reason.NAMED)]
    assert spoken(decide(said("so?"), [MIRA], MENTION, inputs)) == []


def test_a_keyword_calls_its_character_where_the_room_is_talkative() -> None:
    words = "the ENGINE hums of old  tales"
    assert spoken(decide(said(words), CAST, MENTION, FACTS)) == []
    found = decide(said(words), CAST, TALKATIVE, rolling(50, 50))
    assert spoken(found) == [("rue", Reason.KEYWORD)]
    assert found.verdicts[0].detail == "engine"


@pytest.mark.parametrize("text", ["engineer", "`engine`", "> engine\nno", "enginé"])
def test_a_keyword_is_a_word_of_what_is_said(text: str) -> None:
    assert spoken(decide(said(text), CAST, TALKATIVE, rolling(50, 50, 50))) == []


def test_whoever_goes_on_speaks_to_the_same_character() -> None:
    inputs = rolling(50, 50, last=LATELY)
    assert spoken(decide(said("and then?"), CAST, TALKATIVE, inputs)) == [("kai", Reason.LAST)]
    assert spoken(decide(said("and then?"), CAST, MENTION, inputs)) == []


@pytest.mark.parametrize(
    ("inputs", "user", "text"),
    [
        ({"last": replace(LATELY, at=NOON - GOES_ON)}, 1, "and then?"),
        ({"last": LATELY}, 2, "and then?"),
        ({"last": LATELY, "elsewhere": True}, 1, "and then?"),
        ({"last": LATELY}, 1, "and you, @[Bob]?"),
        ({"last": replace(LATELY, character="gone")}, 1, "and then?"),
    ],
)
def test_later_or_to_others_or_by_others_is_not_going_on(
    inputs: dict[str, object], user: int, text: str
) -> None:
    found = decide(said(text, user=user), CAST, TALKATIVE, rolling(50, 50, 50, **inputs))
    assert spoken(found) == []


def test_by_chance_one_at_most_speaks_the_one_with_the_least_roll() -> None:
    policy = replace(TALKATIVE, chance=12)
    found = decide(said("what a day"), CAST, policy, rolling(12, 43, 3))
    assert spoken(found) == [("rue", Reason.CHANCE)]
    assert silences(found) == {"mira": SkipReason.LOST_DRAW, "kai": SkipReason.ROLLED}
    assert [one.detail for one in found.verdicts] == [
        "12 %, rolled 3",
        "12 %, rolled 12",
        "12 %, rolled 43",
    ]


def test_others_may_chime_in_after_the_one_who_is_called() -> None:
    policy = replace(TALKATIVE, chance=12)
    found = decide(said("@Mira, hello"), CAST, policy, rolling(13, 12))
    assert spoken(found) == [("mira", Reason.NAMED), ("rue", Reason.CHANCE)]
    assert silences(found) == {"kai": SkipReason.ROLLED}


def test_with_chance_zero_nobody_chimes_in() -> None:
    assert spoken(decide(said("so"), CAST, TALKATIVE, rolling(1, 1, 1))) == []


def test_every_message_is_answered_by_keyword_else_the_last_one_else_whom_luck_draws() -> None:
    assert spoken(decide(said("engine"), CAST, EVERY, FACTS)) == [("rue", Reason.KEYWORD)]
    inputs = replace(FACTS, last=LATELY)
    assert spoken(decide(said("hm"), CAST, EVERY, inputs)) == [("kai", Reason.LAST)]
    assert spoken(decide(said("hm"), CAST, EVERY, FACTS)) == [("mira", Reason.EVERY)]


def test_the_same_message_is_decided_in_the_same_way_twice() -> None:
    policy = Policy(mode=Mode.EVERY)
    drawn = {
        decide(said("hm"), CAST, policy, replace(FACTS, rng=random.Random(5))).verdicts
        for _ in range(20)
    }
    assert len(drawn) == 1


QUIET = Quiet(time(11), time(13))


@pytest.mark.parametrize("policy", [TALKATIVE, EVERY])
def test_quiet_hours_hold_back_what_nobody_asked_for(policy: Policy) -> None:
    quiet = replace(policy, quiet=QUIET, chance=100)
    inputs = replace(FACTS, last=LATELY)
    found = decide(said("engine"), CAST, quiet, inputs)
    assert silences(found) == dict.fromkeys(("mira", "kai", "rue"), SkipReason.QUIET)
    assert spoken(decide(said("@Mira engine"), CAST, quiet, inputs)) == [("mira", Reason.NAMED)]


def test_a_character_in_its_cool_down_leaves_it_to_the_others() -> None:
    policy = replace(EVERY, cooldown=60)
    inputs = replace(FACTS, unasked={"mira": NOON - timedelta(seconds=59)})
    assert spoken(decide(said("hm"), CAST, policy, inputs)) == [("kai", Reason.EVERY)]
    over = replace(FACTS, unasked={"mira": NOON - timedelta(seconds=60)})
    assert spoken(decide(said("hm"), CAST, policy, over)) == [("mira", Reason.EVERY)]
    assert silences(decide(said("hm"), [MIRA], policy, inputs)) == {"mira": SkipReason.COOLDOWN}
    assert spoken(decide(said("@Mira hm"), CAST, policy, inputs)) == [("mira", Reason.NAMED)]


def test_a_pause_holds_back_everything_and_remembers_who_was_called() -> None:
    found = decide(said("@Mira hm"), CAST, replace(EVERY, paused=True), FACTS)
    assert spoken(found) == []
    assert set(silences(found).values()) == {SkipReason.PAUSED}
    assert [one.reason for one in found.verdicts] == [Reason.NAMED, None, None]


# --- characters among themselves ---------------------------------------------------------------


def test_a_character_is_called_by_another_one_with_a_mark_only() -> None:
    found = decide(said("@Kai, look", character="mira", by="Mira"), CAST, MENTION, FACTS)
    assert spoken(found) == [("kai", Reason.NAMED)]
    assert found.verdicts[0].detail == "Mira"
    assert spoken(decide(said("Kai, look", character="mira"), CAST, MENTION, FACTS)) == []


def test_nobody_answers_itself() -> None:
    found = decide(said("@Mira says @Kai", character="mira"), CAST, MENTION, FACTS)
    assert "mira" not in {one.character for one in found.verdicts}


def test_what_other_bots_say_asks_nobody() -> None:
    found = decide(said("@Mira engine", kind=SpeakerKind.BOT), CAST, EVERY, FACTS)
    assert spoken(found) == []


@pytest.mark.parametrize(
    ("budget", "silence"),
    [
        (Budget(NOON, turns=3), SkipReason.CHAIN),
        (Budget(NOON - LONGEST), SkipReason.TIME),
        (Budget(NOON, tokens=MOST_TOKENS), SkipReason.TOKENS),
        (Budget(), SkipReason.TIME),
    ],
)
@pytest.mark.parametrize("policy", [MENTION, replace(TALKATIVE, chance=100), EVERY])
def test_without_a_budget_no_character_answers_another(
    policy: Policy, budget: Budget, silence: SkipReason
) -> None:
    found = decide(said("@Kai look", character="mira"), CAST, policy, rolling(1, 1, budget=budget))
    assert spoken(found) == []
    assert silences(found)["kai"] is silence


def test_a_person_is_answered_without_a_budget() -> None:
    found = decide(said("@Kai look"), CAST, MENTION, replace(FACTS, budget=Budget()))
    assert spoken(found) == [("kai", Reason.NAMED)]


def test_each_who_is_called_takes_from_the_budget() -> None:
    inputs = replace(FACTS, budget=Budget(NOON, turns=2))
    found = decide(said("@Kai @Rue", character="mira"), CAST, MENTION, inputs)
    assert spoken(found) == [("kai", Reason.NAMED)]
    assert silences(found) == {"rue": SkipReason.CHAIN}


def test_others_answer_a_character_by_chance_where_the_room_is_talkative() -> None:
    policy = replace(TALKATIVE, chance=10)
    found = decide(said("ah", character="mira"), CAST, policy, rolling(11, 10))
    assert spoken(found) == [("rue", Reason.CHANCE)]


def test_who_is_about_to_speak_anyway_is_not_asked_twice() -> None:
    inputs = replace(FACTS, about_to_speak=frozenset({"kai"}))
    found = decide(said("@Kai look", character="mira"), CAST, MENTION, inputs)
    assert silences(found)["kai"] is SkipReason.ABOUT_TO_SPEAK


@pytest.mark.parametrize(
    ("policy", "inputs", "silence"),
    [
        (replace(MENTION, quiet=QUIET), FACTS, SkipReason.QUIET),
        (replace(MENTION, paused=True), FACTS, SkipReason.PAUSED),
        (replace(MENTION, cooldown=9), replace(FACTS, unasked={"kai": NOON}), SkipReason.COOLDOWN),
        (replace(MENTION, chain=0), FACTS, SkipReason.CHAIN),
    ],
)
def test_what_holds_back_the_unasked_holds_back_answers_to_characters(
    policy: Policy, inputs: DecisionInputs, silence: SkipReason
) -> None:
    found = decide(said("@Kai look", character="mira"), CAST, policy, inputs)
    assert silences(found)["kai"] is silence
