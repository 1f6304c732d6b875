"""What a bot without MESSAGE_CONTENT gets of a message: everything but its text and attachments.

Exempt, as Discord documents it: its own messages, direct messages, and those that mention it.
"""

from __future__ import annotations

from sandbox.discord.world.model import Json, Message, User

_HIDDEN: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


def may_read(bot: User, message: Message) -> bool:
    """Whether the text shows although the bot lacks the intent."""
    return (
        message.guild_id is None
        or bot.id in {message.author.id, message.application_id}
        or bot.id in message.mentions
    )


def without_text(payload: Json) -> Json:
    """A copy of a message's payload with its text left out, also in what it answers."""
    bare = payload | _HIDDEN
    if isinstance(bare.get("referenced_message"), dict):
        bare["referenced_message"] = bare["referenced_message"] | _HIDDEN
    return bare
