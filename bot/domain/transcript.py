"""Renders talk for a model so that no speaker can impersonate another: true roles, escaped lines.

`bot.domain.transcript_styles` owns the form of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.domain.cut_answers import unmarked
from bot.domain.model_profile import TranscriptStyle
from bot.domain.transcript_styles import STYLES
from bot.domain.turn import Line
from bot.domain.utterance import Utterance

_NOBODY: Mapping[int, str] = MappingProxyType({})


def render(
    talk: Iterable[Utterance],
    style: TranscriptStyle = TranscriptStyle.HEADERS,
    *,
    own: str = "",
    people: Mapping[int, str] = _NOBODY,
) -> str:
    """Return the utterances as text, in order; see `Style.render`."""
    return STYLES[style].render(list(talk), own, people)


def lines(
    talk: Iterable[Utterance],
    character: str,
    style: TranscriptStyle = TranscriptStyle.HEADERS,
    *,
    own: str = "",
    people: Mapping[int, str] = _NOBODY,
) -> list[Line]:
    """Return history with true roles: own utterances of `character` (a key) bare, others rendered.

    Merges adjacent utterances of others into a single line, an item of the Codex thread: some chat
    templates (Gemma's, Mistral's) refuse two user turns in a row.
    """
    history: list[Line] = []
    others: list[Utterance] = []

    def flush() -> None:
        if others:
            history.append(Line(render(others, style, own=own, people=people), own=False))
            others.clear()

    for said in talk:
        if said.speaker.character == character:
            flush()
            history.append(Line(unmarked(said.text), own=True))
        else:
            others.append(said)
    flush()
    return history
