"""Answers on their way into rooms: streamed, split, edited, and never said twice."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from bot.discord_io.parts import Part
from bot.domain.turn import TurnState
from bot.errors import DiscordDownError, NotPermittedError, PlaceGoneError
from sandbox.discord import ChannelType, Permission
from tests.fixtures_stage import MIRA, QUILL, Theatre

LONG = (
    "The road goes ever on and on, down from the door where it began. " * 30
    + "\n\n```python\n"
    + "".join(f"print({n})  # step number {n}\n" for n in range(90))
    + "```\n\n"
    + "And so it ends, for now, with nobody quite sure how. " * 20
)
SEND = r"^/webhooks/\d+/[^/]+$"
EDITS = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
EDIT = r"^/webhooks/\d+/[^/]+/messages/"


async def test_an_answer_comes_under_the_characters_own_name_and_face(theatre: Theatre):
    turn = theatre.turn(theatre.inn.lobby, theatre.asked(theatre.inn.lobby).trigger, "quill")
    await theatre.say(turn, "Good evening.", character=QUILL)
    (message,) = theatre.said(theatre.inn.lobby.id)
    assert (message.author.username, message.content) == ("Quill", "Good evening.")
    assert message.webhook_id is not None
    assert message.author.avatar is not None


async def test_first_words_are_sent_at_once_and_the_end_is_an_edit(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    ids = await theatre.say(turn, "Good", "Good evening", "Good evening, traveller.")
    assert theatre.texts(theatre.inn.lobby) == ["Good evening, traveller."]
    assert theatre.record.chunks[turn.id] == {0: ids[0]}
    kinds = [one.kind for one in theatre.server.record.writes if one.message.id == ids[0]]
    assert kinds[0] == "create"
    assert set(kinds[1:]) == {"edit"}


async def test_markup_alone_is_not_shown(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("**")
        delivery.show("```")
        await delivery.finish("**Yes.**")
    assert [one.content for one in theatre.said(theatre.inn.lobby.id)] == ["**Yes.**"]
    assert len(theatre.server.record.sent("PATCH", EDITS)) == 0


async def test_what_is_equal_already_is_not_edited(theatre: Theatre):
    await theatre.say(theatre.asked(theatre.inn.lobby), "Hello.", "Hello.")
    assert theatre.server.record.sent("PATCH", EDITS) == []


async def test_a_long_answer_with_code_arrives_whole_and_in_order(theatre: Theatre):
    assert len(LONG) > 5000
    turn = theatre.asked(theatre.inn.lobby)
    ids = await theatre.say(turn, "The road", LONG)
    said = theatre.said(theatre.inn.lobby.id)
    assert tuple(one.id for one in said) == ids == tuple(sorted(ids))
    assert theatre.record.chunks[turn.id] == dict(enumerate(ids))
    for one in said:
        assert len(one.content) <= 2000
        assert one.content.count("```") % 2 == 0
    (utterance,) = await theatre.stage.history(turn.room, after=turn.trigger)
    assert utterance.text.split() == LONG.split()


async def test_what_is_read_back_stands_where_it_was_heard(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    (shown,) = await theatre.say(turn, "The road", "The road goes on.")
    (utterance,) = await theatre.stage.history(turn.room, after=turn.trigger)
    assert utterance.order > shown  # edited since: that is all that Discord tells
    theatre.record.said_at[turn.id] = shown + 1
    (utterance,) = await theatre.stage.history(turn.room, after=turn.trigger)
    assert utterance.order == shown + 1
    theatre.record.said_at[turn.id] = 0  # it is not ended: who hears it now would hear it twice
    assert await theatre.stage.history(turn.room, after=turn.trigger) == []


@pytest.mark.parametrize("voice", ["webhook", "bot"])
async def test_nobody_whom_a_text_mentions_is_notified_not_even_who_asked(
    theatre: Theatre, voice: str
):
    inn, world = theatre.inn, theatre.server.world
    if voice == "bot":
        world.permit(inn.lobby, inn.application.user.id, deny=Permission.MANAGE_WEBHOOKS)
    everybody = f"@everyone @here <@{inn.ada.id}> <@!{inn.bob.id}> <@&{inn.guild.id}> "
    turn = theatre.asked(inn.lobby)
    # A send, an edit of it, a send of a later message, and edits of both once the turn is reworded.
    chunks = await theatre.say(turn, f"{everybody}look", f"{everybody}{LONG}{everybody}")
    reworded = replace(turn, chunks=chunks, state=TurnState.RECORDED)
    await theatre.say(reworded, f"{everybody}{LONG.replace('road', 'way')}{everybody}")
    await theatre.stage.tell(turn.room, f"{everybody}one can’t answer.", reply_to=turn.trigger)
    await theatre.stage.post(turn, MIRA, Part(everybody))
    writes = theatre.server.record.writes
    ours = [one for one in writes if one.message.author.bot and one.kind != "delete"]
    kinds = [one.kind for one in ours]
    assert kinds.count("create") >= len(chunks) + 2
    assert kinds.count("edit") >= 2
    assert [one.message.content for one in ours if one.message.pings] == []
    bodies = [one.body for one in theatre.server.record.requests if one.method in ("POST", "PATCH")]
    named = [body["allowed_mentions"] for body in bodies if body and "content" in body]
    assert len(named) == len(ours)
    assert not any(one["parse"] or one.get("users") or one.get("replied_user") for one in named)


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("kind", ["502", "reset"])
async def test_a_send_whose_fate_is_unknown_is_there_once(
    theatre: Theatre, kind: str, carried_out: bool
):
    faults = theatre.server.faults
    # The second message: the first is already shown, the third has to wait for it.
    if kind == "502":
        faults.answer(502, method="POST", path=SEND, skip=1, carried_out=carried_out)
    else:
        faults.reset(method="POST", path=SEND, skip=1, carried_out=carried_out)
    turn = theatre.asked(theatre.inn.lobby)
    ids = await theatre.say(turn, LONG)
    assert tuple(one.id for one in theatre.said(theatre.inn.lobby.id)) == ids
    (utterance,) = await theatre.stage.history(turn.room, after=turn.trigger)
    assert utterance.text.split() == LONG.split()
    assert not faults.http


async def test_the_same_words_twice_are_two_messages(theatre: Theatre):
    # Answers to commands: no line above them tells one from the other.
    ids, lobby = theatre.server.world.ids, theatre.inn.lobby
    first, second = (theatre.turn(lobby, ids.next()) for _ in range(2))
    await theatre.say(first, "Yes.")
    theatre.server.faults.answer(502, method="POST", path=SEND)
    await theatre.say(second, "Yes.")
    assert theatre.texts(lobby) == ["Yes.", "Yes."]
    assert theatre.record.chunks[first.id] != theatre.record.chunks[second.id]


async def test_a_rate_limit_is_waited_for_and_nothing_is_said_twice(theatre: Theatre):
    theatre.server.faults.answer(429, method="POST", path=SEND, retry_after=0.05)
    theatre.server.faults.answer(429, method="PATCH", path=EDIT, retry_after=0.05)
    await theatre.say(theatre.asked(theatre.inn.lobby), "Good", "Good evening.")
    assert theatre.texts(theatre.inn.lobby) == ["Good evening."]


async def test_an_edit_that_fails_on_the_way_is_tried_again(theatre: Theatre):
    theatre.server.faults.answer(503, method="PATCH", path=EDIT)
    theatre.server.faults.reset(method="PATCH", path=EDIT, skip=1, carried_out=True)
    await theatre.say(theatre.asked(theatre.inn.lobby), "Good", "Good evening.")
    assert theatre.texts(theatre.inn.lobby) == ["Good evening."]


async def test_when_discord_stays_down_the_turn_hears_of_it(theatre: Theatre):
    await theatre.say(theatre.asked(theatre.inn.lobby), "Before.")
    theatre.server.faults.answer(503, method="POST", path=SEND, times=20)
    with pytest.raises(DiscordDownError) as told:
        await theatre.say(theatre.asked(theatre.inn.lobby), "Now.")
    hook = theatre.memory.kept[theatre.inn.lobby.id]
    assert hook.token not in f"{told.value!r} {told.value} {told.value.__cause__!r}"


async def test_a_webhook_that_is_gone_is_made_anew(theatre: Theatre):
    world = theatre.server.world
    await theatre.say(theatre.asked(theatre.inn.lobby), "One.")
    world.webhooks.clear()
    await theatre.say(theatre.asked(theatre.inn.lobby), "Two.")
    assert theatre.texts(theatre.inn.lobby) == ["One.", "Two."]
    assert list(world.webhooks) == [theatre.memory.kept[theatre.inn.lobby.id].id]


async def test_an_answer_begun_by_a_webhook_that_is_gone_is_said_whole_by_another(
    theatre: Theatre,
):
    world, turn = theatre.server.world, theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("Good")
        first = await theatre.shown(turn)
    world.webhooks.clear()
    await theatre.stage.webhooks_changed(theatre.inn.lobby.id)
    begun = replace(turn, state=TurnState.RECORDED, text="Good evening.", chunks=(first.id,))
    (last,) = await theatre.say(begun, "Good evening.")
    assert theatre.said(theatre.inn.lobby.id)[-1].id == last != first.id
    assert theatre.texts(theatre.inn.lobby)[-1] == "Good evening."
    assert theatre.record.chunks[turn.id] == {0: last}


async def test_an_answer_that_ends_while_its_first_words_are_on_their_way_is_there_once(
    theatre: Theatre,
):
    theatre.server.faults.delay(0.1, method="POST", path=SEND)
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("Good")
        # Taken off the list when the request has arrived.
        await theatre.server.wait_for(lambda _: not theatre.server.faults.http)
        await delivery.finish("Good evening.")
    sends = theatre.server.record.sent("POST", "/webhooks/{webhook_id}/{webhook_token}")
    await theatre.server.wait_for(lambda _: all(one.status is not None for one in sends))
    assert theatre.texts(theatre.inn.lobby) == ["Good evening."]


async def test_a_webhook_that_goes_while_words_stream_is_made_anew(theatre: Theatre):
    world, turn = theatre.server.world, theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("Good")
        first = await theatre.shown(turn)
        world.webhooks.clear()
        ids = await delivery.finish("Good evening.")
    last = theatre.said(theatre.inn.lobby.id)[-1]
    assert ids == (last.id,)
    assert last.content == "Good evening."
    assert first.id != last.id
    assert theatre.record.chunks[turn.id] == {0: last.id}


@pytest.mark.parametrize("begun", [True, False])
async def test_a_webhook_that_goes_for_good_while_words_stream_costs_the_name_only(
    theatre: Theatre, begun: bool
):
    inn, world = theatre.inn, theatre.server.world
    await theatre.webhooks.of(inn.lobby.id)
    world.permit(inn.lobby, inn.application.user.id, allow=int(Permission.MANAGE_MESSAGES))
    turn = theatre.asked(inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        if begun:
            delivery.show("Good")
            await theatre.shown(turn)
        world.webhooks.clear()
        world.permit(
            inn.lobby,
            inn.application.user.id,
            allow=int(Permission.MANAGE_MESSAGES),
            deny=int(Permission.MANAGE_WEBHOOKS),
        )
        ids = await delivery.finish("Good evening.")
    assert theatre.texts(inn.lobby) == ["**Mira**\nGood evening."]
    assert theatre.record.chunks[turn.id] == dict(enumerate(ids))
    assert theatre.missing == [(inn.lobby.id, "Manage Webhooks")]


async def test_an_answer_that_a_person_deletes_is_not_posted_again(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("Good")
        message = await theatre.shown(turn)
        theatre.server.world.delete(message)
        assert await delivery.finish(LONG) == (message.id,)
    assert theatre.texts(theatre.inn.lobby) == []


async def test_what_was_shown_is_withdrawn(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("Good")
        await theatre.shown(turn)
        await delivery.withdraw()
    assert theatre.texts(theatre.inn.lobby) == []


async def test_threads_and_posts_speak_through_their_parents_webhook(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    thread = world.start_thread(inn.ada, inn.lobby, "Aside")
    forum = world.add_channel(inn.guild, "forum", ChannelType.FORUM)
    post = world.start_post(inn.ada, forum, "A question", "What now?")
    for place in (thread, post):
        turn = theatre.asked(place)
        (message_id,) = await theatre.say(turn, "Here", "Here I am.")
        assert place.parent_id is not None
        hook = await theatre.webhooks.of(place.parent_id)
        found = await theatre.api.fetch(hook, message_id, thread_id=place.id)
        assert (found.content, found.name) == ("Here I am.", "Mira")
        assert found.webhook_id == hook.id
        assert world.webhooks[hook.id].channel_id == place.parent_id
    assert len(world.webhooks) == 2


async def test_without_the_right_to_webhooks_it_speaks_as_the_bot_and_says_so_once(
    theatre: Theatre,
):
    inn = theatre.inn
    theatre.server.world.permit(
        inn.lobby, inn.application.user.id, deny=int(Permission.MANAGE_WEBHOOKS)
    )
    await theatre.say(theatre.asked(inn.lobby), "Good", "Good evening.")
    await theatre.say(theatre.asked(inn.lobby), "And more.")
    assert theatre.texts(inn.lobby) == ["**Mira**\nGood evening.", "**Mira**\nAnd more."]
    assert theatre.missing == [(inn.lobby.id, "Manage Webhooks")]
    history = await theatre.stage.history(theatre.room(inn.lobby))
    assert [one.text for one in history if one.speaker.character == "mira"] == [
        "Good evening.",
        "And more.",
    ]


async def test_a_refusal_that_is_kept_is_a_new_error_each_time(theatre: Theatre):
    inn = theatre.inn
    theatre.server.world.permit(
        inn.lobby, inn.application.user.id, deny=int(Permission.MANAGE_WEBHOOKS)
    )
    told: list[NotPermittedError] = []
    for _ in range(3):
        with pytest.raises(NotPermittedError) as one:
            await theatre.webhooks.of(inn.lobby.id)
        told.append(one.value)
    assert {(error.permission, str(error)) for error in told} == {
        ("Manage Webhooks", "missing permission: Manage Webhooks")
    }
    assert told[1] is not told[2]
    lengths = [len(traceback.extract_tb(error.__traceback__)) for error in told]
    assert lengths[1] == lengths[2]


async def test_a_channel_full_of_webhooks_is_spoken_in_as_the_bot(theatre: Theatre):
    inn = theatre.inn
    for number in range(15):
        await theatre.client.http.create_webhook(inn.lobby.id, name=f"other {number}")
    for hook in theatre.server.world.webhooks.values():
        hook.application_id = 1
    await theatre.say(theatre.asked(inn.lobby), "Good evening.")
    assert theatre.texts(inn.lobby) == ["**Mira**\nGood evening."]
    assert [channel for channel, _ in theatre.missing] == [inn.lobby.id]


async def test_in_a_direct_message_the_bot_speaks_under_the_characters_name(theatre: Theatre):
    inn = theatre.inn
    direct = theatre.server.world.direct(inn.ada, inn.application.user)
    await theatre.say(theatre.asked(direct), "Psst", "Psst, over here.")
    assert theatre.texts(direct) == ["**Mira**\nPsst, over here."]
    assert theatre.missing == []


async def test_no_right_to_speak_at_all_is_an_error_that_names_it(theatre: Theatre):
    inn = theatre.inn
    denied = int(Permission.MANAGE_WEBHOOKS | Permission.SEND_MESSAGES)
    theatre.server.world.permit(inn.lobby, inn.application.user.id, deny=denied)
    with pytest.raises(NotPermittedError) as told:
        await theatre.say(theatre.asked(inn.lobby), "Good evening.")
    assert told.value.permission == "Send Messages"


async def test_a_place_that_is_gone_is_told_from_everything_else(theatre: Theatre):
    inn = theatre.inn
    thread = theatre.server.world.start_thread(inn.ada, inn.lobby, "Aside")
    turn = theatre.asked(thread)
    await theatre.say(turn, "One.")
    del theatre.server.world.channels[thread.id]
    with pytest.raises(PlaceGoneError):
        await theatre.say(replace(turn, trigger=turn.trigger + 1), "Two.")


async def test_when_others_spoke_between_the_answer_names_what_it_answers(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    turn = theatre.asked(inn.lobby)
    last = world.say(inn.bob, inn.lobby, "Meanwhile…")
    await theatre.hears(last.id)
    await theatre.say(turn, "Good", "Good evening.")
    link = f"https://discord.com/channels/{inn.guild.id}/{inn.lobby.id}/{turn.trigger}"
    assert theatre.texts(inn.lobby) == [f"-# ↪ [reply to Ada]({link})\nGood evening."]
    history = await theatre.stage.history(turn.room, after=last.id)
    assert [one.text for one in history] == ["Good evening."]


async def test_an_answer_to_a_command_names_nothing(theatre: Theatre):
    inn = theatre.inn
    asked = theatre.server.world.ids.next()
    said = theatre.server.world.say(inn.bob, inn.lobby, "Hello, Mira.")
    await theatre.hears(said.id)
    await theatre.say(theatre.turn(inn.lobby, asked), "Come in, come in!")
    assert theatre.texts(inn.lobby) == ["Come in, come in!"]


@pytest.mark.parametrize("carried_out", [True, False])
async def test_as_the_bot_too_a_send_of_unknown_fate_is_there_once(
    theatre: Theatre, carried_out: bool
):
    direct = theatre.server.world.direct(theatre.inn.ada, theatre.inn.application.user)
    theatre.server.faults.reset(
        method="POST", path=r"^/channels/\d+/messages", carried_out=carried_out
    )
    await theatre.say(theatre.asked(direct), "Psst.")
    assert theatre.texts(direct) == ["**Mira**\nPsst."]


async def test_the_webhooks_token_is_in_no_repr(theatre: Theatre):
    await theatre.say(theatre.asked(theatre.inn.lobby), "Good evening.")
    hook = await theatre.webhooks.of(theatre.inn.lobby.id)
    assert hook.token
    assert hook.token not in repr(hook)
