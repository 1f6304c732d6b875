"""Where a text begins to say the same again and again, as small models do without an end.

Only exact repetition up to the text's last character counts, and only much of it: refrains, lists,
laughter and rows of a table stay far below. One look is linear in a bounded tail, so it can be had
at every delta of a stream.
"""

from __future__ import annotations

# Characters that have to repeat: more than a message of Discord's. Code has longer rows of zeros.
_RUN = 2_400
_RUN_OF_CODE = 6_000
# The same has to be there so often.
_ROUNDS = 4
_TAIL = 8_000
# The last characters, by which the round before is found.
_PROBE = 48
_FENCE = "```"
_SENTENCE_ENDS = ".!?…。！？\n"  # noqa: RUF001 the signs of other scripts are meant
_WORD_ENDS = " \t"


def second_round(text: str) -> int | None:
    """Where to end the text, after the first round, when it has become nothing but rounds.

    None: it has not.
    """
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
    """The end of a sentence between the two, or of a word; a round may begin in the midst of one.

    What comes before the first round may end as each round does.
    """
    for ends in (_SENTENCE_ENDS, _WORD_ENDS):
        found = next((at for at in range(first, last) if text[at - 1] in ends), None)
        if found is not None:
            return found
    return first
