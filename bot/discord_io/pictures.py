"""Decodes pictures that people sent, within limits, and scales them down for a model.

The result is always a new, upright JPEG of at most `SIDE` pixels a side: a model does not see more
of a larger picture for the price. Nothing else of the file is kept (EXIF with places and cameras,
further frames, data after the picture). A file may lie about its format, size and structure, so
decoders get only the four formats that Discord displays, and nothing larger than `PIXELS`.
Blocking: call it in a thread.
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
# Longer side of the result. Codex 0.163 scales down only above 1,824 (measured).
SIDE: Final = 1_024
QUALITY: Final = 80
# Phones take pictures of 24.5 and 50 million pixels. Decoding needs up to four bytes a pixel (PNG
# and progressive JPEG; other JPEGs less than one): 230 MB at this limit (measured with Pillow 13).
PIXELS: Final = 51_000_000
# libwebp's decoder needs sixteen bytes a pixel, even for a file of 46 bytes (measured).
WEBP_PIXELS: Final = 16_800_000
# Rows to scale down at once: only so many rows are held in memory twice.
STRIP: Final = 64
# A progressive JPEG has many scans, and decoding a scan visits all pixels: a scan of 39 bytes takes
# 40 ms at `PIXELS` (measured). Cameras and programs write ten scans.
PASSES: Final = 100
# Pillow spends time on each segment of a file, even an empty one: 10 MiB of empty segments take
# half a minute (measured). Comments in a GIF also take 330 MB.
# Programs write the data of a PNG in segments of 8 KiB or in a single segment.
PARTS: Final = 3_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_GIF: Final = b"GIF8"
_JPEG: Final = b"\xff\xd8"
# Start of a JPEG segment. In pixel data, 255 is always followed by 0 or by a restart marker
# (D0 to D7), which this expression does not match.
_MARKER: Final = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
# Modes that Pillow scales without smoothing.
_PALETTES: Final = frozenset({"1", "P", "PA"})
# Background for transparent pixels: both black and white drawings are visible on it.
_BACKGROUND: Final = (128, 128, 128)


class UnreadablePictureError(Exception):
    """The picture cannot be decoded. The text says why, in words for a transcript."""


def prepared(data: bytes) -> Image:
    """Decode the picture and scale it down. Raises `UnreadablePictureError`."""
    if _is_laborious(data):
        raise UnreadablePictureError("too much work to look at")
    try:
        with Pillow.open(io.BytesIO(data), formats=KINDS) as opened:
            _check(opened)
            return Image("image/jpeg", _as_jpeg(opened))
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        # Pillow warns at a lower size than it raises; both sizes are above our own limit.
        raise UnreadablePictureError("too many pixels") from error
    except Exception as error:
        # Decoders raise many types for malformed input: OSError, SyntaxError, struct.error, …
        log.info("cannot decode a picture: %s: %s", type(error).__name__, str(error)[:200])
        raise UnreadablePictureError("damaged, or no picture") from error


def _is_laborious(data: bytes) -> bool:
    """Return whether decoding would take far longer than the size of the picture suggests."""
    if data.startswith(_PNG):
        return _more_than(PARTS, _png_chunks(data))
    if data.startswith(_GIF):
        return _more_than(PARTS, _gif_blocks(data))
    if not data.startswith(_JPEG):
        return False
    scans = (marker for marker in _jpeg_markers(data) if marker == _SCAN)
    return _more_than(PARTS, _jpeg_markers(data)) or _more_than(PASSES, scans)


def _more_than(limit: int, segments: Iterator[int]) -> bool:
    return next(islice(segments, limit, None), None) is not None


def _png_chunks(data: bytes) -> Iterator[int]:
    """Yield the offset of each chunk."""
    offset = len(_PNG)
    while offset < len(data):
        yield offset
        offset += 12 + int.from_bytes(data[offset : offset + 4])


def _jpeg_markers(data: bytes) -> Iterator[int]:
    """Yield the marker of each segment up to the end of the picture: cameras append videos."""
    offset = len(_JPEG)
    while (found := _MARKER.search(data, offset)) and (marker := found[1][0]) != _END:
        offset = found.end()
        if marker != _START:
            yield marker
            offset += max(2, int.from_bytes(data[offset : offset + 2]))


def _gif_blocks(data: bytes) -> Iterator[int]:
    """Yield the offset of each block before the first frame, which is the only frame decoded."""
    palette = data[10] if len(data) > 10 else 0
    offset = 13 + (3 << (palette % 8 + 1) if palette & 0x80 else 0)
    while offset < len(data) and data[offset] != ord(","):
        yield offset
        if data[offset] != ord("!"):
            offset += 1  # Pillow skips such data byte by byte
            continue
        offset += 2
        while offset < len(data) and data[offset]:
            offset += 1 + data[offset]
        offset += 1


def _check(opened: Pillow.Image) -> None:
    width, height = opened.size
    if width * height > (WEBP_PIXELS if opened.format == "WEBP" else PIXELS):
        raise Pillow.DecompressionBombError(f"{width} x {height}")


def _as_jpeg(opened: Pillow.Image) -> bytes:
    # Decode a large JPEG directly at a fraction of its size; other formats ignore this.
    opened.draft("RGB", (SIDE, SIDE))
    opened.load()  # the first frame of an animation
    image = _reduced(opened)
    image.thumbnail((SIDE, SIDE))
    image = _flattened(_upright(image))
    image.info.clear()  # or Pillow would copy the comment of the original file
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _reduced(opened: Pillow.Image) -> Pillow.Image:
    """Scale down to about four times `SIDE` a side, in a mode that can be scaled smoothly.

    Works strip by strip: converting and scaling a large picture as a whole would double the memory,
    or triple it for a picture with transparency.
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
    """Convert to a mode that can be scaled smoothly, with 8 bits per channel."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA") if image.mode in _PALETTES else image


def _upright(image: Pillow.Image) -> Pillow.Image:
    """Rotate as EXIF says; return the picture unchanged if its EXIF data are malformed."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:  # noqa: BLE001 EXIF data from a stranger can raise anything
        log.info("cannot read a picture's EXIF data: %s", type(error).__name__)
        return image


def _flattened(image: Pillow.Image) -> Pillow.Image:
    """Convert to RGB, with transparency replaced by a grey background."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    background = Pillow.new("RGB", layer.size, _BACKGROUND)
    background.paste(layer, mask=layer.getchannel("A"))
    return background
