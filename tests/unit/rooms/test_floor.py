"""Who waits for a character takes no slot, and who waits for a slot keeps nobody from one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.room import Place, Room
from bot.domain.utterance import Speaker
from bot.rooms.turns.turn_slots import SlotLimits, TurnSlots
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, BEN, KAI, ROOM, Company, company, until

CELLAR = Room(8, Place.CHANNEL, ROOM.guild_id)


def asks_in_the_cellar(house: Company, by: Speaker) -> None:
    said = house.stage.say(CELLAR, by, "@Kai hello")
    house.dispatcher.hear(CELLAR, replace(said, room_id=CELLAR.id, text="@Kai hello"))


@pytest.mark.parametrize(
    ("limits", "askers"),
    [
        (SlotLimits(per_person=9, per_server=3), [Speaker(10 + n, f"P{n}") for n in range(5)]),
        (SlotLimits(per_person=2, per_server=9), [ANN, BEN, ANN, BEN, ANN]),
    ],
)
async def test_who_waits_for_a_character_takes_no_slot_from_another_room(
    limits: SlotLimits, askers: list[Speaker]
) -> None:
    held = asyncio.Event()
    plays = (Play("To Cy.", gate=held), Play("Beep."), Play("To all."))
    async with company(*plays) as house:
        house.mind.silence = 20.0  # what is held stays held on a busy machine too
        await house.casting.summon(CELLAR, KAI)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(house.turn_queues, "_slots", TurnSlots(limits))
            house.says("@Mira hello", by=Speaker(5, "Cy"))
            await until(lambda: house.mind.asked)
            for asker in askers:
                house.says("@Mira and I?", by=asker)
            await until(lambda: len(house.turn_queues.in_hand) == 1 + len(askers))
            asks_in_the_cellar(house, askers[0])
            await until(lambda: house.stage.texts(CELLAR.id))
            held.set()
            await house.quiet()
        assert house.stage.texts(CELLAR.id) == ["Beep."]
        assert house.answers() == ["To Cy.", "To all."]
        assert await house.memory.unfinished() == []


async def test_who_waits_for_a_slot_keeps_nobody_from_the_character() -> None:
    held = asyncio.Event()
    plays = (Play("Beep.", gate=held), Play("To Ben."), Play("To Ann."))
    async with company(*plays) as house:
        house.mind.silence = 20.0  # what is held stays held on a busy machine too
        await house.casting.summon(CELLAR, KAI)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(house.turn_queues, "_slots", TurnSlots(SlotLimits(per_person=1)))
            asks_in_the_cellar(house, ANN)
            await until(lambda: house.mind.asked)
            house.says("@Mira hello", by=ANN)
            await until(lambda: len(house.turn_queues.in_hand) == 2)
            house.says("@Mira hello", by=BEN)
            await until(house.answers)
            held.set()
            await house.quiet()
        assert await house.memory.unfinished() == []
