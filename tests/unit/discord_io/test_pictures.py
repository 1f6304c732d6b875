"""Pictures from strangers: scaled down, upright, stripped, and never trusted."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from bot.discord_io.pictures import PIXELS, SIDE, UnreadablePictureError, prepared

RED, BLUE, WHITE, BLACK = (255, 0, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def written(image: Pillow.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def half(size: tuple[int, int] = (80, 40), mode: str = "RGB") -> Pillow.Image:
    """Red to the left, blue to the right."""
    image = Pillow.new("RGB", size, RED)
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, *size), fill=BLUE)
    return image.convert(mode)


def seen(data: bytes) -> Pillow.Image:
    image = prepared(data)
    assert image.content_type == "image/jpeg"
    opened = Pillow.open(io.BytesIO(image.data))
    assert (opened.format, opened.mode) == ("JPEG", "RGB")
    return opened


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - two) < 40 for one, two in zip(pixel, colour, strict=True))


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_that_claims(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_large_picture_is_scaled_down_with_its_shape(kind: str) -> None:
    image = seen(written(half((4_000, 1_000)), kind))
    assert image.size == (SIDE, SIDE // 4)
    assert near(image.getpixel((10, 10)), RED)
    assert near(image.getpixel((SIDE - 10, 10)), BLUE)


def test_a_small_picture_keeps_its_size() -> None:
    assert seen(written(half((8, 5)), "PNG")).size == (8, 5)


def test_a_line_of_a_picture_keeps_a_pixel() -> None:
    assert seen(written(Pillow.new("RGB", (30_000, 1), RED), "PNG")).size == (SIDE, 1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK"])
def test_every_kind_of_colour_becomes_plain(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert seen(written(half((60, 30), mode), kind)).size == (60, 30)


def test_a_grey_picture_of_sixteen_bits_is_not_all_white() -> None:
    image = seen(written(Pillow.new("I;16", (20, 20), 0x4000), "PNG"))
    assert near(image.getpixel((5, 5)), (0x40, 0x40, 0x40))


def test_a_moving_picture_is_seen_by_its_first_frame() -> None:
    frames = [Pillow.new("RGB", (20, 20), colour) for colour in (RED, BLUE, BLUE)]
    data = written(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert near(seen(data).getpixel((5, 5)), RED)


@pytest.mark.parametrize("drawn", [BLACK, WHITE])
def test_a_drawing_on_nothing_can_be_seen(drawn: tuple[int, int, int]) -> None:
    image = Pillow.new("RGBA", (40, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((10, 10, 30, 30), fill=(*drawn, 255))
    result = seen(written(image, "PNG"))
    assert near(result.getpixel((20, 20)), drawn)
    assert not near(result.getpixel((2, 2)), drawn)


def test_a_photo_is_turned_as_it_was_held() -> None:
    turned = Pillow.Exif()
    turned[0x0112] = 6  # the camera lay on its side
    image = seen(written(half((80, 40)), "JPEG", exif=turned))
    assert image.size == (40, 80)
    assert near(image.getpixel((20, 5)), RED)
    assert near(image.getpixel((20, 75)), BLUE)


def test_where_a_photo_was_taken_goes_no_further() -> None:
    told = Pillow.Exif()
    told[0x010E] = "the secret place"
    told.get_ifd(0x8825)[1] = "N"
    data = written(half(), "JPEG", exif=told, comment=b"the secret place")
    assert b"the secret place" in data
    assert b"the secret place" not in prepared(data).data
    assert not seen(data).getexif()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's, beside what it does about it
def test_a_photo_with_broken_exif_data_is_seen_as_it_is() -> None:
    data = written(half(), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12")
    assert seen(data).size == (80, 40)


@pytest.mark.parametrize("size", [(8_000, 8_000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_of_too_many_pixels_is_not_decoded(size: tuple[int, int]) -> None:
    assert size[0] * size[1] > PIXELS
    with pytest.raises(UnreadablePictureError, match="too many pixels"):
        prepared(png_that_claims(*size))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG"])
def test_a_phone_s_photo_of_fifty_million_pixels_is_seen_in_bounded_memory(kind: str) -> None:
    wide = Pillow.new("P" if kind == "GIF" else "L", (8_192, 6_144), 90)
    data = written(wide, kind)
    with Pillow.open(io.BytesIO(data)) as opened:
        assert opened.size[0] * opened.size[1] > 50_000_000
    assert seen(data).size == (SIDE, SIDE * 3 // 4)


def test_a_strip_is_all_that_is_held_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(half((8_000, 4_000), "P"), "PNG")
    converted: list[int] = []
    convert = Pillow.Image.convert

    def counted(image: Pillow.Image, *args: object, **more: object) -> Pillow.Image:
        converted.append(image.width * image.height)
        return convert(image, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Pillow.Image, "convert", counted)
    image = seen(data)
    assert near(image.getpixel((10, 10)), RED)
    assert near(image.getpixel((SIDE - 10, 500)), BLUE)
    assert max(converted) < 8_000 * 4_000 // 4


def test_a_webp_picture_takes_more_memory_and_may_be_less_large() -> None:
    with pytest.raises(UnreadablePictureError, match="too many pixels"):
        prepared(written(Pillow.new("L", (4_100, 4_100)), "WEBP"))


@pytest.mark.parametrize("note", [b"!\xfe\x01c\0", b"!\xf9\x04\0\0\0\0\0", b"\0"])
def test_a_gif_of_thousands_of_notes_is_not_opened(note: bytes) -> None:
    image = written(Pillow.new("P", (8, 8)), "GIF")
    frame = image.index(b",")
    prepared(image[:frame] + note * 100 + image[frame:])
    with pytest.raises(UnreadablePictureError, match="too much work"):
        prepared(image[:frame] + note * 4_000 + image[frame:])


def test_a_photo_in_thousands_of_passes_is_not_decoded() -> None:
    photo = written(half((4_000, 4_000)), "JPEG", progressive=True)
    end = len(photo) - 2
    last = photo[photo.rindex(b"\xff\xda") : end]
    prepared(photo)
    with pytest.raises(UnreadablePictureError, match="too much work"):
        prepared(photo[:end] + last * 1_000 + photo[end:])


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_of_thousands_of_empty_parts_is_not_opened(kind: str) -> None:
    image = written(half(), kind)
    first, part = (2, b"\xff\xe5\0\x02") if kind == "JPEG" else (33, chunk(b"prVt", b""))
    prepared(image[:first] + part * 100 + image[first:])
    with pytest.raises(UnreadablePictureError, match="too much work"):
        prepared(image[:first] + part * 4_000 + image[first:])


def test_a_film_behind_a_photo_and_a_photo_in_its_notes_do_no_harm() -> None:
    photo = written(half(), "JPEG", progressive=True)
    film = b"\xff\xda\xff\xe1" * 1_000
    note = b"\xff\xe5" + struct.pack(">H", len(film) + 2) + film
    assert near(seen(photo[:2] + note + photo[2:] + film).getpixel((10, 10)), RED)


def test_a_gif_whose_frame_is_larger_than_it_says_is_not_decoded() -> None:
    data = bytearray(written(Pillow.new("P", (4, 4)), "GIF"))
    frame = data.index(b",")
    data[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(UnreadablePictureError):
        prepared(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        written(half(), "BMP"),
        written(half(), "TIFF"),
        png_that_claims(2_000, 2_000),
    ],
)
def test_what_is_no_picture_of_the_four_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadablePictureError, match="damaged, or no picture"):
        prepared(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_damaged_picture_is_refused_or_seen_but_never_a_fault_of_ours(kind: str) -> None:
    dice = random.Random(7)
    whole = written(half((64, 64)), kind)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            prepared(bytes(data[: dice.randint(1, len(data))]))
        except UnreadablePictureError:
            continue
