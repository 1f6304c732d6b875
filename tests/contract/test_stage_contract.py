"""What every `Stage` does: the one on Discord and its twin in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import Speaker, SpeakerKind
from bot.errors import NotPermittedError, PlaceGoneError
from bot.rooms.ports.stage import Stage
from sandbox.discord.world.permissions import Permission
from tests.fakes.discord_memory import MemoryRecord
from tests.fakes.stage import MemoryStage
from tests.fixtures_stage import MIRA, stage_inn, theatre  # noqa: F401 fixtures
from tests.unit.rooms.company import until

LONG = "A sentence that is said again and again until it is long. " * 100


@dataclass(frozen=True, slots=True)
class Scene:
    """A stage, a room on it, and what a test needs to see of both."""

    stage: Stage
    room: Room
    record: MemoryRecord
    person: int
    says: Callable[[str], int]
    texts: Callable[[], list[str]]
    reactions: Callable[[int], list[str]]
    falls_silent: Callable[[], Awaitable[None]]
    """The right to speak there is taken."""

    def asked(self, **more: object) -> Turn:
        turn = Turn(
            room=self.room,
            character="mira",
            trigger=self.says("Mira?"),
            asker=self.person,
            reason=Reason.NAMED,
            accepted_at=datetime.now(UTC),
        )
        return replace(turn, **more)  # type: ignore[arg-type]


@pytest.fixture(params=["discord", "memory"])
def scene(request: pytest.FixtureRequest) -> Scene:
    return in_memory() if request.param == "memory" else on_discord(request)


def in_memory() -> Scene:
    record = MemoryRecord()
    stage, room = MemoryStage(record.chunk), Room(5, Place.CHANNEL, 7)
    ada = Speaker(42, "Ada")

    async def falls_silent() -> None:
        stage.mute = NotPermittedError("Send Messages")

    return Scene(
        stage=stage,
        falls_silent=falls_silent,
        room=room,
        record=record,
        person=ada.id,
        says=lambda text: stage.say(room, ada, text).message_id,
        texts=lambda: stage.texts(room.id),
        reactions=lambda message_id: stage.posted[message_id].reactions,
    )


def on_discord(request: pytest.FixtureRequest) -> Scene:
    made = request.getfixturevalue("theatre")
    inn, world = made.inn, made.server.world

    def reactions(message_id: int) -> list[str]:
        found = world.message(inn.lobby, message_id).reactions.values()
        return [one.emoji["name"] for one in found]

    async def falls_silent() -> None:
        bot = inn.application.user.id
        world.permit(inn.lobby, bot, deny=Permission.SEND_MESSAGES)
        await made.server.wait_for(lambda _: made.heard.rights)

    return Scene(
        stage=made.stage,
        falls_silent=falls_silent,
        room=made.room(inn.lobby),
        record=made.record,
        person=inn.ada.id,
        says=lambda text: world.say(inn.ada, inn.lobby, text).id,
        texts=lambda: [one.content for one in made.said(inn.lobby.id) if one.webhook_id],
        reactions=reactions,
    )


async def test_an_answer_is_shown_recorded_and_found_again(scene: Scene) -> None:
    turn = scene.asked()
    async with scene.stage.deliver(turn, MIRA) as delivery:
        ids = await delivery.finish("Good evening.")
    assert scene.texts() == ["Good evening."]
    assert scene.record.chunks[turn.id] == dict(enumerate(ids))
    (said,) = await scene.stage.history(scene.room, after=turn.trigger)
    assert (said.message_id, said.text) == (ids[0], "Good evening.")
    assert (said.speaker.name, said.speaker.kind) == ("Mira", SpeakerKind.CHARACTER)
    assert said.speaker.character == "mira"


async def test_a_long_answer_is_many_messages_and_one_utterance(scene: Scene) -> None:
    turn = scene.asked()
    async with scene.stage.deliver(turn, MIRA) as delivery:
        delivery.show(LONG[:50])
        ids = await delivery.finish(LONG)
    assert len(scene.texts()) == len(ids) == 3
    assert scene.record.chunks[turn.id] == dict(enumerate(ids))
    (said,) = await scene.stage.history(scene.room, after=turn.trigger)
    assert said.text.split() == LONG.split()
    assert said.order >= ids[-1]


async def test_what_was_withdrawn_is_not_there(scene: Scene) -> None:
    async with scene.stage.deliver(scene.asked(), MIRA) as delivery:
        delivery.show("Good")
        await delivery.withdraw()
    assert scene.texts() == []


async def test_chunks_of_an_earlier_try_are_not_sent_again(scene: Scene) -> None:
    turn = scene.asked()
    async with scene.stage.deliver(turn, MIRA) as delivery:
        ids = await delivery.finish(LONG)
    half = replace(turn, state=TurnState.RECORDED, text=LONG, chunks=ids[:1])
    again = replace(half, chunks=ids)
    for one in (again, again):
        async with scene.stage.deliver(one, MIRA) as delivery:
            assert await delivery.finish(LONG) == ids
    assert len(scene.texts()) == len(ids)


async def test_fewer_words_than_before_leave_no_rest(scene: Scene) -> None:
    turn = scene.asked()
    async with scene.stage.deliver(turn, MIRA) as delivery:
        ids = await delivery.finish(LONG)
    again = replace(turn, state=TurnState.RUNNING, chunks=ids)
    async with scene.stage.deliver(again, MIRA) as delivery:
        assert await delivery.finish("Short now.") == ids[:1]
    assert scene.texts() == ["Short now."]


async def test_the_bots_own_notices_are_no_part_of_the_talk(scene: Scene) -> None:
    asked = scene.says("Anybody?")
    await scene.stage.tell(scene.room, "Redis cannot be reached.", reply_to=asked)
    assert [one.text for one in await scene.stage.history(scene.room)] == ["Anybody?"]


async def test_reactions_stand_under_their_message(scene: Scene) -> None:
    message_id = scene.says("A joke.")
    await scene.stage.react(scene.room, message_id, "👍")
    assert scene.reactions(message_id) == ["👍"]


async def test_a_reaction_can_be_taken_back(scene: Scene) -> None:
    message_id = scene.says("Here")
    for emoji in ("👍", "👀"):
        await scene.stage.react(scene.room, message_id, emoji)
    for _ in range(2):
        await scene.stage.unreact(scene.room, message_id, "👀")
    assert scene.reactions(message_id) == ["👍"]
    await scene.stage.unreact(scene.room, message_id + (9 << 22), "👀")


async def test_a_reaction_to_nothing_is_an_error(scene: Scene) -> None:
    with pytest.raises(PlaceGoneError):
        await scene.stage.react(scene.room, scene.says("Here") + (9 << 22), "👍")


async def test_history_gives_the_newest_between_its_bounds_oldest_first(scene: Scene) -> None:
    ids = [scene.says(str(number)) for number in range(8)]
    read = await scene.stage.history(scene.room, after=ids[1], before=ids[6], limit=3)
    assert [one.text for one in read] == ["3", "4", "5"]
    assert [one.speaker.id for one in read] == [scene.person] * 3
    whole = await scene.stage.history(scene.room, limit=100)
    assert [one.message_id for one in whole] == ids


async def test_history_has_an_answer_where_its_last_word_stands(scene: Scene) -> None:
    turn = scene.asked()
    async with scene.stage.deliver(turn, MIRA) as delivery:
        delivery.show("A sentence")
        await until(scene.texts)
        between = scene.says("And what else?")
        first, *_ = await delivery.finish(LONG)
    read = await scene.stage.history(scene.room, after=turn.trigger)
    assert first < between
    assert [one.message_id for one in read] == [between, first]


async def test_all_that_a_place_shows_is_seen_with_what_people_changed(scene: Scene) -> None:
    said = [scene.says(text) for text in ("one", "two", "three")]
    async with scene.stage.deliver(scene.asked(), MIRA) as delivery:
        chunks = await delivery.finish(LONG)
    assert len(chunks) > 1
    shown = await scene.stage.messages(scene.room)
    assert [one for one in shown if one in {*said, *chunks}] == [*said, *chunks]
    assert set(shown.values()) == {None}
    newest = await scene.stage.messages(scene.room, limit=2)
    assert list(newest) == list(chunks[-2:])


async def test_typing_is_held_by_several_at_once(scene: Scene) -> None:
    async with scene.stage.typing(scene.room):
        async with scene.stage.typing(scene.room) as stop:
            stop()
            stop()
        assert await scene.stage.history(scene.room) == []


async def test_a_place_has_a_voice_until_the_right_to_speak_is_taken(scene: Scene) -> None:
    await scene.stage.require_voice(scene.room)
    await scene.falls_silent()
    with pytest.raises(NotPermittedError) as refused:
        await scene.stage.require_voice(scene.room)
    assert refused.value.permission == "Send Messages"
