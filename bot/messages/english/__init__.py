"""The English catalogue: message id → text, a module for each topic."""

from __future__ import annotations

from typing import Final

from bot.messages.english import (
    casts,
    commands,
    diagnosis,
    failures,
    hints,
    pool,
    refusals,
    replies,
    rooms,
    store,
    why,
)
from bot.messages.english import help as help_pages
from bot.messages.texts import Language, merged

LANGUAGE: Final = Language(
    texts=merged(
        casts.TEXTS,
        commands.TEXTS,
        diagnosis.TEXTS,
        failures.TEXTS,
        help_pages.TEXTS,
        hints.TEXTS,
        pool.TEXTS,
        refusals.TEXTS,
        replies.TEXTS,
        rooms.TEXTS,
        store.TEXTS,
        why.TEXTS,
    ),
    or_word="or",
)
