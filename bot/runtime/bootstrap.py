"""Bootstrap: opens what the bot needs before it is wired, Codex and the store.

Owns the choice between the host's Codex, Redis and endpoint and the defaults. Raises `TroupeError`
for problems that the host has to fix.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from bot.codex import home, launch, login, trust
from bot.codex.environment import child_env
from bot.codex.options import CodexOptions, Installed, LaunchSpec, McpEndpoint
from bot.command_line import command
from bot.domain.model_profile import ProfileOverrides, default_style
from bot.domain.spending import SpendingLimits
from bot.endpoint import probe, table
from bot.endpoint import profiles_file as profiles
from bot.endpoint.client import Endpoint
from bot.endpoint.memory import FindingsMemory
from bot.endpoint.models import Models
from bot.endpoint.profiles_file import ProfilesFile
from bot.errors import (
    CodexLoginError,
    SettingsError,
    StoreError,
    StoreRefusal,
    StoreRefusingError,
)
from bot.messages import store as store_messages
from bot.rooms.state.access import Access
from bot.rooms.turns.limits import Limits
from bot.rooms.turns.turn_slots import PACE, SlotLimits
from bot.settings import Settings
from bot.store.connection import Store
from bot.store.embedded import EmbeddedServer
from bot.store.probing import Prober
from bot.store.watch import StoreWatch
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# The environment variable that passes its bearer token to an app-server, never by arguments.
BEARER_ENV = "TROUPE_MCP_BEARER"
MCP_SERVERS = ("action", "guidelines")


def codex_options(
    settings: Settings, environment: Mapping[str, str], folder: Path | None = None
) -> CodexOptions:
    """Return Codex's options from the settings.

    `folder` holds Codex's home; None means `codex` under DATA_DIR. Raises `CodexMissingError`, and
    `SettingsError` for a CODEX_CA_FILE without a certificate.
    """
    own = (folder or settings.data_dir / "codex").resolve()
    key = settings.codex_api_key
    return CodexOptions(
        binary=launch.find_binary(settings.codex_bin, environment.get("PATH")),
        home=own / "home",
        work_dir=own / "work",
        data_dir=own,
        user_home=home.user_codex_home(environment),
        model=settings.codex_model,
        effort=settings.codex_reasoning_effort,
        base_url=settings.codex_base_url,
        api_key=key.get_secret_value() if key is not None else None,
        use_catalog=settings.codex_catalog,
        ca_file=trust.ca_file(settings.codex_ca_file),
    )


def data_folder(settings: Settings) -> None:
    """Create DATA_DIR if it is missing. Raises `SettingsError` when it is not writable."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        raise SettingsError(
            "DATA_DIR",
            f"DATA_DIR is {settings.data_dir}, and nothing can be written there "
            f"({error.strerror}). Give the bot a folder of its own.",
        ) from error


def limits(settings: Settings) -> Limits:
    """Return the host's limits on members from the settings."""
    return Limits(
        access=Access(settings.direct_messages, settings.servers),
        spending=SpendingLimits(settings.turns_per_hour, settings.tokens_per_day),
        slots=SlotLimits(settings.turns_at_once, settings.server_turns_at_once, PACE),
    )


async def codex(settings: Settings, environment: Mapping[str, str]) -> Codex:
    """Return the installed Codex with its options.

    Raises `CodexError` when it is missing, unusable or not logged in, and as `model_named`.
    """
    options = codex_options(settings, environment)
    await model_named(options)
    installed = await launch.prepare(options, environment)
    if options.base_url is None:
        env = child_env(options, environment)
        if not await login.login_status(options.binary, options.home, env):
            raise CodexLoginError(
                f"Nobody is logged in to Codex. Run `{command('login')}`, or set CODEX_BASE_URL, "
                "CODEX_API_KEY and CODEX_MODEL to use an endpoint of your own."
            )
    log.info("Codex %s at %s", installed.version, options.binary)
    return Codex(options, installed, environment, profiles_file(settings))


