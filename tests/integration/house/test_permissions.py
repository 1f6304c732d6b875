"""Who may not write in a place has nothing written there by command either."""

from __future__ import annotations

import pytest

from sandbox.discord.world import channels, threads
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import MessageFlag
from sandbox.discord.world.permissions import Permission
from sandbox.model import always, say
from tests.fixtures_house import Furnish

COMMANDS = (
    ("summon", {"character": "rask"}),
    ("dismiss", {"character": "mira"}),
    ("say", {"character": "mira", "message": "hello"}),
)


def refused(one: Interaction, lacking: str) -> bool:
    assert one.original is not None
    return (
        one.original.only_for == one.user.id
        and one.original.content == f"You need the permission **{lacking}** for that."
    )


async def test_who_may_not_write_in_a_channel_cannot_speak_through_the_bot(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    house.world.permit(house.room, house.ben.id, deny=Permission.SEND_MESSAGES)
    before = set(house.room.messages)
    for name, options in COMMANDS:
        one = await house.command(name, by=house.ben, **options)
        assert refused(one, "Send Messages"), name
    public = [house.room.messages[each] for each in set(house.room.messages) - before]
    assert [one for one in public if one.only_for is None] == []
    assert len(house.model.requests) == 0
    await house.command("say", character="mira", message="hello")
    await house.hears("Yes.")


@pytest.mark.parametrize("denied", [Permission.SEND_MESSAGES, Permission.SEND_MESSAGES_IN_THREADS])
async def test_in_a_thread_the_right_to_write_in_threads_counts(
    furnish: Furnish, denied: Permission
) -> None:
    house = await furnish(always(say("Yes.")))
    thread = house.world.start_thread(house.ann, house.room, "a corner")
    house.world.permit(house.room, house.ben.id, deny=denied)
    one = await house.command("summon", channel=thread, by=house.ben, character="mira")
    may = denied is Permission.SEND_MESSAGES
    assert refused(one, "Send Messages in Threads") is not may
    shown = await house.command("cast", channel=thread)
    assert shown.original is not None
    assert ("Nobody is here yet" in shown.original.content) is not may


async def test_what_is_said_by_command_keeps_to_slow_mode_and_shows_no_previews_one_may_not_show(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    channels.edit(house.world, house.room, {"rate_limit_per_user": 600})
    house.world.permit(house.room, house.ben.id, deny=Permission.EMBED_LINKS)
    link = "see https://example.org/"
    first = await house.command("say", by=house.ben, character="mira", message=link)
    assert first.original is not None
    assert "https://example.org/" in first.original.content
    assert first.original.flags & MessageFlag.SUPPRESS_EMBEDS
    again = await house.command("say", by=house.ben, character="mira", message="quick")
    assert again.original is not None
    assert again.original.only_for == house.ben.id
    assert "slow mode. You can speak again in 10 min" in again.original.content
    for _ in range(2):
        owner = await house.command("say", character="mira", message=link)
        assert owner.original is not None
        assert owner.original.only_for is None
        assert not owner.original.flags & MessageFlag.SUPPRESS_EMBEDS


async def test_slow_mode_counts_what_people_write_and_all_that_the_bot_writes_for_them(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    channels.edit(house.world, house.room, {"rate_limit_per_user": 600})
    house.say("@Mira hello", by=house.ben)
    await house.hears("Yes.")
    asked = [await house.command(name, by=house.ben, **options) for name, options in COMMANDS]
    asked.append(await house.menu("Continue", house.spoken()[-1], by=house.ben))
    for one in asked:
        assert one.original is not None
        assert one.original.only_for == house.ben.id
        assert "slow mode. You can speak again in " in one.original.content
    assert len(house.model.requests) == 1
    # Who may manage the server has every permission, so nothing holds them.
    await house.command("say", character="mira", message="hello")
    await house.command("summon", character="rask")


async def test_what_came_to_nothing_does_not_count_as_having_spoken(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    channels.edit(house.world, house.room, {"rate_limit_per_user": 600})
    unknown = await house.command("summon", by=house.ben, character="nobody")
    assert unknown.original is not None
    assert unknown.original.content.startswith("I don’t know a character of that name")
    joined = await house.command("summon", by=house.ben, character="mira")
    assert joined.original is not None
    assert joined.original.only_for is None


async def test_in_a_place_without_a_voice_no_model_is_paid_and_why_is_told(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    bot = house.application.user.id
    nook = house.thread("the nook")
    house.say("@Mira are you there?", nook)
    await house.hears("Yes.", nook)
    house.world.permit(house.room, bot, deny=Permission.SEND_MESSAGES | Permission.MANAGE_THREADS)
    house.say("@Mira hello")
    # Threads have a right of their own, and a lock.
    house.say("@Mira still there?", nook)
    await house.discord.wait_for(lambda _: len(house.spoken(nook)) == 2)
    assert any("the bot cannot speak in this room" in line for line in house.bot.lines)
    assert len(house.model.requests) == 2
    threads.set_archived(house.world, nook, archived=False, locked=True)
    for name in ("summon", "say"):
        options = {"character": "mira"} | ({"message": "hello"} if name == "say" else {})
        refused = await house.command(name, nook, **options)
        assert refused.original is not None
        assert "This thread is closed" in refused.original.content
    house.world.permit(house.room, bot, allow=Permission.SEND_MESSAGES)
    why = await house.command("room why")
    assert why.original is not None
    lacking = "but it kept silent (the bot lacks the permission Send Messages here)"
    assert lacking in why.original.content
    house.say("@Mira and now?")
    await house.hears("Yes.")
    assert len(house.model.requests) == 3
