"""Whom a message pings, by Discord's rules for `allowed_mentions`."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import ApiError, Permission, World
from sandbox.discord.world import bodies, messages, webhooks
from sandbox.discord.world.model import Message


class Place:
    """A guild with Ada, Bob, a role, and a webhook."""

    def __init__(self) -> None:
        self.world = World()
        self.ada = self.world.add_user("ada")
        self.bob = self.world.add_user("bob")
        self.guild = self.world.add_guild("Inn", self.ada)
        self.world.add_member(self.guild, self.bob)
        self.lobby = self.world.add_channel(self.guild, "lobby")
        fields = {"name": "Troupe"}
        self.hook = webhooks.create(self.world, self.ada, self.lobby, fields)

    def write(self, text: str, allowed: Any = "absent") -> Message:
        body: dict[str, Any] = {"content": text}
        if allowed != "absent":
            body["allowed_mentions"] = allowed
        draft = bodies.draft(body, [])
        return webhooks.execute(self.world, self.hook, None, body, draft)


@pytest.fixture
def place() -> Place:
    return Place()


def test_without_allowed_mentions_everything_counts(place: Place) -> None:
    written = place.write(f"@everyone {place.bob.mention} <@{place.ada.id}>")
    assert written.mention_everyone
    assert written.mentions == [place.bob.id, place.ada.id]


def test_an_empty_parse_list_pings_nobody(place: Place) -> None:
    assert not place.write(f"@everyone @here {place.bob.mention}", {"parse": []}).pings


def test_only_the_listed_ids_are_pinged(place: Place) -> None:
    allowed = {"parse": [], "users": [str(place.bob.id)]}
    written = place.write(f"@here {place.ada.mention} {place.bob.mention}", allowed)
    assert written.mentions == [place.bob.id]
    assert not written.mention_everyone


def test_a_listed_id_that_the_text_does_not_name_is_not_pinged(place: Place) -> None:
    assert not place.write("hello", {"parse": [], "users": [str(place.bob.id)]}).pings


def test_an_edit_without_allowed_mentions_parses_everything_anew(place: Place) -> None:
    written = place.write("quiet", {"parse": []})
    loud = bodies.draft({"content": "@everyone"}, [], editing=True)
    messages.edit(place.world, written, loud, may_ping_all=True)
    assert written.mention_everyone


def test_mentions_inside_code_do_not_count(place: Place) -> None:
    text = f"`{place.bob.mention}` ```\n@everyone {place.ada.mention}\n```"
    assert not place.write(text).pings


def test_strangers_are_not_pinged(place: Place) -> None:
    assert place.write("<@1> <@&2>").mentions == []


def test_people_without_the_permission_ping_neither_everyone_nor_roles(place: Place) -> None:
    place.world.permit(place.lobby, place.guild.id, deny=int(Permission.MENTION_EVERYONE))
    written = place.world.say(place.bob, place.lobby, f"@everyone <@&{place.guild.id}>")
    assert not written.pings


@pytest.mark.parametrize("ping", [True, False])
def test_an_answer_pings_its_author_unless_told_not_to(place: Place, ping: bool) -> None:
    first = place.world.say(place.ada, place.lobby, "hello")
    answer = place.world.say(place.bob, place.lobby, "hi", reply_to=first, ping=ping)
    assert answer.mentions == ([place.ada.id] if ping else [])


@pytest.mark.parametrize(
    "allowed",
    [{"parse": ["users"], "users": ["1"]}, {"parse": ["friends"]}, {"users": ["1"] * 101}, "none"],
)
def test_impossible_allowed_mentions_are_refused(place: Place, allowed: Any) -> None:
    with pytest.raises(ApiError) as refused:
        place.write("hello", allowed)
    assert refused.value.code == 50035
