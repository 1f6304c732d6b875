"""Starting badly: each fault gets a clear line that says what to do, and loses nothing."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sandbox.house import House
from sandbox.model import always, say
from tests.endpoint_twins import serving, vllm
from tests.fixtures_house import Furnish
from tests.fixtures_store import RealServer


async def run(house: House, *command: str, **settings: str) -> tuple[int, str]:
    """`python -m bot command` in the house; gives its status and all it said."""
    env: Mapping[str, str] = house.bot_env() | settings
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *command),
        env=env,
        cwd=house.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode is not None
    return process.returncode, said.decode()


async def logged(house: House, text: str) -> str:
    """Wait for a line of the bot's log that holds `text`."""
    async with asyncio.timeout(15):
        while True:
            for line in house.bot.lines:
                if text in line:
                    return line
            await asyncio.sleep(0.05)


async def test_without_a_token_it_ends_at_once_and_says_where_to_get_one(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, DISCORD_TOKEN="")
    assert status != 0
    assert "https://discord.com/developers/applications" in said
    assert "Traceback" not in said


async def test_a_refused_token_is_said_and_not_shown(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, DISCORD_TOKEN="wrong.token.for-this-discord")
    assert status != 0
    assert "DISCORD_TOKEN" in said
    assert "wrong.token.for-this-discord" not in said
    assert "Traceback" not in said


async def test_without_codex_it_says_where_it_looked(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, CODEX_BIN="/nowhere/codex")
    assert status != 0
    assert "CODEX_BIN=/nowhere/codex" in said


async def test_a_program_that_is_not_codex_is_named(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, CODEX_BIN="/bin/false")
    assert status != 0
    assert "/bin/false prints no version" in said


async def test_nobody_logged_in_is_said_with_both_ways_out(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, CODEX_BASE_URL="", HOME=str(house.folder))
    assert status != 0
    assert "`make login`" in said
    assert "CODEX_BASE_URL" in said


async def test_an_endpoint_without_a_model_is_said_with_those_that_it_has(furnish: Furnish) -> None:
    house = await furnish(start=False)
    async with serving(vllm()) as twin:
        status, said = await run(house, CODEX_BASE_URL=twin.base_url, CODEX_MODEL="")
    assert status == 78
    assert "CODEX_MODEL is not set" in said
    assert "It has: qwen3." in said
    assert "Traceback" not in said


async def test_an_endpoint_without_a_model_that_is_away_too_is_said_soon(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, CODEX_BASE_URL="http://127.0.0.1:9/v1", CODEX_MODEL="")
    assert status == 78
    assert "CODEX_MODEL is not set" in said


async def test_a_data_folder_that_cannot_be_written_is_named(furnish: Furnish) -> None:
    house = await furnish(start=False)
    (house.folder / "a-file").write_text("")
    status, said = await run(house, DATA_DIR=str(house.folder / "a-file" / "data"))
    assert status != 0
    assert "DATA_DIR" in said
    assert "Traceback" not in said


async def test_a_taken_port_is_named_with_its_setting(furnish: Furnish) -> None:
    house = await furnish(start=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, said = await run(house, HTTP_PORT=str(taken.getsockname()[1]))
    assert status != 0
    assert "HTTP_PORT" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("setting", ["HTTP_PORT", "CODEX_TURN_TIMEOUT", "LOG_LEVEL"])
async def test_a_setting_that_cannot_be_used_is_named(furnish: Furnish, setting: str) -> None:
    house = await furnish(start=False)
    status, said = await run(house, **{setting: "plenty"})
    assert status != 0
    assert setting in said
    assert "Traceback" not in said


async def test_it_waits_for_redis_and_starts_when_it_is_there(
    furnish: Furnish, lone_server: RealServer
) -> None:
    lone_server.kill()
    house = await furnish(
        always(say("Here.")), start=False, settings={"REDIS_URL": lone_server.url}
    )
    await house.bot.start()
    line = await logged(house, "cannot be reached")
    assert "trying again" in line
    lone_server.start()
    await house.connected()
    await house.summon("mira")
    house.say("@Mira hello")
    await house.hears("Here.")


async def test_it_ends_at_once_while_it_waits_for_redis(
    furnish: Furnish, lone_server: RealServer
) -> None:
    lone_server.kill()
    house = await furnish(start=False, settings={"REDIS_URL": lone_server.url})
    await house.bot.start()
    await logged(house, "cannot be reached")
    assert await house.bot.stop() == 0


async def test_without_the_intent_it_says_so_and_goes_on(furnish: Furnish) -> None:
    house = await furnish(always(say("Here.")), start=False)
    house.application.message_content = False
    await house.start_bot()
    assert "MESSAGE CONTENT" in await logged(house, "only mentions")
    await house.summon("mira")
    house.say(f"<@{house.application.id}> hello")
    await house.hears("Here.")


async def test_a_broken_character_is_named_with_its_line_and_the_others_work(
    furnish: Furnish, tmp_path: Path
) -> None:
    characters = tmp_path / "cast"
    for key, front in (("good", "name: Good"), ("bad", "name: Bad\naliases: [one, two")):
        (characters / key).mkdir(parents=True)
        (characters / key / "character.md").write_text(f"---\n{front}\n---\nYou are here.\n")
    house = await furnish(always(say("Good day.")), settings={"CHARACTERS_DIR": str(characters)})
    line = await logged(house, "character.md")
    assert "bad" in line
    assert "character.md:" in line
    await house.summon("Good")
    house.say("@Good hello")
    await house.hears("Good day.")


async def test_doctor_finds_a_good_house_good(furnish: Furnish) -> None:
    house = await furnish(always(say("yes")), start=False)
    status, said = await run(house, "doctor")
    assert status == 0, said
    for subject in ("Data", "Character", "Codex", "Redis", "Discord", "HTTP"):
        assert subject in said
    assert "FAIL" not in said


async def test_doctor_says_how_to_mend_what_is_wrong(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(
        house, "doctor", DISCORD_TOKEN="wrong", CODEX_BIN="/nowhere/codex", CHARACTERS_DIR="none"
    )
    assert status == 1
    assert said.count("FAIL ") == 2
    assert "warn  Characters" in said
    assert said.count("→") >= 3
    assert "Traceback" not in said


async def test_invite_prints_the_link(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, "invite")
    assert status == 0
    assert said.startswith("https://discord.com/oauth2/authorize?client_id=")
    assert str(house.application.id) in said
