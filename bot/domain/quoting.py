"""Which utterance a quote is from. Pure; where utterances come from is the caller's business.

Models know no message ids, so that none can be made up or leak: a few words name a message.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable

from bot.domain.utterance import Utterance

# Characters; a quote of less fits nearly anything.
SHORTEST = 2
# A pattern for what stands at the end would look for it from every place.
_BEFORE = "\"'“”‘’«»>.…" + string.whitespace
_BEHIND = "\"'“”‘’«»…." + string.whitespace


def quoted(quote: str, said: Iterable[Utterance]) -> Utterance | None:
    """The newest of `said` with these words; None when nobody said them.

    Case, width, spaces, and quotation marks or dots around it make no difference.
    """
    wanted = _folded(quote)
    if len(wanted) < SHORTEST:
        return None
    fitting = (one for one in said if wanted in _folded(one.text))
    return max(fitting, key=lambda one: one.order, default=None)


def _folded(text: str) -> str:
    whole = " ".join(unicodedata.normalize("NFKC", text).split())
    return whole.lstrip(_BEFORE).rstrip(_BEHIND).casefold()
