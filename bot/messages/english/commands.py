"""English: commands in general, guidelines, and faults of character files."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "commands.on_cooldown": "Too fast. Try again in {seconds:.0f} s.",
    "commands.not_here": "You can’t do that here.",
    "commands.has_changed": (
        "This command has just changed. Restart Discord (Ctrl+R) and try again."
    ),
    "commands.and_more": "… and {count} more.",
    "guidelines.none": "This server has no rules for its characters.",
    "guidelines.form": "Rules for characters",
    "guidelines.field": "What every character here keeps to",
    "guidelines.kept_to": "The characters keep to it from now on.",
    "guidelines.gone": "The rules are gone.",
    "files.faulty": (
        "A character’s file can’t be used as it is now. What worked before goes on working:\n"
        "- {faults:rows}\n"
        "It’s read again as soon as it’s changed."
    ),
    "files.many_faulty": (
        "A character’s file can’t be used as it is now. What worked before goes on working:\n"
        "- {faults:rows}\n"
        "- and {more} more, which {doctor:code} lists\n"
        "It’s read again as soon as it’s changed."
    ),
}
