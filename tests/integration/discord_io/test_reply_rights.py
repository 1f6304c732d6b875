"""Each control of a reply, pressed by who is muted and by whom slow mode holds."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.discord_io import controls
from bot.discord_io.client import TroupeClient
from bot.discord_io.parts import Part
from bot.discord_io.webhook_api import Saying
from bot.domain.policy import Policy
from bot.domain.takes import Take
from bot.domain.turn import Turn, TurnState
from bot.rooms.controls.replies import Replies
from cogs.errors import answer_failure
from cogs.replies import RepliesCog
from cogs.speaking import RULES, Wish
from sandbox.discord.record import RequestSeen
from sandbox.discord.world import channels, guilds
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Message
from sandbox.discord.world.permissions import Permission
from tests.fakes.policies import SamePolicy
from tests.fixtures_discord import Inn
from tests.fixtures_stage import MIRA, Theatre, theatre_in
from tests.unit.rooms.company import Company, until

# In a channel with this slow mode nobody speaks twice in a test.
SLOW = 600
MUTES: dict[str, Callable[[Inn], None]] = {
    "timed out": lambda inn: guilds.edit_member(
        inn.server.world,
        inn.guild,
        inn.guild.members[inn.bob.id],
        {
            "communication_disabled_until": datetime.fromtimestamp(
                time.time() + 600, UTC
            ).isoformat()
        },
    ),
    "denied": lambda inn: inn.server.world.permit(
        inn.lobby, inn.bob.id, deny=Permission.SEND_MESSAGES
    ),
}


class Bench:
    """A reply that Bob asked for, with two alternatives, and the ways to change it."""

    def __init__(self, theatre: Theatre, house: Company) -> None:
        self.theatre, self.house = theatre, house
        self.inn, self.world = theatre.inn, theatre.server.world

    async def answered(self) -> tuple[Turn, Message]:
        """Mira has answered Bob twice."""
        await self.house.casting.summon(self.theatre.room(self.inn.lobby), MIRA)
        said = self.world.say(self.inn.bob, self.inn.lobby, "Mira?")
        turn = replace(self.theatre.turn(self.inn.lobby, said.id), asker=self.inn.bob.id)
        chunks = await self.theatre.say(turn, "Good evening.")
        done = replace(
            turn,
            state=TurnState.DONE,
            text="Good evening.",
            takes=(Take("Hello."), Take("Good evening.")),
            take=1,
            chunks=chunks,
            order=chunks[0],
            thread_id="t",
        )
        await self.house.memory.accept(done)
        await self.house.memory.chunk(done, 0, chunks[0])
        reply = self.theatre.said(turn.room.id)[-1]
        hook = await self.theatre.webhooks.of(reply.channel_id)
        row = (*controls.takes(1, 2), *controls.CONTINUE)
        await self.theatre.api.edit(
            hook, reply.id, Saying(Part(reply.content, row=row)), thread_id=None
        )
        return done, reply

    def notes_taken_away(self) -> list[RequestSeen]:
        """The notes that there will be an answer, which go once it was begun."""
        seen = self.theatre.server.record.requests
        return [
            request
            for request in seen
            if request.method == "DELETE" and request.path.endswith("/messages/@original")
        ]

    async def does(self, wish: str, reply: Message) -> Interaction:
        """Bob asks for that; returns once it is answered."""
        bob, lobby, application = self.inn.bob, self.inn.lobby, self.inn.application
        if wish.startswith("troupe"):
            asked = self.world.press(bob, reply, wish)
        else:
            asked = self.world.run_command(bob, lobby, application, wish, target=reply)
        await self.theatre.server.wait_for(lambda _: asked.answer)
        return asked

    async def told(self, asked: Interaction) -> str:
        """What Bob alone was told."""

        def answer(_: object) -> str | None:
            answers = (asked.original, *asked.follow_ups)
            shown = [one for one in answers if one is not None and one is not asked.source]
            return next((one.content for one in shown if one.content and one.only_for), None)

        return await self.theatre.server.wait_for(answer)


@pytest.fixture
async def bench(stage_inn: Inn) -> AsyncIterator[Bench]:
    house = Company()

    async def set_up(client: TroupeClient) -> None:
        replies = Replies(
            ledger=house.ledger,
            turn_queues=house.turn_queues,
            running_turns=house.running_turns,
            casting=house.casting,
            spending=house.spending,
            policies=SamePolicy(Policy(askers_edit=True)),
            stage=house.stage,
            patience=0.1,
        )
        client.tree.error(answer_failure)
        await client.add_cog(RepliesCog(tree=client.tree, replies=replies, why=house.why))

    async with house.tasks, theatre_in(stage_inn, set_up=set_up) as theatre:
        yield Bench(theatre, house)


async def _nothing() -> None:
    return None


SPEAKING = ["Regenerate", "Continue", "Edit reply", "troupe:again", "troupe:more"]
SHOWING = ["troupe:take:0:back"]


def test_there_is_a_rule_for_each_wish() -> None:
    assert set(RULES) == set(Wish)
    assert {wish for wish, rule in RULES.items() if not rule.voice} == {Wish.STOP, Wish.DELETE}


@pytest.mark.parametrize(
    ("wish", "mute"),
    [(wish, "denied") for wish in (*SPEAKING, *SHOWING)]
    # During a time-out Discord offers no commands, but buttons can be pressed.
    + [(wish, "timed out") for wish in (*SPEAKING, *SHOWING) if wish.startswith("troupe")],
)
async def test_who_is_muted_changes_nothing_that_is_said(
    bench: Bench, wish: str, mute: str
) -> None:
    turn, reply = await bench.answered()
    MUTES[mute](bench.inn)
    told = await bench.told(await bench.does(wish, reply))
    assert ("timed out" if mute == "timed out" else "**Send Messages**") in told
    assert bench.house.memory.turns[turn.id] == turn
    assert list(bench.house.memory.turns) == [turn.id]


async def test_who_is_muted_may_still_take_back_their_answer(bench: Bench) -> None:
    _, reply = await bench.answered()
    MUTES["denied"](bench.inn)
    assert (await bench.told(await bench.does("Delete reply", reply))).startswith("Delete this")


async def test_slow_mode_is_one_clock_for_all_that_characters_say_for_a_person(
    bench: Bench,
) -> None:
    turn, reply = await bench.answered()
    channels.edit(bench.world, bench.inn.lobby, {"rate_limit_per_user": SLOW})
    # What comes to nothing does not count as having spoken.
    foreign = bench.world.say(bench.inn.ada, bench.inn.lobby, "I said that myself.")
    refused = await bench.told(await bench.does("Continue", foreign))
    assert "No character said that" in refused
    await bench.does("Continue", reply)
    await until(lambda: bench.house.memory.turns[turn.id].continued)
    await until(lambda: bench.house.memory.turns[turn.id].state is TurnState.DONE)
    turn = bench.house.memory.turns[turn.id]
    for wish in SPEAKING:
        told = await bench.told(await bench.does(wish, reply))
        assert told == "This channel is in slow mode. You can speak again in 10 min.", wish
    assert bench.house.memory.turns == {turn.id: turn}
    await bench.does(SHOWING[0], reply)
    await until(lambda: bench.house.memory.turns[turn.id].text == "Hello.")
    assert (await bench.told(await bench.does("Delete reply", reply))).startswith("Delete this")


@pytest.mark.parametrize(
    ("permission", "free"),
    [
        (1 << 52, True),  # Bypass Slowmode
        (Permission.MANAGE_MESSAGES, False),
        (Permission.MANAGE_CHANNELS, False),
    ],
)
async def test_only_the_permission_of_that_name_frees_a_person_from_slow_mode(
    bench: Bench, permission: int, *, free: bool
) -> None:
    _, reply = await bench.answered()
    channels.edit(bench.world, bench.inn.lobby, {"rate_limit_per_user": SLOW})
    bench.world.permit(bench.inn.lobby, bench.inn.bob.id, allow=permission)
    await bench.does("Continue", reply)
    again = await bench.does("Continue", reply)
    if free:
        # What was done takes the note away that there would be an answer.
        await bench.theatre.server.wait_for(lambda _: len(bench.notes_taken_away()) == 2)
    else:
        assert "slow mode" in await bench.told(again)


async def test_a_reply_is_deleted_only_once_its_asker_has_said_so(bench: Bench) -> None:
    turn, reply = await bench.answered()
    asked = await bench.does("Delete reply", reply)
    told = await bench.told(asked)
    assert told == (
        "Delete this whole reply of **Mira**? It will be gone for everyone, and **Mira** will "
        "forget having said it. That can’t be undone."
    )
    assert bench.house.memory.turns[turn.id] == turn
    question = asked.original
    assert question is not None
    bench.world.press(bench.inn.bob, question, "troupe-delete:keep")
    await bench.theatre.server.wait_for(lambda _: question.id not in bench.world.hidden)
    assert bench.house.memory.turns[turn.id] == turn
    asked = await bench.does("Delete reply", reply)
    await bench.told(asked)
    question = asked.original
    assert question is not None
    bench.world.press(bench.inn.bob, question, f"troupe-delete:{reply.id}")
    await until(lambda: bench.house.memory.turns[turn.id].text == "")
    await bench.theatre.server.wait_for(lambda _: question.id not in bench.world.hidden)


async def test_a_forged_button_deletes_nobody_elses_reply(bench: Bench) -> None:
    turn, reply = await bench.answered()
    done = replace(turn, asker=bench.inn.ada.id)
    bench.house.memory.turns[turn.id] = done
    forged = controls.Button(f"troupe-delete:{reply.id}", "Delete")
    hook = await bench.theatre.webhooks.of(reply.channel_id)
    part = Part(reply.content, row=(forged,))
    await bench.theatre.api.edit(hook, reply.id, Saying(part), thread_id=None)
    pressed = bench.world.press(bench.inn.bob, reply, forged.id)
    assert "for whoever asked" in await bench.told(pressed)
    assert bench.house.memory.turns[turn.id] == done


@pytest.mark.parametrize("wish", ["Continue", "Regenerate", "troupe:more", "troupe:again"])
async def test_where_the_bot_cannot_speak_a_wish_for_words_is_refused_with_what_is_missing(
    bench: Bench, wish: str
) -> None:
    turn, reply = await bench.answered()
    bot = bench.inn.application.user.id
    bench.world.permit(bench.inn.lobby, bot, deny=Permission.SEND_MESSAGES)
    told = await bench.told(await bench.does(wish, reply))
    assert told.startswith("I’m missing the permission **Send Messages** in this channel.")
    assert list(bench.house.memory.turns) == [turn.id]
