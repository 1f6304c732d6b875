"""English: menus, buttons and forms of replies."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "replies.kept": "It stays.",
    "replies.button_stop": "Stop",
    "replies.button_continue": "Continue",
    "replies.button_delete": "Delete",
    "replies.button_cancel": "Cancel",
    "replies.form_title": "Edit reply",
    "replies.form_field": "Reply",
    "replies.form_part": "Reply, part {number}",
    "replies.answers_anew": "**{name}** answers anew.",
    "replies.goes_on": "**{name}** goes on.",
    "replies.takes_back": "**{name}** takes it back.",
    "replies.says_now": "**{name}** says that now.",
    "replies.asks_to_delete": (
        "Delete this whole reply of **{name}**? It’s gone for everyone, and **{name}** forgets "
        "having said it. That can’t be undone."
    ),
    "replies.asks_to_delete_apart": (
        "Delete this message of **{name}**? It’s gone for everyone. That can’t be undone."
    ),
}
