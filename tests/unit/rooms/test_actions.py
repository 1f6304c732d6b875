"""Actions: which are permitted, their effects, and their entries in the message log."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.action_arguments import Poll
from bot.domain.actions import (
    ACTIONS_LIMIT,
    Action,
    ActionResult,
    OpenThread,
    Pin,
    Power,
    React,
    ReplyTo,
    SendFile,
    SetMood,
    SetStatus,
    StartPoll,
    Whisper,
)
from bot.domain.character import Character, Mood, Picture
from bot.domain.enclosing import Enclosure
from bot.domain.policy import Policy
from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import Speaker
from bot.errors import DiscordDownError, NotPermittedError
from bot.rooms.actions.service import Actions
from bot.rooms.log.message_log import MessageLog
from bot.rooms.runs.running_turns import RunningTurn
from bot.rooms.state.persona_states import PersonaState, PersonaStates
from tests.fakes.actions import MemoryActions
from tests.fakes.persona_states import MemoryPersonaStates
from tests.fakes.stage import MemoryStage
from tests.refused import refused

ANN = Speaker(1, "Ann")
ROOM = Room(7, Place.CHANNEL, 99)
LAUGHING = Picture(Path("laughing.png"), "image/png", "1a")
MIRA = Character("mira", "Mira", "You keep the inn.", moods=(Mood("laughing", LAUGHING),))
LUNCH = Poll("Lunch?", ("soup", "stew"))
NOTES = Enclosure("notes.md", "# Notes")


class House:
    """Actions with everything behind them in memory, and Ann, who asks Mira something."""

    def __init__(self) -> None:
        self.stage = MemoryStage()
        self.port = MemoryActions(self.stage)
        self.message_log = MessageLog(self.stage)
        self.memory = MemoryPersonaStates()
        self.persona_states = PersonaStates(self.memory)
        self.policy = Policy()
        self.bound: list[tuple[int, str]] = []
        self.actions = Actions(
            stage=self.stage,
            port=self.port,
            message_log=self.message_log,
            persona_states=self.persona_states,
            policy=lambda _: self.policy,
            bind=self._bind,
        )
        self.first = self.says("The soup is hot.")
        self.scene = self.asks("Mira?")

    async def _bind(self, room_id: int, character: str) -> None:
        self.bound.append((room_id, character))

    async def take(self, action: Action) -> ActionResult:
        return await self.actions.perform(self.scene, action)

    def says(self, text: str) -> int:
        return self.stage.say(ROOM, ANN, text).message_id

    def asks(self, text: str, room: Room = ROOM) -> RunningTurn:
        said = self.stage.say(room, ANN, text)
        self.message_log.hear(said)
        turn = Turn(room, "mira", said.message_id, ANN.id, Reason.NAMED, datetime.now(UTC))
        return RunningTurn(turn, MIRA)


@pytest.fixture
def house() -> House:
    return House()


# --- permission checks ----------------------------------------------------------------------


async def test_what_the_room_denies_is_refused_before_discord_is_asked(house: House) -> None:
    house.policy = Policy(denied=frozenset({"poll"}))
    with refused("This room does not allow `poll`"):
        await house.take(StartPoll(LUNCH))
    assert house.port.polls == []
    assert house.port.asked == []
    assert not house.scene.acted


async def test_what_the_bot_may_not_do_there_is_refused(house: House) -> None:
    house.port.lacking.add((None, Power.FILE))
    with pytest.raises(NotPermittedError, match="Attach Files"):
        await house.take(SendFile(NOTES))
    assert house.port.files == []


async def test_nobody_gets_through_a_character_what_discord_denies_to_them(house: House) -> None:
    house.port.lacking.add((ANN.id, Power.PIN))
    with refused("Who asked you lacks the permission Pin Messages"):
        await house.take(Pin())
    assert house.port.pinned == []


async def test_who_asks_together_with_another_gets_no_power_of_theirs(house: House) -> None:
    house.port.lacking.add((2, Power.PIN))
    house.scene.askers = frozenset({ANN.id, 2})
    with refused("Who asked you lacks the permission Pin Messages"):
        await house.take(Pin())
    assert house.port.pinned == []


async def test_a_turn_has_a_bounded_number_of_actions(house: House) -> None:
    for number in range(ACTIONS_LIMIT):
        await house.take(SetStatus(str(number)))
    with refused("enough for one turn"):
        await house.take(React("🔥"))
    house.scene.begin()
    with refused("enough for one turn"):
        await house.take(React("🔥"))


# --- late calls -----------------------------------------------------------------------------


async def test_a_call_of_another_turn_of_the_mind_is_refused(house: House) -> None:
    house.scene.codex_turn_id = "two"
    await house.scene.check("two")
    await house.scene.check(None)
    with refused("This turn is over"):
        await house.scene.check("one")


async def test_a_call_that_comes_before_the_news_of_its_turn_waits_for_it(house: House) -> None:
    house.scene.codex_turn_id = "one"
    house.scene.begin()
    late = asyncio.ensure_future(house.scene.check("one"))
    fresh = asyncio.ensure_future(house.scene.check("two"))
    await asyncio.sleep(0)
    house.scene.codex_turn_id = "two"
    await fresh
    with refused("This turn is over"):
        await late


# --- about a message ------------------------------------------------------------------------


async def test_a_reaction_stands_under_the_message_that_is_answered(house: House) -> None:
    await house.take(React("🔥"))
    assert house.stage.posted[house.scene.turn.trigger].reactions == ["🔥"]
    assert house.scene.acted


async def test_an_earlier_message_is_named_by_its_words(house: House) -> None:
    assert (await house.take(ReplyTo("the SOUP"))).author == "Ann"
    assert house.port.answered == {house.scene.turn.id: house.first}
    assert not house.scene.acted


async def test_words_that_nobody_said_name_nothing(house: House) -> None:
    with refused("Copy some of them exactly"):
        await house.take(ReplyTo("stew"))


async def test_what_the_room_has_forgotten_cannot_be_named(house: House) -> None:
    house.policy = Policy(since=house.first)
    with refused("No message"):
        await house.take(Pin("soup"))


async def test_once_it_speaks_what_it_answers_is_settled(house: House) -> None:
    house.port.begun.add(house.scene.turn.id)
    with refused("begun to speak"):
        await house.take(ReplyTo("soup"))


async def test_the_message_that_is_answered_is_pinned_or_the_one_with_these_words(
    house: House,
) -> None:
    await house.take(Pin())
    await house.take(Pin("soup"))
    assert house.port.pinned == [house.scene.turn.trigger, house.first]


async def test_a_thread_that_a_character_opens_belongs_to_it(house: House) -> None:
    await house.take(OpenThread("The cellar"))
    assert house.bound == [(house.scene.turn.trigger, "mira")]
    assert house.port.threads[house.scene.turn.trigger].name == "The cellar"
    with refused("already"):
        await house.take(OpenThread("Another"))


@pytest.mark.parametrize(
    "room", [Room(8, Place.THREAD, 99, ROOM.id), Room(9, Place.DIRECT)], ids=["thread", "dm"]
)
async def test_a_thread_is_opened_in_channels_only(house: House, room: Room) -> None:
    with refused("in a channel only"):
        await house.actions.perform(house.asks("Mira?", room), OpenThread("The cellar"))


async def test_who_goes_on_by_itself_answers_no_message(house: House) -> None:
    house.scene.turn = replace(house.scene.turn, reason=Reason.CONTINUE)
    with refused("there is no message"):
        await house.take(React("🔥"))


# --- in the room ----------------------------------------------------------------------------


async def test_the_others_hear_of_polls_and_files(house: House) -> None:
    trigger = house.scene.turn.trigger
    await house.take(StartPoll(LUNCH))
    await house.take(SendFile(NOTES))
    poll, file = await house.message_log.since(ROOM, trigger)
    assert poll.text == "[poll: Lunch? (soup / stew)]"
    assert [(sent.name, sent.size) for sent in file.attachments] == [("notes.md", 7)]
    assert poll.speaker.character == file.speaker.character == "mira"
    # So the character's own thread is not told of what it did itself.
    assert poll.turn == file.turn == house.scene.turn.id


async def test_what_was_done_by_a_try_that_died_is_not_done_again(house: House) -> None:
    for _ in range(2):
        house.scene.begin()
        await house.take(StartPoll(LUNCH))
        await house.take(SendFile(NOTES))
        assert house.scene.acted
    assert house.port.polls == [LUNCH]
    assert house.port.files == [NOTES]


async def test_what_failed_may_be_tried_again(house: House) -> None:
    house.stage.fails_with = DiscordDownError(None, "no answer")
    with pytest.raises(DiscordDownError):
        await house.take(StartPoll(LUNCH))
    house.stage.fails_with = None
    await house.take(StartPoll(LUNCH))
    assert house.port.polls == [LUNCH]


async def test_a_whisper_reaches_the_asker_alone_and_is_no_talk(house: House) -> None:
    latest = house.message_log.latest(ROOM.id)
    with refused():
        await house.take(Whisper("Psst."))
    house.port.whispers_to.add(house.scene.turn.trigger)
    await house.take(Whisper("Psst."))
    assert house.port.whispered == [(ANN.id, "Psst.")]
    assert house.message_log.latest(ROOM.id) == latest


@pytest.mark.parametrize("text", ["", "  ", "x" * 1_801])
async def test_a_whisper_has_a_size(house: House, text: str) -> None:
    house.port.whispers_to.add(house.scene.turn.trigger)
    with refused():
        await house.take(Whisper(text))


# --- about itself ---------------------------------------------------------------------------


async def test_a_status_is_one_line_and_belongs_to_the_seat(house: House) -> None:
    await house.take(SetStatus(" stirs\nthe soup "))
    assert house.persona_states.of(Seat(7, "mira")).status == "stirs the soup"
    assert house.persona_states.of(Seat(8, "mira")).status == ""
    assert house.port.statuses == [("mira", "stirs the soup")]
    with refused("80 characters"):
        await house.take(SetStatus("x" * 81))


async def test_a_mood_is_a_face_that_is_worn_until_it_is_changed(house: House) -> None:
    await house.take(SetMood("Laughing"))
    assert house.persona_states.worn(ROOM, MIRA).avatar == LAUGHING
    assert house.port.prepared == [(ROOM.id, "mira")]
    again = PersonaStates(house.memory)
    await again.load()
    assert again.worn(ROOM, MIRA).avatar == LAUGHING
    await house.take(SetMood(""))
    assert house.persona_states.worn(ROOM, MIRA).avatar is None
    assert house.memory.kept == {}


async def test_a_mood_that_it_does_not_have_is_refused_with_those_that_it_has(
    house: House,
) -> None:
    with refused("Your moods are: laughing"):
        await house.take(SetMood("grim"))
    house.scene.character = replace(MIRA, moods=())
    with refused("You have no moods"):
        await house.take(SetMood("grim"))


async def test_demeanours_go_with_their_places(house: House) -> None:
    await house.persona_states.set_status(Seat(7, "mira"), "stirs")
    await house.persona_states.set_status(Seat(8, "mira"), "sleeps")
    await house.persona_states.forget([7])
    assert house.memory.kept == {Seat(8, "mira"): PersonaState(status="sleeps")}
