"""Files from people: whom we ask for them, how much we take, and what is believed."""

from __future__ import annotations

import asyncio
import io
import logging
import random
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PIL import Image as Pillow

from bot.discord_io import attachments
from bot.discord_io.attachments import PICTURE_SIZE, TEXT_SHOWN, TEXT_SIZE, Attachments
from bot.domain.utterance import Attachment, Image
from bot.errors import DiscordDownError
from tests.file_host import FileHost, file_host
from tests.unit.domain.talk import said


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host() as opened:
        yield opened


@pytest.fixture
async def files(host: FileHost) -> AsyncIterator[Attachments]:
    async with Attachments(api_base=host.api_base) as opened:
        yield opened


def png() -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


async def opened(files: Attachments, *sent: Attachment) -> tuple[list[Attachment], list[Image]]:
    talk, images = await files.open([said("look", attachments=sent)])
    return list(talk[0].attachments), list(images)


async def note(files: Attachments, file: Attachment) -> str:
    (only,), _ = await opened(files, file)
    return only.note


async def test_only_discord_s_own_hosts_are_asked(host: FileHost) -> None:
    theirs = Attachment("a.png", host.put("a.png", png()), 99, "image/png")
    async with Attachments() as files:
        assert await note(files, theirs) == "not opened"
    assert host.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://cdn.discordapp.com:444/a.png",
        "https://cdn.discordapp.com@127.0.0.1/a.png",
        "https://me@cdn.discordapp.com/a.png",
        "//cdn.discordapp.com/a.png",
        "https://[",
        "",
    ],
)
async def test_an_address_that_only_looks_like_discord_s_is_not_asked(
    files: Attachments, url: str
) -> None:
    assert await note(files, Attachment("a.png", url, 99, "image/png")) == "not opened"


async def test_a_redirection_is_not_followed(files: Attachments, host: FileHost) -> None:
    there = host.put("there.png", png())
    host.moved["/here.png"] = there
    here = Attachment("here.png", host.put("here.png", png()), 99, "image/png")
    assert await note(files, here) == "could not be loaded"
    assert host.asked == ["/here.png"]


async def test_a_file_that_does_not_come_is_not_waited_for(host: FileHost) -> None:
    slow = Attachment("a.png", host.put("a.png", None), 99, "image/png")
    async with Attachments(api_base=host.api_base, patience=0.05) as files:
        assert await note(files, slow) == "could not be loaded"


async def test_what_failed_is_asked_for_again_and_what_came_is_not(
    files: Attachments, host: FileHost
) -> None:
    file = Attachment("a.png", host.put("a.png", 503), 99, "image/png")
    assert await note(files, file) == "could not be loaded"
    host.put("a.png", png())
    assert await note(files, file) == "picture 1"
    signed_anew = Attachment("a.png", file.url.replace("hm=secret", "hm=other"), 99, "image/png")
    assert await note(files, signed_anew) == "picture 1"
    assert host.asked == ["/a.png"] * 2


async def test_a_picture_that_says_it_is_too_large_is_not_fetched(
    files: Attachments, host: FileHost
) -> None:
    file = Attachment("a.png", host.put("a.png", png()), PICTURE_SIZE + 1, "image/png")
    assert await note(files, file) == "too large to look at"
    assert host.asked == []


async def test_a_picture_that_lies_about_its_size_is_left_in_the_middle(
    files: Attachments, host: FileHost
) -> None:
    data = png() + bytes(PICTURE_SIZE)
    file = Attachment("a.png", host.put("a.png", data), 99, "image/png")
    assert await note(files, file) == "too large to look at"


async def test_a_picture_is_known_by_its_content(files: Attachments, host: FileHost) -> None:
    page = Attachment("a.png", host.put("a.png", b"<html>"), 9, "image/png")
    gif = Attachment("b.gif", host.put("b.gif", png()), 9, "image/gif")
    found, images = await opened(files, page, gif)
    assert [file.note for file in found] == ["damaged, or no picture", "picture 1"]
    assert [image.content_type for image in images] == ["image/jpeg"]


