"""English: the settings of a room, pausing it, and resetting it."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Plural, Texts

TEXTS: Final[Texts] = {
    "room_mode.mention": "mention only: characters answer only when spoken to",
    "room_mode.talkative": ("talkative: also on keywords, to whoever keeps talking, and by chance"),
    "room_mode.every": "every message of a person is answered",
    "room.edited_by_moderators": "those who may manage messages",
    "room.edited_by_askers": "also whoever asked for the reply",
    "room.no_chain": "characters never answer one another",
    "room.chain": Plural(
        by="times",
        one="after a person, characters answer one another at most 1 time",
        other="after a person, characters answer one another at most {times:,} times",
    ),
    "room.row_mode": "**Mode** · {mode}",
    "room.row_chain": "**Chain** · {chain}",
    "room.row_cooldown": "**Cool-down** · {seconds} s",
    "room.row_quiet": "**Quiet hours** · {hours}",
    "room.row_no_quiet": "**Quiet hours** · none",
    "room.row_denied": "**Denied actions** · {actions:code}",
    "room.row_none_denied": "**Denied actions** · none",
    "room.row_editors": "**Edit reply** · {editors}",
    "room.row_chance": "**Chance** · {percent} %",
    "room.row_chance_later": "**Chance** · {percent} %, used only in the mode *talkative*",
    "room.row_paused": "⏸️ The room is **paused**. `/room resume` lets them speak.",
    "room.row_inherited": "-# As in its channel. Changes made here apply to this thread only.",
    "room.is_paused": "This room is **paused**. `/room resume` lets them speak.",
    "room.resumed": "**Resumed**. Characters also know what was said during the pause.",
    "reset.asks": (
        "Characters will forget everything that was said here so far. You can undo that for a day "
        "with the same command."
    ),
    "reset.kept": "Nothing was forgotten.",
    "reset.done": "**Forgotten**: characters know nothing of what was said here before.",
    "reset.undone": "**Undone**: characters remember what was said here before the reset.",
    "reset.button_forget": "Make them forget",
    "reset.button_cancel": "Cancel",
    "reset.button_undo": "Undo the last reset",
    "reset.done_by": "{done} **{name}** reset this room.",
    "reset.undone_by": "{undone} **{name}** undid it.",
}
