"""Which people of a conversation a text mentions."""

from __future__ import annotations

from bot.domain.mentions import MOST_USERS, mentioned


def test_only_people_of_the_conversation_are_found():
    assert mentioned("Hi <@1>, <@2> and <@!3>!", {1, 3, 9}) == (1, 3)


def test_each_is_found_once_in_the_order_of_the_text():
    assert mentioned("<@3> <@1> <@3>", {1, 3}) == (3, 1)


def test_roles_and_everyone_are_never_found():
    assert mentioned("@everyone @here <@&1> <#1> <@1x>", {1}) == ()


def test_no_more_than_discord_takes_are_given():
    ids = range(1, 200)
    assert len(mentioned(" ".join(f"<@{i}>" for i in ids), set(ids))) == MOST_USERS
