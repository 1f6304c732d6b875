"""`/help` tells of what is registered, no more and no less."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord import app_commands

from bot.domain.character import Character
from bot.domain.spending import SpendingLimits
from bot.messages import help as pages
from bot.messages.help import ENTRIES, LISTED, About, Here, Needs, Title, Topic
from bot.messages.rendering import render
from cogs.help import HelpCog
from cogs.show import command_shown, fitted

MIRA = Character("mira", "Mira", "x", description="Keeps an inn.")


def here(**more: Any) -> Here:
    facts: dict[str, Any] = {
        "direct": False,
        "reads_messages": True,
        "present": (),
        "known": (MIRA,),
        "limits": SpendingLimits(120, 5_000_000),
    }
    return Here(**facts | more)


def lines(topic: Topic, place: Here) -> list[str]:
    return [render(row) for row in pages.lines(topic, place, lambda name: f"{{{name}}}")]


def greeting(*known: Character, reads_messages: bool) -> str:
    shown = pages.greeting(known, reads_messages=reads_messages, command=lambda name: f"/{name}")
    return "\n".join(map(render, shown))


async def _nothing(interaction: discord.Interaction) -> None:
    return None


async def test_a_command_without_words_is_told_in_its_own_description() -> None:
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    for name, admins in (("summon", False), ("dance", False), ("sweep", True)):
        command: Any = app_commands.Command(name=name, description=f"{name}!", callback=_nothing)
        if admins:
            command.default_permissions = discord.Permissions(manage_guild=True)
        tree.add_command(command)
    cog = HelpCog(
        tree=cast(Any, tree),
        ids=dict,
        casting=cast(Any, None),
        characters=cast(Any, None),
        policies=cast(Any, None),
        limits=SpendingLimits(),
        reads_messages=lambda: True,
    )
    told = list(cog._entries(cast(Any, SimpleNamespace(guild_id=1))))
    assert [one.command for one in told] == ["summon", "dance", "sweep"]
    assert [render(one.text) for one in told[1:]] == ["· dance!", "· sweep!"]
    assert (told[1].needs, told[2].needs) == (Needs.NOTHING, Needs.SERVER)


def test_a_command_can_be_clicked_where_its_id_is_known() -> None:
    assert command_shown("room why", {"room": 5}) == "</room why:5>"
    assert command_shown("room why", {}) == "`/room why`"
    assert command_shown("Why this reply?", {}) == "*Why this reply?*"


@pytest.mark.parametrize("topic", Topic)
def test_every_page_has_a_title_and_fits(topic: Topic) -> None:
    title, about = render(Title(topic)), render(About(topic))
    assert len(title) <= 100
    assert len(about) <= 100
    many = tuple(
        Character(f"c{number}", f"Somebody {number}", "x", description="y" * 100)
        for number in range(40)
    )
    rows = lines(topic, here(known=many)) + [
        command_shown(entry.command, {entry.command.split()[0]: 10**18}) + render(entry.text)
        for entry in ENTRIES
        if entry.topic is topic
    ]
    assert fitted(rows) == "\n".join(rows)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"known": ()},
        {"present": (MIRA,)},
        {"direct": True},
        {"reads_messages": False},
    ],
    ids=str,
)
def test_the_first_page_is_six_lines_and_true_to_the_place(facts: dict[str, Any]) -> None:
    rows = lines(Topic.BEGIN, here(**facts))
    assert [row[:3] for row in rows] == [f"{number}. " for number in range(1, 7)]
    assert ("{say}" in rows[1]) is (facts.get("reads_messages") is False)
    assert ("Here already" in rows[0]) is bool(facts.get("present"))
    assert ("no character yet" in rows[0]) is (facts.get("known") == ())


def test_limits_are_told_as_they_are_set() -> None:
    assert "120 answers an hour" in lines(Topic.PRIVACY, here())[-1]
    assert "No limit is set." in lines(Topic.PRIVACY, here(limits=SpendingLimits()))[-1]


def test_of_many_characters_the_first_are_listed() -> None:
    many = (MIRA,) * (LISTED + 3)
    rows = lines(Topic.CHARACTERS, here(known=many))
    assert rows[0] == "**Mira** · Keeps an inn."
    assert rows[-1] == "… and 3 more in {summon}’s list."


def test_a_greeting_names_nobody_so_that_it_notifies() -> None:
    hostile = Character("evil", "x`@everyone <@1>\u202e", "x")
    text = greeting(hostile, reads_messages=True)
    assert "`@x@everyone <@1> good evening!`" in text
    assert "/say" in greeting(MIRA, reads_messages=False)
    assert "There is none yet" in greeting(reads_messages=True)
