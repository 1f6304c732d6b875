"""Menus and buttons under a reply where the record of it is thin: each press is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from bot.discord_io import controls
from bot.discord_io.client import TroupeClient
from bot.discord_io.parts import Part
from bot.discord_io.webhook_api import Saying
from bot.domain.action_arguments import Poll
from bot.domain.room import Room
from bot.domain.turn import Turn, TurnState
from bot.rooms.controls.replies import Replies
from cogs.errors import answer_failure
from cogs.replies import RepliesCog
from sandbox.discord.world import webhooks
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Message, User
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.threads import set_archived
from tests.fakes.stage import MemoryStage
from tests.fixtures_discord import Inn
from tests.fixtures_stage import MIRA, Theatre, theatre_in
from tests.unit.rooms.company import Company


@dataclass
class Stall:
    """A stage with the menus, over rooms in memory."""

    theatre: Theatre
    house: Company

    async def menu(self, name: str, message: Message, by: User | None = None) -> Interaction:
        inn = self.theatre.inn
        asked = inn.server.world.run_command(
            by or inn.ada, inn.lobby, inn.application, name, target=message
        )
        await self.theatre.server.wait_for(lambda _: asked.answer)
        return asked

    async def told(self, asked: Interaction) -> str:
        """What the person was told, and nobody else."""

        def answer(_: object) -> str | None:
            answers = (asked.original, *asked.follow_ups)
            shown = [one for one in answers if one is not None and one is not asked.source]
            return next((one.content for one in shown if one.content and one.only_for), None)

        return await self.theatre.server.wait_for(answer)

    async def delete(self, message: Message) -> Interaction:
        """Ada has the message deleted, and says so when she is asked."""
        asked = await self.menu("Delete reply", message)
        assert (await self.told(asked)).startswith("Delete this")
        assert asked.original is not None
        button = f"troupe-delete:{message.id}"
        return self.theatre.server.world.press(self.theatre.inn.ada, asked.original, button)

    async def answered(self, text: str = "Good evening.") -> tuple[Turn, Message]:
        """Mira has answered Ada; the turn as the ledger has it."""
        turn = self.theatre.asked(self.theatre.inn.lobby)
        chunks = await self.theatre.say(turn, text)
        done = replace(turn, state=TurnState.DONE, text=text, chunks=chunks, thread_id="t")
        await self.house.memory.accept(done)
        await self.house.memory.chunk(done, 0, chunks[0])
        return done, self.theatre.said(turn.room.id)[-1]

    async def polled(self) -> Message:
        """In a turn of Mira's, which Ada asked for, a poll was made."""
        turn, _ = await self.answered()
        sent = await self.theatre.stage.post(turn, MIRA, Part("", poll=Poll("Tea?", ("yes", "no"))))
        await self.house.memory.claim(turn, sent)
        return self.theatre.said(turn.room.id)[-1]

    async def leave_button(self, message: Message) -> None:
        """The edit that takes *Stop* away failed."""
        shown = Part(message.content, row=controls.STOP)
        hook = await self.theatre.webhooks.of(message.channel_id)
        await self.theatre.api.edit(hook, message.id, Saying(shown), thread_id=None)


class Standing(MemoryStage):
    """A stage in memory that reads and deletes what stands on Discord."""

    def __init__(self, made: list[Theatre]) -> None:
        super().__init__()
        self._made = made

    async def discard(self, room: Room, message_id: int) -> None:
        await self._made[0].stage.discard(room, message_id)

    async def unrecorded(self, room: Room, message_id: int) -> Turn | None:
        return await self._made[0].stage.unrecorded(room, message_id)


@pytest.fixture
async def stall(stage_inn: Inn) -> AsyncIterator[Stall]:
    house = Company()
    made: list[Theatre] = []

    async def set_up(client: TroupeClient) -> None:
        replies = Replies(
            ledger=house.ledger,
            turn_queues=house.turn_queues,
            running_turns=house.running_turns,
            casting=house.casting,
            spending=house.spending,
            policies=house.policies,
            stage=Standing(made),
            patience=0.1,
        )
        client.tree.error(answer_failure)
        await client.add_cog(RepliesCog(tree=client.tree, replies=replies, why=house.why))

    async with house.tasks, theatre_in(stage_inn, set_up=set_up) as theatre:
        made.append(theatre)
        yield Stall(theatre, house)


