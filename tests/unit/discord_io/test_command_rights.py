"""Discord's rule for who may use a command, by what a server has set."""

from __future__ import annotations

import pytest

from bot.discord_io.command_rights import Asker, Grants, may_use

GUILD, LOBBY, MODS, ANN, MEMBER, MOD = 100, 11, 12, 21, 31, 32
ROLE, USER, CHANNEL = 1, 2, 3
EVERYONE, ALL_CHANNELS = (ROLE, GUILD), (CHANNEL, GUILD - 1)
ASKER = Asker(GUILD, LOBBY, ANN, frozenset({MEMBER}))


@pytest.mark.parametrize(
    ("command", "application", "may"),
    [
        ({}, {}, True),
        ({EVERYONE: False}, {}, False),
        ({EVERYONE: False, (ROLE, MOD): True}, {}, False),
        ({EVERYONE: False, (ROLE, MEMBER): True}, {}, True),
        ({EVERYONE: True, (ROLE, MEMBER): False}, {}, False),
        ({(ROLE, MEMBER): False, (USER, ANN): True}, {}, True),
        ({EVERYONE: True, (USER, ANN): False}, {}, False),
        ({ALL_CHANNELS: False}, {}, False),
        ({ALL_CHANNELS: False, (CHANNEL, LOBBY): True}, {}, True),
        ({ALL_CHANNELS: True, (CHANNEL, LOBBY): False}, {}, False),
        ({(CHANNEL, MODS): False}, {}, True),
        ({(USER, ANN): True, (CHANNEL, LOBBY): False}, {}, False),
        ({}, {EVERYONE: False}, False),
        ({EVERYONE: True}, {EVERYONE: False}, True),
        ({EVERYONE: False}, {EVERYONE: True}, False),
        ({EVERYONE: True}, {ALL_CHANNELS: False}, False),
    ],
)
def test_the_place_and_the_person_are_allowed_by_what_counts_first(
    command: Grants, application: Grants, may: bool
) -> None:
    assert may_use([command, application], ASKER) is may


def test_one_allowed_role_is_enough() -> None:
    asker = Asker(GUILD, LOBBY, ANN, frozenset({MEMBER, MOD}))
    assert may_use([{(ROLE, MEMBER): False, (ROLE, MOD): True}], asker)
