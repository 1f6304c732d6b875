"""What every `Files` does: the one on Discord's CDN and its twin in memory."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest
from PIL import Image as Pillow

from bot.discord_io.attachments import Attachments
from bot.discord_io.pictures import prepared
from bot.domain.utterance import Attachment, Image
from bot.rooms.ports.files import Files
from tests.fakes.files import MemoryFiles
from tests.file_host import file_host
from tests.unit.domain.talk import said


@dataclass
class World:
    """`put` holds a file somewhere and says what Discord tells of it."""

    files: Files
    put: Callable[[str, Image | str], Attachment]


def picture(shade: int) -> Image:
    """As a mind sees it; scaling it once more changes nothing that matters here."""
    file = io.BytesIO()
    Pillow.new("L", (8, 8), shade).save(file, "PNG")
    return prepared(file.getvalue())


def attachment(name: str, url: str, content: Image | str) -> Attachment:
    kind = "text/plain; charset=utf-8" if isinstance(content, str) else content.content_type
    return Attachment(name, url, 100, kind)


@pytest.fixture(params=["cdn", "twin"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "twin":
        twin = MemoryFiles()

        def hold(name: str, content: Image | str) -> Attachment:
            twin.held[name] = content
            return attachment(name, name, content)

        yield World(twin, hold)
        return
    async with file_host() as host, Attachments(api_base=host.api_base) as files:

        def upload(name: str, content: Image | str) -> Attachment:
            data = content.encode() if isinstance(content, str) else content.data
            return attachment(name, host.put(name, data), content)

        yield World(files, upload)


def shade(image: Image) -> int:
    pixel = Pillow.open(io.BytesIO(image.data)).getpixel((4, 4))
    assert isinstance(pixel, tuple)
    return round(pixel[0] / 10) * 10


async def test_pictures_come_in_the_order_in_which_they_were_sent(world: World) -> None:
    one, two, three = (world.put(f"{n}.jpg", picture(n * 50)) for n in (1, 2, 3))
    talk = [said("look", attachments=(one, two)), said("and"), said("", attachments=(three,))]
    opened, images = await world.files.open(talk)
    assert [shade(image) for image in images] == [50, 100, 150]
    notes = [file.note for each in opened for file in each.attachments]
    assert notes == ["picture 1", "picture 2", "picture 3"]
    assert [each.text for each in opened] == ["look", "and", ""]


async def test_a_bounded_number_is_opened_and_the_newest_at_that(world: World) -> None:
    sent = [world.put(f"{n}.jpg", picture(n * 10)) for n in range(1, 7)]
    texts = [world.put(f"{n}.txt", str(n)) for n in range(1, 7)]
    talk = [said("", attachments=pair) for pair in zip(sent, texts, strict=True)]
    opened, images = await world.files.open(talk)
    assert [shade(image) for image in images] == [30, 40, 50, 60]
    assert [one.attachments[0].note for one in opened[:2]] == ["not opened"] * 2
    assert [one.attachments[1].text for one in opened] == [None, None, "3", "4", "5", "6"]


async def test_a_text_file_is_read(world: World) -> None:
    opened, images = await world.files.open(
        [said("read this", attachments=(world.put("n.txt", "Grüße\n"),))]
    )
    assert images == ()
    assert opened[0].attachments[0].text == "Grüße\n"
    assert opened[0].attachments[0].note == "below"


async def test_a_file_that_is_gone_takes_nothing_with_it(world: World) -> None:
    there = world.put("there.jpg", picture(100))
    gone = Attachment("gone.jpg", there.url.replace("there", "gone"), 100, "image/jpeg")
    opened, images = await world.files.open([said("look", attachments=(gone, there))])
    assert len(images) == 1
    assert [file.note for file in opened[0].attachments] == ["could not be loaded", "picture 1"]


async def test_talk_without_files_stays_as_it_is(world: World) -> None:
    talk = [said("one"), said("two")]
    assert await world.files.open(talk) == (talk, ())


async def test_what_is_answered_is_opened_however_old_it_is(world: World) -> None:
    sent = [world.put(f"{n}.jpg", picture(n * 10)) for n in range(1, 7)]
    talk = [said("", attachments=(file,)) for file in sent]
    asked = said("what is it?", reply_to=talk[0].message_id, reply_to_name="Ann")
    asked = replace(asked, reply_to_files=(sent[0],))
    opened, images = await world.files.open([*talk, asked])
    assert [shade(image) for image in images] == [10, 40, 50, 60]
    # In both places it is the same picture.
    assert opened[0].attachments[0].note == "picture 1"
    assert opened[-1].reply_to_files[0].note == "picture 1"


async def test_all_that_is_asked_about_is_opened(world: World) -> None:
    sent = tuple(world.put(f"{n}.jpg", picture(n * 10)) for n in range(1, 7))
    old = world.put("old.jpg", picture(90))
    talk = [said("", attachments=(old,)), said("which is best?", attachments=sent)]
    _, images = await world.files.open(talk)
    assert [shade(image) for image in images] == [10, 20, 30, 40, 50, 60]
