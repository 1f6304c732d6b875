"""The checks of `doctor` that ask the model: the table of its properties, and a word through Codex.

For the host's own endpoint the table comes first: the endpoint's error message says more than what
Codex makes of it. With an OpenAI login only Codex can be asked.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

from bot.characters.library import Library
from bot.codex.options import CodexOptions, LaunchSpec
from bot.codex.probe import answer
from bot.codex.registry import Registry
from bot.command_line import command
from bot.endpoint import probe
from bot.endpoint.table import Row
from bot.errors import CodexError, SettingsError, TurnFailedError, TurnFailure
from bot.log import Redactor
from bot.messages import failures
from bot.runtime import bootstrap
from bot.runtime.doctor.report import Check, Mark, fail, ok
from bot.settings import Settings

# Most models that are checked: CODEX_MODEL, and models named in character files.
MOST = 8
WORD_LENGTH = 40
DETAIL_LENGTH = 300


async def checks(
    settings: Settings, options: CodexOptions, spec: LaunchSpec
) -> AsyncIterator[Check]:
    """Yield each model's properties, and whether CODEX_MODEL answers through Codex."""
    try:
        await bootstrap.model_named(options)
        file = bootstrap.profiles_file(settings)
    except SettingsError as error:
        yield fail("Model", str(error), "")  # the error contains the fix
        return
    fine = True
    endpoint = bootstrap.endpoint(options)
    models = bootstrap.models(settings, options, file)
    if endpoint is not None:
        for name in _named(settings, options):
            seen = await probe.look(endpoint, name, time.time)
            models.learn(await probe.ask(endpoint, seen))
        for name, rows in models.tables():
            for row in _shown(rows):
                check = _check(name, row)
                fine = fine and (check.mark is not Mark.FAIL or name != options.model)
                yield check
    if fine:
        yield await _through_codex(options, spec)


def _named(settings: Settings, options: CodexOptions) -> list[str]:
    """Return CODEX_MODEL and the models named in character files."""
    library = Library(settings.characters_dir)
    library.load()
    wanted = (options.model, *(character.model for character in library.all()))
    return list(dict.fromkeys(name for name in wanted if name))[:MOST]


def _shown(rows: tuple[Row, ...]) -> list[Row]:
    """Return the rows to show: after a fault, an unknown property is not an “ok”."""
    failed = any(row.fix for row in rows)
    return [row for row in rows if row.fix or row.known or not failed]


def _check(model: str, row: Row) -> Check:
    text = f"{row.name:<10} {row.value}"
    subject = f"Model {model}"
    return fail(subject, text, row.fix) if row.fix else ok(subject, text)


async def _through_codex(options: CodexOptions, spec: LaunchSpec) -> Check:
    registry = Registry(Path(options.data_dir) / "run")
    try:
        said, seconds = await answer(spec, registry, Redactor(), model=options.model)
    except TurnFailedError as error:
        detail = " ".join(error.detail.split())[:DETAIL_LENGTH]
        return fail(
            "Model", f"{failures.for_owner(error.reason)} ({detail}).", _fix(error, options)
        )
    except CodexError as error:
        return fail("Model", f"no answer through Codex: {error}.", "Look at what it names.")
    shown = " ".join(said.split())[:WORD_LENGTH]
    if not shown:
        return fail("Model", "it answers through Codex without a word.", "Try another model.")
    after = "" if seconds is None else f", first words after {seconds:.1f} s"
    return ok("Model", f"answers through Codex: “{shown}”{after}.")


def _fix(error: TurnFailedError, options: CodexOptions) -> str:
    if options.base_url is not None:
        return "Look at CODEX_BASE_URL, CODEX_API_KEY and CODEX_MODEL."
    if error.reason is TurnFailure.UNAUTHORIZED:
        return f"Log in again: `{command('login')}`."
    if error.reason is TurnFailure.MODEL_UNKNOWN:
        return "Set CODEX_MODEL to a model of your account, or leave it out."
    return "What Codex says of it stands in brackets; ask again later."
