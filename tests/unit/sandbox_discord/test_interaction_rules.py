"""The rules of interactions that need time or a wrong move: one answer, 3 s, 15 min, kinds."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import ApiError, World
from sandbox.discord.world import answers, commands, interactions
from sandbox.discord.world.interaction import Interaction

OPTIONS = [
    {
        "name": "how",
        "description": "How",
        "type": 3,
        "required": True,
        "choices": [{"name": "Loud", "value": "loud"}],
    }
]
BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}


class Place:
    """A guild with a bot that has one command, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.world = World(lambda: self.now)
        self.ada, self.bob = self.world.add_user("ada"), self.world.add_user("bob")
        self.app = self.world.add_application("Troupe", owner=self.ada)
        self.guild = self.world.add_guild("Inn", self.ada)
        self.lobby = self.world.add_channel(self.guild, "lobby")
        self.world.add_member(self.guild, self.bob)
        self.world.install(self.app, self.guild)
        fields = {"name": "call", "description": "Call", "options": OPTIONS}
        commands.register(self.world, self.app, None, fields)

    def run(self) -> Interaction:
        return self.world.run_command(self.bob, self.lobby, self.app, "call", how="loud")

    def answer(self, one: Interaction, kind: int, **data: Any) -> Interaction:
        return answers.answer(self.world, one.id, one.token, {"type": kind, "data": data}, [])


@pytest.fixture
def place() -> Place:
    return Place()


def refusal(what: Any, *args: Any, **kwargs: Any) -> int:
    with pytest.raises(ApiError) as refused:
        what(*args, **kwargs)
    return refused.value.code


def test_an_answer_after_three_seconds_is_10062(place: Place) -> None:
    one = place.run()
    place.now += 3.1
    assert refusal(place.answer, one, 4, content="late") == 10062


def test_a_second_answer_is_40060_and_a_refused_one_does_not_count(place: Place) -> None:
    one = place.run()
    assert refusal(place.answer, one, 4, content="x" * 2001) == 50035
    place.answer(one, 4, content="once")
    assert refusal(place.answer, one, 4, content="twice") == 40060


def test_a_token_works_for_fifteen_minutes_and_only_after_an_answer(place: Place) -> None:
    one = place.run()
    assert refusal(answers.by_token, place.world, place.app.id, one.token) == 10015
    place.answer(one, 5)
    place.now += 899
    answers.follow_up(place.world, one, {"content": "slow"}, [])
    assert [message.content for message in place.lobby.messages.values()] == ["slow"]
    place.now += 2
    assert refusal(answers.by_token, place.world, place.app.id, one.token) == 50027


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 3, 99])
def test_a_command_cannot_be_answered_like_something_else(place: Place, kind: int) -> None:
    assert refusal(place.answer, place.run(), kind, content="x", choices=[]) == 50035


def test_a_button_may_update_its_message_and_must_be_there(place: Place) -> None:
    one = place.answer(place.run(), 4, content="press", components=[BUTTON])
    assert one.original is not None
    assert refusal(place.world.press, place.bob, one.original, "gone") == 50035
    pressed = place.world.press(place.ada, one.original, "go")
    place.answer(pressed, 7, content="pressed", components=[])
    assert (one.original.content, one.original.components) == ("pressed", [])
    assert one.original.edited_timestamp is not None


def test_options_are_checked_as_the_client_checks_them(place: Place) -> None:
    run = place.world.run_command
    assert refusal(run, place.bob, place.lobby, place.app, "call") == 50035
    assert refusal(run, place.bob, place.lobby, place.app, "call", how="soft") == 50035
    assert refusal(run, place.bob, place.lobby, place.app, "call", how="loud", who="x") == 50035
    assert refusal(run, place.bob, place.lobby, place.app, "shout") == 10063


def test_nobody_presses_a_button_that_only_another_sees(place: Place) -> None:
    one = place.answer(place.run(), 4, content="psst", flags=64, components=[BUTTON])
    assert one.original is not None
    assert place.lobby.messages == {}
    assert refusal(place.world.press, place.ada, one.original, "go") == 10008
    place.world.press(place.bob, one.original, "go")


def test_an_unknown_kind_of_interaction_is_50035(place: Place) -> None:
    body = {"type": 9, "application_id": str(place.app.id), "channel_id": str(place.lobby.id)}
    assert refusal(interactions.begin, place.world, place.bob, body, []) == 50035


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Upper", "description": "x"},
        {"name": "two words", "description": "x"},
        {"name": "x" * 33, "description": "x"},
        {"name": "plain", "description": ""},
        {"name": "plain", "description": "x" * 101},
        {"name": "plain", "description": "x", "options": [OPTIONS[0]] * 26},
        {
            "name": "plain",
            "description": "x",
            "options": [OPTIONS[0] | {"required": False}, OPTIONS[0]],
        },
    ],
)
def test_a_command_that_breaks_the_rules_is_not_registered(
    place: Place, fields: dict[str, Any]
) -> None:
    assert refusal(commands.register, place.world, place.app, None, fields) == 50035
    assert len(place.app.commands) == 1


def test_the_same_name_twice_in_a_sync_is_refused_and_changes_nothing(place: Place) -> None:
    twice = [{"name": "a", "description": "x"}] * 2
    assert refusal(commands.overwrite, place.world, place.app, None, twice) == 50035
    assert [one.key[0] for one in place.app.commands.values()] == ["call"]
