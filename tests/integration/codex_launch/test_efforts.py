"""The efforts that a character may be given are those that this Codex lists."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bot.characters.folder import read_character
from bot.codex import launch
from bot.codex.run_once import run
from bot.domain.character import EFFORTS
from bot.settings import load


async def test_what_the_catalog_lists_is_taken_but_for_what_needs_sub_agents(
    tmp_path: Path,
) -> None:
    binary = launch.find_binary(None, os.environ.get("PATH"))
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CODEX_HOME": str(tmp_path)}
    said = await run([str(binary), "debug", "models", "--bundled"], env)
    models = json.loads(said.out)["models"]
    listed = {level["effort"] for model in models for level in model["supported_reasoning_levels"]}
    assert listed - {"ultra"} == set(EFFORTS)


def test_settings_and_characters_take_the_same_efforts(tmp_path: Path) -> None:
    for effort in EFFORTS:
        given = load({"CODEX_REASONING_EFFORT": effort}, tmp_path / ".env")
        assert given.codex_reasoning_effort == effort
        folder = tmp_path / effort
        folder.mkdir()
        (folder / "character.md").write_text(f"---\nname: Mira\neffort: {effort}\n---\nBody")
        assert read_character(folder).effort == effort
