"""English: the characters in a room."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "casts.joins": "**{name}** joins. {how}",
    "casts.just_write": "Just write to talk.",
    "casts.use_say": "Use `/say` to talk. {why}",
    "casts.say_to_talk": "Say {call:code} to talk.",
    "casts.leaves": "**{name}** leaves, and will remember this place.",
    "casts.entry": "{parts:dots}",
    "casts.entry_with_face": "{face} {parts:dots}",
    "casts.name": "**{name}**",
    "casts.mood": "{mood}",
    "casts.status": "“{status}”",
    "casts.answers_to": "answers to {calls:code}",
    "casts.description": "{entry}\n-# {description}",
    "casts.file_gone": "**{name}** · its file is gone; `/dismiss` sends it away",
    "casts.inherited": (
        "-# As in its channel. `/summon` and `/dismiss` here change this thread only."
    ),
    "casts.summon_menu": "Summon a character into this channel",
    "casts.awake": "awake",
    "casts.asleep": "asleep",
    "casts.speaking": "speaking",
    "casts.waiting": "waiting for a turn (number {place} in the queue)",
}
