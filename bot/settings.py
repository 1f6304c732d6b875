"""Typed settings from the process's environment and `.env`. The only reader of the environment.

Names and defaults are documented in the README. An invalid value raises a `SettingsError` that
names the setting and the values it accepts.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    SecretStr,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from bot.command_line import Origin, command, origin
from bot.domain.character import EFFORTS
from bot.domain.model_profile import WINDOW_LEAST, WINDOW_MOST, ToolRoute
from bot.errors import SettingsError


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:  # not an address: reported when it is opened
        return None


def _without_name(url: str | None) -> str | None:
    """Reject an address with a user name or password.

    Addresses appear in reports and in process arguments, which all users of the machine can read.
    """
    try:
        named = url is not None and "@" in urlsplit(url).netloc
    except ValueError:
        raise PydanticCustomError("address", "not an address") from None
    if named:
        raise PydanticCustomError("userinfo", "a name or a password in an address")
    return url


def _words(value: object) -> object:
    """Split `a, b c` into words."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _known_effort(value: str | None) -> str | None:
    if value is not None and value not in EFFORTS:
        raise PydanticCustomError("effort", "unknown effort")
    return value


_Secret = Annotated[SecretStr | None, BeforeValidator(_none_if_blank)]
_Text = Annotated[str | None, BeforeValidator(_none_if_blank)]
_Http = Annotated[str, Field(pattern=r"^https?://\S+$"), AfterValidator(_without_name)]
_Url = Annotated[_Http | None, BeforeValidator(_none_if_blank)]
_Socket = Annotated[str, Field(pattern=r"^wss?://\S+$"), AfterValidator(_without_name)]


class Settings(BaseModel):
    """All settings, by their names in lower case. Hides secrets in `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    discord_token: _Secret = None
    discord_api_base: _Http = "https://discord.com/api/v10"
    discord_gateway_url: Annotated[_Socket | None, BeforeValidator(_none_if_blank)] = None
    """None: the API is asked for the gateway's address."""
    redis_url: Annotated[SecretStr | None, BeforeValidator(_none_if_blank)] = None
    """None: an embedded server under `data_dir`."""
    data_dir: Path = Path("data")
    characters_dir: Path = Path("characters")
    codex_bin: _Text = None
    """None: the packaged binary, then `codex` on PATH."""
    codex_model: _Text = None
    """None: Codex's own default."""
    codex_reasoning_effort: Annotated[_Text, AfterValidator(_known_effort)] = None
    """None: Codex's own default."""
    codex_base_url: _Url = None
    """Endpoint that speaks the Responses API; None: the account of `codex login`."""
    codex_api_key: _Secret = None
    codex_tools: Annotated[Literal["auto"] | ToolRoute, BeforeValidator(_lower)] = "auto"
    codex_ca_file: Annotated[Path | None, BeforeValidator(_none_if_blank)] = None
    """PEM file of the endpoint's certificate authority, trusted besides the system's."""
    codex_context_window: Annotated[
        Annotated[int, Field(ge=WINDOW_LEAST, le=WINDOW_MOST)] | None,
        BeforeValidator(_none_if_blank),
    ] = None
    """Tokens; None: as the endpoint reports."""
    codex_probe: bool = True
    """Whether to probe the endpoint for the capabilities of its models."""
    model_profiles: Annotated[Path | None, BeforeValidator(_none_if_blank)] = None
    """File of model capabilities that override probed ones; None: `models.toml`, if present."""
    codex_catalog: bool = True
    """Whether to use our model catalog without coding tools."""
    codex_max_instances: Annotated[int, Field(ge=1, le=200)] = 10
    """App-servers alive at the same time."""
    codex_idle_timeout: PositiveFloat = 600
    """Seconds until an idle app-server is shut down."""
    codex_cleanup_interval: PositiveFloat = 60
    """Seconds between checks for idle or unhealthy app-servers."""
    codex_turn_timeout: PositiveFloat = 120
    """Seconds of silence after which a turn is interrupted."""
    turns_per_hour: Annotated[int, Field(ge=0)] = 120
    """Turns per person and hour; 0: unlimited."""
    tokens_per_day: Annotated[int, Field(ge=0)] = 5_000_000
    """Tokens of the whole bot per UTC day; 0: unlimited."""
    turns_at_once: Annotated[int, Field(ge=1, le=1_000)] = 3
    """Concurrent turns per person."""
    server_turns_at_once: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Concurrent turns per server."""
    direct_messages: bool = True
    """Whether characters answer direct messages."""
    servers: Annotated[frozenset[int], BeforeValidator(_words)] = frozenset()
    """Ids of the servers that may use the bot; empty: all."""
    codex_answer_timeout: PositiveFloat = 300
    """Seconds for a whole answer; a longer answer is cut short and can be continued."""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8642
    """0: any free port."""
    http_names: Annotated[frozenset[str], BeforeValidator(_words)] = frozenset()
    """Host names accepted besides IP addresses and `localhost`."""
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
    ] = "INFO"
    log_format: Literal["text", "json"] = "text"

    def secrets(self) -> tuple[str, ...]:
        """Return the values to redact from logs.

        Includes the password in REDIS_URL, both as written and percent-decoded.
        """
        given = (self.discord_token, self.codex_api_key, self.redis_url)
        values = [secret.get_secret_value() for secret in given if secret is not None]
        password = _password(values[-1]) if self.redis_url is not None else None
        return (*values, password, unquote(password)) if password else tuple(values)

    def known_names(self) -> tuple[str, ...]:
        """Return the host names that the HTTP listener accepts besides IPs and `localhost`."""
        return self.http_host, *self.http_names

    def token(self) -> str:
        """Return the bot's token. Raises `SettingsError`, which says where to get a token."""
        if self.discord_token is None:
            raise SettingsError(
                "DISCORD_TOKEN",
                "DISCORD_TOKEN is not set. Get a token at "
                "https://discord.com/developers/applications (your application → Bot → Reset "
                f"Token) and put it into the file .env as DISCORD_TOKEN=…{_demo()}",
            )
        return self.discord_token.get_secret_value()


