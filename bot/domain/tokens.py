"""How many tokens a text may take, estimated from above, for models that nobody can ask.

No tokenizer is known here: a self-hosted model may have any. English takes about four characters a
token; small vocabularies split digits one by one, and write what is no Latin in pieces of a byte or
two (SmolLM2 and Llama 2: up to two tokens for a Chinese character). The estimate errs upwards.
"""

from __future__ import annotations

_DIGITS = "0123456789"
_ASCII_A_TOKEN = 3
_BYTES_A_TOKEN = 2

CUT = " […] "


def estimate(text: str) -> int:
    """Tokens of `text`, rather too many than too few. Linear, at the speed of C."""
    latin = len(text.encode("ascii", "ignore"))
    other = len(text.encode("utf-8", "surrogatepass")) - latin
    digits = sum(map(text.count, _DIGITS))
    return -(-(latin - digits) // _ASCII_A_TOKEN) + digits + -(-other // _BYTES_A_TOKEN)


def clipped(text: str, tokens: int) -> str:
    """`text` within that many tokens: its beginning and its end, where a question often stands."""
    while (needed := estimate(text)) > tokens:
        # By the share that fits, and always by a quarter at least: few rounds whatever it holds.
        keep = min(len(text) * max(tokens, 0) // needed, len(text) * 3 // 4) - len(CUT)
        if keep <= 0:
            return ""
        head = keep * 2 // 3
        text = text[:head].rstrip() + CUT + text[len(text) - (keep - head) :].lstrip()
    return text