async def store(settings: Settings, stack: AsyncExitStack) -> Store:
    """Open the Redis of the settings, or an embedded server, and wait until it answers.

    Raises `SettingsError` for a Redis Cluster.
    """
    if settings.redis_url is not None:
        url = settings.redis_url.get_secret_value()
    else:
        url = (await stack.enter_async_context(EmbeddedServer(settings.data_dir))).url
    opened = await stack.enter_async_context(Store(url))
    await opened.wait_until_ready()
    await _refuse_cluster(Prober(opened))
    return opened


def watch(settings: Settings, opened: Store) -> StoreWatch:
    """Return the monitor of the store; an embedded server shares the bot's memory limit."""
    return StoreWatch(Prober(opened, on_this_host=settings.redis_url is None))


async def _refuse_cluster(asking: Prober) -> None:
    try:
        await asking.memory()
        await asking.write()
    except StoreRefusingError as refused:
        if refused.refusal is StoreRefusal.CLUSTER:
            raise SettingsError("REDIS_URL", store_messages.for_owner(refused)) from None
        # Other refusals may pass: `HostLease` waits for the store, and logs the reason.
    except StoreError as error:
        log.debug("cannot tell yet whether Redis is a Cluster: %s", error)


def endpoint(options: CodexOptions) -> Endpoint | None:
    """Return the host's own endpoint; None if the bot uses an OpenAI login."""
    if options.base_url is None:
        return None
    return Endpoint(options.base_url, options.api_key, options.ca_file)


async def model_named(options: CodexOptions) -> None:
    """Check that a model is set if the host has an endpoint. Raises `SettingsError`.

    Without one Codex would request an OpenAI model, in a form that no other server accepts. The
    error lists the endpoint's models.
    """
    asked = endpoint(options)
    if asked is None or options.model is not None:
        return
    names = await probe.offered(asked)
    has = f" It has: {table.offered(names)}." if names else ""
    raise SettingsError(
        "CODEX_MODEL",
        "CODEX_MODEL is not set. With CODEX_BASE_URL the bot has to be told which of that "
        f"endpoint’s models to ask for: put its name into .env (CODEX_MODEL=…).{has}",
    )


def models(
    settings: Settings, options: CodexOptions, file: ProfilesFile, tasks: Tasks | None = None
) -> Models:
    """Return the model profiles, from settings, MODEL_PROFILES, defaults and the probe.

    Without `tasks` nothing is probed in the background.
    """
    route = None if settings.codex_tools == "auto" else settings.codex_tools
    return Models(
        endpoint=endpoint(options),
        model=options.model,
        settings=ProfileOverrides(window=settings.codex_context_window, tools=route),
        file=file,
        style_of=default_style,
        memory=FindingsMemory(settings.data_dir)
        if settings.codex_probe and tasks is not None
        else None,
        tasks=tasks,
    )


def profiles_file(settings: Settings) -> ProfilesFile:
    """Read MODEL_PROFILES, or else `models.toml` in the working folder if it exists.

    Raises `SettingsError` that names the line.
    """
    if settings.model_profiles is not None:
        return profiles.read(settings.model_profiles)
    beside = Path(profiles.FILE)
    return profiles.read(beside) if beside.is_file() else ProfilesFile()


@dataclass(frozen=True, slots=True)
class Codex:
    """The installed Codex, and everything needed to launch an app-server."""

    options: CodexOptions
    installed: Installed
    """The Codex program and its version."""
    environment: Mapping[str, str]
    """The bot's environment; a child process gets an allow-list of it."""
    profiles: ProfilesFile
    """The model profiles of MODEL_PROFILES."""

    def spec(self, mcp_url: str, bearer: str) -> LaunchSpec:
        """Return the launch spec of an app-server that reaches our MCP servers at `mcp_url`."""
        servers = tuple(
            McpEndpoint(name, f"{mcp_url}/mcp/{name}", BEARER_ENV) for name in MCP_SERVERS
        )
        options = replace(self.options, mcp_servers=servers)
        return launch.build(options, self.installed, self.environment, bearers={BEARER_ENV: bearer})
