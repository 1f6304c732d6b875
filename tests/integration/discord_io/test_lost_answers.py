"""Commands whose answer Discord does not take: done and seen by all, or not done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import discord
import pytest

from bot.discord_io.client import TroupeClient
from bot.domain.policy import Mode, Policy
from bot.messages.rendering import render
from bot.messages.rooms import RESET_DONE, RESET_UNDONE
from cogs.casting import CastingCog, Roster
from cogs.errors import answer_failure
from cogs.room import RoomCog
from sandbox.discord.world.interaction import Interaction
from tests.fixtures_discord import Inn
from tests.fixtures_stage import MIRA, Theatre, theatre_in
from tests.unit.rooms.company import Company, until

# Unknown interaction: it was answered too late. Cannot execute action on this channel type.
REFUSALS = [(404, 10062), (400, 50024)]


class Counter:
    """The commands about a room, over rooms in memory."""

    def __init__(self, theatre: Theatre, house: Company) -> None:
        self.theatre, self.house = theatre, house
        self.inn, self.world = theatre.inn, theatre.server.world
        self.room = theatre.room(self.inn.lobby)

    def refuse(self, status: int, code: int, *, path: str = "/callback") -> None:
        """The next answer is not taken."""
        self.theatre.server.faults.answer(status, method="POST", path=path, code=code)

    def give(self, name: str, **options: object) -> Interaction:
        """Ada gives the command."""
        inn = self.inn
        return self.world.run_command(
            inn.ada, inn.lobby, inn.application, name, target=None, **options
        )

    async def answer_to(self, name: str, **options: object) -> str:
        """What Ada is told when she gives the command."""
        asked = self.give(name, **options)
        shown = await self.theatre.server.wait_for(lambda _: asked.original)
        return shown.content

    async def question(self) -> Interaction:
        """Ada is asked whether she means to reset the room."""
        asked = self.give("room reset")
        await self.theatre.server.wait_for(lambda _: asked.original)
        return asked

    async def announced(self, text: str) -> None:
        """Everyone reads this, once."""

        def found(_: object) -> list[str]:
            return [one for one in self.public() if text in one]

        assert len(await self.theatre.server.wait_for(found)) == 1

    def public(self) -> list[str]:
        """What everyone reads of the bot, answers to commands included."""
        return self.theatre.texts(self.inn.lobby)

    @property
    def cast(self) -> list[str]:
        return [one.key for one in self.house.casting.cast(self.room)]


@pytest.fixture
async def counter(stage_inn: Inn) -> AsyncIterator[Counter]:
    house = Company()

    async def set_up(client: TroupeClient) -> None:
        client.tree.error(answer_failure)
        await client.add_cog(
            CastingCog(
                roster=Roster(house.casting, house.shelf, _faceless),
                dispatcher=house.dispatcher,
                process_state=house.process_state,
                persona_states=house.state.persona_states,
                dismissal=house.rooms.dismissal,
                on_said=lambda _, __: None,
                reads_messages=lambda: True,
            )
        )
        await client.add_cog(
            RoomCog(
                policies=house.policies,
                casting=house.casting,
                running_turns=house.running_turns,
                why=house.why,
                reads_messages=lambda: True,
            )
        )

    async with house.tasks, theatre_in(stage_inn, set_up=set_up) as theatre:
        yield Counter(theatre, house)


async def _nothing(_: object, __: object) -> None:
    return None


async def _faceless(_: object) -> dict[str, discord.PartialEmoji]:
    return {}


@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_a_character_that_came_is_announced_though_the_command_was_given_up(
    counter: Counter, status: int, code: int
) -> None:
    counter.refuse(status, code)
    counter.give("summon", character="mira")
    await counter.announced("**Mira** joins.")
    assert counter.cast == ["mira"]


async def test_a_character_whose_coming_nobody_can_be_told_of_does_not_stay(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.refuse(400, 50024)
    counter.refuse(400, 50024, path=f"/channels/{counter.inn.lobby.id}/messages")
    asked = counter.give("summon", character="mira")
    await counter.theatre.server.wait_for(lambda _: asked.original)
    assert asked.original is not None
    assert asked.original.content.startswith("Characters can’t speak in a channel of this kind.")
    assert counter.cast == []
    assert "50024" in caplog.text


async def test_an_answer_that_arrived_on_a_cut_line_is_not_told_again(counter: Counter) -> None:
    counter.theatre.server.faults.answer(
        400, method="POST", path="/callback", code=40060, carried_out=True
    )
    counter.give("summon", character="mira")
    await counter.announced("**Mira** joins.")
    await until(lambda: counter.house.stage.prepared == ["mira"])
    assert len([one for one in counter.public() if "joins" in one]) == 1


async def test_a_dismissal_a_pause_and_its_end_are_seen_too(counter: Counter) -> None:
    await counter.house.casting.summon(counter.room, MIRA)
    counter.refuse(404, 10062)
    counter.give("dismiss", character="mira")
    await counter.announced("**Mira** leaves")
    assert counter.cast == []
    counter.refuse(404, 10062)
    counter.give("room pause")
    await counter.announced("This room is **paused**")
    assert counter.house.policies.of(counter.room).paused
    counter.refuse(404, 10062)
    counter.give("room resume")
    await counter.announced("**Resumed**")
    assert not counter.house.policies.of(counter.room).paused


async def test_what_was_not_shown_as_said_is_not_answered(counter: Counter) -> None:
    await counter.house.casting.summon(counter.room, MIRA)
    counter.refuse(404, 10062)
    counter.give("say", character="mira", message="hello")
    again = counter.give("say", character="mira", message="and again")
    await counter.theatre.server.wait_for(lambda _: again.original)
    await counter.house.quiet()
    assert [words for _, words in counter.house.mind.asked if "hello" in words] == []
    assert not [one for one in counter.public() if "hello" in one]


async def test_settings_are_not_changed_by_a_command_that_was_given_up(counter: Counter) -> None:
    counter.refuse(404, 10062)
    given = counter.give("room settings", mode="every")
    await counter.theatre.server.wait_for(lambda _: given.original)  # that it failed
    assert counter.house.policies.of(counter.room) == Policy()


async def test_a_reset_is_told_to_all_with_who_did_it_and_not_done_when_it_was_given_up(
    counter: Counter,
) -> None:
    question = (await counter.question()).original
    assert question is not None
    counter.refuse(404, 10062)
    button = "troupe-reset:forget"
    pressed = counter.world.press(counter.inn.ada, question, button)
    await counter.theatre.server.wait_for(lambda _: pressed.answer)  # that it failed
    assert counter.house.policies.of(counter.room).since == 0
    assert counter.public() == []
    counter.world.press(counter.inn.ada, question, button)
    await counter.announced(f"{render(RESET_DONE)} **Ada** reset this room.")
    assert counter.house.policies.of(counter.room).since
    counter.world.press(counter.inn.ada, question, "troupe-reset:undo")
    await counter.announced(f"{render(RESET_UNDONE)} **Ada** undid it.")
    assert counter.house.policies.of(counter.room).since == 0


@pytest.mark.parametrize("mode", Mode)
async def test_a_chance_is_shown_where_it_counts_and_else_only_to_who_sets_it(
    counter: Counter, mode: Mode
) -> None:
    await counter.house.policies.change(counter.room, lambda policy: replace(policy, mode=mode))
    seen = await counter.answer_to("room settings")
    changed = await counter.answer_to("room settings", chance=20)
    if mode is Mode.TALKATIVE:
        assert "**Chance** · 15 %" in seen
        assert "**Chance** · 20 %\n" in changed
    else:
        assert "Chance" not in seen
        assert "**Chance** · 20 %, used only in the mode *talkative*" in changed
