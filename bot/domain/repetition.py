"""Detects endless repetition, into which small models fall.

Only exact repetition up to the text's last character counts, and only a long one: refrains, lists,
laughter and table rows stay far below the limit. A check is linear in a bounded tail, cheap enough
for every delta of a stream.
"""

from __future__ import annotations

# Least characters of repetition: more than a Discord message. Code has longer rows of zeros.
_RUN = 2_400
_RUN_OF_CODE = 6_000
# Least number of repeats.
_ROUNDS = 4
# Characters at the end that are searched.
_TAIL = 8_000
# Last characters of the text; their previous occurrence gives the period.
_PROBE = 48
_FENCE = "```"
_SENTENCE_ENDS = ".!?…。！？\n"  # noqa: RUF001 punctuation of other scripts is intended
_WORD_ENDS = " \t"


def second_round(text: str) -> int | None:
    """Return the end of the first round of a text that ends in repetition; None otherwise."""
    run = _RUN_OF_CODE if text.count(_FENCE) % 2 else _RUN
    if len(text) < run:
        return None
    tail = text[-_TAIL:]
    before = tail.rfind(tail[-_PROBE:], 0, len(tail) - 1)
    period = len(tail) - _PROBE - before
    run = max(run, _ROUNDS * period)
    if before < 0 or run > len(tail) or tail[-run:-period] != tail[-run + period :]:
        return None
    begin = len(text) - run
    while begin > 0 and text[begin - 1] == text[begin - 1 + period]:
        begin -= 1
    return _sentence_end(text, begin + period, begin + 2 * period)


def _sentence_end(text: str, first: int, last: int) -> int:
    """Return the first sentence end in `first` … `last`, else the first word end, else `first`.

    The round found may begin within a sentence, since the text before the first round may end with
    the same characters as each round.
    """
    for ends in (_SENTENCE_ENDS, _WORD_ENDS):
        found = next((at for at in range(first, last) if text[at - 1] in ends), None)
        if found is not None:
            return found
    return first
