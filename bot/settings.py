"""The only reader of the environment: `.env` and the process's variables → typed settings.

The names and defaults are those of the README. A value that cannot be used becomes a
`SettingsError` that names the setting and says what would be right.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    SecretStr,
    ValidationError,
)

from bot.errors import SettingsError


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Effort(StrEnum):
    """How long a model thinks before it speaks; which ones exist depends on the model."""

    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


_Secret = Annotated[SecretStr | None, BeforeValidator(_none_if_blank)]
_Text = Annotated[str | None, BeforeValidator(_none_if_blank)]
_Url = Annotated[str | None, BeforeValidator(_none_if_blank), Field(pattern=r"^https?://\S+$")]


class Settings(BaseModel):
    """Every setting, by its name in lower case. Secrets do not show in `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    discord_token: _Secret = None
    discord_api_base: Annotated[str, Field(pattern=r"^https?://\S+$")] = (
        "https://discord.com/api/v10"
    )
    discord_gateway_url: Annotated[
        str | None, BeforeValidator(_none_if_blank), Field(pattern=r"^wss?://\S+$")
    ] = None
    redis_url: Annotated[SecretStr | None, BeforeValidator(_none_if_blank)] = None
    data_dir: Path = Path("data")
    characters_dir: Path = Path("characters")
    codex_bin: _Text = None
    codex_model: _Text = None
    codex_reasoning_effort: Annotated[Effort | None, BeforeValidator(_none_if_blank)] = None
    codex_base_url: _Url = None
    codex_api_key: _Secret = None
    codex_catalog: bool = True
    codex_max_instances: Annotated[int, Field(ge=1, le=200)] = 10
    codex_idle_timeout: PositiveFloat = 600
    codex_cleanup_interval: PositiveFloat = 60
    codex_turn_timeout: PositiveFloat = 120
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8642
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
    ] = "INFO"
    log_format: Literal["text", "json"] = "text"

    def secrets(self) -> tuple[str, ...]:
        """The values that no log may show."""
        given = (self.discord_token, self.codex_api_key, self.redis_url)
        values = [one.get_secret_value() for one in given if one is not None]
        passwords = [urlsplit(value).password for value in values if "://" in value]
        return (*values, *(password for password in passwords if password))

    def token(self) -> str:
        """The bot's token. Raises `SettingsError` saying where to get one."""
        if self.discord_token is None:
            raise SettingsError(
                "DISCORD_TOKEN",
                "DISCORD_TOKEN is not set. Get a token at "
                "https://discord.com/developers/applications (your application → Bot → Reset "
                "Token) and put it into the file .env as DISCORD_TOKEN=…  "
                "To try the bot without any account, run `make demo`.",
            )
        return self.discord_token.get_secret_value()


def load(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Settings from `.env` in the working folder, overruled by the environment.

    Raises `SettingsError` naming the first setting that cannot be used.
    """
    own = os.environ if environment is None else environment
    file = Path(".env") if dotenv is None else dotenv
    values: dict[str, str] = {}
    if file.is_file():
        try:
            values = {key: value or "" for key, value in dotenv_values(file).items()}
        except UnicodeDecodeError as error:
            raise SettingsError(".env", f"{file} is not UTF-8 text: save it as UTF-8.") from error
    known = {name.upper() for name in Settings.model_fields}
    values = {key: value for key, value in (values | dict(own)).items() if key in known}
    # `NAME=` in a file means “not set”, not “empty”.
    given = {key.lower(): value.strip() for key, value in values.items() if value.strip()}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise _named(error) from None


def parent_environment() -> dict[str, str]:
    """A copy of the process's environment, for making a child's allow-listed one."""
    return dict(os.environ)


_RIGHT = {
    "discord_api_base": "an address that starts with https:// (or http://)",
    "discord_gateway_url": "an address that starts with wss:// (or ws://)",
    "codex_base_url": "an address that starts with https:// (or http://)",
    "codex_reasoning_effort": "one of " + ", ".join(Effort),
    "codex_max_instances": "a whole number from 1 to 200",
    "codex_catalog": "true or false",
    "codex_idle_timeout": "a number of seconds above 0",
    "codex_cleanup_interval": "a number of seconds above 0",
    "codex_turn_timeout": "a number of seconds above 0",
    "http_port": "a port number from 0 to 65535",
    "log_level": "one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    "log_format": "text or json",
}


def _named(error: ValidationError) -> SettingsError:
    """The first fault in words that hold no value: a value may be a misplaced secret."""
    field = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
    right = _RIGHT.get(field, "something else")
    return SettingsError(field.upper(), f"{field.upper()} cannot be used: it should be {right}.")
