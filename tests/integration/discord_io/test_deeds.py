"""What characters do besides talking, as people in a Discord see it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.actions import Poll, Power
from bot.domain.character import Mood
from bot.domain.enclosing import Enclosure
from bot.domain.room import Seat
from bot.domain.turn import TurnState
from bot.rooms.demeanours import Demeanours
from sandbox.discord.world.permissions import Permission
from tests.fakes.demeanours import MemoryDemeanours
from tests.fixtures_discord import Inn
from tests.fixtures_stage import MIRA, QUILL, Theatre, stage_inn, theatre, theatre_in  # noqa: F401

# isort: split
from bot.discord_io.deeds import DiscordHands

MOODY = replace(QUILL, moods=(Mood("grim", "https://example.org/grim.png"),))


@pytest.fixture
def hands(theatre: Theatre) -> DiscordHands:  # noqa: F811 a fixture
    return DiscordHands(client=theatre.client, bot=theatre.bot, stage=theatre.stage)


async def test_who_is_not_in_the_server_may_do_nothing_there(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    stranger = theatre.server.world.add_user("eve", display="Eve")
    room = theatre.room(theatre.inn.lobby)
    assert not await hands.allows(room, Power.REACT, user_id=stranger.id)


async def test_nobody_is_not_the_bot(theatre: Theatre, hands: DiscordHands) -> None:  # noqa: F811
    room = theatre.room(theatre.inn.lobby)
    assert await hands.allows(room, Power.REACT)
    assert not await hands.allows(room, Power.REACT, user_id=0)


async def test_who_manages_messages_may_not_pin_for_that(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    world.permit(
        inn.lobby,
        inn.bob.id,
        allow=Permission.MANAGE_MESSAGES,
        deny=Permission.PIN_MESSAGES,
    )
    await theatre.server.wait_for(lambda _: theatre.heard.rights)
    room = theatre.room(inn.lobby)
    assert not await hands.allows(room, Power.PIN, user_id=inn.bob.id)


async def test_in_a_thread_the_powers_of_its_channel_hold(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    thread = theatre.room(world.start_thread(inn.ada, inn.lobby, "a corner"))
    assert await hands.allows(thread, Power.FILE, user_id=inn.bob.id)
    world.permit(inn.lobby, inn.bob.id, deny=Permission.ATTACH_FILES)
    await theatre.server.wait_for(lambda _: theatre.heard.rights)
    assert not await hands.allows(thread, Power.FILE, user_id=inn.bob.id)


async def test_polls_and_files_come_under_the_characters_own_name_and_face(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    lobby = theatre.inn.lobby
    turn = theatre.asked(lobby)
    await hands.poll(turn, QUILL, Poll("Lunch @everyone?", ("soup", "stew"), 2, several=True))
    await hands.send_file(turn, QUILL, Enclosure("notes.md", "# Größe"))
    poll, file = theatre.said(lobby.id)
    assert poll.poll is not None
    assert poll.poll.question == {"text": "Lunch @everyone?"}
    assert [one["text"] for one in poll.poll.answers.values()] == ["soup", "stew"]
    assert poll.poll.many
    (attached,) = file.attachments
    assert (attached.filename, attached.data) == ("notes.md", "# Größe".encode())
    for one in (poll, file):
        assert one.author.username == "Quill"
        assert not one.mention_everyone


@pytest.mark.parametrize("is_recorded", [True, False])
@pytest.mark.parametrize("has_webhook", [True, False])
async def test_what_was_sent_before_a_crash_is_not_sent_again(
    stage_inn: Inn,  # noqa: F811
    *,
    is_recorded: bool,
    has_webhook: bool,
) -> None:
    if not has_webhook:
        bot = stage_inn.application.user.id
        stage_inn.server.world.permit(stage_inn.lobby, bot, deny=Permission.MANAGE_WEBHOOKS)
    lunch, notes = Poll("Lunch?", ("soup", "stew")), Enclosure("notes.md", "1 : 0")
    async with theatre_in(stage_inn) as before:
        hands = DiscordHands(client=before.client, bot=before.bot, stage=before.stage)
        turn = before.asked(stage_inn.lobby)
        sent = await hands.poll(turn, MIRA, lunch), await hands.send_file(turn, MIRA, notes)
    async with theatre_in(stage_inn) as after:
        if is_recorded:
            for one in sent:
                await after.record.claim(turn, one)
        hands = DiscordHands(client=after.client, bot=after.bot, stage=after.stage)
        # Its first words are no poll: those are said anew.
        (answer,) = await after.say(replace(turn, state=TurnState.RUNNING), "Vote", "Vote!")
        assert answer not in sent
        assert (
            await hands.poll(turn, MIRA, lunch),
            await hands.send_file(turn, MIRA, notes),
        ) == sent
        others = [
            await hands.poll(turn, MIRA, replace(lunch, answers=("soup", "salad"))),
            await hands.send_file(turn, MIRA, replace(notes, text="2 : 0")),
            await hands.poll(after.asked(stage_inn.lobby), MIRA, lunch),
        ]
        assert not {*others} & {*sent, answer}
        assert len({*others}) == 3


async def test_where_the_bot_has_no_webhook_a_name_stands_above_polls(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    world.permit(inn.lobby, inn.application.user.id, deny=Permission.MANAGE_WEBHOOKS)
    turn = theatre.asked(inn.lobby)
    await hands.poll(turn, MIRA, Poll("Lunch?", ("soup", "stew")))
    (poll,) = theatre.said(inn.lobby.id)
    assert poll.content == "**Mira**"
    assert poll.poll is not None
    (told,) = await theatre.stage.history(turn.room, after=turn.trigger)
    assert told.text == "[poll: Lunch? (soup / stew)]"


async def test_the_message_that_was_chosen_is_named_above_the_words(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    lobby = theatre.inn.lobby
    earlier = theatre.server.world.say(theatre.inn.bob, lobby, "The soup is hot.")
    turn = theatre.asked(lobby)
    (said, *_) = await theatre.stage.history(turn.room)
    assert said.message_id == earlier.id
    assert not hands.answer(turn, said), "nothing is being said yet"
    async with theatre.stage.deliver(turn, QUILL) as delivery:
        assert hands.answer(turn, said)
        delivery.show("Careful with it")
        await theatre.shown(turn)
        assert not hands.answer(turn, said), "the line stands"
        await delivery.finish("Careful with it, then.")
    link = f"https://discord.com/channels/{theatre.inn.guild.id}/{lobby.id}/{earlier.id}"
    assert theatre.texts(lobby) == [f"-# ↪ [reply to Bob]({link})\nCareful with it, then."]


async def test_a_face_that_is_changed_while_it_thinks_is_worn_from_the_first_word_on(
    stage_inn: Inn,  # noqa: F811
) -> None:
    demeanours = Demeanours(MemoryDemeanours())
    async with theatre_in(stage_inn, worn=demeanours.worn) as made:
        turn = made.asked(stage_inn.lobby)
        async with made.stage.deliver(turn, MOODY) as delivery:
            await made.stage.prepare(turn.room, MOODY)
            await demeanours.set_mood(Seat(turn.room.id, MOODY.key), "grim")
            await delivery.finish("Hm.")
    seen = [one.body for one in stage_inn.server.record.requests if isinstance(one.body, dict)]
    faces = [body["avatar_url"] for body in seen if "avatar_url" in body]
    assert faces == ["https://example.org/grim.png"]


# --- the bot's own presence -----------------------------------------------------------------


def shown(made: Theatre) -> list[str]:
    """What the bot says that it does."""
    about = made.server.world.presences.get(made.inn.application.user.id, {})
    return [str(one.get("state")) for one in about.get("activities", [])]


async def test_a_status_is_the_bots_own_while_it_serves_one_server_only(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    room = theatre.room(inn.lobby)
    await hands.show_status(room, QUILL, "sharpens a pen")
    await theatre.server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"])
    other = world.add_guild("Elsewhere", inn.bob)
    hall = world.add_channel(other, "hall")
    world.install(inn.application, other)
    await theatre.server.wait_for(lambda _: not shown(theatre))
    await hands.show_status(room, QUILL, "writes")
    await hands.show_status(theatre.room(hall), QUILL, "writes")
    assert shown(theatre) == []


async def test_a_status_outlives_the_session_in_which_it_was_set(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    server, bot = theatre.server, theatre.inn.application.user
    await hands.show_status(theatre.room(theatre.inn.lobby), QUILL, "sharpens a pen")
    await server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"])
    before = theatre.client.times_ready
    server.world.presences.pop(bot.id)
    server.faults.gateway.invalidate(bot.id)
    await server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"], 15)
    assert theatre.client.times_ready > before


async def test_a_status_is_not_shown_again_once_a_second_server_was_joined_between_two_sessions(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    server, inn = theatre.server, theatre.inn
    await hands.show_status(theatre.room(inn.lobby), QUILL, "sharpens a pen")
    await server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"])
    server.faults.gateway.invalidate(inn.application.user.id)
    server.world.install(inn.application, server.world.add_guild("Elsewhere", inn.bob))
    sessions = server.record.sessions
    await server.wait_for(lambda _: len(sessions) > 1 and sessions[-1].presence, 15)
    assert len(theatre.client.guilds) == 2
    assert shown(theatre) == []


async def test_a_status_from_a_closed_channel_is_not_shown_to_all(
    theatre: Theatre,  # noqa: F811
    hands: DiscordHands,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    closed = world.add_channel(inn.guild, "closed")
    world.permit(closed, inn.guild.id, deny=Permission.VIEW_CHANNEL)
    world.permit(closed, inn.application.user.id, allow=Permission.VIEW_CHANNEL)
    lobby = theatre.room(inn.lobby)
    await hands.show_status(lobby, QUILL, "sharpens a pen")
    await theatre.server.wait_for(lambda _: shown(theatre))
    await hands.show_status(theatre.room(closed), QUILL, "plots")
    await hands.show_status(theatre.room(closed), QUILL, "")
    assert shown(theatre) == ["Quill: sharpens a pen"]
    await hands.show_status(lobby, QUILL, "")
    await theatre.server.wait_for(lambda _: not shown(theatre))
