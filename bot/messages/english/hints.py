"""English: help for a person whom no character will answer."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "hint.nobody_yet": "Nobody is here yet. Bring someone in with `/summon`.",
    "hint.absent": "{name} isn’t here. Bring them in with `/summon`.",
    "hint.who_should_answer": "Who should answer? These are here: {calls:code}.",
    "hint.call_by_mark": (
        "-# Talking to {name}? Begin with {call:code}, or reply to a message of theirs."
    ),
    "hint.edited_too_late": (
        "-# {names} won’t answer this edit: the message is older than a minute, or has been "
        "answered. Write a new one."
    ),
    "hint.speaks_under_bots_name": (
        "I’m missing **{permission}** in this channel, so characters speak under my name. "
        "An admin can change that in the channel’s settings; `/diagnose` shows more."
    ),
}
