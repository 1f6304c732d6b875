"""What every `ActionPort` does: the one on Discord and its twin in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.domain.action_arguments import Poll
from bot.domain.actions import (
    ActionResult,
    OpenThread,
    Pin,
    Power,
    React,
    RoomAction,
    SendFile,
    StartPoll,
    Whisper,
)
from bot.domain.enclosing import Enclosure
from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import Speaker, SpeakerKind
from bot.errors import DeliveryError, PlaceGoneError
from bot.rooms.ports.action_port import ActionContext, ActionPort
from bot.rooms.ports.stage import Stage
from sandbox.discord.world.permissions import Permission
from tests.fakes.actions import MemoryActions
from tests.fakes.stage import MemoryStage
from tests.fixtures_stage import MIRA, stage_inn, theatre  # noqa: F401 fixtures
from tests.refused import refused

# isort: split
from bot.discord_io.actions import DiscordActions

DENIED = {
    Power.REACT: Permission.ADD_REACTIONS,
    Power.POLL: Permission.SEND_POLLS,
    Power.THREAD: Permission.CREATE_PUBLIC_THREADS,
    Power.PIN: Permission.PIN_MESSAGES,
    Power.FILE: Permission.ATTACH_FILES,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A port, the stage that it works on, a room with a person, and what shows its work."""

    port: ActionPort
    stage: Stage
    room: Room
    person: int
    says: Callable[[str], int]
    permit: Callable[..., Awaitable[None]]
    pinned: Callable[[], list[int]]

    def asked(self, trigger: int | None = None) -> Turn:
        trigger = self.says("Mira?") if trigger is None else trigger
        now = datetime.now(UTC)
        return Turn(self.room, "mira", trigger, self.person, Reason.NAMED, now)

    async def at(self, message_id: int, action: RoomAction) -> ActionResult:
        """Perform the action in a turn that answers this message."""
        return await self.port.perform(action, ActionContext(self.asked(message_id), MIRA))


@pytest.fixture(params=["discord", "memory"])
def scene(request: pytest.FixtureRequest) -> Scene:
    return in_memory() if request.param == "memory" else on_discord(request)


def in_memory() -> Scene:
    stage, room = MemoryStage(), Room(5, Place.CHANNEL, 7)
    port, ada = MemoryActions(stage), Speaker(42, "Ada")

    async def permit(user: int | None, power: Power, *, may: bool) -> None:
        change = port.lacking.discard if may else port.lacking.add
        change((user, power))

    return Scene(
        port=port,
        stage=stage,
        room=room,
        person=ada.id,
        says=lambda text: stage.say(room, ada, text).message_id,
        permit=permit,
        pinned=lambda: port.pinned,
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
        port=DiscordActions(client=made.client, bot=made.bot, stage=made.stage),
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
    assert await scene.port.allows(scene.room, power)
    assert await scene.port.allows(scene.room, power, user_id=scene.person)
    await scene.permit(scene.person, power, may=False)
    assert await scene.port.allows(scene.room, power)
    assert not await scene.port.allows(scene.room, power, user_id=scene.person)
    await scene.permit(None, power, may=False)
    assert not await scene.port.allows(scene.room, power)


async def test_in_a_direct_talk_there_are_no_threads_to_open(scene: Scene) -> None:
    direct = Room(9, Place.DIRECT)
    assert not await scene.port.allows(direct, Power.THREAD, user_id=scene.person)
    assert await scene.port.allows(direct, Power.PIN, user_id=scene.person)


async def test_a_pin_may_be_repeated(scene: Scene) -> None:
    message_id = scene.says("Breakfast at eight.")
    await scene.at(message_id, Pin())
    assert scene.pinned() == [message_id]
    await scene.at(message_id, Pin())
    assert set(scene.pinned()) == {message_id}
    with pytest.raises(PlaceGoneError):
        await scene.at(1, Pin())


async def test_a_thread_is_opened_at_a_message_once(scene: Scene) -> None:
    message_id = scene.says("Let us talk of cellars.")
    thread = (await scene.at(message_id, OpenThread("The cellar"))).thread
    assert thread is not None
    assert (thread.place, thread.parent_id) == (Place.THREAD, scene.room.id)
    assert (thread.guild_id, thread.name) == (scene.room.guild_id, "The cellar")
    with pytest.raises(DeliveryError):
        await scene.at(message_id, OpenThread("Another cellar"))
    with pytest.raises(PlaceGoneError):
        await scene.at(message_id + (9 << 22), OpenThread("Nowhere"))


async def test_a_poll_and_a_file_are_said_by_the_character(scene: Scene) -> None:
    turn = scene.asked()
    lunch = Poll("Lunch?", ("soup", "stew"), 1, several=True)
    context = ActionContext(turn, MIRA)
    poll = await scene.port.perform(StartPoll(lunch), context)
    file = await scene.port.perform(SendFile(Enclosure("notes.md", "# Notes")), context)
    said = await scene.stage.history(scene.room, after=turn.trigger)
    assert [message.message_id for message in said] == [poll.message_id, file.message_id]
    assert said[0].text == "[poll: Lunch? (soup / stew)]"
    for message in said:
        assert (message.speaker.kind, message.speaker.character) == (SpeakerKind.CHARACTER, "mira")
        assert message.turn == turn.id


async def test_nobody_is_whispered_to_who_gave_no_command(scene: Scene) -> None:
    with refused("whisper only"):
        await scene.at(scene.says("Mira?"), Whisper("Psst."))


async def test_a_reaction_stands_under_the_message_that_is_answered(scene: Scene) -> None:
    message_id = scene.says("Soup!")
    assert await scene.at(message_id, React("🔥")) == ActionResult()
    with pytest.raises(PlaceGoneError):
        await scene.at(message_id + (9 << 22), React("🔥"))
