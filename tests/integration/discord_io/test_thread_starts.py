"""What a thread was started from is the first thing said in it."""

from __future__ import annotations

from bot.domain.utterance import SpeakerKind
from sandbox.discord.world.model import Channel
from tests.fixtures_stage import Theatre


async def first_in(theatre: Theatre, thread: Channel) -> tuple[SpeakerKind, str, str]:
    theatre.server.world.say(theatre.inn.bob, thread, "Is that so?")
    said = await theatre.stage.history(theatre.room(thread))
    assert [one.text for one in said][1:] == ["Is that so?"]
    assert said[0].room_id == thread.id
    assert said[0].order < said[1].order
    return said[0].speaker.kind, said[0].speaker.name, said[0].text


async def test_a_persons_message_keeps_its_speaker(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    topic = world.say(inn.ada, inn.lobby, "The bridge is out.")
    thread = world.start_thread(inn.bob, inn.lobby, "Bridge", source=topic)
    assert await first_in(theatre, thread) == (SpeakerKind.PERSON, "Ada", "The bridge is out.")


async def test_a_characters_message_is_known_by_the_record(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    chunks = await theatre.say(theatre.asked(inn.lobby), "It was the flood.")
    answer = inn.lobby.messages[chunks[0]]
    thread = world.start_thread(inn.bob, inn.lobby, "Flood", source=answer)
    assert await first_in(theatre, thread) == (SpeakerKind.CHARACTER, "Mira", "It was the flood.")


async def test_a_start_that_was_deleted_is_left_out(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    topic = world.say(inn.ada, inn.lobby, "Forget it.")
    thread = world.start_thread(inn.bob, inn.lobby, "Nothing", source=topic)
    world.delete(topic)
    world.say(inn.bob, thread, "Is that so?")
    said = await theatre.stage.history(theatre.room(thread))
    assert [one.text for one in said] == ["Is that so?"]


async def test_a_start_that_was_edited_has_its_note_edited_and_one_that_is_gone_takes_it_along(
    theatre: Theatre,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    topic = world.say(inn.ada, inn.lobby, "The bridge is out.")
    thread = world.start_thread(inn.bob, inn.lobby, "Bridge", source=topic)
    room = theatre.room(thread)
    assert list((await theatre.stage.messages(room)).values()) == [None]
    world.edit(inn.ada, topic, "The bridge is mended.")
    ((note, edited),) = (await theatre.stage.messages(room)).items()
    assert note != topic.id
    assert edited is not None
    world.delete(topic)
    assert await theatre.stage.messages(room) == {}
