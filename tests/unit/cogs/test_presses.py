"""One person may do as much as anybody does, and no more than the bot can bear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord.ext import commands

from bot.errors import RefusedError
from cogs.guidelines import GuidelinesCog
from cogs.members_tree import MembersTree, presses_of
from cogs.presses import A_SECOND, AT_ONCE, PEOPLE_KEPT, Presses
from tests.refused import refused

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def press(
    seconds: float,
    *,
    by: int = 1,
    kind: discord.InteractionType = discord.InteractionType.component,
) -> Any:
    at = NOON + timedelta(seconds=seconds)
    return SimpleNamespace(type=kind, user=SimpleNamespace(id=by), created_at=at)


def taken(presses: Presses, one: Any) -> bool:
    try:
        presses.take(one)
    except RefusedError:
        return False
    return True


def test_thirty_presses_a_second_come_to_a_few() -> None:
    presses = Presses()
    passed = sum(taken(presses, press(number / 30)) for number in range(30 * 60))
    assert AT_ONCE + 59 * A_SECOND - 2 <= passed <= AT_ONCE + 60 * A_SECOND + 1


def test_who_presses_as_people_do_is_never_refused() -> None:
    presses = Presses()
    assert all(taken(presses, press(number)) for number in range(300))
    assert all(taken(presses, press(400 + number / 5)) for number in range(AT_ONCE))


def test_another_person_is_not_held_to_it() -> None:
    presses = Presses()
    for _ in range(AT_ONCE + 1):
        taken(presses, press(0))
    with refused("too fast"):
        presses.take(press(0))
    assert taken(presses, press(0, by=2))


def test_what_is_typed_is_not_counted() -> None:
    presses = Presses()
    for _ in range(100):
        presses.take(press(0, kind=discord.InteractionType.autocomplete))
    assert taken(presses, press(0))


@pytest.mark.parametrize("people", [PEOPLE_KEPT + 100])
def test_what_is_kept_is_bounded(people: int) -> None:
    presses = Presses()
    for number in range(people):
        presses.take(press(0, by=number))
    assert len(presses._left) == PEOPLE_KEPT


async def test_commands_and_what_is_pressed_are_counted_together() -> None:
    client = commands.AutoShardedBot((), intents=discord.Intents.none(), tree_cls=MembersTree)
    assert isinstance(client.tree, MembersTree)
    cog = GuidelinesCog(guidelines=cast("Any", None), presses=presses_of(client))
    for _ in range(AT_ONCE):
        client.tree.presses.take(press(0))
    assert not taken(cog._presses, press(0))
