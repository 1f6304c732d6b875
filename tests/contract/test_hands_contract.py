"""What every `Hands` does: those on Discord and their twin in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.domain.actions import Poll, Power
from bot.domain.enclosing import Enclosure
from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import Speaker, SpeakerKind
from bot.errors import DeliveryError, PlaceGoneError, RefusedError
from bot.rooms.hands import Hands
from bot.rooms.ports import Stage
from sandbox.discord.world.permissions import Permission
from tests.fakes.hands import MemoryHands
from tests.fakes.stage import MemoryStage
from tests.fixtures_stage import MIRA, stage_inn, theatre  # noqa: F401 fixtures

# isort: split
from bot.discord_io.deeds import DiscordHands

DENIED = {
    Power.REACT: Permission.ADD_REACTIONS,
    Power.POLL: Permission.SEND_POLLS,
    Power.THREAD: Permission.CREATE_PUBLIC_THREADS,
    Power.PIN: Permission.PIN_MESSAGES,
    Power.FILE: Permission.ATTACH_FILES,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Hands, the stage that they work on, a room with a person, and what shows their work."""

    hands: Hands
    stage: Stage
    room: Room
    person: int
    says: Callable[[str], int]
    permit: Callable[..., Awaitable[None]]
    pinned: Callable[[], list[int]]

    def asked(self) -> Turn:
        trigger = self.says("Mira?")
        now = datetime.now(UTC)
        return Turn(self.room, "mira", trigger, self.person, Reason.NAMED, now)


@pytest.fixture(params=["discord", "memory"])
def scene(request: pytest.FixtureRequest) -> Scene:
    return in_memory() if request.param == "memory" else on_discord(request)


def in_memory() -> Scene:
    stage, room = MemoryStage(), Room(5, Place.CHANNEL, 7)
    hands, ada = MemoryHands(stage), Speaker(42, "Ada")

    async def permit(user: int | None, power: Power, *, may: bool) -> None:
        change = hands.lacking.discard if may else hands.lacking.add
        change((user, power))

    return Scene(
        hands=hands,
        stage=stage,
        room=room,
        person=ada.id,
        says=lambda text: stage.say(room, ada, text).message_id,
        permit=permit,
        pinned=lambda: hands.pinned,
    )


def on_discord(request: pytest.FixtureRequest) -> Scene:
    made = request.getfixturevalue("theatre")
    inn, world = made.inn, made.server.world

    async def permit(user: int | None, power: Power, *, may: bool) -> None:
        made.heard.rights.clear()
        allow, deny = (DENIED[power], 0) if may else (0, DENIED[power])
        world.permit(inn.lobby, user or inn.application.user.id, allow=allow, deny=deny)
        await made.server.wait_for(lambda _: made.heard.rights)

    return Scene(
        hands=DiscordHands(client=made.client, bot=made.bot, stage=made.stage),
        stage=made.stage,
        room=made.room(inn.lobby),
        person=inn.bob.id,
        says=lambda text: world.say(inn.bob, inn.lobby, text).id,
        permit=permit,
        pinned=lambda: list(inn.lobby.pins),
    )


@pytest.mark.parametrize("power", Power)
async def test_powers_are_those_in_that_very_place(scene: Scene, power: Power) -> None:
    await scene.permit(scene.person, power, may=True)
    assert await scene.hands.allows(scene.room, power)
    assert await scene.hands.allows(scene.room, power, user_id=scene.person)
    await scene.permit(scene.person, power, may=False)
    assert await scene.hands.allows(scene.room, power)
    assert not await scene.hands.allows(scene.room, power, user_id=scene.person)
    await scene.permit(None, power, may=False)
    assert not await scene.hands.allows(scene.room, power)


async def test_in_a_direct_talk_there_are_no_threads_to_open(scene: Scene) -> None:
    direct = Room(9, Place.DIRECT)
    assert not await scene.hands.allows(direct, Power.THREAD, user_id=scene.person)
    assert await scene.hands.allows(direct, Power.PIN, user_id=scene.person)


async def test_a_pin_may_be_repeated(scene: Scene) -> None:
    message_id = scene.says("Breakfast at eight.")
    await scene.hands.pin(scene.room, message_id)
    assert scene.pinned() == [message_id]
    await scene.hands.pin(scene.room, message_id)
    assert set(scene.pinned()) == {message_id}
    with pytest.raises(PlaceGoneError):
        await scene.hands.pin(scene.room, 1)


async def test_a_thread_is_opened_at_a_message_once(scene: Scene) -> None:
    message_id = scene.says("Let us talk of cellars.")
    thread = await scene.hands.open_thread(scene.room, message_id, "The cellar")
    assert (thread.place, thread.parent_id) == (Place.THREAD, scene.room.id)
    assert (thread.guild_id, thread.name) == (scene.room.guild_id, "The cellar")
    with pytest.raises(DeliveryError):
        await scene.hands.open_thread(scene.room, message_id, "Another cellar")
    with pytest.raises(PlaceGoneError):
        await scene.hands.open_thread(scene.room, message_id + (9 << 22), "Nowhere")


async def test_a_poll_and_a_file_are_said_by_the_character(scene: Scene) -> None:
    turn = scene.asked()
    lunch = Poll("Lunch?", ("soup", "stew"), 1, several=True)
    poll = await scene.hands.poll(turn, MIRA, lunch)
    file = await scene.hands.send_file(turn, MIRA, Enclosure("notes.md", "# Notes"))
    said = await scene.stage.history(scene.room, after=turn.trigger)
    assert [one.message_id for one in said] == [poll, file]
    assert said[0].text == "[poll: Lunch? (soup / stew)]"
    for one in said:
        assert (one.speaker.kind, one.speaker.character) == (SpeakerKind.CHARACTER, "mira")
        assert one.turn == turn.id


async def test_nobody_is_whispered_to_who_gave_no_command(scene: Scene) -> None:
    with pytest.raises(RefusedError):
        await scene.hands.whisper(scene.asked(), MIRA, "Psst.")
