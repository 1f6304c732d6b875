"""What was found out about a model, as rows for the person who runs the bot.

The one place for these words: `doctor`, the status page, `/diagnose` and the log show the same.
Whatever comes from the endpoint was bounded and cleaned in `findings`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.model_profile import ModelProfile, ToolRoute, TranscriptStyle
from bot.endpoint.findings import Fault, FaultKind, Findings

OFFERED_SHOWN = 12
# Tokens a second below which a tenth of one is worth telling.
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
        "it sends us to another address, which the key does not follow",
        "Set CODEX_BASE_URL to the address that it really has.",
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


# The row that a fault belongs to.
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


# How the model is told what people say.
_TALK: dict[TranscriptStyle, str] = {
    TranscriptStyle.HEADERS: "told with name, number and time above each speaker’s words",
    TranscriptStyle.NAMES: "told in plain lines, like “Ann: hello”",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `fix` says what to do; empty when nothing is to be done."""

    name: str
    value: str
    fix: str = ""
    known: bool = True
    """Whether the endpoint has told or shown it; False for what is merely assumed."""


def rows(shown_address: str, findings: Findings, profile: ModelProfile) -> tuple[Row, ...]:
    """The table of one model. `profile` is what holds, with everybody's overrides."""
    told = {
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
        for name, value in told.items()
    )


def _unknown(findings: Findings, profile: ModelProfile) -> frozenset[str]:
    """The names of the rows that rest on nothing that the endpoint has told or shown."""
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
    """The table for the log."""
    return ", ".join(f"{row.name}: {row.value}" for row in table)


def fault_text(fault: Fault) -> str:
    """What is wrong, in a sentence without its full stop."""
    words = _FAULTS[fault.kind][0]
    return f"{words} (“{fault.detail}”)" if fault.detail else words


def fix_for(fault: Fault, findings: Findings) -> str:
    """What to do about it."""
    fix = _FAULTS[fault.kind][1]
    if fault.kind is FaultKind.MODEL_UNKNOWN and findings.metadata.offered:
        return f"{fix} It has: {offered(findings.metadata.offered)}."
    return fix


def offered(names: tuple[str, ...]) -> str:
    """The models to choose from, in a line."""
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
    """A word where what holds is not what was found out."""
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
