"""How an app-server is started: which program, which arguments, which environment.

Starts no app-server itself: `instance` does, from the `LaunchSpec` made here.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import codex_cli_bin  # type: ignore[import-untyped]  # the package has no type marks

from bot.codex import catalog, home, profile, toml, trust
from bot.codex.environment import child_env
from bot.codex.oneshot import run
from bot.codex.options import CodexOptions, Installed, LaunchSpec
from bot.errors import CodexMissingError, CodexRefusedError

_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_NOISE = re.compile(r"WARNING:|Stack backtrace:|\d+: <unknown>")


def find_binary(explicit: str | None, search_path: str | None) -> Path:
    """The Codex program: the one named, else the packaged one, else `codex` on `search_path`.

    A named one that is not there is an error, never replaced by another. Raises
    `CodexMissingError`.
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
    """Make the home ready and learn what the binary is. Once, before any `build`.

    Raises `CodexMissingError` when it cannot be run, `CodexRefusedError` when it says no.
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
    """`0.163.0`."""
    said = await run([str(binary), "--version"], env)
    found = _VERSION.search(said.out)
    if said.code != 0 or found is None:
        raise CodexRefusedError(refusal(said.err.splitlines()) or f"{binary} tells no version")
    return found.group()


async def read_features(binary: Path, env: Mapping[str, str]) -> frozenset[str]:
    """The names that `codex features list` prints; removed ones are left out."""
    said = await run([str(binary), "features", "list"], env)
    if said.code != 0:
        raise CodexRefusedError(refusal(said.err.splitlines()) or "it lists no features")
    rows = (line.split() for line in said.out.splitlines())
    return frozenset(row[0] for row in rows if len(row) >= 3 and "removed" not in row)


def build(
    options: CodexOptions,
    installed: Installed,
    parent_env: Mapping[str, str],
    *,
    bearers: Mapping[str, str] | None = None,
) -> LaunchSpec:
    """The app-server of one character.

    `bearers` gives each `McpEndpoint.bearer_env` its value: it goes into the environment, where
    other users of the machine cannot read it, never into the arguments.
    """
    env = child_env(options, parent_env) | dict(installed.tls) | dict(bearers or {})
    if options.base_url is not None and options.api_key is not None:
        env[profile.API_KEY_ENV] = options.api_key
    values = profile.config(options, features=installed.features, catalog=installed.catalog)
    argv = (str(options.binary), "app-server", *toml.flags(values))
    return LaunchSpec(argv, env, options.work_dir)


def refusal(stderr_lines: Sequence[str]) -> str | None:
    """Codex's own word on why it ended, from the lines of its stderr; None if it said nothing.

    A refused value is two lines, `Error: invalid type: …` and "in `tools.update_plan`", and a
    backtrace without names after them (0.163.0).
    """
    lines = [_ANSI.sub("", line).strip() for line in stderr_lines]
    lines = [line for line in lines if line and not _NOISE.match(line)]
    for index, line in enumerate(lines):
        if line.lower().startswith("error:"):
            place = [after for after in lines[index + 1 : index + 2] if after.startswith("in `")]
            return " ".join([line, *place])
    return lines[-1] if lines else None


def _login_home(options: CodexOptions) -> Path | None:
    """With an endpoint of one's own, the login is none of our business."""
    return options.user_home if options.base_url is None else None


def _packaged() -> Path | None:
    try:
        return Path(codex_cli_bin.bundled_codex_path())
    except FileNotFoundError:
        return None
