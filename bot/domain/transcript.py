"""Talk as a mind is told it, so that nobody can speak as another: true roles, and what fits.

How a line is written is in `bot.domain.transcript_styles`.
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
    """The utterances, one after the other; see `Style.render`."""
    return STYLES[style].render(list(talk), own, people)


def lines(
    talk: Iterable[Utterance],
    character: str,
    style: TranscriptStyle = TranscriptStyle.HEADERS,
    *,
    own: str = "",
    people: Mapping[int, str] = _NOBODY,
) -> list[Line]:
    """History with true roles for the character of that key: its own words bare, all else rendered.

    Neighbouring utterances of others come as one line, and a thread holds them as one item: chat
    templates (Gemma's, Mistral's) refuse two turns of the user in a row.
    """
    told: list[Line] = []
    others: list[Utterance] = []

    def flush() -> None:
        if others:
            told.append(Line(render(others, style, own=own, people=people), own=False))
            others.clear()

    for said in talk:
        if said.speaker.character == character:
            flush()
            told.append(Line(unmarked(said.text), own=True))
        else:
            others.append(said)
    flush()
    return told
