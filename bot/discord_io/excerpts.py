"""What a message shows beside its author's own words: embeds, Components V2, forwards, previews.

Pure conversion, and bounded: what other bots embed can be long, and a forward can hold anything.
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

# Characters of one embed, and how many are read. Discord takes ten of 6,000 together.
EMBED_TEXT_LIMIT: Final = 1_500
EMBEDS_LIMIT: Final = 5
# Of a link's preview: enough to say what is behind it. A person can post many links.
PREVIEW_LIMIT: Final = 400
PREVIEWS_LIMIT: Final = 3
# Discord takes 40 components with 4,000 characters in a message ("Component Reference").
COMPONENTS_LIMIT: Final = 40
COMPONENTS_TEXT_LIMIT: Final = 4_000
# Characters of what is forwarded: a message's 4,000, its mentions by name, embeds, components.
FORWARD_LIMIT: Final = 10_000
# Discord forwards one message at a time.
FORWARDS_LIMIT: Final = 1

Readable = Callable[[str], str]
"""Makes mentions, emojis and the like readable."""


def embedded(embeds: Sequence[discord.Embed], readable: Readable) -> list[str]:
    """What embeds say, in the order in which people read it."""
    return [_embedded(embed, readable)[:EMBED_TEXT_LIMIT] for embed in embeds[:EMBEDS_LIMIT]]


def laid_out(components: Sequence[Component], readable: Readable) -> str:
    """What the components of a message say (Components V2); empty for rows of buttons."""
    return readable("\n".join(_texts(components))[:COMPONENTS_TEXT_LIMIT])


def previews(message: discord.Message, readable: Readable) -> list[Excerpt]:
    """What Discord shows of the links in a person's message."""
    told = (_embedded(embed, readable)[:PREVIEW_LIMIT] for embed in message.embeds[:PREVIEWS_LIMIT])
    return [Excerpt("preview of a link", text) for text in told if text]


def forwards(message: discord.Message, readable: Readable) -> list[Excerpt]:
    """The messages that this one forwards, as they were when it did."""
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
    """Stickers by name."""
    return [f"[sticker: {sticker.name}]" for sticker in sent]


def with_forwarded_mentions(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 discord.py types it its own way
    """A raw message whose forwarded mentions are among its own, where discord.py keeps them.

    Discord tells whom a forwarded message mentions (OpenAPI, `MinimalContentMessageResponse`), but
    `discord.MessageSnapshot` drops it. What a message itself mentions is read from its content.
    """
    told = data.get("message_snapshots") or ()
    mentioned = [user for one in told for user in one.get("message", {}).get("mentions") or ()]
    if not mentioned:
        return data
    return {**data, "mentions": [*(data.get("mentions") or ()), *mentioned]}


def _embedded(embed: discord.Embed, readable: Readable) -> str:
    lines = [embed.author.name, embed.title, embed.description]
    lines += [f"{field.name}: {field.value}" for field in embed.fields]
    lines.append(embed.footer.text)
    return readable("\n".join(line for line in lines if line)[:EMBED_TEXT_LIMIT])


def _texts(components: Sequence[Component]) -> Iterator[str]:
    """The texts in a tree of components, in reading order."""
    left: list[Component] = [*reversed(components)]
    for _ in range(COMPONENTS_LIMIT):
        if not left:
            return
        match left.pop():
            case TextDisplay(content=text):
                yield text
            case SectionComponent(children=children, accessory=accessory):
                left += [accessory, *reversed(children)]
            case Container(children=children):
                left += reversed(children)
            case ThumbnailComponent(description=description):
                yield _picture(description)
            case MediaGalleryComponent(items=items):
                yield from (_picture(item.description) for item in items)
            case FileComponent(name=name):
                yield f"[file: {name}]" if name else "[file]"
            case _:
                pass  # buttons, menus and lines between


def _picture(description: str | None) -> str:
    return f"[picture: {description}]" if description else "[picture]"
