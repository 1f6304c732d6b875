"""What characters do besides talking, as people in a Discord see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.action_arguments import Poll
from bot.domain.actions import Power, ReplyTo, RoomAction, SendFile, SetStatus, StartPoll
from bot.domain.character import Character, Mood
from bot.domain.enclosing import Enclosure
from bot.domain.room import Room, Seat
from bot.domain.turn import Reason, Turn, TurnState
from bot.rooms.ports.action_port import ActionContext
from bot.rooms.state.persona_states import PersonaStates
from sandbox.discord.world.permissions import Permission
from tests.fakes.persona_states import MemoryPersonaStates
from tests.fixtures_discord import Inn
from tests.fixtures_stage import MIRA, QUILL, Theatre, stage_inn, theatre, theatre_in  # noqa: F401
from tests.refused import refused

# isort: split
from bot.discord_io.actions import DiscordActions

MOODY = replace(QUILL, moods=(Mood("grim", "https://example.org/grim.png"),))


@pytest.fixture
def port(theatre: Theatre) -> DiscordActions:  # noqa: F811 a fixture
    return DiscordActions(client=theatre.client, bot=theatre.bot, stage=theatre.stage)


async def post(port: DiscordActions, turn: Turn, character: Character, action: RoomAction) -> int:
    """Perform the action in the turn; return the message that it posted."""
    result = await port.perform(action, ActionContext(turn, character))
    assert result.message_id is not None
    return result.message_id


async def show(port: DiscordActions, room: Room, status: str) -> None:
    """Set the status of Quill in that room."""
    turn = Turn(room, QUILL.key, 1, 1, Reason.NAMED, datetime.now(UTC))
    await port.perform(SetStatus(status), ActionContext(turn, QUILL))


async def test_who_is_not_in_the_server_may_do_nothing_there(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    stranger = theatre.server.world.add_user("eve", display="Eve")
    room = theatre.room(theatre.inn.lobby)
    assert not await port.allows(room, Power.REACT, user_id=stranger.id)


async def test_nobody_is_not_the_bot(theatre: Theatre, port: DiscordActions) -> None:  # noqa: F811
    room = theatre.room(theatre.inn.lobby)
    assert await port.allows(room, Power.REACT)
    assert not await port.allows(room, Power.REACT, user_id=0)


async def test_who_manages_messages_may_not_pin_for_that(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
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
    assert not await port.allows(room, Power.PIN, user_id=inn.bob.id)


async def test_in_a_thread_the_powers_of_its_channel_hold(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    thread = theatre.room(world.start_thread(inn.ada, inn.lobby, "a corner"))
    assert await port.allows(thread, Power.FILE, user_id=inn.bob.id)
    world.permit(inn.lobby, inn.bob.id, deny=Permission.ATTACH_FILES)
    await theatre.server.wait_for(lambda _: theatre.heard.rights)
    assert not await port.allows(thread, Power.FILE, user_id=inn.bob.id)


async def test_polls_and_files_come_under_the_characters_own_name_and_face(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    lobby = theatre.inn.lobby
    turn = theatre.asked(lobby)
    await post(
        port, turn, QUILL, StartPoll(Poll("Lunch @everyone?", ("soup", "stew"), 2, several=True))
    )
    await post(port, turn, QUILL, SendFile(Enclosure("notes.md", "# Größe")))
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
        port = DiscordActions(client=before.client, bot=before.bot, stage=before.stage)
        turn = before.asked(stage_inn.lobby)
        sent = (
            await post(port, turn, MIRA, StartPoll(lunch)),
            await post(port, turn, MIRA, SendFile(notes)),
        )
    async with theatre_in(stage_inn) as after:
        if is_recorded:
            for one in sent:
                await after.record.claim(turn, one)
        port = DiscordActions(client=after.client, bot=after.bot, stage=after.stage)
        # Its first words are no poll: those are said anew.
        (answer,) = await after.say(replace(turn, state=TurnState.RUNNING), "Vote", "Vote!")
        assert answer not in sent
        assert (
            await post(port, turn, MIRA, StartPoll(lunch)),
            await post(port, turn, MIRA, SendFile(notes)),
        ) == sent
        others = [
            await post(port, turn, MIRA, StartPoll(replace(lunch, answers=("soup", "salad")))),
            await post(port, turn, MIRA, SendFile(replace(notes, text="2 : 0"))),
            await post(port, after.asked(stage_inn.lobby), MIRA, StartPoll(lunch)),
        ]
        assert not {*others} & {*sent, answer}
        assert len({*others}) == 3


async def test_where_the_bot_has_no_webhook_a_name_stands_above_polls(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    world.permit(inn.lobby, inn.application.user.id, deny=Permission.MANAGE_WEBHOOKS)
    turn = theatre.asked(inn.lobby)
    await post(port, turn, MIRA, StartPoll(Poll("Lunch?", ("soup", "stew"))))
    (poll,) = theatre.said(inn.lobby.id)
    assert poll.content == "**Mira**"
    assert poll.poll is not None
    (told,) = await theatre.stage.history(turn.room, after=turn.trigger)
    assert told.text == "[poll: Lunch? (soup / stew)]"


async def test_the_message_that_was_chosen_is_named_above_the_words(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    lobby = theatre.inn.lobby
    earlier = theatre.server.world.say(theatre.inn.bob, lobby, "The soup is hot.")
    turn = theatre.asked(lobby)
    (said, *_) = await theatre.stage.history(turn.room)
    assert said.message_id == earlier.id
    choice, context = ReplyTo("soup"), ActionContext(turn, QUILL, quoted=said)
    with refused("begun to speak"):  # nothing is being said yet
        await port.perform(choice, context)
    async with theatre.stage.deliver(turn, QUILL) as delivery:
        assert (await port.perform(choice, context)).author == "Bob"
        delivery.show("Careful with it")
        await theatre.shown(turn)
        with refused("begun to speak"):  # the line stands
            await port.perform(choice, context)
        await delivery.finish("Careful with it, then.")
    link = f"https://discord.com/channels/{theatre.inn.guild.id}/{lobby.id}/{earlier.id}"
    assert theatre.texts(lobby) == [f"-# ↪ [reply to Bob]({link})\nCareful with it, then."]


async def test_a_face_that_is_changed_while_it_thinks_is_worn_from_the_first_word_on(
    stage_inn: Inn,  # noqa: F811
) -> None:
    persona_states = PersonaStates(MemoryPersonaStates())
    async with theatre_in(stage_inn, worn=persona_states.worn) as made:
        turn = made.asked(stage_inn.lobby)
        async with made.stage.deliver(turn, MOODY) as delivery:
            await made.stage.prepare(turn.room, MOODY)
            await persona_states.set_mood(Seat(turn.room.id, MOODY.key), "grim")
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
    port: DiscordActions,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    room = theatre.room(inn.lobby)
    await show(port, room, "sharpens a pen")
    await theatre.server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"])
    other = world.add_guild("Elsewhere", inn.bob)
    hall = world.add_channel(other, "hall")
    world.install(inn.application, other)
    await theatre.server.wait_for(lambda _: not shown(theatre))
    await show(port, room, "writes")
    await show(port, theatre.room(hall), "writes")
    assert shown(theatre) == []


async def test_a_status_outlives_the_session_in_which_it_was_set(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    server, bot = theatre.server, theatre.inn.application.user
    await show(port, theatre.room(theatre.inn.lobby), "sharpens a pen")
    await server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"])
    before = theatre.client.times_ready
    server.world.presences.pop(bot.id)
    server.faults.gateway.invalidate(bot.id)
    await server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"], 15)
    assert theatre.client.times_ready > before


async def test_a_status_is_not_shown_again_once_a_second_server_was_joined_between_two_sessions(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    server, inn = theatre.server, theatre.inn
    await show(port, theatre.room(inn.lobby), "sharpens a pen")
    await server.wait_for(lambda _: shown(theatre) == ["Quill: sharpens a pen"])
    server.faults.gateway.invalidate(inn.application.user.id)
    server.world.install(inn.application, server.world.add_guild("Elsewhere", inn.bob))
    sessions = server.record.sessions
    await server.wait_for(lambda _: len(sessions) > 1 and sessions[-1].presence, 15)
    assert len(theatre.client.guilds) == 2
    assert shown(theatre) == []


async def test_a_status_from_a_closed_channel_is_not_shown_to_all(
    theatre: Theatre,  # noqa: F811
    port: DiscordActions,
) -> None:
    world, inn = theatre.server.world, theatre.inn
    closed = world.add_channel(inn.guild, "closed")
    world.permit(closed, inn.guild.id, deny=Permission.VIEW_CHANNEL)
    world.permit(closed, inn.application.user.id, allow=Permission.VIEW_CHANNEL)
    lobby = theatre.room(inn.lobby)
    await show(port, lobby, "sharpens a pen")
    await theatre.server.wait_for(lambda _: shown(theatre))
    await show(port, theatre.room(closed), "plots")
    await show(port, theatre.room(closed), "")
    assert shown(theatre) == ["Quill: sharpens a pen"]
    await show(port, lobby, "")
    await theatre.server.wait_for(lambda _: not shown(theatre))
