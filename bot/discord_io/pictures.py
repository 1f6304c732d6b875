"""A picture that somebody sent, made fit to be looked at. Owns what is decoded, and how far.

What comes out is always a new JPEG, upright, at most `SIDE` pixels a side: a model sees no more of
a larger one for the price, and nothing else that was in the file goes on (places and cameras in
EXIF, further frames, whatever stood behind the picture). A file may lie about its kind, its size
and its parts; decoders meet only the four kinds that Discord shows in a chat, and nothing larger
than `PIXELS`. Blocking: call it in a thread.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from PIL import Image as Pillow
from PIL import ImageOps

from bot.domain.utterance import Image

log = logging.getLogger(__name__)

KINDS: Final = ("PNG", "JPEG", "GIF", "WEBP")
# The longer side of what a model sees. Codex 0.163 scales down only above 1,824 (measured).
SIDE: Final = 1_024
QUALITY: Final = 80
# Phones take pictures of 24.5 and of 50 million. Decoding takes up to four bytes a pixel (a PNG; a
# progressive JPEG as much, another one less than one): 230 MB here (measured with Pillow 13).
PIXELS: Final = 51_000_000
# libwebp's decoder takes sixteen bytes a pixel, for a file of 46 bytes too (measured).
WEBP_PIXELS: Final = 16_800_000
# Rows that are scaled down at once, so that only they are ever held twice.
STRIP: Final = 64
# A JPEG may come in many passes, and each is a walk over all its pixels: 40 ms at that size, for
# 39 bytes (measured). Cameras and programs write ten.
PASSES: Final = 100
# Each part of a file costs Pillow time, an empty one too: 10 MiB of them half a minute (measured).
# Those of a GIF that are notes cost 330 MB as well.
# Programs write a PNG in parts of 8 KiB, if not in one.
PARTS: Final = 3_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_GIF: Final = b"GIF8"
_JPEG: Final = b"\xff\xd8"
# Where a part of a JPEG begins; within pixels 0 follows each 255, or one of eight marks without
# a meaning here.
_MARK: Final = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_START, _END, _PASS = 0xD8, 0xD9, 0xDA
# Pillow scales these without smoothing.
_PALETTES: Final = frozenset({"1", "P", "PA"})
# Under what is transparent: black and white drawings can both be seen on it.
_GROUND: Final = (128, 128, 128)


class UnreadablePictureError(Exception):
    """It cannot be looked at. The text says why, in words that may stand in a transcript."""


def prepared(data: bytes) -> Image:
    """The picture in `data`, scaled down. Raises `UnreadablePictureError`."""
    if _is_laborious(data):
        raise UnreadablePictureError("too much work to look at")
    try:
        with Pillow.open(io.BytesIO(data), formats=KINDS) as opened:
            _check(opened)
            return Image("image/jpeg", _as_jpeg(opened))
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        # The warning comes earlier than the error, and above our own limit: as the same here.
        raise UnreadablePictureError("too many pixels") from error
    except Exception as error:
        # Decoders raise whatever their input leads them to: OSError, SyntaxError, struct.error, …
        log.info("a picture cannot be read: %s: %s", type(error).__name__, str(error)[:200])
        raise UnreadablePictureError("damaged, or no picture") from error


def _is_laborious(data: bytes) -> bool:
    """Whether decoding would take far longer than its size and pixels tell."""
    if data.startswith(_PNG):
        return _more_than(PARTS, _png_parts(data))
    if data.startswith(_GIF):
        return _more_than(PARTS, _gif_parts(data))
    if not data.startswith(_JPEG):
        return False
    passes = (mark for mark in _jpeg_parts(data) if mark == _PASS)
    return _more_than(PARTS, _jpeg_parts(data)) or _more_than(PASSES, passes)


def _more_than(most: int, parts: Iterator[int]) -> bool:
    return next(islice(parts, most, None), None) is not None


def _png_parts(data: bytes) -> Iterator[int]:
    """Where each part begins."""
    at = len(_PNG)
    while at < len(data):
        yield at
        at += 12 + int.from_bytes(data[at : at + 4])


def _jpeg_parts(data: bytes) -> Iterator[int]:
    """The mark of each part, up to the end of the picture: cameras put films behind it."""
    at = len(_JPEG)
    while (found := _MARK.search(data, at)) and (mark := found[1][0]) != _END:
        at = found.end()
        if mark != _START:
            yield mark
            at += max(2, int.from_bytes(data[at : at + 2]))


def _gif_parts(data: bytes) -> Iterator[int]:
    """Where each part begins before the first frame: all that is ever looked at."""
    palette = data[10] if len(data) > 10 else 0
    at = 13 + (3 << (palette % 8 + 1) if palette & 0x80 else 0)
    while at < len(data) and data[at] != ord(","):
        yield at
        if data[at] != ord("!"):
            at += 1  # skipped by Pillow byte by byte
            continue
        at += 2
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1


def _check(opened: Pillow.Image) -> None:
    width, height = opened.size
    if width * height > (WEBP_PIXELS if opened.format == "WEBP" else PIXELS):
        raise Pillow.DecompressionBombError(f"{width} x {height}")


def _as_jpeg(opened: Pillow.Image) -> bytes:
    # A JPEG is decoded at a fraction of its size where that is enough: other kinds ignore it.
    opened.draft("RGB", (SIDE, SIDE))
    opened.load()  # the first frame, of one that moves
    image = _reduced(opened)
    image.thumbnail((SIDE, SIDE))
    image = _flat(_upright(image))
    image.info.clear()  # Pillow would write the old file's comment again
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _reduced(opened: Pillow.Image) -> Pillow.Image:
    """At most some four times `SIDE` a side, in a form that can be scaled smoothly.

    Done strip by strip: converting and scaling a large picture as a whole takes as much memory
    again, twice for one with transparency.
    """
    factor = max(opened.size) // (2 * SIDE)
    if factor < 2:
        return _smooth(opened)
    (width, height), step = opened.size, STRIP * factor
    reduced: Pillow.Image | None = None
    for top in range(0, height, step):
        strip = _smooth(opened.crop((0, top, width, min(top + step, height)))).reduce(factor)
        if reduced is None:
            reduced = Pillow.new(strip.mode, (strip.width, -(-height // factor)))
            reduced.info = dict(strip.info)
        reduced.paste(strip, (0, top // factor))
    return reduced if reduced is not None else opened


def _smooth(image: Pillow.Image) -> Pillow.Image:
    """In a form that can be scaled smoothly, with 8 bits a colour."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA") if image.mode in _PALETTES else image


def _upright(image: Pillow.Image) -> Pillow.Image:
    """As the camera was held; as it is, when the file's EXIF data make no sense."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:  # noqa: BLE001 EXIF data are parsed from what a stranger wrote
        log.info("a picture's EXIF data cannot be read: %s", type(error).__name__)
        return image


def _flat(image: Pillow.Image) -> Pillow.Image:
    """Without transparency and palettes."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Pillow.new("RGB", layer.size, _GROUND)
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground
