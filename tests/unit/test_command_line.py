"""What a person is told to type exists where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.codex.login import Way, login_command, way_here
from bot.command_line import Origin, command, origin


def laid_out(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).write_text("")
    return folder


def test_this_checkout_is_known_as_one() -> None:
    assert origin() is Origin.CHECKOUT
    assert command("doctor") == "make doctor"


@pytest.mark.parametrize(
    ("files", "typed"),
    [
        (("Makefile", "requirements.lock"), "make login ARGS=--with-api-key"),
        (("in-image",), "docker compose run --rm bot troupe login --with-api-key"),
        ((), "troupe login --with-api-key"),
        # Somebody else's Makefile beside an installed package is none of ours.
        (("Makefile",), "troupe login --with-api-key"),
    ],
)
def test_a_command_is_named_as_it_is_typed_there(
    tmp_path: Path, files: tuple[str, ...], typed: str
) -> None:
    assert command("login", "--with-api-key", folder=laid_out(tmp_path, *files)) == typed


def test_several_options_reach_make_as_one_word(tmp_path: Path) -> None:
    folder = laid_out(tmp_path, "Makefile", "requirements.lock")
    assert (
        command("doctor", "--offline", "--x", folder=folder) == 'make doctor ARGS="--offline --x"'
    )


def test_the_bot_of_a_container_is_started_by_the_engine(tmp_path: Path) -> None:
    assert command("run", folder=laid_out(tmp_path, "in-image")) == "docker compose up -d"


@pytest.mark.parametrize(
    ("environment", "platform", "way"),
    [
        ({"DISPLAY": ":0"}, "linux", Way.BROWSER),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", Way.BROWSER),
        ({}, "linux", Way.CODE),
        ({}, "darwin", Way.BROWSER),
        ({"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}, "darwin", Way.CODE),
        ({"DISPLAY": "localhost:10.0", "SSH_TTY": "/dev/pts/0"}, "linux", Way.CODE),
    ],
)
def test_a_machine_without_a_screen_of_its_own_logs_in_by_a_code(
    environment: dict[str, str], platform: str, way: Way
) -> None:
    assert way_here(environment, platform) is way


def test_each_way_to_log_in_keeps_the_login_where_the_bot_finds_it() -> None:
    for way in Way:
        told = login_command("codex", way)
        assert 'cli_auth_credentials_store="file"' in told
    assert login_command("codex", Way.CODE)[-1] == "--device-auth"
