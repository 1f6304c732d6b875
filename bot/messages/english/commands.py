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
    "guidelines.kept_to": "Characters follow these rules from now on.",
    "guidelines.gone": "The rules have been removed.",
    "files.faulty": (
        "A character’s file has an error. Its last working version stays in use:\n"
        "- {faults:rows}\n"
        "The file is read again as soon as it changes."
    ),
    "files.many_faulty": (
        "Characters’ files have errors. Their last working versions stay in use:\n"
        "- {faults:rows}\n"
        "- and {more} more; {doctor:code} lists them all\n"
        "A file is read again as soon as it changes."
    ),
}
