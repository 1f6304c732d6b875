"""The lines that we put above a character's words, and taking them off again. Text only."""

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
# Discord's own, of a message.
_MESSAGE_LIMIT: Final = 2_000
_NAME: Final = re.compile(r"\A\*\*(?P<name>(?:\\.|[^*\\\n])+)\*\*\n")
_NAME_SHOWN: Final = 60


def reply_line(name: str | None, guild_id: int | None, room_id: int, message_id: int) -> str:
    """The subtext line that says what is being answered, with a link to it; ends with a newline."""
    whom = plain(re.sub(r"[^\w '.’-]", "", name or "")[:_NAME_SHOWN].strip())
    return _linked(f"reply to {whom}" if whom else "reply", guild_id, room_id, message_id)


def further_line(guild_id: int | None, room_id: int, message_id: int) -> str:
    """The same above more of an answer, with a link to the message that it goes on from."""
    return _linked("goes on from here", guild_id, room_id, message_id)


def _linked(text: str, guild_id: int | None, room_id: int, message_id: int) -> str:
    place = guild_id if guild_id is not None else "@me"
    link = f"https://discord.com/channels/{place}/{room_id}/{message_id}"
    return f"{_MARKER}[{text}]({link})\n"


def name_line(name: str) -> str:
    """The line that names the character where it has no webhook to wear its name."""
    return f"**{plain(name)}**\n"


def say_line(speaker: str, character: str, text: str) -> str:
    """How the bot shows what a person said by `/say`.

    What has several lines is quoted: none of them can look like the line of somebody else. What
    is too long for that stands in one line.
    """
    head = f"**{plain(speaker)}** → **{plain(character)}**:"
    lines = _BREAKS.split(text.strip())
    if len(lines) == 1:
        return f"{head} {lines[0]}"
    quoted = "\n".join(f"> {line}" for line in lines)
    whole = f"{head}\n{quoted}"
    return whole if len(whole) <= _MESSAGE_LIMIT else f"{head} {' '.join(lines)}"


def said_by_command(content: str) -> str | None:
    """What the person said, from such a line; None when it is none."""
    found = _SAY.match(content)
    if found is None or found["text"] is not None:
        return found["text"] if found else None
    return "\n".join(line.removeprefix("> ") for line in found["lines"].split("\n"))


def reply_line_of(content: str) -> str:
    """The reply line that `content` starts with; empty when there is none."""
    found = _REPLY.match(content)
    return found[0] if found else ""


def undressed(content: str, name: str) -> str:
    """What the character itself said, without our lines above and below it."""
    line = name_line(name)
    # Discord trims what stands above nothing but a poll or a file.
    bare = "" if content == line.rstrip() else content.removeprefix(line)
    return without_editor(bare[len(reply_line_of(bare)) :])


def named_in(content: str) -> str | None:
    """The name in the line above words that the bot says for a character; None without one."""
    found = _NAME.match(content)
    return re.sub(r"\\(.)", r"\1", found["name"]) if found else None
