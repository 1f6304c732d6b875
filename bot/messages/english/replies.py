"""English: menus, buttons and forms of replies."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "replies.kept": "Nothing was deleted.",
    "replies.button_stop": "Stop",
    "replies.button_continue": "Continue",
    "replies.button_delete": "Delete",
    "replies.button_cancel": "Cancel",
    "replies.form_title": "Edit reply",
    "replies.form_field": "Reply",
    "replies.form_part": "Reply, part {number}",
    "replies.answers_anew": "**{name}** is writing another answer.",
    "replies.goes_on": "**{name}** goes on.",
    "replies.takes_back": "**{name}**’s reply was deleted.",
    "replies.says_now": "**{name}**’s reply was changed.",
    "replies.asks_to_delete": (
        "Delete this whole reply of **{name}**? It will be gone for everyone, and **{name}** will "
        "forget having said it. That can’t be undone."
    ),
    "replies.asks_to_delete_apart": (
        "Delete this message of **{name}**? It will be gone for everyone. That can’t be undone."
    ),
}
