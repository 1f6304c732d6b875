"""Settings: what is refused, in words that show no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import load

NOWHERE = Path("/nowhere/.env")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CODEX_BASE_URL", "https://me:sesame@models.example/v1"),
        ("CODEX_BASE_URL", "https://sesame@models.example/v1"),
        ("DISCORD_API_BASE", "http://me:sesame@proxy.example/api"),
        ("DISCORD_GATEWAY_URL", "wss://me:sesame@proxy.example"),
    ],
)
def test_an_address_with_a_password_is_refused_without_showing_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match="before its @") as caught:
        load({name: value}, NOWHERE)
    assert caught.value.setting == name
    assert "sesame" not in str(caught.value)


def test_a_key_in_the_address_of_the_model_is_sent_to_where_it_belongs() -> None:
    with pytest.raises(SettingsError, match="put the key into CODEX_API_KEY"):
        load({"CODEX_BASE_URL": "https://me:sesame@models.example/v1"}, NOWHERE)


@pytest.mark.parametrize("name", ["CODEX_BASE_URL", "DISCORD_API_BASE"])
@pytest.mark.parametrize("value", ["models.example", "http://[::1", "ftp://models.example"])
def test_what_is_no_address_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match="should be an address that starts with https://"):
        load({name: value}, NOWHERE)


def test_an_at_sign_in_a_path_is_nobodys_name() -> None:
    given = load({"CODEX_BASE_URL": "http://127.0.0.1:1/v1/@me"}, NOWHERE)
    assert given.codex_base_url == "http://127.0.0.1:1/v1/@me"


def test_a_password_of_redis_is_a_secret_as_written_and_as_meant() -> None:
    url = "redis://:open%2Fsesame%22@store:6379"
    assert load({"REDIS_URL": url}, NOWHERE).secrets() == (
        url,
        "open%2Fsesame%22",
        'open/sesame"',
    )


@pytest.mark.parametrize("url", ["not a url", "redis://[::1"])
def test_secrets_can_be_asked_for_whatever_redis_url_holds(url: str) -> None:
    assert load({"REDIS_URL": url}, NOWHERE).secrets() == (url,)


@pytest.mark.parametrize("effort", ["minimal", "ultra", "High", "hihg"])
def test_an_effort_that_is_none_is_refused_with_the_choice(effort: str) -> None:
    with pytest.raises(SettingsError, match="one of low, medium, high, xhigh, max"):
        load({"CODEX_REASONING_EFFORT": effort}, NOWHERE)
