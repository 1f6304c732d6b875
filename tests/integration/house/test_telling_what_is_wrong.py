"""What keeps people from being heard or answered is told where they look for it."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path

import httpx2

from bot.rooms.turns.turn_health import FAILED_IN_A_ROW
from sandbox.bot_process import ROOT
from sandbox.house import House
from sandbox.model import always, http, say
from tests.endpoint_twins import llama, serving
from tests.fixtures_house import Furnish
from tests.integration.house.test_starting import logged

OFF = "Message Content Intent"


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


async def fetched(port: str, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient() as http_client:
        return await http_client.get(f"http://127.0.0.1:{port}{path}")


async def healthy(port: str) -> None:
    """Wait until the bot says that all is well, and nothing else."""
    async with asyncio.timeout(10):
        while True:
            if (await fetched(port, "/healthz")).json() == {"status": "ok"}:
                return
            await asyncio.sleep(0.05)


async def shown(house: House, command: str) -> str:
    asked = await house.command(command)
    assert asked.original is not None
    return str(asked.original.content)


async def test_messages_that_cannot_be_read_are_told_everywhere(furnish: Furnish) -> None:
    port = free_port()
    house = await furnish(always(say("Yes.")), start=False, settings={"HTTP_PORT": port})
    house.application.message_content = False
    await house.start_bot()
    asked = await house.summon("mira")
    assert asked.original is not None
    assert OFF in asked.original.content
    assert "/say" in asked.original.content
    house.say("@Mira, are you there?")
    told = await house.discord.wait_for(
        lambda _: next(
            (
                each
                for each in house.room.messages.values()
                if each.author.id == house.application.user.id
                and "can’t read what’s said" in each.content
            ),
            None,
        ),
        10,
    )
    assert OFF in told.content
    assert OFF in await shown(house, "room why")
    assert OFF in (await fetched(port, "/")).text
    await logged(house, "cannot read messages")
    assert (await fetched(port, "/healthz")).json() == {"status": "ok"}


async def test_turns_that_fail_are_told_and_a_row_of_them_is_unhealthy(furnish: Furnish) -> None:
    port = free_port()
    house = await furnish(always(say("Yes.")), settings={"HTTP_PORT": port})
    await house.summon("mira")
    house.model.faults.add(http(401, body='{"error": {"message": "no key"}}'), times=None)
    for number in range(FAILED_IN_A_ROW):
        house.say(f"@Mira, question {number}?")
        await house.discord.wait_for(lambda _, n=number: _apologies(house) > n, 30)
        health = await fetched(port, "/healthz")
        assert health.status_code == (200 if number + 1 < FAILED_IN_A_ROW else 503)
        assert health.json()["last_failed_turn"]["reason"] == "unauthorized"
    assert "model" in health.json()["problems"]
    assert "refused the key or the login" in await shown(house, "diagnose")
    house.model.faults.clear()
    house.say("@Mira, and now?")
    await house.hears("Yes.")
    await healthy(port)


def _apologies(house: House) -> int:
    return sum(
        "refused the bot’s key or login" in each.content for each in house.room.messages.values()
    )


async def test_a_broken_character_file_is_told_to_the_owner_once(
    furnish: Furnish, tmp_path: Path
) -> None:
    port, characters = free_port(), tmp_path / "cast"
    shutil.copytree(ROOT / "characters", characters)
    (characters / "broken").mkdir()
    (characters / "broken" / "character.md").write_text("---\nname: Zoe\nage: 7\n---\nHi")
    settings = {"HTTP_PORT": port, "CHARACTERS_DIR": str(characters)}
    house = await furnish(always(say("Yes.")), settings=settings)
    letters = house.direct(house.ann).messages
    letter = await house.discord.wait_for(lambda _: next(iter(letters.values()), None), 10)
    assert "broken/character.md:3: “age” is not a key here" in letter.content
    assert "broken/character.md:3" in await shown(house, "diagnose")
    assert "broken/character.md:3" in (await fetched(port, "/")).text
    await house.bot.stop()
    await house.start_bot()
    (characters / "broken" / "character.md").write_text("---\nname: Zoe\nyears: 7\n---\nHi")
    await house.discord.wait_for(lambda _: len(letters) > 1, 10)
    assert ["age" in each.content for each in letters.values()] == [True, False]


async def test_a_real_start_probes_the_model_and_shows_its_table(furnish: Furnish) -> None:
    port = free_port()
    async with serving(llama(n_ctx=4096)) as twin:
        settings = {
            "HTTP_PORT": port,
            "CODEX_BASE_URL": twin.base_url,
            "CODEX_MODEL": "qwen",
            "CODEX_PROBE": "true",
            "CODEX_TOOLS": "auto",
        }
        house = await furnish(settings=settings)
        await logged(house, "window: 4,096 tokens")
        page = (await fetched(port, "/")).text
        assert "Model qwen" in page
        assert "4,096 tokens" in page
        diagnosed = await shown(house, "diagnose")
        assert "Model qwen · window: 4,096 tokens · tools: yes, as plain functions" in diagnosed
        assert "key-of-the-scripted-model" not in "\n".join(house.bot.lines)
