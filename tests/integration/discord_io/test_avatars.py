"""Faces: uploaded once, found again, and never in the way of a reply."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path

import pytest

from bot.discord_io.avatars import Avatars
from bot.domain.character import Character, Picture
from tests.fakes.discord_memory import MemoryAvatars
from tests.fixtures_stage import Theatre

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ROUTE = "/applications/{application_id}/emojis"


def painted(folder: Path, image: bytes = PIXEL, kind: str = "image/png") -> Character:
    path = folder / "mira.png"
    path.write_bytes(image)
    picture = Picture(path, kind, hashlib.sha256(image).hexdigest())
    return Character("mira", "Mira", "You are Mira.", avatar=picture)


def avatars(theatre: Theatre, memory: MemoryAvatars, **times: float) -> Avatars:
    return Avatars(client=theatre.client, memory=memory, tasks=theatre.tasks, **times)


async def test_a_picture_is_uploaded_once_and_found_again(theatre: Theatre, tmp_path: Path):
    memory, mira = MemoryAvatars(), painted(tmp_path)
    first = avatars(theatre, memory)
    address = await first.prepare(mira)
    assert address is not None
    assert address.startswith("https://cdn.discordapp.com/emojis/")
    assert await first.of(mira) == address
    assert await avatars(theatre, memory).prepare(mira) == address
    assert await avatars(theatre, MemoryAvatars()).prepare(mira) == address
    assert len(theatre.server.record.sent("POST", ROUTE)) == 1


async def test_a_face_from_a_file_stands_in_the_bots_own_lines(theatre: Theatre, tmp_path: Path):
    made, mira = avatars(theatre, MemoryAvatars()), painted(tmp_path)
    quill = Character("quill", "Quill", "You are Quill.", avatar="https://example.org/quill.png")
    plain = Character("plain", "Plain", "You are Plain.")
    found = await made.emojis([mira, quill, plain])
    (uploaded,) = await theatre.client.fetch_application_emojis()
    assert {key: str(one) for key, one in found.items()} == {"mira": str(uploaded)}


async def test_faces_that_take_long_are_left_out_of_a_line(theatre: Theatre, tmp_path: Path):
    theatre.server.faults.delay(3, path="/emojis")
    async with asyncio.timeout(2.5):
        assert await avatars(theatre, MemoryAvatars()).emojis([painted(tmp_path)]) == {}


async def test_an_address_is_taken_as_it_is(theatre: Theatre):
    quill = Character("quill", "Quill", "You are Quill.", avatar="https://example.org/quill.png")
    assert await avatars(theatre, MemoryAvatars()).of(quill) == "https://example.org/quill.png"
    assert theatre.server.record.sent("POST", ROUTE) == []


@pytest.mark.parametrize(
    ("image", "kind"), [(PIXEL + bytes(300_000), "image/png"), (PIXEL, "image/bmp")]
)
async def test_a_picture_that_discord_would_refuse_is_said_once(
    theatre: Theatre, tmp_path: Path, caplog: pytest.LogCaptureFixture, image: bytes, kind: str
):
    mira, made = painted(tmp_path, image, kind), avatars(theatre, MemoryAvatars())
    assert await made.prepare(mira) is None
    assert await made.of(mira) is None
    assert caplog.text.count("speaks without") == 1


@pytest.mark.parametrize("fault", ["503", "reset", "slow"])
async def test_what_passes_costs_a_face_for_a_while_and_not_for_good(
    theatre: Theatre, tmp_path: Path, fault: str
):
    faults = theatre.server.faults
    if fault == "503":
        faults.answer(503, path="/emojis")
    elif fault == "reset":
        faults.reset(path="/emojis", times=2)  # aiohttp itself asks a second time
    else:
        faults.delay(3, path="/emojis")
    made = avatars(theatre, MemoryAvatars(), longest=0.3, again_after=0.0)
    mira = painted(tmp_path)
    assert await made.prepare(mira) is None
    assert not faults.http
    assert await made.prepare(mira) is not None


async def test_a_failed_upload_is_not_tried_again_at_every_reply(theatre: Theatre, tmp_path: Path):
    theatre.server.faults.answer(503, path="/emojis")
    made, mira = avatars(theatre, MemoryAvatars()), painted(tmp_path)
    assert await made.prepare(mira) is None
    assert await made.of(mira) is None
    assert theatre.server.record.sent("GET", ROUTE) == []


async def test_a_long_silence_that_discord_asks_for_is_not_waited_for(
    theatre: Theatre, tmp_path: Path
):
    theatre.server.faults.answer(429, path="/emojis", retry_after=600)
    async with asyncio.timeout(5):
        assert (
            await avatars(theatre, MemoryAvatars(), longest=0.2).prepare(painted(tmp_path)) is None
        )


async def test_a_failed_upload_does_not_hinder_the_reply(theatre: Theatre, tmp_path: Path):
    theatre.server.faults.answer(400, path="/emojis", times=9)
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, painted(tmp_path)) as delivery:
        await delivery.finish("Here.")
    assert theatre.texts(theatre.inn.lobby) == ["Here."]


async def test_an_upload_that_takes_long_is_not_waited_for(theatre: Theatre, tmp_path: Path):
    theatre.server.faults.delay(3, path="/emojis")
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, painted(tmp_path)) as delivery:
        await delivery.finish("Here.")
    assert theatre.texts(theatre.inn.lobby) == ["Here."]


async def test_a_face_that_discord_refuses_is_left_away(theatre: Theatre):
    mira = Character("mira", "Mira", "You are Mira.", avatar="no address at all")
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, mira) as delivery:
        await delivery.finish("Here.")
    assert theatre.texts(theatre.inn.lobby) == ["Here."]
