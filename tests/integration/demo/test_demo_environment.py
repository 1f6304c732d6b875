"""What the demo lets its bot know of the surrounding environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.crossroads import furnish
from sandbox.demo import Mind, Options, bot_environment
from sandbox.discord import DiscordServer
from sandbox.local_model import Running

PARENT = {
    "PATH": "/usr/bin",
    "HOME": "/people/ann",
    "DISCORD_TOKEN": "the-real-one",
    "CODEX_BASE_URL": "https://models.example/v1",
    "CODEX_API_KEY": "a-real-key",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "AWS_SECRET_ACCESS_KEY": "none-of-its-business",
    "LOG_LEVEL": "DEBUG",
}


def made(tmp_path: Path, *, real_model: bool) -> dict[str, str]:
    server = DiscordServer()
    options = Options(0, tmp_path, real_model, PARENT)
    return bot_environment(options, server, furnish(server.world), Mind("http://127.0.0.1:1/v1"))


def test_the_scripted_model_gets_no_real_key_and_no_proxy(tmp_path: Path) -> None:
    env = made(tmp_path, real_model=False)
    assert env["CODEX_BASE_URL"] == "http://127.0.0.1:1/v1"
    assert "a-real-key" not in env.values()
    assert "HTTPS_PROXY" not in env


def test_a_local_model_is_named_and_gets_no_real_key_and_no_proxy(tmp_path: Path) -> None:
    server, found = DiscordServer(), Running("qwen at Ollama", "http://127.0.0.1:1/v1", "qwen")
    options = Options(0, tmp_path, real_model=False, parent=PARENT, local=found)
    mind = Mind(found.base_url, model=found.model)
    env = bot_environment(options, server, furnish(server.world), mind)
    assert (env["CODEX_BASE_URL"], env["CODEX_MODEL"]) == ("http://127.0.0.1:1/v1", "qwen")
    assert "a-real-key" not in env.values()
    assert "HTTPS_PROXY" not in env


def test_a_real_model_keeps_its_own_endpoint(tmp_path: Path) -> None:
    env = made(tmp_path, real_model=True)
    assert env["CODEX_BASE_URL"] == "https://models.example/v1"
    assert env["CODEX_API_KEY"] == "a-real-key"
    assert env["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert "127.0.0.1" in env["NO_PROXY"]


@pytest.mark.parametrize("real_model", [False, True])
def test_the_real_discord_and_foreign_secrets_stay_outside(
    tmp_path: Path, real_model: bool
) -> None:
    env = made(tmp_path, real_model=real_model)
    assert "the-real-one" not in env.values()
    assert "AWS_SECRET_ACCESS_KEY" not in env
    assert env["DISCORD_API_BASE"].startswith("http://127.0.0.1:")
    assert env["LOG_LEVEL"] == "DEBUG"
