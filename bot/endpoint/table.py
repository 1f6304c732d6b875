"""Findings of a model as rows of a table, for the bot's operator.

`doctor`, the status page, `/diagnose` and the log all show these texts. `findings` has already
bounded and cleaned the endpoint's own words.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.model_profile import ModelProfile, ToolRoute, TranscriptStyle
from bot.endpoint.findings import Fault, FaultKind, Findings

OFFERED_SHOWN = 12
# Tokens a second below which the speed is shown with one decimal.
SLOW = 10

_KEYS = {True: "accepted", False: "refused", None: "not known"}
_TOOLS = {
    ToolRoute.MCP: "yes, in namespaces (MCP)",
    ToolRoute.FUNCTIONS: "yes, as plain functions",
    ToolRoute.NONE: "no",
}
_FAULTS: dict[FaultKind, tuple[str, str]] = {
    FaultKind.UNREACHABLE: (
        "it cannot be reached",
        "Start the model’s server, or correct CODEX_BASE_URL.",
    ),
    FaultKind.LOADING: ("it is still loading the model", "Wait a minute and ask again."),
    FaultKind.KEY_MISSING: ("it asks for a key", "Put its key into CODEX_API_KEY."),
    FaultKind.KEY_REFUSED: ("it refuses the key", "Put the right key into CODEX_API_KEY."),
    FaultKind.MODEL_UNKNOWN: (
        "it does not know this model",
        "Set CODEX_MODEL to one that it has.",
    ),
    FaultKind.NO_RESPONSES_API: (
        "it does not speak the Responses API",
        (
            "CODEX_BASE_URL usually ends with /v1. A server that only knows /v1/chat/completions "
            "needs LiteLLM in front of it."
        ),
    ),
    FaultKind.MOVED: (
        "it redirects to another address, to which the key is not sent",
        "Set CODEX_BASE_URL to its real address.",
    ),
    FaultKind.LIMITED: (
        "its limit or its credit is used up",
        "Wait, or look at the account there.",
    ),
    FaultKind.REFUSED: (
        "it refuses a plain question",
        "Its own words say why; its log says more.",
    ),
    FaultKind.NOT_STREAMING: (
        "it answers in one piece, and Codex needs a stream",
        "Turn streaming on in that server, or use another one.",
    ),
    FaultKind.EMPTY: ("it answers without a word", "Try another model."),
}


# The row in which a fault is shown.
_ROW_OF: dict[FaultKind, str] = {
    FaultKind.UNREACHABLE: "reached",
    FaultKind.LOADING: "reached",
    FaultKind.MOVED: "reached",
    FaultKind.NO_RESPONSES_API: "reached",
    FaultKind.KEY_MISSING: "key",
    FaultKind.KEY_REFUSED: "key",
    FaultKind.MODEL_UNKNOWN: "model",
    FaultKind.NOT_STREAMING: "streaming",
    FaultKind.LIMITED: "answer",
    FaultKind.REFUSED: "answer",
    FaultKind.EMPTY: "answer",
}


# The text for each transcript style.
_TALK: dict[TranscriptStyle, str] = {
    TranscriptStyle.HEADERS: "told with name, number and time above each speaker’s words",
    TranscriptStyle.NAMES: "told in plain lines, like “Ann: hello”",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    name: str
    value: str
    fix: str = ""
    """What to do about a fault; empty without a fault."""
    known: bool = True
    """Whether the endpoint stated or showed the value; False for an assumption."""


def rows(shown_address: str, findings: Findings, profile: ModelProfile) -> tuple[Row, ...]:
    """Build the table of a model. `profile` is the effective profile, with all overrides."""
    values = {
        "reached": f"{'yes' if findings.reached else 'no'}, {shown_address}",
        "server": findings.metadata.server or "not known",
        "key": _key(findings),
        "model": findings.model + _listed(findings),
        "answer": f"“{findings.word}”" if findings.word else "none",
        "window": _window(profile.window),
        "streaming": _yes(findings.streaming),
        "tools": _TOOLS[profile.tools] + _source(profile.tools, findings.tools),
        "pictures": _yes(profile.pictures) + _source(profile.pictures, findings.pictures),
        "talk": _TALK[profile.style],
        "speed": _speed(findings),
    }
    wrong = {_ROW_OF[fault.kind]: fault for fault in findings.faults}
    unknown = _unknown(findings, profile)
    return tuple(
        _row(Row(name, value, known=name not in unknown), wrong.get(name), findings)
        for name, value in values.items()
    )


def _unknown(findings: Findings, profile: ModelProfile) -> frozenset[str]:
    """Return the names of the rows whose value the endpoint has neither stated nor shown."""
    known = {
        "server": bool(findings.metadata.server),
        "key": findings.key_accepted is not None or findings.answers,
        "model": findings.metadata.listed is not None or findings.answers,
        "answer": bool(findings.word),
        "window": profile.window is not None,
        "streaming": findings.streaming is not None,
        "tools": findings.tools is not None,
        "pictures": findings.pictures is not None,
        "talk": findings.answers,
        "speed": findings.first_words is not None,
    }
    return frozenset(name for name, is_known in known.items() if not is_known)


def _row(row: Row, fault: Fault | None, findings: Findings) -> Row:
    if fault is None:
        return row
    return Row(row.name, f"{row.value}: {fault_text(fault)}", fix_for(fault, findings))


def in_a_line(table: tuple[Row, ...]) -> str:
    """Join the rows to a line for the log."""
    return ", ".join(f"{row.name}: {row.value}" for row in table)


def fault_text(fault: Fault) -> str:
    """Describe the fault in a sentence without a full stop."""
    words = _FAULTS[fault.kind][0]
    return f"{words} (“{fault.detail}”)" if fault.detail else words


def fix_for(fault: Fault, findings: Findings) -> str:
    """Return the fix of the fault, with the models that the endpoint offers."""
    fix = _FAULTS[fault.kind][1]
    if fault.kind is FaultKind.MODEL_UNKNOWN and findings.metadata.offered:
        return f"{fix} It has: {offered(findings.metadata.offered)}."
    return fix


def offered(names: tuple[str, ...]) -> str:
    """Join the first `OFFERED_SHOWN` model names, with the number of the others."""
    more = len(names) - OFFERED_SHOWN
    return ", ".join(names[:OFFERED_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _key(findings: Findings) -> str:
    if findings.key_accepted is None and findings.answers:
        return "none is asked for"
    return _KEYS[findings.key_accepted]


def _listed(findings: Findings) -> str:
    if findings.metadata.listed is False and findings.answers:
        return " (not in its list, but it answers)"
    return ""


def _window(window: int | None) -> str:
    return f"{window:,} tokens" if window is not None else "not known (set CODEX_CONTEXT_WINDOW)"


def _yes(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "not known"}[value]


def _source(holds: object, found: object) -> str:
    """Return a note when the effective value is assumed, or set by an override."""
    if found is None:
        return " (assumed)"
    return "" if holds == found else " (as it was set)"


def _speed(findings: Findings) -> str:
    if findings.first_words is None:
        return "not known"
    text = f"first words after {findings.first_words:.1f} s"
    if findings.speed is None:
        return text
    digits = 0 if findings.speed >= SLOW else 1
    return f"{text}, then {findings.speed:.{digits}f} tokens a second"
