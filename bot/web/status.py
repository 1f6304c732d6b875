"""The status page: the bot's state at a glance, on a page without scripts.

Owns the texts and the escaping: every value is escaped here, once. The layout is in `status.html`
and `status.css`. The Content-Security-Policy allows the page's own style and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.web.health import NO_STORE
from bot.web.views import BotView, InstanceView, ModelView, PoolView

# The part named in the problem of a bot that cannot start and waits (`bot.runtime.standby`).
SETUP = "setup"
REFRESH = 5  # seconds
ERROR_LIMIT = 200
NOTE_LIMIT = 600
CHARACTERS_SHOWN = 200

_COLUMNS = (
    "Character",
    "Process",
    "Age",
    "Idle",
    "Rooms",
    "Turns",
    "Tokens",
    "Memory",
    "Last error",
)
_KIB = 1024


class StatusPage:
    """Renders `GET /`. Reads its template once."""

    def __init__(
        self,
        view: Callable[[], BotView],
        problems: Callable[[], dict[str, str]],
        redact: Callable[[str], str],
    ) -> None:
        self._view = view
        self._problems = problems
        self._redact = redact
        here = files("bot.web")
        self._template = Template(here.joinpath("status.html").read_text("utf-8"))
        self._style = here.joinpath("status.css").read_text("utf-8")
        self._headers = NO_STORE | {
            "Content-Security-Policy": _policy(self._style),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }

    async def show(self, request: Request) -> HTMLResponse:  # noqa: ARG002 Starlette's signature
        """Answer with the current page."""
        return HTMLResponse(self.render(self._view(), self._problems()), headers=self._headers)

    def render(self, view: BotView, problems: Mapping[str, str]) -> str:
        """Return the page's HTML."""
        state, headline = _state(view, problems)
        pool = view.pool
        shown = {
            "title": f"Troupe: {headline}",
            "headline": headline,
            "version": view.version,
            "codex_version": view.codex_version,
            "uptime": span(view.uptime),
            "rooms": count(view.rooms),
            "active": pool.active,
            "max_instances": pool.max_instances,
            "busy": pool.busy,
            "threads": count(pool.threads),
            "queued": count(pool.queued),
        }
        return self._template.substitute(
            {name: escape(str(value)) for name, value in shown.items()},
            state=state,
            refresh=REFRESH,
            style=self._style,
            problems=_list(problems.items(), "bad") + self._notes(view),
            models="".join(self._model(model) for model in view.models),
            instances=self._table(pool.instances, started=SETUP not in problems),
            characters=_characters(view.characters),
        )

    def _notes(self, view: BotView) -> str:
        rows = [(name, self._redact(text)[:NOTE_LIMIT]) for name, text in view.notes]
        return _list(rows, "warn") if rows else ""

    def _model(self, model: ModelView) -> str:
        rows = "".join(
            f'<tr class="{"bad" if row.fix else ""}"><th scope="row">{escape(row.name)}</th>'
            f"<td>{escape(self._redact(row.value)[:NOTE_LIMIT])}{self._fix(row.fix)}</td></tr>"
            for row in model.rows
        )
        name = escape(self._redact(model.name))
        return f'<section class="model"><h2>Model {name}</h2><table>{rows}</table></section>'

    def _fix(self, fix: str) -> str:
        return f"<p>→ {escape(self._redact(fix)[:NOTE_LIMIT])}</p>" if fix else ""

    def _table(self, instances: tuple[InstanceView, ...], *, started: bool) -> str:
        if not instances:
            when = "the next message starts one" if started else "the bot has not started"
            return f'<p class="empty">None runs: {when}.</p>'
        head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
        rows = "".join(self._row(instance) for instance in instances)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _row(self, instance: InstanceView) -> str:
        lamp = f'<span class="lamp {"good" if instance.healthy else "bad"}"></span>'
        cells = (
            "–" if instance.pid is None else instance.pid,
            span(instance.age),
            span(instance.idle) if instance.state == "idle" else instance.state,
            count(instance.rooms),
            count(instance.turns),
            count(instance.tokens),
            "–" if instance.memory is None else f"{instance.memory / _KIB / _KIB:.0f} MB",
            self._redact(instance.last_error)[:ERROR_LIMIT] or "–",
        )
        rest = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
        return f"<tr><td>{lamp}{escape(instance.character)}</td>{rest}</tr>"


def _characters(characters: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(name)}</bdi></th><td>{escape(description)}</td></tr>'
        for name, description in characters[:CHARACTERS_SHOWN]
    )
    more = len(characters) - CHARACTERS_SHOWN
    rest = f"<p>… and {count(more)} more</p>" if more > 0 else ""
    table = f"<table>{rows}</table>{rest}"
    return f'<section class="model"><h2>Characters</h2>{table}</section>' if rows else ""


def span(seconds: float) -> str:
    """Format a duration in its two largest units: `2 d 3 h`, `5 min 8 s`, `42 s`."""
    whole = max(int(seconds), 0)
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, whole = divmod(whole, size)
        if number or (parts and len(parts) < 2):
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def count(number: int) -> str:
    """Format a number: `12,345`."""
    return f"{number:,}"


def _state(view: BotView, problems: Mapping[str, str]) -> tuple[str, str]:
    """Return the lamp's CSS class and the headline."""
    if SETUP in problems:
        return "bad", "Not started yet"
    if problems:
        return "bad", "Something is wrong"
    if view.pool.status != "healthy":
        return "warn", _degraded(view.pool)
    if view.notes:
        return "warn", "Something needs a look"
    return "good", "All is well"


def _degraded(pool: PoolView) -> str:
    if pool.draining:
        return "The pool is draining"
    return "An app-server is sick" if pool.sick else "An app-server does not start"


def _list(rows: Iterable[tuple[str, str]], lamp: str) -> str:
    lines = "".join(f"<li><b>{escape(name)}</b>{escape(text)}</li>" for name, text in rows)
    return f'<ul class="problems {lamp}">{lines}</ul>' if lines else ""


def _policy(style: str) -> str:
    """Return a Content-Security-Policy that allows the page's own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