async def test_a_stop_button_whose_record_is_gone_is_answered_and_taken_away(stall: Stall) -> None:
    turn, reply = await stall.answered()
    await stall.leave_button(reply)
    stall.house.memory.turns.clear()
    world, inn = stall.theatre.server.world, stall.theatre.inn
    pressed = world.press(inn.bob, reply, "troupe:stop")
    assert "no record" in await stall.told(pressed)
    await stall.theatre.server.wait_for(lambda _: not reply.components)
    assert reply.content == "Good evening."
    assert turn.chunks == (reply.id,)


async def test_a_stop_button_that_outlived_its_turn_is_taken_away(stall: Stall) -> None:
    _, reply = await stall.answered()
    await stall.leave_button(reply)
    pressed = stall.theatre.server.world.press(stall.theatre.inn.ada, reply, "troupe:stop")
    assert "Nothing of this reply is being written" in await stall.told(pressed)
    await stall.theatre.server.wait_for(lambda _: not reply.components)


async def test_a_button_that_cannot_be_taken_away_is_answered_all_the_same(stall: Stall) -> None:
    _, reply = await stall.answered()
    await stall.leave_button(reply)
    stall.house.memory.turns.clear()
    stall.theatre.server.faults.answer(400, method="PATCH", path="@original", code=50083)
    pressed = stall.theatre.server.world.press(stall.theatre.inn.ada, reply, "troupe:stop")
    assert "no record" in await stall.told(pressed)


async def test_a_form_waits_for_what_is_being_written(stall: Stall) -> None:
    turn, reply = await stall.answered()
    stall.house.memory.turns[turn.id] = replace(turn, state=TurnState.RECORDED)
    inn = stall.theatre.inn
    asked = stall.theatre.server.world.run_command(
        inn.ada, inn.lobby, inn.application, "Edit reply", target=reply
    )
    await asyncio.sleep(0.2)
    assert asked.answer is None
    stall.house.memory.turns[turn.id] = turn
    await stall.theatre.server.wait_for(lambda _: asked.form)


async def test_a_form_is_refused_in_words_when_the_writing_takes_long(stall: Stall) -> None:
    turn, reply = await stall.answered()
    stall.house.memory.turns[turn.id] = replace(turn, state=TurnState.RECORDED)
    assert "being written right now" in await stall.told(await stall.menu("Edit reply", reply))


async def test_a_poll_is_taken_back_by_who_asked_and_by_nobody_else(stall: Stall) -> None:
    poll = await stall.polled()
    bob = stall.theatre.inn.bob
    assert "for whoever asked" in await stall.told(await stall.menu("Delete reply", poll, bob))
    lobby = stall.theatre.inn.lobby
    assert poll.id in lobby.messages
    for name in ("Regenerate", "Continue", "Edit reply"):
        assert "stays as it was sent" in await stall.told(await stall.menu(name, poll)), name
    assert "Mira: named in the text" in await stall.told(await stall.menu("Why this reply?", poll))
    await stall.delete(poll)
    await stall.theatre.server.wait_for(lambda _: poll.id not in lobby.messages)


@pytest.mark.parametrize("is_gone", [False, True])
async def test_without_manage_messages_the_webhook_deletes_what_it_wrote(
    stall: Stall, *, is_gone: bool
) -> None:
    poll = await stall.polled()
    world, inn = stall.theatre.server.world, stall.theatre.inn
    world.permit(inn.lobby, inn.application.user.id, deny=Permission.MANAGE_MESSAGES)
    if is_gone:
        webhooks.delete(world, world.webhooks[poll.webhook_id or 0])
    asked = await stall.delete(poll)
    if is_gone:
        assert "missing the permission **Manage Messages**" in await stall.told(asked)
        assert poll.id in inn.lobby.messages
    else:
        await stall.theatre.server.wait_for(lambda _: poll.id not in inn.lobby.messages)


async def test_in_a_locked_thread_only_moderators_speak_through_the_bot(stall: Stall) -> None:
    world, inn = stall.theatre.server.world, stall.theatre.inn
    thread = world.start_thread(inn.ada, inn.lobby, "a corner")
    said = world.say(inn.bob, thread, "hello")
    set_archived(world, thread, archived=False, locked=True)
    # The bot itself has to be let in, or nobody is asked anything there.
    world.permit(inn.lobby, inn.application.user.id, allow=Permission.MANAGE_THREADS)
    told = {
        user.username: await stall.told(
            world.run_command(user, thread, inn.application, "Continue", target=said)
        )
        for user in (inn.bob, inn.ada)
    }
    assert "thread is locked" in told["bob"]
    assert "No character said that" in told["ada"]