async def test_a_picture_that_is_long_in_the_making_is_not_waited_for(
    host: FileHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    decodes, goes_on = attachments.prepared, threading.Event()

    def slowly(data: bytes) -> Image:
        assert goes_on.wait(20)
        return decodes(data)

    monkeypatch.setattr(attachments, "prepared", slowly)
    first = Attachment("first.png", host.put("first.png", png()), 99, "image/png")
    second = Attachment("second.png", host.put("second.png", png()), 99, "image/png")
    async with Attachments(api_base=host.api_base, patience=0.4) as files:
        assert await note(files, first) == "could not be loaded"
        # Its thread goes on, and the next picture waits for the end of that.
        assert await note(files, second) == "could not be loaded"
        goes_on.set()
        async with asyncio.timeout(20):
            while await note(files, second) != "picture 1":
                pass


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\x00\x01", png(), bytes(range(256)), b"\xff\xfe\x00", b"\xff\xfe\x00\xd8a\x00"],
)
async def test_a_text_is_known_by_its_content(
    files: Attachments, host: FileHost, data: bytes
) -> None:
    file = Attachment("a.txt", host.put("a.txt", data), len(data), "text/plain; charset=utf-8")
    (found,), _ = await opened(files, file)
    assert (found.note, found.text) == ("not plain text", None)


@pytest.mark.parametrize("size", [TEXT_SHOWN + 1, TEXT_SIZE, 40 * TEXT_SIZE])
async def test_the_beginning_of_a_long_text_is_shown(
    files: Attachments, host: FileHost, size: int
) -> None:
    text = "ä€🙂x" * (size // 4 + 1)  # letters of one to four bytes, cut somewhere
    file = Attachment("a.md", host.put("a.md", text.encode()), size, "text/markdown")
    (found,), _ = await opened(files, file)
    assert found.note == "its beginning below"
    assert found.text == text[:TEXT_SHOWN]


async def test_what_is_neither_picture_nor_text_is_named_only(
    files: Attachments, host: FileHost
) -> None:
    kinds = ["application/zip", "video/mp4", "audio/ogg", "application/pdf", None, "image/svg+xml"]
    sent = [Attachment(f"{n}.bin", host.put("x", b""), 9, kind) for n, kind in enumerate(kinds)]
    found, images = await opened(files, *sent)
    assert (found, images, host.asked) == (sent, [], [])


async def test_without_a_type_the_name_says_what_to_try(files: Attachments, host: FileHost) -> None:
    picture = Attachment("a.PNG", host.put("a", png()), 9)
    text = Attachment("b.py", host.put("b", b"print()"), 9, "application/octet-stream")
    found, _ = await opened(files, picture, text)
    assert [file.note for file in found] == ["picture 1", "below"]


async def test_no_log_holds_a_signed_address(
    files: Attachments, host: FileHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await note(files, Attachment("a.png", host.put("a.png", 404), 9, "image/png"))
    await note(files, Attachment("b.png", "https://evil.example/?hm=secret", 9, "image/png"))
    assert caplog.records
    assert "secret" not in caplog.text


async def test_a_few_files_are_kept_and_no_more(files: Attachments, host: FileHost) -> None:
    dice = random.Random(1)
    for number in range(40):
        url = host.put(f"{number}.txt", dice.randbytes(4).hex().encode())
        await note(files, Attachment("n.txt", url, 9, "text/plain"))
    assert len(files._opened) <= 16


@pytest.mark.parametrize("signature", ["ex=1&", ""])
async def test_an_address_that_has_expired_is_read_anew_from_its_message(
    host: FileHost, signature: str
) -> None:
    there = host.put("a.png", png())
    asked: list[tuple[int, int]] = []

    async def renew(room_id: int, message_id: int) -> list[Attachment]:
        asked.append((room_id, message_id))
        return [Attachment("a.png", there, 99, "image/png")]

    stale = Attachment("a.png", there.replace("ex=7fffffff&", signature), 99, "image/png")
    message = said("look", attachments=(stale,))
    async with Attachments(api_base=host.api_base, renew=renew) as files:
        talk, images = await files.open([message])
    assert talk[0].attachments[0].note == "picture 1"
    assert len(images) == 1
    assert asked == [(message.room_id, message.message_id)]


async def test_an_address_is_read_anew_from_the_message_that_is_answered(host: FileHost) -> None:
    there = host.put("a.png", png())
    stale = Attachment("a.png", there.replace("ex=7fffffff", "ex=1"), 99, "image/png")
    asked: list[int] = []

    async def renew(_: int, message_id: int) -> list[Attachment]:
        asked.append(message_id)
        raise DiscordDownError(503, "away")

    async with Attachments(api_base=host.api_base, renew=renew) as files:
        reply = replace(said("what is it?", reply_to=5), reply_to_files=(stale,))
        talk, images = await files.open([reply])
    assert talk[0].reply_to_files[0].note == "could not be loaded"
    assert (images, asked, host.asked) == ((), [5], [])
