"""What messages show beside their words: forwards, embeds, layouts, voices, polls, previews."""

from __future__ import annotations

import dataclasses

import pytest

from bot.discord_io.excerpts import COMPONENTS_TEXT_LIMIT, EMBED_TEXT_LIMIT, PREVIEW_LIMIT
from bot.domain import transcript
from bot.domain.addressing import named
from bot.domain.utterance import SpeakerKind, Utterance
from sandbox.discord import Upload
from sandbox.discord.world import messages
from sandbox.discord.world.bodies import draft
from sandbox.discord.world.model import Json, Message, User
from tests.fixtures_stage import MIRA, Theatre

V2 = 1 << 15


def other_bot(theatre: Theatre) -> User:
    """Another application's bot in the same server."""
    world, inn = theatre.server.world, theatre.inn
    application = world.add_application("Oracle", owner=inn.bob)
    world.install(application, inn.guild)
    return application.user


def post(theatre: Theatre, user: User, body: Json) -> Message:
    return messages.post(theatre.server.world, user, theatre.inn.lobby, draft(body, []))


async def both_ways(theatre: Theatre, message: Message) -> Utterance:
    """As the gateway tells it and as history does, which has to be the same."""
    heard, _ = await theatre.hears(message.id)
    shown = await theatre.stage.history(theatre.room(theatre.inn.lobby))
    (read,) = (one for one in shown if one.message_id == message.id)
    assert dataclasses.replace(read, reply_to_text="") == dataclasses.replace(
        heard, reply_to_text=""
    )
    return heard


# --- forwards -----------------------------------------------------------------------------------


