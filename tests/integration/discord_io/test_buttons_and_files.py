"""What stands under and beside a character's words: buttons and files, through either voice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.discord_io import controls
from bot.domain.room import Place
from bot.domain.turn import TurnState
from bot.rooms.ports.stage import Delivery
from sandbox.discord import Permission
from sandbox.discord.world.model import Channel, Message
from tests.fixtures_stage import MIRA, Theatre

CODE = "".join(f"print({n})  # step number {n}\n" for n in range(200))
SCRIPT = f"Here:\n```python\n{CODE}```\nRun it."
SEND = r"^/webhooks/\d+/[^/]+$"
EDIT = r"^/webhooks/\d+/[^/]+/messages/"


@pytest.fixture(params=["webhook", "bot"])
def place(request: pytest.FixtureRequest, theatre: Theatre) -> Channel:
    inn, world = theatre.inn, theatre.server.world
    if request.param == "webhook":
        return inn.lobby
    return world.direct(inn.ada, inn.application.user)


def buttons(message: Message) -> list[str]:
    return list(controls.ids_in(message.components))


def files(message: Message) -> list[tuple[str, bytes]]:
    return [(one.filename, one.data) for one in message.attachments]


async def shows(theatre: Theatre, turn: Any, delivery: Delivery, text: str) -> Message:
    delivery.show(text)
    return await theatre.server.wait_for(
        lambda _: next(
            (one for one in theatre.said(turn.room.id) if one.content.endswith(text)), None
        )
    )


async def test_words_on_their_way_can_be_stopped_and_finished_ones_cannot(
    theatre: Theatre, place: Channel
):
    turn = theatre.asked(place)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        assert buttons(await shows(theatre, turn, delivery, "Once")) == []
        assert buttons(await shows(theatre, turn, delivery, "Once upon")) == ["troupe:stop"]
        await delivery.finish("Once upon")
    (said,) = theatre.said(place.id)
    assert buttons(said) == []


async def test_a_mind_that_falls_silent_in_its_answer_can_be_stopped(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        said = await shows(theatre, turn, delivery, "Once")
        await theatre.server.wait_for(lambda _: buttons(said) == ["troupe:stop"])
        await delivery.finish("Once.")
    assert buttons(said) == []


async def test_a_short_answer_is_written_once(theatre: Theatre):
    await theatre.say(theatre.asked(theatre.inn.lobby), "Yes.", "Yes.")
    kinds = [one.kind for one in theatre.server.record.writes if one.message.webhook_id]
    assert kinds == ["create"]


async def test_alternatives_stand_under_the_last_message(theatre: Theatre, place: Channel):
    turn = theatre.asked(place)
    ids = await theatre.say(turn, "The first.")
    long = "A sentence that is said again. " * 100
    again = replace(turn, chunks=ids)
    ids = await theatre.say(again, "The", long, take=1, of=2)
    said = theatre.said(place.id)
    assert [bool(buttons(one)) for one in said] == [False, True]
    assert buttons(said[1]) == [one.id for one in controls.takes(1, 2)]
    back = replace(turn, chunks=ids, state=TurnState.RECORDED)
    await theatre.say(back, "The first.", take=0, of=2)
    (left,) = theatre.said(place.id)
    assert buttons(left) == [one.id for one in controls.takes(0, 2)]


async def test_long_code_is_a_file_beside_the_words(theatre: Theatre, place: Channel):
    turn = theatre.asked(place)
    ids = await theatre.say(turn, "Here", SCRIPT)
    (said,) = theatre.said(place.id)
    assert said.content.endswith("Here:\n-# 📎 `code.py`\nRun it.")
    assert files(said) == [("code.py", CODE.encode())]
    shorter = replace(turn, chunks=ids, state=TurnState.RECORDED)
    await theatre.say(shorter, "No code.")
    (said,) = theatre.said(place.id)
    assert files(said) == []


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_file_whose_fate_is_unknown_is_there_once(
    theatre: Theatre, carried_out: bool, streamed: bool
):
    turn = theatre.asked(theatre.inn.lobby)
    method, path = ("PATCH", EDIT) if streamed else ("POST", SEND)
    theatre.server.faults.answer(502, method=method, path=path, carried_out=carried_out)
    await theatre.say(turn, *(["Here"] if streamed else []), SCRIPT)
    (said,) = theatre.said(theatre.inn.lobby.id)
    assert files(said) == [("code.py", CODE.encode())]
    assert not theatre.server.faults.http


async def test_another_file_of_the_same_name_takes_its_place(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    ids = await theatre.say(turn, SCRIPT)
    other = SCRIPT.replace("print(0)", "print(-1)")
    await theatre.say(replace(turn, chunks=ids), other)
    (said,) = theatre.said(theatre.inn.lobby.id)
    assert files(said) == [("code.py", CODE.replace("print(0)", "print(-1)").encode())]


async def test_where_the_bot_may_send_no_files_code_comes_as_text(theatre: Theatre):
    inn, world = theatre.inn, theatre.server.world
    denied = Permission.MANAGE_WEBHOOKS | Permission.ATTACH_FILES
    world.permit(inn.lobby, inn.application.user.id, deny=int(denied))
    turn = theatre.asked(inn.lobby)
    assert turn.room.place is Place.CHANNEL
    ids = await theatre.say(turn, SCRIPT)
    said = theatre.said(inn.lobby.id)
    assert [one.id for one in said] == list(ids)
    assert len(said) > 2
    assert not any(one.attachments for one in said)


async def test_one_who_was_renamed_keeps_the_old_message(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    (first,) = await theatre.say(turn, "One.")
    again = replace(turn, chunks=(first,), text="Two.", state=TurnState.RECORDED)
    assert await theatre.say(again, "Two.", character=replace(MIRA, name="Mirabel")) == (first,)
    assert theatre.texts(theatre.inn.lobby) == ["Two."]
