"""Upper estimates of the number of tokens in a text, for models with an unknown tokenizer.

A self-hosted model may have any tokenizer. English takes about four characters per token; small
vocabularies split digits singly, and non-Latin scripts into pieces of a byte or two (SmolLM2 and
Llama 2: up to two tokens per Chinese character). The estimate errs upwards.
"""

from __future__ import annotations

_DIGITS = "0123456789"
_ASCII_A_TOKEN = 3
_BYTES_A_TOKEN = 2

CUT = " […] "


def estimate(text: str) -> int:
    """Return an upper estimate of the tokens of `text`. Linear; loops in C only."""
    latin = len(text.encode("ascii", "ignore"))
    other = len(text.encode("utf-8", "surrogatepass")) - latin
    digits = sum(map(text.count, _DIGITS))
    return -(-(latin - digits) // _ASCII_A_TOKEN) + digits + -(-other // _BYTES_A_TOKEN)


def clipped(text: str, tokens: int) -> str:
    """Return `text` shortened to `tokens`: the beginning, and the end with its likely question."""
    while (needed := estimate(text)) > tokens:
        # Shrinks by the share that does not fit, at least by a quarter, so that few rounds suffice.
        keep = min(len(text) * max(tokens, 0) // needed, len(text) * 3 // 4) - len(CUT)
        if keep <= 0:
            return ""
        head = keep * 2 // 3
        text = text[:head].rstrip() + CUT + text[len(text) - (keep - head) :].lstrip()
    return text
