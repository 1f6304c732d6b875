"""Converts a text by a model, or from a person's form, for display. Owns the order of steps."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain import emojis, links, tables


def worded(text: str, own_emojis: Mapping[str, str]) -> str:
    """Return `text` with tables converted, emojis inserted and misleading links unmasked.

    `own_emojis` maps names of the server's emojis to `<:name:id>`. Idempotent.
    """
    return links.unmasked(emojis.named(tables.laid_out(text), own_emojis))
