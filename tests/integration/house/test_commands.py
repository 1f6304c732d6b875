"""What commands answer: to those who may, to those who may not, and to nonsense."""

from __future__ import annotations

import re

import pytest

from sandbox.discord.world.errors import ApiError
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import ChannelType
from sandbox.discord.world.permissions import Permission
from sandbox.house import House, words
from sandbox.model import always, hang, say
from tests.fixtures_house import Furnish


def said(one: Interaction) -> str:
    assert one.original is not None
    embeds = [str(embed.get("description", "")) for embed in one.original.embeds]
    return "\n".join([one.original.content, *embeds])


def private(one: Interaction) -> bool:
    return one.original is not None and one.original.only_for == one.user.id


async def test_summon_and_dismiss_say_what_they_did_and_refuse_what_cannot_be(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    assert said(await house.summon("Mira")) == "**Mira** joins. Say `@Mira` to talk."
    again = await house.summon("the innkeeper")
    assert "already here" in said(again)
    assert private(again)
    unknown = await house.summon("Nobody")
    assert said(unknown).startswith("I don’t know a character of that name. I know: **Mira**")
    assert private(unknown)
    absent = await house.command("dismiss", character="rask")
    assert "isn’t here" in said(absent)
    gone = await house.command("dismiss", character="mira")
    assert said(gone) == "**Mira** leaves, and will remember this place."
    assert "Nobody is here yet" in said(await house.command("cast"))


async def test_who_summoned_a_character_or_manages_the_channel_sends_it_away(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Aye.")))
    await house.summon("mira")
    refused = await house.command("dismiss", by=house.ben, character="mira")
    assert "**Manage Channels**" in said(refused)
    await house.command("summon", by=house.ben, character="rask")
    assert "leaves" in said(await house.command("dismiss", by=house.ben, character="rask"))
    await house.command("summon", by=house.ben, character="tally")
    assert "leaves" in said(await house.command("dismiss", character="tally"))


async def test_a_dismissed_character_is_silent_and_remembers_when_it_is_back(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    house.say("@Mira the password is plum")
    await house.hears("Yes.")
    await house.command("dismiss", character="mira")
    house.say("@Mira are you there?")
    await house.summon("mira")
    before = len(house.model.requests)
    house.say("@Mira what was it?")
    request = await house.model.requests.reach(before + 1)
    assert any("the password is plum" in text for _, text in request.messages)


async def test_only_a_dismissed_character_stops_in_mid_sentence(furnish: Furnish) -> None:
    house = await furnish(always(say("Once upon a time"), hang()))
    await house.summon("mira")
    await house.summon("rask")
    nook = house.thread("the nook")  # has its channel's characters
    house.say("@Mira tell me a tale", nook)
    await house.discord.wait_for(lambda _: house.spoken(nook))
    await house.command("dismiss", character="rask")
    assert "*(stopped)*" not in house.spoken(nook)[-1].content
    await house.command("dismiss", character="mira")
    await house.discord.wait_for(lambda _: "*(stopped)*" in house.spoken(nook)[-1].content)


async def test_cast_tells_who_is_awake_and_what_each_answers_to(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    await house.summon("rask")
    house.say("@Mira hello")
    await house.hears("Yes.")
    shown = await house.command("cast")
    mira, who_mira_is, rask, who_rask_is = said(shown).splitlines()
    assert re.match(r"<:face_\w+:\d+> \*\*Mira\*\* · ", mira)
    assert "asleep" not in mira
    assert "`@the innkeeper`" in mira
    assert "inn" in who_mira_is
    assert "asleep" in rask
    assert who_rask_is.startswith("-# Chief engineer")
    assert private(shown)


async def test_who_can_be_summoned_is_listed_with_who_they_are(furnish: Furnish) -> None:
    house = await furnish()
    asked = house.world.autocomplete(
        house.ann, house.room, house.application, "summon", focused="character", character="mi"
    )
    await house.answered(asked)
    (choice,) = asked.choices
    assert choice["value"] == "mira"
    assert choice["name"].startswith("Mira · Keeps the Lantern")


async def test_say_is_shown_to_all_and_answered(furnish: Furnish) -> None:
    house = await furnish(always(say("I heard you.")))
    absent = await house.command("say", character="mira", message="hello")
    assert "isn’t here" in said(absent)
    await house.summon("mira")
    spoken = await house.command("say", character="mira", message="hello @everyone")
    assert said(spoken) == "**Ann** → **Mira**: hello @everyone"
    assert spoken.original is not None
    assert not spoken.original.mention_everyone
    await house.hears("I heard you.")
    empty = await house.command("say", character="mira", message="   ")
    assert "nothing to say" in said(empty)
    assert private(empty)


async def test_what_was_said_by_command_is_remembered_as_said_by_that_person(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    await house.command("say", character="mira", message="the password is plum")
    request = await house.model.requests.reach(1)
    assert request.last_user_text.startswith(f"[Ann · {house.ann.id} · ")
    assert "the password is plum" in request.last_user_text


async def test_pool_is_for_those_who_manage_the_server(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    house.say("@Mira hello")
    await house.hears("Yes.")
    stats = await house.command("pool stats")
    assert "**1 of 10** app-servers run, 1 healthy" in said(stats)
    assert private(stats)
    rows = said(await house.command("pool instances"))
    assert rows.startswith("**mira** · ")
    assert "1 room ·" in rows
    with pytest.raises(ApiError, match="50013"):
        await house.command("pool instances", by=house.ben)


async def test_diagnose_names_what_is_missing_and_how_to_mend_it(furnish: Furnish) -> None:
    house = await furnish()
    fine = await house.command("diagnose")
    assert "Nothing keeps the bot from working here" in said(fine)
    house.world.permit(
        house.room, house.application.id, deny=Permission.MANAGE_WEBHOOKS | Permission.ADD_REACTIONS
    )
    bad = said(await house.command("diagnose"))
    assert "**Manage Webhooks** is missing here" in bad
    assert "**Add Reactions** is missing here" in bad
    assert "Fix:" in bad
    with pytest.raises(ApiError, match="50013"):
        await house.command("diagnose", by=house.ben)


async def test_without_the_right_to_speak_a_summons_says_what_is_missing(furnish: Furnish) -> None:
    house = await furnish()
    house.world.permit(house.room, house.application.id, deny=Permission.SEND_MESSAGES)
    refused = await house.summon("mira")
    assert "**Send Messages**" in said(refused)
    assert private(refused)


async def test_without_webhooks_a_character_speaks_as_the_bot_and_an_admin_is_told(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Under my name.")))
    house.world.permit(house.room, house.application.id, deny=Permission.MANAGE_WEBHOOKS)
    await house.summon("mira")
    house.say("@Mira hello")
    await house.discord.wait_for(
        lambda _: [m for m in house.room.messages.values() if m.content.endswith("Under my name.")]
    )
    texts = [message.content for message in house.room.messages.values()]
    assert sum(text.startswith("I’m missing **Manage Webhooks**") for text in texts) == 1
    assert texts[-1].startswith("**Mira**\n")


async def test_guidelines_are_written_in_a_form_and_read_by_the_character(
    furnish: Furnish,
) -> None:
    house = await furnish()
    form = await house.command("guidelines edit")
    modal = max(house.world.modals)
    assert form.answer is not None
    sent = house.world.submit(house.ann, house.room, modal, **{_field(house, modal): "Be kind."})
    await house.discord.wait_for(lambda _: sent.answer)
    assert "follow these rules" in said(sent)
    assert "Be kind." in said(await house.command("guidelines show", by=house.ben))
    refused = await house.command("guidelines edit", by=house.ben)
    assert "Manage Server" in said(refused)


def _field(house: House, modal: int) -> str:
    (row,) = house.world.modals[modal].components
    inner = row.get("component") or row["components"][0]
    return str(inner["custom_id"])


async def test_a_thread_and_a_forum_post_are_rooms_of_their_own(furnish: Furnish) -> None:
    house = await furnish(always(say("In here.")))
    thread = house.world.start_thread(house.ann, house.room, "a corner")
    forum = house.world.add_channel(house.guild, "tales", ChannelType.FORUM)
    post = house.world.start_post(house.ann, forum, "Once", "upon a time")
    for place in (thread, post):
        await house.summon("mira", place)
        await house.discord.wait_for(lambda _, place=place: house.spoken(place))
        house.say("@Mira hello", place)
        answer = await house.hears("In here.", place)
        assert answer.author.username == "Mira"
    assert words(house.spoken(thread)[-1]) == "In here."
    assert house.spoken() == []


async def test_a_summons_completes_as_one_types(furnish: Furnish) -> None:
    house = await furnish()
    seen: list[list[str]] = []
    house.world.listeners.append(
        lambda event: (
            seen.append([c["name"] for c in event.data["choices"]])
            if event.name == "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE"
            else None
        )
    )
    house.world.autocomplete(
        house.ann, house.room, house.application, "summon", focused="character", character="inn"
    )
    await house.discord.wait_for(lambda _: seen)
    line = "Keeps the Lantern, an inn where two roads meet. Warm, curious, never out of soup."
    assert seen == [[f"Mira · {line}"]]
