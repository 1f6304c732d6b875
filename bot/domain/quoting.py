"""Finds the utterance that a quote is from. Pure; the caller supplies the utterances.

Models are given no message ids, so they can neither invent nor leak an id: they identify a message
by quoting a few of its words.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable

from bot.domain.utterance import Utterance

# Characters; a shorter quote matches nearly any message.
SHORTEST = 2
# Characters to strip: a regular expression anchored at the end would try every offset.
_BEFORE = "\"'“”‘’«»>.…" + string.whitespace
_BEHIND = "\"'“”‘’«»…." + string.whitespace


def quoted(quote: str, said: Iterable[Utterance]) -> Utterance | None:
    """Return the newest utterance of `said` that contains `quote`; None if there is none.

    Ignores case, width, white space, and quotation marks or dots around the quote.
    """
    wanted = _folded(quote)
    if len(wanted) < SHORTEST:
        return None
    fitting = (utterance for utterance in said if wanted in _folded(utterance.text))
    return max(fitting, key=lambda utterance: utterance.order, default=None)


def _folded(text: str) -> str:
    whole = " ".join(unicodedata.normalize("NFKC", text).split())
    return whole.lstrip(_BEFORE).rstrip(_BEHIND).casefold()
