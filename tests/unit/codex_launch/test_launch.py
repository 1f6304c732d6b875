"""Finding the binary, the child's environment, and Codex's last words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.codex import launch, profile
from bot.codex.options import CodexOptions, Installed, McpEndpoint
from bot.errors import CodexMissingError

SECRETS = {
    "DISCORD_TOKEN": "discord-secret",
    "REDIS_URL": "redis://:redis-secret@host",
    "OPENAI_API_KEY": "openai-secret",
    "CODEX_API_KEY": "codex-secret",
    "AWS_SECRET_ACCESS_KEY": "aws-secret",
}


@pytest.fixture
def options(tmp_path):
    return CodexOptions(
        binary=Path("/opt/codex"),
        home=tmp_path / "home",
        work_dir=tmp_path / "work",
        data_dir=tmp_path,
        model="gpt-x",
        effort="low",
        base_url="http://127.0.0.1:1/v1",
        api_key="endpoint-secret",
        mcp_servers=(McpEndpoint("action", "http://127.0.0.1:2/mcp/action", "TROUPE_MCP_BEARER"),),
    )


INSTALLED = Installed("0.163.0", frozenset({"apps", "shell_tool", "fast_mode"}), Path("/c.json"))


def program(path):
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_named_binary_is_taken_before_any_other(tmp_path):
    mine = program(tmp_path / "my-codex")
    assert launch.find_binary(str(mine), None) == mine


def test_a_named_binary_that_is_not_there_is_not_replaced_by_another(tmp_path):
    with pytest.raises(CodexMissingError, match="CODEX_BIN=/nowhere/codex"):
        launch.find_binary("/nowhere/codex", str(tmp_path))


def test_the_packaged_binary_is_taken_before_the_path(tmp_path):
    program(tmp_path / "codex")
    assert launch.find_binary(None, str(tmp_path)).parent != tmp_path


def test_without_a_package_the_path_is_searched(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "_packaged", lambda: None)
    with pytest.raises(CodexMissingError) as missing:
        launch.find_binary(None, str(tmp_path))
    assert missing.value.searched == ("the package openai-codex-cli-bin", "`codex` on PATH")
    assert launch.find_binary(None, str(program(tmp_path / "codex").parent)).parent == tmp_path


def test_a_child_gets_the_network_and_the_language_but_no_secret(options):
    wanted = {"PATH": "/bin", "LC_TIME": "C", "HTTPS_PROXY": "http://p", "SSL_CERT_FILE": "/ca"}
    env = launch.build(options, INSTALLED, SECRETS | wanted | {"HOME": "/root"}).env
    assert wanted.items() <= env.items()
    assert not set(SECRETS) & set(env)
    assert not [value for value in SECRETS.values() if value in env.values()]
    assert env["HOME"] == env["CODEX_HOME"] == str(options.home)
    assert env["BROWSER"] == ""


def test_secrets_travel_in_the_environment_and_never_in_arguments(options):
    spec = launch.build(options, INSTALLED, {}, bearers={"TROUPE_MCP_BEARER": "bearer-secret"})
    assert spec.env["TROUPE_MCP_BEARER"] == "bearer-secret"
    assert spec.env[profile.API_KEY_ENV] == "endpoint-secret"
    assert "secret" not in " ".join(spec.argv)


def test_nothing_that_is_printed_shows_a_secret(options):
    spec = launch.build(options, INSTALLED, {}, bearers={"TROUPE_MCP_BEARER": "bearer-secret"})
    assert "secret" not in repr(options) + repr(spec)


def test_only_features_that_the_binary_knows_are_switched(options):
    flags = " ".join(launch.build(options, INSTALLED, {}).argv)
    assert "features.apps=false" in flags
    assert "features.shell_tool=false" in flags
    assert "fast_mode" not in flags
    assert "features.goals" not in flags


def test_without_an_endpoint_the_login_provider_stays(options):
    plain = replace(options, base_url=None, api_key="unused-secret")
    spec = launch.build(plain, INSTALLED, {})
    assert "model_provider" not in " ".join(spec.argv)
    assert profile.API_KEY_ENV not in spec.env


def test_a_refusal_is_quoted_with_its_place():
    lines = [
        "WARNING: proceeding, even though we could not create PATH aliases",
        'Error: invalid type: string "False", expected struct UpdatePlanToolConfig',
        "in `tools.update_plan`",
        "",
        "Stack backtrace:",
        "   0: <unknown>",
    ]
    assert launch.refusal(lines) == (
        'Error: invalid type: string "False", expected struct UpdatePlanToolConfig '
        "in `tools.update_plan`"
    )


def test_without_an_error_line_the_last_word_counts():
    assert launch.refusal(["\x1b[31mbad\x1b[0m", "worse", "WARNING: x"]) == "worse"
    assert launch.refusal([]) is None
