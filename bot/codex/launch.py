"""Launch specs of app-servers: program, arguments, environment.

Starts no app-server itself; `instance` starts it from the `LaunchSpec` built here.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import codex_cli_bin  # type: ignore[import-untyped]  # the package has no type marks

from bot.codex import catalog, home, profile, toml, trust
from bot.codex.environment import child_env
from bot.codex.options import CodexOptions, Installed, LaunchSpec
from bot.codex.run_once import run
from bot.errors import CodexMissingError, CodexRefusedError

_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_NOISE = re.compile(r"WARNING:|Stack backtrace:|\d+: <unknown>")


def find_binary(explicit: str | None, search_path: str | None) -> Path:
    """Find the Codex program: `explicit`, else the packaged binary, else `codex` on `search_path`.

    Raises `CodexMissingError`, also when `explicit` is missing: it is never replaced by another.
    """
    if explicit:
        found = shutil.which(explicit, path=search_path)
        if found is None:
            raise CodexMissingError((f"CODEX_BIN={explicit}",))
        return Path(found).absolute()
    packaged = _packaged()
    if packaged is not None:
        return packaged
    found = shutil.which("codex", path=search_path)
    if found is None:
        raise CodexMissingError(("the package openai-codex-cli-bin", "`codex` on PATH"))
    return Path(found).absolute()


async def prepare(options: CodexOptions, parent_env: Mapping[str, str]) -> Installed:
    """Prepare the home, and read the binary's version and features. Once, before any `build`.

    Raises `CodexMissingError` when the binary cannot be run, `CodexRefusedError` when it fails.
    """
    home.prepare(options.home, options.work_dir, user_home=_login_home(options))
    env = child_env(options, parent_env)
    version = await read_version(options.binary, env)
    path = None
    if options.use_catalog:
        path = await catalog.ensure(options.binary, version, options.data_dir, env)
    tls = trust.roots(options.base_url, parent_env, options.data_dir / "tls")
    return Installed(version, await read_features(options.binary, env), path, tls)


async def read_version(binary: Path, env: Mapping[str, str]) -> str:
    """Return the binary's version, such as `0.163.0`."""
    output = await run([str(binary), "--version"], env)
    found = _VERSION.search(output.out)
    if output.code != 0 or found is None:
        raise CodexRefusedError(refusal(output.err.splitlines()) or f"{binary} prints no version")
    return found.group()


async def read_features(binary: Path, env: Mapping[str, str]) -> frozenset[str]:
    """Return the names that `codex features list` prints, without removed features."""
    output = await run([str(binary), "features", "list"], env)
    if output.code != 0:
        raise CodexRefusedError(refusal(output.err.splitlines()) or "it lists no features")
    rows = (line.split() for line in output.out.splitlines())
    return frozenset(row[0] for row in rows if len(row) >= 3 and "removed" not in row)


def build(
    options: CodexOptions,
    installed: Installed,
    parent_env: Mapping[str, str],
    *,
    bearers: Mapping[str, str] | None = None,
) -> LaunchSpec:
    """Build the launch spec of one character's app-server.

    `bearers` maps each `McpEndpoint.bearer_env` to its value. It goes into the environment, which
    other users of the machine cannot read, never into the arguments.
    """
    env = child_env(options, parent_env) | dict(installed.tls) | dict(bearers or {})
    if options.base_url is not None and options.api_key is not None:
        env[profile.API_KEY_ENV] = options.api_key
    values = profile.config(options, features=installed.features, catalog=installed.catalog)
    argv = (str(options.binary), "app-server", *toml.flags(values))
    return LaunchSpec(argv, env, options.work_dir)


def refusal(stderr_lines: Sequence[str]) -> str | None:
    """Extract the reason why Codex ended from the lines of its stderr; None if there are none.

    A refused value takes two lines, `Error: invalid type: …` and "in `tools.update_plan`", with a
    backtrace without names after them (0.163.0).
    """
    lines = [_ANSI.sub("", line).strip() for line in stderr_lines]
    lines = [line for line in lines if line and not _NOISE.match(line)]
    for index, line in enumerate(lines):
        if line.lower().startswith("error:"):
            where = [after for after in lines[index + 1 : index + 2] if after.startswith("in `")]
            return " ".join([line, *where])
    return lines[-1] if lines else None


def _login_home(options: CodexOptions) -> Path | None:
    """Return the home whose login is shared; None with a custom endpoint, which needs no login."""
    return options.user_home if options.base_url is None else None


def _packaged() -> Path | None:
    try:
        return Path(codex_cli_bin.bundled_codex_path())
    except FileNotFoundError:
        return None
