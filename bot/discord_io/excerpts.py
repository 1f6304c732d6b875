"""Embeds, Components V2, forwarded messages and link previews as text. Pure conversion.

All sizes are capped: other bots' embeds can be long, and a forward can contain anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, Final

import discord
from discord.components import (
    Component,
    Container,
    FileComponent,
    MediaGalleryComponent,
    SectionComponent,
    TextDisplay,
    ThumbnailComponent,
)

from bot.domain.utterance import Excerpt

# Characters per embed, and embeds per message. Discord allows ten, with 6,000 characters together.
EMBED_TEXT_LIMIT: Final = 1_500
EMBEDS_LIMIT: Final = 5
# Characters per link preview (enough to identify the page), and previews per message.
PREVIEW_LIMIT: Final = 400
PREVIEWS_LIMIT: Final = 3
# Discord allows 40 components with 4,000 characters in a message ("Component Reference").
COMPONENTS_LIMIT: Final = 40
COMPONENTS_TEXT_LIMIT: Final = 4_000
# Characters of a forwarded message: 4,000 of content, longer by mentions, embeds and components.
FORWARD_LIMIT: Final = 10_000
# Discord forwards one message at a time.
FORWARDS_LIMIT: Final = 1

Readable = Callable[[str], str]
"""Replaces the markup of mentions, custom emojis and the like by names."""


def embedded(embeds: Sequence[discord.Embed], readable: Readable) -> list[str]:
    """Return the texts of the embeds, in reading order."""
    return [_embedded(embed, readable)[:EMBED_TEXT_LIMIT] for embed in embeds[:EMBEDS_LIMIT]]


def laid_out(components: Sequence[Component], readable: Readable) -> str:
    """Return the text of a message's components (Components V2); empty for rows of buttons."""
    return readable("\n".join(_texts(components))[:COMPONENTS_TEXT_LIMIT])


def previews(message: discord.Message, readable: Readable) -> list[Excerpt]:
    """Return Discord's previews of the links in a person's message."""
    embeds = message.embeds[:PREVIEWS_LIMIT]
    texts = (_embedded(embed, readable)[:PREVIEW_LIMIT] for embed in embeds)
    return [Excerpt("preview of a link", text) for text in texts if text]


def forwards(message: discord.Message, readable: Readable) -> list[Excerpt]:
    """Return the forwarded messages, as they were at the time of forwarding."""
    found: list[Excerpt] = []
    for snapshot in message.message_snapshots[:FORWARDS_LIMIT]:
        parts = [readable(snapshot.content)]
        parts += stickers(snapshot.stickers)
        parts += embedded(snapshot.embeds, readable)
        parts.append(laid_out(snapshot.components, readable))
        moment = f"{snapshot.created_at.astimezone(UTC):%d %b %H:%M} UTC"
        text = "\n".join(part for part in parts if part)[:FORWARD_LIMIT] or "(no words)"
        found.append(Excerpt(f"forwarded message of {moment}", text))
    return found


def stickers(sent: Sequence[discord.StickerItem]) -> list[str]:
    """Return each sticker as its name in brackets."""
    return [f"[sticker: {sticker.name}]" for sticker in sent]


def with_forwarded_mentions(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 a TypedDict of discord.py
    """Return the raw message with the mentions of its forwarded messages added to its own.

    Discord sends the mentions of a forwarded message (OpenAPI, `MinimalContentMessageResponse`),
    but `discord.MessageSnapshot` drops them. The longer list cannot call the bot: whether a message
    mentions the bot is read from its content.
    """
    snapshots = data.get("message_snapshots") or ()
    forwarded = [snapshot.get("message", {}) for snapshot in snapshots]
    mentioned = [user for message in forwarded for user in message.get("mentions") or ()]
    if not mentioned:
        return data
    return {**data, "mentions": [*(data.get("mentions") or ()), *mentioned]}


def _embedded(embed: discord.Embed, readable: Readable) -> str:
    lines = [embed.author.name, embed.title, embed.description]
    lines += [f"{field.name}: {field.value}" for field in embed.fields]
    lines.append(embed.footer.text)
    return readable("\n".join(line for line in lines if line)[:EMBED_TEXT_LIMIT])


def _texts(components: Sequence[Component]) -> Iterator[str]:
    """Yield the texts in a tree of components, in reading order."""
    stack: list[Component] = [*reversed(components)]
    for _ in range(COMPONENTS_LIMIT):
        if not stack:
            return
        match stack.pop():
            case TextDisplay(content=text):
                yield text
            case SectionComponent(children=children, accessory=accessory):
                stack += [accessory, *reversed(children)]
            case Container(children=children):
                stack += reversed(children)
            case ThumbnailComponent(description=description):
                yield _picture(description)
            case MediaGalleryComponent(items=items):
                yield from (_picture(item.description) for item in items)
            case FileComponent(name=name):
                yield f"[file: {name}]" if name else "[file]"
            case _:
                pass  # buttons, menus and separators


def _picture(description: str | None) -> str:
    return f"[picture: {description}]" if description else "[picture]"
