"""The servers as programs, for any MCP client."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.integration.mcp.parts import SOON

ROOT = str(Path(__file__).parents[3])
NEED_A_ROOM: dict[str, dict[str, Any]] = {
    "react": {"emoji": "🔥"},
    "reply_to": {"quote": "the soup"},
    "skip": {},
    "poll": {"question": "Lunch?", "answers": ["soup", "stew"]},
    "open_thread": {"name": "Lunch"},
    "pin": {},
    "send_file": {"name": "notes.md", "text": "# Notes"},
    "whisper": {"text": "Psst."},
    "set_status": {"text": "stirring"},
    "set_mood": {"mood": "laughing"},
}


def program(name: str, *arguments: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=["-m", f"mcp_servers.{name}", *arguments], cwd=ROOT
    )


async def run(name: str, *arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"mcp_servers.{name}",
        *arguments,
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 4 * SOON)
    return process.returncode, out.decode(), err.decode()


async def test_dice_and_time_work_and_the_rest_says_that_there_is_no_room():
    async with Client(program("action")) as client:
        rolled = await client.call_tool("roll_dice", {"expression": "d20+5"})
        told = await client.call_tool("current_time", {})
        refused = [await client.call_tool(*call) for call in NEED_A_ROOM.items()]
        names = {tool.name for tool in (await client.list_tools()).tools}
    assert not rolled.is_error
    assert "UTC+00:00" in told.content[0].text
    assert names == {"roll_dice", "current_time", *NEED_A_ROOM}
    for one in refused:
        assert one.is_error
        assert one.content[0].text.endswith("only inside the bot: there is no room here.")


async def test_the_rules_of_a_character_folder_can_be_read(tmp_path):
    folder = tmp_path / "mira"
    folder.mkdir()
    (folder / "character.md").write_text("---\nname: Mira\n---\nYou are Mira.")
    (folder / "guidelines.md").write_text("Never sing.\n")
    async with Client(program("guidelines", "--character", str(folder))) as client:
        result = await client.call_tool("read_guidelines", {})
    assert result.content[0].text == "# Your own\nNever sing."


async def test_without_a_character_there_are_no_rules():
    async with Client(program("guidelines")) as client:
        result = await client.call_tool("read_guidelines", {})
    assert result.content[0].text == "There are no rules beyond who you are."


@pytest.mark.parametrize("name", ["action", "guidelines"])
async def test_help_says_what_it_is_and_ends(name):
    status, out, err = await run(name, "--help")
    assert status == 0
    assert f"usage: python -m mcp_servers.{name}" in out
    assert err == ""


async def test_a_folder_that_is_no_character_is_refused_with_its_reason(tmp_path):
    status, out, err = await run("guidelines", "--character", str(tmp_path))
    assert status == 2
    assert out == ""
    assert "character.md" in err
    assert "Traceback" not in err


async def test_it_ends_quietly_when_its_client_is_gone():
    assert await run("action") == (0, "", "")


async def test_it_ends_at_once_on_ctrl_c():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mcp_servers.action",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    await asyncio.wait_for(process.stdout.readline(), 4 * SOON)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), SOON)
    assert process.returncode == -signal.SIGINT
    assert err == b""
