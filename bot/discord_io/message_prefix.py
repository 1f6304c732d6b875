"""Message prefixes (name line, reply line), built and stripped. Pure text functions."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.editing import without_editor
from bot.domain.markup import plain

_MARKER: Final = "-# ↪ "
_REPLY: Final = re.compile(
    r"\A-# ↪ \[[^\]\n]{1,140}\]\(https://discord\.com/channels/[\d@me/]+\)\n"
)
_SAY: Final = re.compile(
    r"\A\*\*(?:\\.|[^*\\])+\*\* → \*\*(?:\\.|[^*\\])+\*\*:(?: (?P<text>.*)|\n(?P<lines>> .*))",
    re.DOTALL,
)
_BREAKS: Final = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Discord's limit for a message, in characters.
_MESSAGE_LIMIT: Final = 2_000
_NAME: Final = re.compile(r"\A\*\*(?P<name>(?:\\.|[^*\\\n])+)\*\*\n")
_NAME_SHOWN: Final = 60


def reply_line(name: str | None, guild_id: int | None, room_id: int, message_id: int) -> str:
    """Return the subtext line that names and links the answered message; ends with a newline."""
    author = plain(re.sub(r"[^\w '.’-]", "", name or "")[:_NAME_SHOWN].strip())
    return _linked(f"reply to {author}" if author else "reply", guild_id, room_id, message_id)


def further_line(guild_id: int | None, room_id: int, message_id: int) -> str:
    """Return the subtext line that links the previous message of the same answer."""
    return _linked("goes on from here", guild_id, room_id, message_id)


def _linked(text: str, guild_id: int | None, room_id: int, message_id: int) -> str:
    place = guild_id if guild_id is not None else "@me"
    link = f"https://discord.com/channels/{place}/{room_id}/{message_id}"
    return f"{_MARKER}[{text}]({link})\n"


def name_line(name: str) -> str:
    """Return the line that names the character when the bot itself sends its words."""
    return f"**{plain(name)}**\n"


def say_line(speaker: str, character: str, text: str) -> str:
    """Return the message for a text that a person sent with `/say`.

    A text of several lines is quoted, so that no line can pass for a line of another speaker. The
    lines of a text that is too long for quoting are joined into one.
    """
    head = f"**{plain(speaker)}** → **{plain(character)}**:"
    lines = _BREAKS.split(text.strip())
    if len(lines) == 1:
        return f"{head} {lines[0]}"
    quoted = "\n".join(f"> {line}" for line in lines)
    whole = f"{head}\n{quoted}"
    return whole if len(whole) <= _MESSAGE_LIMIT else f"{head} {' '.join(lines)}"


def said_by_command(content: str) -> str | None:
    """Return the person's text from a `say_line`; None if `content` is no such line."""
    found = _SAY.match(content)
    if found is None or found["text"] is not None:
        return found["text"] if found else None
    return "\n".join(line.removeprefix("> ") for line in found["lines"].split("\n"))


def reply_line_of(content: str) -> str:
    """Return the reply line at the start of `content`; empty if there is none."""
    found = _REPLY.match(content)
    return found[0] if found else ""


def undressed(content: str, name: str) -> str:
    """Return the character's own words: `content` without prefixes and the editor's note."""
    line = name_line(name)
    # In a message with nothing but a poll or a file, Discord trims the newline of the name line.
    bare = "" if content == line.rstrip() else content.removeprefix(line)
    return without_editor(bare[len(reply_line_of(bare)) :])


def named_in(content: str) -> str | None:
    """Return the character's name from the name line of `content`; None without a name line."""
    found = _NAME.match(content)
    return re.sub(r"\\(.)", r"\1", found["name"]) if found else None
