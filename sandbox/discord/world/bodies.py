"""What a message body may hold: Discord's own limits on text, embeds, components, files and names.

These are rules that Discord's OpenAPI description leaves out or states more widely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.discord.world import components, errors, forwards, polls
from sandbox.discord.world.mentions import Allowed, parse_allowed
from sandbox.discord.world.model import Json, MessageFlag, Upload

CONTENT_MAX = 2000
FILE_MAX = 10 * 1024 * 1024
_EMBED_LIMITS = {"title": 256, "description": 4096}
_EMBED_TOTAL = 6000
_SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.VOICE_MESSAGE
    | MessageFlag.COMPONENTS_V2
)
_USERNAME_TABOOS = ("discord", "clyde")


@dataclass(slots=True)
class Draft:
    """A checked message body. None in an edit means: leave as it is."""

    content: str | None = None
    embeds: list[Json] | None = None
    components: list[Json] | None = None
    attachments: list[Json] | None = None
    files: list[Upload] = field(default_factory=list)
    allowed: Allowed = field(default_factory=Allowed)
    flags: int | None = None
    tts: bool = False
    nonce: str | int | None = None
    enforce_nonce: bool = False
    reference: Json | None = None
    poll: Json | None = None


def draft(body: Json, files: list[Upload], *, editing: bool = False) -> Draft:
    """`body` as a checked draft, or 50035 / 50006 / 40005 as Discord answers."""
    made = Draft(
        content=_content(body, editing=editing),
        embeds=_embeds(body, editing=editing),
        components=_components(body, editing=editing),
        attachments=body.get("attachments") if "attachments" in body else None,
        files=_files(files),
        allowed=parse_allowed(body.get("allowed_mentions")),
        flags=None if body.get("flags") is None else int(body["flags"]) & _SETTABLE,
        tts=bool(body.get("tts")),
        nonce=_nonce(body),
        enforce_nonce=bool(body.get("enforce_nonce")),
        reference=body.get("message_reference"),
        poll=None if editing else polls.check(body.get("poll")),
    )
    if (made.flags or 0) & MessageFlag.COMPONENTS_V2 and (made.content or made.embeds):
        raise errors.invalid(
            "content" if made.content else "embeds",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "The 'content' and 'embeds' fields cannot be used when using "
            "MessageFlags.IS_COMPONENTS_V2",
        )
    if not editing:
        _not_empty(made)
    return made


def _not_empty(made: Draft) -> None:
    parts = made.content or made.embeds or made.files or made.components or made.poll
    if not (parts or forwards.is_forward(made.reference)):
        raise errors.empty_message()


def _content(body: Json, *, editing: bool) -> str | None:
    if "content" not in body:
        return None if editing else ""
    raw = body["content"]
    # Discord trims messages; a chunk of white space alone is an empty message.
    text = "" if raw is None else str(raw).strip()
    if len(text) > CONTENT_MAX:
        raise errors.too_long("content", CONTENT_MAX)
    return text


def _nonce(body: Json) -> str | int | None:
    nonce: str | int | None = body.get("nonce")
    if isinstance(nonce, str) and len(nonce) > 25:
        raise errors.too_long("nonce", 25)
    return nonce


def _embeds(body: Json, *, editing: bool) -> list[Json] | None:
    raw = body.get("embeds")
    if raw is None:
        return [] if "embeds" in body or not editing else None
    if len(raw) > 10:
        raise errors.bad_length("embeds", 0, 10)
    total = 0
    for index, embed in enumerate(raw):
        total += _embed_size(f"embeds.{index}", embed)
    if total > _EMBED_TOTAL:
        raise errors.invalid(
            "embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"
        )
    return [{"type": "rich"} | embed for embed in raw]


def _embed_size(path: str, embed: Json) -> int:
    size = 0
    for key, limit in _EMBED_LIMITS.items():
        size += _measured(f"{path}.{key}", embed.get(key), limit)
    size += _measured(f"{path}.footer.text", (embed.get("footer") or {}).get("text"), 2048)
    size += _measured(f"{path}.author.name", (embed.get("author") or {}).get("name"), 256)
    fields = embed.get("fields") or []
    if len(fields) > 25:
        raise errors.bad_length(f"{path}.fields", 0, 25)
    for index, one in enumerate(fields):
        for key, limit in (("name", 256), ("value", 1024)):
            if not one.get(key):
                raise errors.required(f"{path}.fields.{index}.{key}")
            size += _measured(f"{path}.fields.{index}.{key}", one[key], limit)
    return size


def _measured(path: str, text: object, limit: int) -> int:
    if text is None:
        return 0
    if len(str(text)) > limit:
        raise errors.too_long(path, limit)
    return len(str(text))


def _components(body: Json, *, editing: bool) -> list[Json] | None:
    raw = body.get("components")
    if raw is None:
        return [] if "components" in body or not editing else None
    modern = bool(int(body.get("flags") or 0) & MessageFlag.COMPONENTS_V2)
    return components.of_message(raw, modern=modern)


def _files(files: list[Upload]) -> list[Upload]:
    if len(files) > 10:
        raise errors.bad_length("files", 0, 10)
    if any(len(one.data) > FILE_MAX for one in files):
        raise errors.ApiError(413, 40005, "Request entity too large")
    return files


def check_username(path: str, name: object) -> str:
    """A webhook's name: 1–80 characters, without the words that Discord keeps for itself."""
    text = str(name).strip()
    if not 1 <= len(text) <= 80:
        raise errors.bad_length(path, 1, 80)
    for taboo in _USERNAME_TABOOS:
        if re.search(taboo, text, re.IGNORECASE):
            raise errors.invalid(
                path, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{taboo}"'
            )
    return text


def check_name(path: str, name: object, high: int = 100) -> str:
    """A channel's, thread's or role's name: 1 to `high` characters."""
    if name is None:
        raise errors.required(path)
    text = str(name).strip()
    if not 1 <= len(text) <= high:
        raise errors.bad_length(path, 1, high)
    return text