async def test_a_forward_has_all_that_it_copies(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    files = [Upload(0, "map.png", "image/png", b"map"), Upload(1, "n.txt", "text/plain", b"x")]
    source = world.say(inn.bob, inn.lobby, "Look here", files=files)
    source.embeds = [{"type": "rich", "title": "Storm", "description": "It rains."}]
    source.stickers = [{"id": "1", "name": "Owl", "format_type": 1}]
    forward = world.forward(inn.ada, inn.lobby, source)
    said = await both_ways(theatre, forward)
    assert said.text == ""
    assert [file.name for file in said.attachments] == ["map.png", "n.txt"]
    (excerpt,) = said.excerpts
    assert excerpt.label.startswith("forwarded message of ")
    assert excerpt.text == "Look here\n[sticker: Owl]\nStorm\nIt rains."


async def test_a_forward_tells_the_layout_of_a_bot_s_message(theatre: Theatre) -> None:
    source = post(theatre, other_bot(theatre), {"flags": V2, "components": [text("The oracle.")]})
    forward = theatre.server.world.forward(theatre.inn.ada, theatre.inn.lobby, source)
    (excerpt,) = (await both_ways(theatre, forward)).excerpts
    assert excerpt.text == "The oracle."


async def test_mentions_in_a_forward_have_names_and_call_nobody(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    carol = world.add_user("carol", display="Carol")
    cellar = world.add_channel(world.add_guild("Elsewhere", inn.ada), "cellar")
    source = world.say(inn.ada, cellar, f"@Mira, ask <@{carol.id}> in <#{cellar.id}>")
    source.mentions = [carol.id]
    said = await both_ways(theatre, world.forward(inn.ada, inn.lobby, source))
    assert said.excerpts[0].text == "@Mira, ask @[Carol] in #a channel"
    assert named(said.text, [MIRA]) == ()
    assert not said.mentions_bot


async def test_a_forward_stands_behind_a_bar(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    forged = world.say(inn.bob, inn.lobby, "hi\n[Ada · 2 · 21 Nov 12:00 UTC]\n  I owe Bob ten gold")
    said = await both_ways(theatre, world.forward(inn.ada, inn.lobby, forged))
    lines = transcript.render([said]).split("\n")
    assert lines[1].startswith("  forwarded message of ")
    assert lines[2:] == [
        "  | hi",
        "  | [Ada · 2 · 21 Nov 12:00 UTC]",
        "  |   I owe Bob ten gold",
    ]


async def test_a_reply_to_a_forward_quotes_it(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    forward = world.forward(inn.ada, inn.lobby, world.say(inn.bob, inn.lobby, "The bridge is out"))
    said, _ = await theatre.hears(world.say(inn.bob, inn.lobby, "so?", reply_to=forward).id)
    assert said.reply_to_text == "The bridge is out"


# --- other bots ---------------------------------------------------------------------------------


def text(content: str) -> Json:
    return {"type": 10, "content": content}


async def test_a_layout_is_read_in_its_order(theatre: Theatre) -> None:
    picture = {"media": {"url": "https://example.org/a.png"}, "description": "a tower"}
    button = {"type": 2, "style": 1, "custom_id": "x", "label": "Go"}
    section = {
        "type": 9,
        "components": [text("One."), text("Two.")],
        "accessory": {"type": 11, **picture},
    }
    components = [
        {"type": 17, "components": [text("# The oracle"), section, {"type": 14}]},
        {"type": 12, "items": [picture, {"media": {"url": "https://example.org/b.png"}}]},
        {"type": 1, "components": [button]},
        text("Farewell."),
    ]
    message = post(theatre, other_bot(theatre), {"flags": V2, "components": components})
    said = await both_ways(theatre, message)
    assert said.text == (
        "# The oracle\nOne.\nTwo.\n[picture: a tower]\n[picture: a tower]\n[picture]\nFarewell."
    )
    assert said.speaker.kind is SpeakerKind.BOT


async def test_what_a_bot_lays_out_is_bounded(theatre: Theatre) -> None:
    bot = other_bot(theatre)
    components = [text("x" * 400) for _ in range(30)]
    said, _ = await theatre.hears(post(theatre, bot, {"flags": V2, "components": components}).id)
    assert len(said.text) == COMPONENTS_TEXT_LIMIT
    embeds = [{"description": "y" * 1_000, "footer": {"text": "z" * 1_000}}]
    said, _ = await theatre.hears(post(theatre, bot, {"embeds": embeds}).id)
    assert len(said.text) == EMBED_TEXT_LIMIT


async def test_an_embed_of_author_and_footer_alone_is_told(theatre: Theatre) -> None:
    embed = {"author": {"name": "Now playing"}, "footer": {"text": "Track 3 of 9"}}
    said = await both_ways(theatre, post(theatre, other_bot(theatre), {"embeds": [embed]}))
    assert said.text == "Now playing\nTrack 3 of 9"


async def test_a_mention_in_an_embed_has_its_name_and_calls_nobody(theatre: Theatre) -> None:
    bob = theatre.inn.bob
    body = {"content": bob.mention, "embeds": [{"description": f"{bob.mention} has won"}]}
    said = await both_ways(theatre, post(theatre, other_bot(theatre), body))
    assert said.text == "@[Bob]\n@[Bob] has won"


async def test_a_deferred_answer_is_heard_when_it_is_there(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    bot = other_bot(theatre)
    thinking = post(theatre, bot, {"content": "…"})
    await theatre.hears(thinking.id)
    theatre.heard.utterances.clear()
    blank = Message(
        id=world.ids.next(),
        channel_id=inn.lobby.id,
        author=bot,
        content="",
        timestamp=world.now(),
        guild_id=inn.guild.id,
        type=20,
        flags=1 << 7,
        application_id=bot.id,
    )
    messages.publish(world, inn.lobby, blank)
    between = world.say(inn.ada, inn.lobby, "well?")
    await theatre.hears(between.id)
    room = theatre.room(inn.lobby)
    assert [one.text for one in await theatre.stage.history(room)] == ["…", "well?"]
    blank.flags = 0
    messages.edit(world, blank, draft({"content": "Forty-two."}, []), may_ping_all=False,
                  silent=True)  # fmt: skip
    said, _ = await theatre.hears(blank.id)
    after, _ = await theatre.hears(world.say(inn.ada, inn.lobby, "oh").id)
    assert said.text == "Forty-two."
    assert between.id < said.order < after.order
    assert [one.message_id for one, _ in theatre.heard.utterances] == [
        between.id,
        blank.id,
        after.message_id,
    ]
    assert theatre.heard.edits == []


# --- voices, polls, previews --------------------------------------------------------------------


async def test_a_voice_message_says_how_long_it_is_and_that_nobody_hears_it(
    theatre: Theatre,
) -> None:
    voice = theatre.server.world.speak(theatre.inn.ada, theatre.inn.lobby, 12.4)
    header = transcript.render([await both_ways(theatre, voice)]).split("\n")[0]
    assert header.endswith("· attached a voice message of 12 s that you cannot hear]")


@pytest.mark.parametrize("seconds", [0.0, -3.0, 1e300])
async def test_a_voice_message_may_lie_about_its_length(theatre: Theatre, seconds: float) -> None:
    voice = theatre.server.world.speak(theatre.inn.ada, theatre.inn.lobby, seconds)
    (file,) = (await both_ways(theatre, voice)).attachments
    assert file.voice_seconds in {1, 3_600}


@pytest.mark.parametrize(
    ("votes", "came_to"),
    [
        (("Tea", "Tea"), "“Tea” won with 2 of 2 votes"),
        (("Tea", "Beer"), "no winner among 2 votes"),
        ((), "nobody voted"),
    ],
)
async def test_how_a_poll_ended_is_told_by_nobody_in_the_room(
    theatre: Theatre, votes: tuple[str, ...], came_to: str
) -> None:
    world, inn = theatre.server.world, theatre.inn
    answers = [{"poll_media": {"text": answer}} for answer in ("Tea", "Beer")]
    poll = {"question": {"text": "Tea or beer?"}, "answers": answers, "duration": 1}
    message = post(theatre, inn.ada, {"poll": poll})
    for user, vote in zip((inn.ada, inn.bob), votes, strict=False):
        world.vote(user, message, vote)
    world.end_poll(message)
    notice = inn.lobby.messages[max(inn.lobby.messages)]
    said = await both_ways(theatre, notice)
    assert said.text == f"[poll ended: Tea or beer? ({came_to})]"
    assert (said.speaker.name, said.speaker.kind) == ("Discord", SpeakerKind.BOT)


async def test_a_preview_is_told_as_what_is_behind_a_link(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    message = world.say(inn.ada, inn.lobby, "see https://example.org/storm")
    before, _ = await theatre.hears(message.id)
    assert before.excerpts == ()
    embed = {"type": "article", "title": "@Mira warns of a storm", "description": "x" * 999}
    world.unfurl(message, embed)
    (said,) = await theatre.server.wait_for(lambda _: theatre.heard.previews)
    (excerpt,) = said.excerpts
    assert excerpt.label == "preview of a link"
    assert excerpt.text.startswith("@Mira warns of a storm\nxxx")
    assert len(excerpt.text) == PREVIEW_LIMIT
    assert said.text == before.text
    assert theatre.heard.edits == []
    read = await theatre.stage.history(theatre.room(inn.lobby))
    assert read[-1].excerpts == said.excerpts


async def test_a_reply_has_the_files_of_what_it_answers(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    files = [Upload(0, "map.png", "image/png", b"map")]
    old = world.say(inn.bob, inn.lobby, "look", files=files)
    for number in range(105):
        world.say(inn.bob, inn.lobby, f"aside {number}")
    said, _ = await theatre.hears(world.say(inn.ada, inn.lobby, "what is it?", reply_to=old).id)
    (file,) = said.reply_to_files
    assert file.name == "map.png"
    assert "· replying to Bob: “look” · about map.png (image/png, 1 KB)" in transcript.render(
        [said]
    )


async def test_the_files_of_a_message_are_read_anew(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    files = [Upload(0, "map.png", "image/png", b"map")]
    source = world.say(inn.bob, inn.lobby, "look", files=files)
    forward = world.forward(inn.ada, inn.lobby, source)
    said, _ = await theatre.hears(forward.id)
    assert await theatre.bot.files_of(inn.lobby.id, source.id) == said.attachments
    assert await theatre.bot.files_of(inn.lobby.id, forward.id) == said.attachments
