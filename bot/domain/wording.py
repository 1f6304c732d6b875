"""How a text that a model, or a person in a form, wrote is shown in a room. Owns the order only."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain import emojis, links, tables


def worded(text: str, own_emojis: Mapping[str, str]) -> str:
    """Tables laid out, the server's emojis (name → `<:name:id>`) put in, false links taken apart.

    What was worded once is left as it is.
    """
    return links.unmasked(emojis.named(tables.laid_out(text), own_emojis))
