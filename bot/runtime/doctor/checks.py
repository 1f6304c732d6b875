"""The checks of `doctor`, in the order in which the bot needs things. None leaves changes behind.

A failing check, or one that raises, does not stop the others: the host wants the whole list at
once. Only faults that keep the bot from starting are a FAIL.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bot.characters.library import Library
from bot.codex import home, launch, login
from bot.codex.environment import child_env
from bot.codex.options import CodexOptions
from bot.codex.probe import probe
from bot.codex.registry import Registry
from bot.command_line import command
from bot.discord_io import permissions
from bot.discord_io.inspection import inspect
from bot.errors import (
    CodexError,
    DiscordDownError,
    SettingsError,
    StoreError,
    StoreRefusal,
    StoreRefusingError,
    StoreUnavailableError,
    TroupeError,
)
from bot.log import Redactor
from bot.messages import store as store_messages
from bot.messages.rendering import render
from bot.runtime.doctor import model
from bot.runtime.doctor.report import Check, Mark, fail, ok, warn
from bot.settings import Settings, misspelt
from bot.store.connection import ServerFacts, Store
from bot.store.embedded import find_server, owner, version_of
from bot.store.probing import Prober
from bot.store.watch import StoreWatch


async def everything(
    settings: Settings,
    environment: dict[str, str],
    options: Callable[[Path], CodexOptions],
    *,
    offline: bool = False,
) -> AsyncIterator[Check]:
    """Yield every check.

    `options` returns Codex's options for a scratch home. `offline` leaves out the questions to the
    model, which cost some tokens.
    """
    redactor = Redactor()
    for secret in settings.secrets():
        redactor.learn(secret)
    for subject, checks in (
        ("Settings", _as_async(_settings)),
        ("Data", _as_async(lambda: [_data_folder(settings.data_dir)])),
        ("Characters", _as_async(lambda: _characters(settings.characters_dir))),
        ("Codex", _codex(settings, environment, options, offline=offline)),
        ("Redis", _redis(settings)),
        ("Discord", _discord(settings)),
        ("HTTP", _as_async(lambda: [_port(settings)])),
    ):
        async for check in _with_errors_as_checks(subject, checks, redactor):
            yield check


async def _as_async(checks: Callable[[], Iterable[Check]]) -> AsyncIterator[Check]:
    for check in checks():
        yield check


async def _with_errors_as_checks(
    subject: str, checks: AsyncIterator[Check], redactor: Redactor
) -> AsyncIterator[Check]:
    """Yield the checks; report an exception as a failed check."""
    try:
        async for check in checks:
            # Some quote an endpoint's error, which may repeat the API key.
            yield replace(check, text=redactor.cut(check.text), fix=redactor.cut(check.fix))
    except TroupeError as error:
        yield fail(subject, redactor.cut(str(error)), "Correct that setting, or what it names.")
    except Exception as error:  # noqa: BLE001 the remaining checks should still run
        text = redactor.cut(f"{type(error).__name__}: {error}")
        yield fail(subject, f"this cannot be checked ({text}).", "Mend what it names.")


def _settings() -> Iterator[Check]:
    for name, meant in misspelt().items():
        yield warn("Settings", f".env: {name} is not a setting.", f"Did you mean {meant}?")


def _data_folder(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        fix = "Give the bot a folder that it may write to, by DATA_DIR."
        return fail("Data", f"{folder} cannot be written to ({error.strerror}).", fix)
    return ok("Data", f"{folder} can be written to.")


def _characters(folder: Path) -> Iterator[Check]:
    if not folder.is_dir():
        fix = "Make the folder with a character in it, or set CHARACTERS_DIR."
        yield warn("Characters", f"{folder} is not a folder: nobody can be summoned.", fix)
        return
    library = Library(folder)
    library.load()
    for character in library.all():
        yield ok("Character", f"{character.name} ({character.key})")
    for fault in library.faults:
        yield warn("Character", str(fault), "Fix that file; the other characters work.")
    if not library.all():
        fix = "Copy one of the examples: a folder with a file character.md in it."
        yield warn("Characters", f"There is none in {folder}: nobody can be summoned.", fix)


async def _codex(
    settings: Settings,
    environment: dict[str, str],
    options: Callable[[Path], CodexOptions],
    *,
    offline: bool,
) -> AsyncIterator[Check]:
    with tempfile.TemporaryDirectory(dir=_existing(settings.data_dir)) as scratch:
        try:
            made = options(Path(scratch))
            installed = await launch.prepare(made, environment)
            yield ok("Codex", f"{installed.version} at {made.binary}")
            spec = launch.build(made, installed, environment)
            await probe(spec, Registry(Path(scratch) / "run"), Redactor())
            yield ok("Codex", "starts with the bot’s settings and answers.")
            login_check = await _login(made, environment)
            yield login_check
        except CodexError as error:
            yield fail("Codex", str(error), "Set CODEX_BIN, or the setting that Codex names.")
            return
        if offline:
            yield ok("Model", "skipped (--offline).")
        elif login_check.mark is Mark.OK:
            async for check in model.checks(settings, made, spec):
                yield check


async def _login(options: CodexOptions, environment: dict[str, str]) -> Check:
    if options.base_url is not None:
        return ok("Codex login", "not needed: the model is at an endpoint of your own.")
    env = child_env(options, environment)
    if await login.login_status(options.binary, options.home, env):
        return ok("Codex login", "somebody is logged in.")
    where = home.user_codex_home(environment)
    return fail(
        "Codex login",
        f"nobody is logged in (looked at {where}).",
        f"Run `{command('login')}`, or set CODEX_BASE_URL, CODEX_API_KEY and CODEX_MODEL.",
    )


async def _redis(settings: Settings) -> AsyncIterator[Check]:
    if settings.redis_url is None:
        yield await _embedded(settings.data_dir)
        return
    async with Store(settings.redis_url.get_secret_value()) as store:
        try:
            yield _persistence(await store.facts(), store.where)
            async for check in _writes_and_memory(StoreWatch(Prober(store))):
                yield check
        except StoreUnavailableError as error:
            fix = "Start it, or correct REDIS_URL: the bot waits for it and does nothing before."
            yield warn("Redis", f"{error}.", fix)


async def _writes_and_memory(watch: StoreWatch) -> AsyncIterator[Check]:
    """Check whether Redis takes writes, and how full it is."""
    await watch.look()
    error = watch.error
    if isinstance(error, StoreRefusingError) and error.refusal is StoreRefusal.CLUSTER:
        yield fail("Redis", f"{error}.", store_messages.fix(error))
        return
    if error is not None:
        yield warn(
            "Redis", f"{error}. Nobody is answered until it does.", store_messages.fix(error)
        )
    memory = watch.memory
    if memory is not None and watch.warning is not None:
        yield warn("Redis", watch.warning, store_messages.more_memory(memory.of_host))


async def _embedded(data_dir: Path) -> Check:
    program = find_server()
    if program is None:
        fix = "Set REDIS_URL to a Redis or Valkey server."
        return fail("Redis", "REDIS_URL is not set, and no embedded server runs here.", fix)
    try:
        version = await version_of(program)
    except StoreError as error:
        return fail("Redis", f"{error}.", "Set REDIS_URL to a Redis or Valkey server.")
    other = owner(data_dir)
    if other is not None:
        fix = "Stop that bot, or give this one a DATA_DIR of its own."
        return fail("Redis", f"another bot (process {other}) uses {data_dir}.", fix)
    fix = "Fine for a start; for a busy server set REDIS_URL to a Redis with a backup."
    return warn("Redis", f"REDIS_URL is not set: the embedded server is used ({version}).", fix)


def _persistence(facts: ServerFacts, where: str) -> Check:
    name = f"{facts.product} {facts.version} at {where}"
    if facts.evicts:
        fix = "Set `maxmemory-policy noeviction`: it may drop what characters remember."
        return warn("Redis", f"{name} forgets when it is full.", fix)
    if not facts.appendonly:
        fix = "Set `appendonly yes`: a crash of the server loses the last minutes."
        return warn("Redis", f"{name} keeps no append-only file.", fix)
    return ok("Redis", f"{name}, with an append-only file.")


async def _discord(settings: Settings) -> AsyncIterator[Check]:
    try:
        report = await inspect(settings.token(), settings.discord_api_base)
    except SettingsError as error:
        yield fail("Discord", str(error), fix="")  # the error itself says what to do
        return
    except DiscordDownError as error:
        fix = "Check your network, or DISCORD_API_BASE: the bot keeps trying."
        yield warn("Discord", str(error), fix)
        return
    yield ok("Discord", f"the token is {report.bot_name}’s.")
    if report.message_content:
        yield ok("Discord", "it may read messages (Message Content Intent).")
    else:
        yield warn(
            "Discord",
            "the Message Content Intent is off: only mentions, replies to it and commands work.",
            "Turn it on at https://discord.com/developers/applications → Bot → Privileged "
            "Gateway Intents.",
        )
    link = permissions.invite_url(report.application_id)
    if not report.guilds:
        yield warn("Discord", "the bot is in no server.", f"Invite it: {link}")
    for guild in report.guilds:
        lacking = permissions.missing(guild.permissions)
        if lacking:
            names = ", ".join(f"{need.name} ({render(need.why)})" for need in lacking)
            fix = f"Give its role these, or invite it again: {link}"
            yield warn("Discord", f"in “{guild.name}” it lacks {names}.", fix)
        else:
            yield ok("Discord", f"in “{guild.name}” it may do all that it needs.")


def _port(settings: Settings) -> Check:
    host, port = settings.http_host, settings.http_port
    if port == 0:
        return ok("HTTP", f"any free port on {host}.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                fix = "Stop what listens there (this bot, perhaps), or set HTTP_PORT."
                return fail("HTTP", f"port {port} on {host} is taken.", fix)
            why = os.strerror(error.errno or 0)
            return fail("HTTP", f"{host}:{port} cannot be used ({why}).", "Correct HTTP_HOST.")
    return ok("HTTP", f"port {port} on {host} is free.")


def _existing(folder: Path) -> Path | None:
    return folder if folder.is_dir() else None
