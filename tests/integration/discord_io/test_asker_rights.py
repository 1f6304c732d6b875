"""A character shows no previews and sends no files for people who may not do so themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.discord_io.rights import Rights
from bot.domain.turn import Turn, TurnState
from sandbox.discord.world.model import Message, MessageFlag
from sandbox.discord.world.permissions import Permission
from tests.fixtures_stage import MIRA, Theatre
from tests.integration.discord_io.test_unknown_channels import delete_webhooks

LINK = "Look: https://example.org/cat"
CODE = "Here:\n```py\n" + "print('a line of code')\n" * 200 + "```"


def is_bare(message: Message) -> bool:
    """Whether its links show no previews."""
    return bool(message.flags & MessageFlag.SUPPRESS_EMBEDS)


def asked_by_bob(theatre: Theatre) -> Turn:
    said = theatre.server.world.say(theatre.inn.bob, theatre.inn.lobby, "Mira?")
    return replace(theatre.turn(theatre.inn.lobby, said.id), asker=theatre.inn.bob.id)


async def deny(theatre: Theatre, permission: Permission) -> None:
    """Bob may not do that; the bot has heard of it."""
    theatre.heard.rights.clear()
    theatre.server.world.permit(theatre.inn.lobby, theatre.inn.bob.id, deny=permission)
    await theatre.server.wait_for(lambda _: theatre.heard.rights)


def without_webhooks(theatre: Theatre) -> None:
    """Characters speak under the bot's own name."""
    bot = theatre.inn.application.user.id
    theatre.server.world.permit(theatre.inn.lobby, bot, deny=Permission.MANAGE_WEBHOOKS)


def newest(theatre: Theatre, turn: Turn) -> Message:
    return theatre.said(turn.room.id)[-1]


@pytest.mark.parametrize("as_bot", [False, True])
@pytest.mark.parametrize("first", ["Look", LINK])
async def test_links_of_who_may_not_embed_show_no_previews_in_sends_and_in_edits(
    theatre: Theatre, first: str, *, as_bot: bool
) -> None:
    if as_bot:
        without_webhooks(theatre)
    await deny(theatre, Permission.EMBED_LINKS)
    turn = asked_by_bob(theatre)
    await theatre.say(turn, first, LINK)
    assert newest(theatre, turn).content.endswith(LINK)
    assert is_bare(newest(theatre, turn))
    # Who may embed gets previews as ever.
    free = theatre.asked(theatre.inn.lobby)
    await theatre.say(free, first, LINK)
    assert newest(theatre, free).content.endswith(LINK)
    assert not is_bare(newest(theatre, free))


@pytest.mark.parametrize("as_bot", [False, True])
async def test_a_reply_that_is_changed_later_gets_no_previews_either(
    theatre: Theatre, *, as_bot: bool
) -> None:
    if as_bot:
        without_webhooks(theatre)
    turn = asked_by_bob(theatre)
    chunks = await theatre.say(turn, "No link yet.")
    await deny(theatre, Permission.EMBED_LINKS)
    # As Regenerate, the arrows, Edit reply and a delivery after a restart do it.
    changed = replace(turn, state=TurnState.RECORDED, text=LINK, chunks=chunks)
    await theatre.say(changed, LINK)
    assert newest(theatre, turn).content.endswith(LINK)
    assert is_bare(newest(theatre, turn))


@pytest.mark.parametrize("recorded", [True, False])
async def test_of_several_who_are_answered_each_must_be_allowed_to(
    theatre: Theatre, *, recorded: bool
) -> None:
    await deny(theatre, Permission.EMBED_LINKS)
    turn, bob = theatre.asked(theatre.inn.lobby), theatre.inn.bob.id
    if recorded:
        await theatre.say(replace(turn, along=(bob,)), LINK)
    else:
        async with theatre.stage.deliver(turn, MIRA) as delivery:
            delivery.askers = frozenset({turn.asker, bob})
            await delivery.finish(LINK)
    assert is_bare(newest(theatre, turn))


async def test_a_persons_rights_that_cannot_be_had_hold_the_preview_back(theatre: Theatre) -> None:
    turn = asked_by_bob(theatre)
    theatre.server.faults.answer(404, method="GET", path="/members/", code=10013)
    await theatre.say(turn, LINK)
    assert is_bare(newest(theatre, turn))


async def test_long_code_comes_as_text_to_who_may_not_send_files(theatre: Theatre) -> None:
    turn = asked_by_bob(theatre)
    await theatre.say(turn, CODE)
    assert [one.attachments for one in theatre.said(turn.room.id) if one.attachments]
    await deny(theatre, Permission.ATTACH_FILES)
    turn = asked_by_bob(theatre)
    before = len(theatre.said(turn.room.id))
    await theatre.say(turn, CODE)
    said = theatre.said(turn.room.id)[before:]
    assert not [one for one in said if one.attachments]
    assert "".join(one.content for one in said).count("a line of code") == 200


async def test_nobody_is_asked_for_the_rights_of_who_has_just_spoken(theatre: Theatre) -> None:
    inn, room = theatre.inn, theatre.room(theatre.inn.lobby)
    guild = theatre.client.get_guild(inn.guild.id)
    assert guild is not None
    rights = Rights(theatre.bot)
    rights.saw(await guild.fetch_member(inn.bob.id))
    before = len(theatre.server.record.requests)
    assert await rights.allows(room, "embed_links", inn.bob.id)
    assert len(theatre.server.record.requests) == before


async def test_words_without_a_link_need_nobodys_rights(theatre: Theatre) -> None:
    turn = asked_by_bob(theatre)
    await theatre.say(turn, "Good", "Good evening.")
    asked = [one for one in theatre.server.record.requests if "/members/" in one.path]
    assert asked == []


async def test_the_line_that_says_what_is_answered_needs_nobodys_rights(theatre: Theatre) -> None:
    turn = asked_by_bob(theatre)
    between = theatre.server.world.say(theatre.inn.ada, theatre.inn.lobby, "Me too!")
    await theatre.hears(between.id)
    await theatre.say(turn, "Good", "Good evening.")
    assert newest(theatre, turn).content.startswith("-# ↪ [reply to Bob](https://discord.com/")
    asked = [one for one in theatre.server.record.requests if "/members/" in one.path]
    assert asked == []


async def test_long_code_comes_as_text_also_where_the_webhook_is_lost_on_the_way(
    theatre: Theatre,
) -> None:
    await deny(theatre, Permission.ATTACH_FILES)
    turn = asked_by_bob(theatre)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("Here:")
        await theatre.shown(turn)
        without_webhooks(theatre)
        delete_webhooks(theatre)
        await delivery.finish(CODE)
    said = theatre.said(turn.room.id)
    assert not [one for one in said if one.attachments]
    assert "".join(one.content for one in said).count("a line of code") == 200