def _demo() -> str:
    """Return advice to run the demo, which needs no token; empty outside a checkout.

    Only a checkout contains the sandbox.
    """
    if origin() is not Origin.CHECKOUT:
        return ""
    return f"  To try the bot without any account, run `{command('demo')}`."


def load(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Read the settings from `.env` in the working directory and from the environment.

    The environment takes precedence. Raises `SettingsError` for the first invalid setting.
    """
    own = os.environ if environment is None else environment
    file = Path(".env") if dotenv is None else dotenv
    values: dict[str, str] = {}
    if file.is_file():
        try:
            values = {key: value or "" for key, value in dotenv_values(file).items()}
        except UnicodeDecodeError as error:
            raise SettingsError(".env", f"{file} is not UTF-8 text: save it as UTF-8.") from error
    known = _names()
    values = {key: value for key, value in (values | dict(own)).items() if key in known}
    # An empty value (`NAME=`) counts as not set.
    given = {key.lower(): value.strip() for key, value in values.items() if value.strip()}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise _named(error) from None


def misspelt(dotenv: Path | None = None) -> dict[str, str]:
    """Return the names in `.env` that are no setting, but nearly one: name → the setting.

    Other names may be for Docker or another program. Empty if the file is missing or unreadable.
    """
    file = Path(".env") if dotenv is None else dotenv
    known = _names()
    try:
        names = dotenv_values(file) if file.is_file() else {}
    except (UnicodeDecodeError, OSError):
        return {}
    close = {
        name: difflib.get_close_matches(name.upper(), known, n=1, cutoff=_ALIKE)
        for name in names
        if name not in known
    }
    return {name: found[0] for name, found in close.items() if found}


def _names() -> set[str]:
    """Return the names of all settings, as they are written in `.env`."""
    return {name.upper() for name in Settings.model_fields}


def parent_environment() -> dict[str, str]:
    """Return a copy of the process's environment, from which to pick a child's allow-list."""
    return dict(os.environ)


# Share of equal characters (difflib) from which on a name is a slip of another one.
_ALIKE = 0.85
_EXPECTED = {
    "discord_api_base": "an address that starts with https:// (or http://)",
    "discord_gateway_url": "an address that starts with wss:// (or ws://)",
    "codex_base_url": "an address that starts with https:// (or http://)",
    "codex_reasoning_effort": "one of " + ", ".join(EFFORTS),
    "codex_max_instances": "a whole number from 1 to 200",
    "codex_catalog": "true or false",
    "codex_context_window": f"a number of tokens, {WINDOW_LEAST} or more",
    "codex_probe": "true or false",
    "codex_tools": "auto, mcp, functions or none",
    "codex_idle_timeout": "a number of seconds above 0",
    "codex_cleanup_interval": "a number of seconds above 0",
    "codex_turn_timeout": "a number of seconds above 0",
    "turns_per_hour": "a whole number, 0 for no limit",
    "tokens_per_day": "a whole number, 0 for no limit",
    "turns_at_once": "a whole number from 1 to 1000",
    "server_turns_at_once": "a whole number from 1 to 10000",
    "direct_messages": "true or false",
    "servers": "the numbers of servers, with commas between them",
    "codex_answer_timeout": "a number of seconds above 0",
    "http_port": "a port number from 0 to 65535",
    "log_level": "one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    "log_format": "text or json",
}


_USERINFO_FIXES = {"codex_base_url": "put the key into CODEX_API_KEY"}


def _named(error: ValidationError) -> SettingsError:
    """Return the first error without the value, which may be a misplaced secret."""
    fault = error.errors(include_url=False, include_input=False)[0]
    field = str(fault["loc"][0])
    if fault["type"] == "userinfo":
        fix = _USERINFO_FIXES.get(field, "leave it out")
        text = f"{field.upper()} holds a name or a password before its @: {fix}."
        return SettingsError(field.upper(), text)
    right = _EXPECTED.get(field, "something else")
    return SettingsError(field.upper(), f"{field.upper()} cannot be used: it should be {right}.")
