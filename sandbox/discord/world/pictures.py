"""Avatars: uploaded as data URIs or named by address, kept under a hash as Discord does."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from sandbox.discord.world import errors
from sandbox.discord.world.state import Picture, State

_DATA_URI = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,(.+)", re.DOTALL)
_EMOJI = re.compile(r"https://cdn\.discordapp\.com/emojis/(\d+)\.")
_MAX = 10 * 1024 * 1024


def upload(state: State, data_uri: str | None, path: str = "avatar") -> str | None:
    """Keep the picture of a data URI; its hash, or None when there is none."""
    if data_uri is None:
        return None
    found = _DATA_URI.fullmatch(data_uri)
    if found is None:
        raise errors.invalid(path, "IMAGE_INVALID", "Invalid image data")
    try:
        data = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        raise errors.invalid(path, "IMAGE_INVALID", "Invalid image data") from None
    if len(data) > _MAX:
        raise errors.invalid(path, "BINARY_TYPE_MAX_SIZE", "File cannot be larger than 10240 kb.")
    key = hashlib.md5(data, usedforsecurity=False).hexdigest()
    state.pictures[key] = Picture(data=data, content_type=found[1])
    return key


def by_address(state: State, address: str) -> str | None:
    """The hash under which the picture at `address` shows; None if that is no address."""
    if not address.startswith(("http://", "https://")):
        return None
    emoji = _EMOJI.match(address)
    if emoji is not None:
        # Discord's CDN is us: its emojis are those that were uploaded here.
        return state.emojis.get(int(emoji[1]), ("", None))[1]
    key = hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
    state.pictures[key] = Picture(address=address)
    return key
