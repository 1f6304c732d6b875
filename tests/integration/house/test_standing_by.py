"""`run --wait`, as the container runs it: what is missing is waited for, and the wait is told."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.bot_process import ROOT, BotProcess
from sandbox.house import House
from tests.fixtures_house import Furnish

SOON = 30.0


@asynccontextmanager
async def waiting(house: House, **settings: str) -> AsyncIterator[BotProcess]:
    """The bot's process with `run --wait`; it is ended by SIGTERM, and must obey."""
    env: Mapping[str, str] = house.bot_env() | settings
    # A variable that is empty is not set; it is left out, so that a file may set it.
    env = {name: value for name, value in env.items() if value}
    bot = BotProcess(env=env, folder=house.folder, arguments=("run", "--wait"))
    await bot.start()
    try:
        yield bot
    finally:
        assert await bot.stop() == 0, "\n".join(bot.lines)


async def logged(bot: BotProcess, text: str, times: int = 1) -> str:
    """The newest line of the log with `text`, once there are so many."""
    async with asyncio.timeout(SOON):
        while True:
            found = [line for line in bot.lines if text in line]
            if len(found) >= times:
                return found[-1]
            await asyncio.sleep(0.05)


async def address(bot: BotProcess, times: int = 1) -> str:
    found = re.search(r"http://\S+", await logged(bot, "listening on", times))
    assert found is not None
    return found.group()


async def fetched(url: str) -> tuple[int, str]:
    def fetch() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return await asyncio.to_thread(fetch)


def log_in(home: Path) -> None:
    """What the operator does in another container over the same volume, with real Codex."""
    subprocess.run(
        [sys.executable, "-m", "bot", "login", "--with-api-key"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=home,
        input=b"sk-nobodys-key-000000000000\n",
        check=True,
        capture_output=True,
    )


async def test_a_missing_login_is_waited_for_and_the_bot_goes_on_by_itself(
    furnish: Furnish,
) -> None:
    house = await furnish(start=False)
    sessions = house.discord.record.sessions
    async with waiting(house, CODEX_BASE_URL="", HOME=str(house.folder)) as bot:
        line = await logged(bot, "Nobody is logged in to Codex")
        assert "`make login`" in line
        status, said = await fetched(f"{await address(bot)}/healthz")
        assert status == 503
        assert "Nobody is logged in to Codex" in json.loads(said)["problems"]["setup"]
        status, page = await fetched(f"{await address(bot)}/")
        assert status == 200
        assert "Not started yet" in page
        assert not sessions

        await asyncio.to_thread(log_in, house.folder)
        await house.connected()
        healthy = f"{await address(bot, 2)}/healthz"
        assert await fetched(healthy) == (200, '{"status":"ok"}')
        # Told once, not at every look.
        assert sum("Nobody is logged in" in told for told in bot.lines) == 1


async def test_a_missing_token_is_waited_for_and_a_new_env_file_counts(furnish: Furnish) -> None:
    house = await furnish(start=False)
    async with waiting(house, DISCORD_TOKEN="") as bot:
        await logged(bot, "DISCORD_TOKEN is not set")
        status, _ = await fetched(f"{await address(bot)}/healthz")
        assert status == 503
        token = house.application.user.token
        (house.folder / ".env").write_text(f"DISCORD_TOKEN={token}\n")
        await house.connected()


@pytest.mark.parametrize("wrong", ["HTTP_PORT", "LOG_FORMAT"])
async def test_settings_that_cannot_be_read_are_waited_with_too(
    furnish: Furnish, wrong: str
) -> None:
    house = await furnish(start=False)
    async with waiting(house, **{wrong: "plenty"}) as bot:
        assert wrong in await logged(bot, "cannot start, and waits")
        checked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "healthcheck"),
            env=house.bot_env() | {wrong: "plenty"},
            cwd=house.folder,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await checked.communicate()
        assert checked.returncode != 0
        assert wrong in said.decode()
        assert bot.running


async def test_a_refused_token_is_not_tried_again_and_again(furnish: Furnish) -> None:
    house = await furnish(start=False)
    async with waiting(house, DISCORD_TOKEN="wrong.token.for-this-discord") as bot:
        await logged(bot, "Discord refuses the token")
        asked = len(house.discord.record.requests)
        status, said = await fetched(f"{await address(bot, 2)}/healthz")
        assert (status, "refuses the token" in said) == (503, True)
        assert "wrong.token.for-this-discord" not in said
        # A change that it looks at has it knock once more, and nothing else has.
        (house.folder / "models.toml").write_text("")
        await logged(bot, "has changed: starting again")
        await address(bot, 4)
        assert len(house.discord.record.requests) == 2 * asked
