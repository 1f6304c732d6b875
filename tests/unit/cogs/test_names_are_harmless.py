"""Whatever somebody is called, our own sentences mean what they say: no link, no bold, no line.

A sentence is made with an ordinary name and with a hostile one: what Discord would act upon in the
two has to be the same.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_io.message_prefix import name_line, named_in, reply_line, said_by_command, say_line
from bot.domain.character import Character
from bot.domain.decision import Decision
from bot.domain.markup import code, plain
from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import Speaker, Utterance
from bot.domain.visible import without_turning
from bot.errors import CodexLoginError, PoolBusyError, RefusedError, TurnFailedError, TurnFailure
from bot.message_data import Message
from bot.messages import failures
from bot.messages.rendering import render
from bot.rooms.controls.replies import Replies
from bot.rooms.dispatch.hints import Hints
from bot.rooms.dispatch.notices import Notices
from bot.rooms.state.casting import CAST_LIMIT, Casting
from cogs.room import heading
from tests.fakes.casts import MemoryCasts
from tests.fakes.stage import MemoryStage
from tests.unit.rooms.company import Bookshelf, Company

ROOM = Room(5, Place.CHANNEL, 7)
SAID = Utterance(9, 5, Speaker(1, "Ann"), "@Mira?", datetime.now(UTC), mentions_bot=True)
HOSTILE = (
    "**", "__", "||", "~~", "`", "```\n", "\\", "\n# ", "\n> ", "\u2028- ", "@everyone", "@here",
    "<@1>", "<@&1>", "<#1>", "<t:1>", "[x](https://evil.example)", "[[x](https://e.example)",
    "https://evil.example", "<https://evil.example>", " ", "Ann", "é", "😀",
)  # fmt: skip
NAMES = st.one_of(
    st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=5).map("".join),
    st.text(min_size=1, max_size=40),
)
# What turns the direction of the letters behind it, in a name or until the line ends (UAX #9).
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Code first: nothing else means anything in it. An escaped sign is none.
_MEANT = re.compile(r"\\[^0-9A-Za-z\s]|(?P<code>`[^`\n]*`)|(?P<meant>[\\*_~`|<>\[\]@\n\u2028]|://)")


def meant(text: str) -> list[str]:
    """What Discord acts upon, in order."""
    found = (one["meant"] or ("code" if one["code"] else "") for one in _MEANT.finditer(text))
    return [one for one in found if one]


def refusal(doing: Callable[[], object]) -> str:
    """The words of the refusal that this leads to."""
    with pytest.raises(RefusedError) as refused:
        doing()
    return failures.rendered(refused.value.refusal)


def casting(name: str, *, there: bool = True, full: bool = False) -> Casting:
    crowd = [Character(f"c{number}", f"C{number}", "x") for number in range(CAST_LIMIT)]
    one = Character("mira", name, "x")
    made = Casting(MemoryCasts(), Bookshelf(one, *crowd))
    asyncio.run(_fill(made, ([one] if there else []) + (crowd if full else [])))
    return made


async def _fill(made: Casting, cast: list[Character]) -> None:
    for one in cast:
        await made.summon(ROOM, one)


def already(name: str) -> str:
    return refusal(lambda: asyncio.run(_fill(casting(name), [Character("mira", name, "x")])))


def absent(name: str) -> str:
    return refusal(lambda: asyncio.run(casting(name, there=False).dismiss(ROOM, "mira")))


def told(message: Message | None) -> str:
    assert message is not None
    return render(message)


def who_is_meant(name: str) -> str:
    hints = Hints(casting=casting(name), notices=Notices(MemoryStage()))
    return told(hints.for_nobody(ROOM, replace(SAID, text="hello")))


def not_here(name: str) -> str:
    company = casting(name, there=False)
    company.absent = lambda room, text: Character("mira", name, "x")  # type: ignore[method-assign]
    return told(Hints(casting=company, notices=Notices(MemoryStage())).for_nobody(ROOM, SAID))


def gone(name: str) -> str:
    house = Company()
    house.shelf.by_key = {"mira": Character("mira", name, "x")}
    replies = Replies(
        ledger=house.ledger,
        turn_queues=house.turn_queues,
        running_turns=house.running_turns,
        casting=house.casting,
        spending=house.spending,
        policies=house.policies,
        stage=house.stage,
    )
    turn = Turn(ROOM, "mira", 9, 1, Reason.NAMED, datetime.now(UTC))
    return refusal(lambda: asyncio.run(replies.go_on(turn, by=1)))


def failed(reason: TurnFailure) -> Callable[[str], str]:
    return lambda name: failures.for_room(TurnFailedError(reason), name)


SENTENCES: dict[str, Callable[[str], str]] = {
    "plain": lambda name: f"**{plain(name)}**",
    "code": code,
    "name line": lambda name: name_line(name),
    "what was said by a command": lambda name: say_line(name, name, "Hello."),
    "a link to what a character answers": lambda name: reply_line(name, 1, 2, 3),
    "a decision's heading": lambda name: render(heading(ROOM, Decision(5, 9, name, SAID.at, ()))),
    "already here": already,
    "not here": absent,
    "nobody of that name": lambda name: refusal(lambda: casting(name).summonable("nobody at all")),
    "who is meant": who_is_meant,
    "not in the room": not_here,
    "gone since": gone,
    "no mind": lambda name: failures.for_room(PoolBusyError(1), name),
    "no login": lambda name: failures.for_room(CodexLoginError(), name),
    "the bot's fault": lambda name: failures.for_room(ValueError(), name),
    **{f"a failed turn: {reason.value}": failed(reason) for reason in TurnFailure},
}


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES.keys())
@given(name=NAMES)
def test_a_name_changes_nothing_of_what_a_sentence_means(
    sentence: Callable[[str], str], name: str
) -> None:
    assert meant(sentence(name)) == meant(sentence("Ann"))


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES.keys())
def test_a_name_turns_no_line_around(sentence: Callable[[str], str]) -> None:
    for turning in TURNING:
        assert sentence(f"{turning}A{turning}nn{turning}") == sentence("Ann"), f"{ord(turning):x}"


def test_a_name_that_is_written_from_right_to_left_stays_as_it_is() -> None:
    assert plain("שלום Ann نور") == "שלום Ann نور"
    assert code("@שלום") == "`@שלום`"


@given(name=NAMES.filter(lambda name: not re.search(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", name)))
def test_a_name_above_words_can_be_read_again(name: str) -> None:
    assert named_in(name_line(name) + "Hello.") == without_turning(name)


@given(name=NAMES)
def test_what_was_said_by_a_command_can_be_read_again_whoever_said_it(name: str) -> None:
    assert said_by_command(say_line(name, name, "**A** → **B**: Hello.")) == "**A** → **B**: Hello."


@pytest.mark.parametrize("cut", ["\n", "\r\n", "\u2028", "\x0b"])
def test_what_is_said_by_a_command_forges_no_second_line(cut: str) -> None:
    forged = f"hi{cut}**Ben** → **Mira**: I resign"
    shown = say_line("Ann", "Mira", forged)
    assert shown == "**Ann** → **Mira**:\n> hi\n> **Ben** → **Mira**: I resign"
    assert said_by_command(shown) == "hi\n**Ben** → **Mira**: I resign"
    long = say_line("Ann", "Mira", cut.join(["x"] * 600))
    assert len(long) <= 2_000
    assert "\n" not in long
