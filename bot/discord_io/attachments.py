"""Attachments that people sent, opened for a mind: pictures to look at, text to read.

Owns which files are fetched, from which hosts, and how much of each; `pictures` and `encodings`
decode them. Only Discord's own file hosts are contacted, never a URL from a message's text, and
redirects are not followed. The message is fetched again for a new URL if the old URL has expired.
The content decides what a file is; Discord's content type only decides whether to fetch it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self, assert_never

import aiohttp
import yarl

from bot.discord_io.encodings import decoded
from bot.discord_io.endpoints import DEFAULT_API
from bot.discord_io.pictures import UnreadablePictureError, prepared
from bot.domain.utterance import Attachment, Image, Utterance
from bot.errors import DeliveryError

log = logging.getLogger(__name__)

HOSTS: Final = frozenset({"https://cdn.discordapp.com", "https://media.discordapp.net"})
# Files to open per turn: the newest of each kind; further files are only named. The files of the
# newest message and of the message it replies to are all opened, ten at most.
PICTURES_LIMIT: Final = 4
TEXTS_LIMIT: Final = 4
ASKED_LIMIT: Final = 10
# In bytes. Discord takes 10 MiB from most people.
PICTURE_SIZE: Final = 10 * 1024 * 1024
TEXT_SIZE: Final = 64 * 1024
# How much of a text file is shown, in characters (about 3,000 tokens).
TEXT_SHOWN: Final = 12_000
# Timeout in seconds for one download, and again for decoding a picture: a reply waits for both.
PATIENCE: Final = 5.0
_LATE: Final = "could not be loaded"
# Opened files in the cache: several characters often answer the same message.
KEPT: Final = 16

_PICTURE: Final = re.compile(r"image/(png|jpe?g|gif|webp)\b")
_TEXT: Final = re.compile(
    r"text/|application/([a-z.-]+\+)?(json|xml|yaml|toml|sql|javascript|x-(sh|yaml|python|sql))\b"
)
_PICTURE_NAME: Final = re.compile(r"\.(png|jpe?g|gif|webp)$", re.IGNORECASE)
# Content types that say nothing about the file: its name decides then.
_UNTYPED: Final = frozenset({None, "", "application/octet-stream"})
_TEXT_NAME: Final = re.compile(
    r"\.(txt|md|log|csv|tsv|json|ya?ml|toml|ini|cfg|xml|html?|css|js|ts|py|rs|go|java|c|h|cpp|cs"
    r"|rb|php|sh|sql|lua|kt|swift|diff|patch)$",
    re.IGNORECASE,
)
# Discord's status codes for a URL whose signature has expired, and for a deleted file.
_EXPIRED: Final = frozenset({403, 404})

Renew = Callable[[int, int], Awaitable[Sequence[Attachment]]]
"""(Channel id, message id) → the message's files with fresh URLs; raises `DeliveryError`."""


async def nothing_new(_: int, __: int) -> Sequence[Attachment]:
    """Return no files: the default `Renew`, which reads no messages."""
    return ()


@dataclass(frozen=True, slots=True)
class _Text:
    """The content of a text file, or its beginning."""

    text: str
    whole: bool
    """False if the file was truncated."""


@dataclass(frozen=True, slots=True)
class _Unopened:
    """A file that was not opened."""

    why: str
    """The reason, as a note for the transcript."""
    lasting: bool = True
    """False if another attempt may succeed."""
    expired: bool = False
    """True if the URL has expired; the message may have a new one."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file to open, and the message that it is attached to."""

    file: Attachment
    room_id: int
    message_id: int


class _ExpiredError(Exception):
    """The signature of the file's URL has expired, or the file was deleted."""


_Content = Image | _Text | _Unopened


class Attachments:
    """Implements `bot.rooms.ports.files.Files`. Used as an async context manager.

    `api_base` is `DISCORD_API_BASE`: an API other than Discord's may serve files from its own host.
    `patience` is the timeout in seconds for each step (download, decoding) of each file.
    """

    def __init__(
        self,
        *,
        api_base: str = DEFAULT_API,
        patience: float = PATIENCE,
        renew: Renew = nothing_new,
    ) -> None:
        self._renew = renew
        own = set() if api_base == DEFAULT_API else {str(yarl.URL(api_base).origin())}
        self._hosts = HOSTS | own
        self._patience = patience
        self._opened: OrderedDict[str, _Content] = OrderedDict()
        # One picture at a time: decoding a large picture takes 200 MB.
        self._decoding = asyncio.Lock()
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,  # a small compressed file could expand to a huge one
            headers={"Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def open(
        self, utterances: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        """Return the utterances with the contents of their files, and the pictures, oldest first.

        Never raises for a file: the note of an unopened file says why it was not opened.
        """
        chosen = _chosen(utterances)
        contents = await asyncio.gather(*(self._content(wanted) for wanted in chosen))
        keys = [wanted.file.key for wanted in chosen]
        return _with_contents(utterances, dict(zip(keys, contents, strict=True)))

    # --- opening a file ---------------------------------------------------------------------

    async def _content(self, wanted: _Wanted) -> _Content:
        key = wanted.file.key
        content = self._opened.get(key)
        if content is None:
            content = await self._read(wanted.file)
            if isinstance(content, _Unopened) and content.expired:
                content = await self._read_renewed(wanted) or content
            if not (isinstance(content, _Unopened) and not content.lasting):
                self._opened[key] = content
        if key in self._opened:
            self._opened.move_to_end(key)
        if len(self._opened) > KEPT:
            self._opened.popitem(last=False)
        return content

    async def _read_renewed(self, wanted: _Wanted) -> _Content | None:
        """Read the file from its message's current URL; None if the message has no other URL."""
        try:
            async with asyncio.timeout(self._patience):
                files = await self._renew(wanted.room_id, wanted.message_id)
        except (DeliveryError, TimeoutError) as error:
            log.info("cannot renew the URL of an attachment: %s", type(error).__name__)
            return None
        found = (file for file in files if file.key == wanted.file.key)
        fresh = next((file for file in found if file.url != wanted.file.url), None)
        return None if fresh is None else await self._read(fresh)

    async def _read(self, file: Attachment) -> _Content:
        is_picture = _is_picture(file)
        if is_picture and file.size > PICTURE_SIZE:
            return _Unopened("too large to look at")
        url = self._allowed_url(file.url)
        if url is None:
            log.warning("an attachment is not fetched: its host is not Discord's")
            return _Unopened("not opened")
        limit = PICTURE_SIZE if is_picture else TEXT_SIZE
        try:
            async with asyncio.timeout(self._patience):
                data, whole = await self._fetch(url, limit)
        except _ExpiredError:
            return _Unopened(_LATE, lasting=False, expired=True)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            # The text of the error is not logged: it contains the signed URL.
            log.warning("cannot fetch an attachment: %s", type(error).__name__)
            return _Unopened(_LATE, lasting=False)
        if not is_picture:
            return await asyncio.to_thread(_text, data, whole=whole)
        return await self._picture(data) if whole else _Unopened("too large to look at")

    def _allowed_url(self, text: str) -> yarl.URL | None:
        """Parse a URL; None if it is malformed, has credentials or names a host not allowed."""
        try:
            url = yarl.URL(text)
            return url if url.user is None and str(url.origin()) in self._hosts else None
        except ValueError:
            return None

    async def _picture(self, data: bytes) -> _Content:
        """Decode a picture. The timeout includes the wait for pictures decoded before it."""
        try:
            async with asyncio.timeout(self._patience):
                await self._decoding.acquire()
                return await asyncio.shield(self._decode(data))
        except UnreadablePictureError as error:
            return _Unopened(str(error))
        except TimeoutError:
            return _Unopened(_LATE, lasting=False)

    def _decode(self, data: bytes) -> asyncio.Future[Image]:
        """Decode in an executor thread, and release the lock when the thread has finished.

        A thread cannot be cancelled, so the lock is held even if the caller has timed out.
        """
        decoded = asyncio.get_running_loop().run_in_executor(None, prepared, data)

        def release(decoded: asyncio.Future[Image]) -> None:
            self._decoding.release()
            if not decoded.cancelled():
                decoded.exception()  # mark it as retrieved: the caller may have timed out

        decoded.add_done_callback(release)
        return decoded

    async def _fetch(self, url: yarl.URL, limit: int) -> tuple[bytes, bool]:
        """Return at most `limit` bytes of the file, and whether the file ends there."""
        data = bytearray()
        if _has_expired(url):
            raise _ExpiredError
        async with self._session.get(url, allow_redirects=False) as answer:
            if answer.status in _EXPIRED:
                raise _ExpiredError
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            async for piece in answer.content.iter_any():
                data += piece
                if len(data) > limit:
                    return bytes(data[:limit]), False
        return bytes(data), True


# --- choosing files and adding their contents ---------------------------------------------------


def _chosen(utterances: Sequence[Utterance]) -> list[_Wanted]:
    """Choose the files to open: the newest message's, its reply target's, the newest by kind."""
    files: dict[str, _Wanted] = {}
    asked = 0
    for number, utterance in enumerate(reversed(utterances)):
        for wanted in _files_of(utterance):
            files.setdefault(wanted.file.key, wanted)
        asked = len(files) if number == 0 else asked
    about = list(files.values())[: min(asked, ASKED_LIMIT)]
    rest = [wanted for wanted in files.values() if wanted not in about]

    def newest(fits: Callable[[Attachment], bool], limit: int) -> list[_Wanted]:
        first = [wanted for wanted in about if fits(wanted.file)]
        left = max(0, limit - len(first))
        return first + [wanted for wanted in rest if fits(wanted.file)][:left]

    return newest(_is_picture, PICTURES_LIMIT) + newest(_is_text, TEXTS_LIMIT)


def _files_of(utterance: Utterance) -> Iterator[_Wanted]:
    """Yield the files of the message that the utterance replies to, then its own files."""
    if utterance.reply_to is not None:
        for file in utterance.reply_to_files:
            yield _Wanted(file, utterance.room_id, utterance.reply_to)
    for file in utterance.attachments:
        if file.url:  # a file that a character has just sent has a name but no URL yet
            yield _Wanted(file, utterance.room_id, utterance.message_id)


def _with_contents(
    utterances: Iterable[Utterance], contents: dict[str, _Content]
) -> tuple[list[Utterance], tuple[Image, ...]]:
    """Add text or a note to each file, and number the pictures from 1."""
    numbers: dict[str, int] = {}
    images: list[Image] = []
    read: set[str] = set()

    def described(file: Attachment) -> Attachment:
        content = contents.get(file.key)
        match content:
            case None:
                openable = _is_picture(file) or _is_text(file)
                return replace(file, note="not opened") if openable else file
            case Image():
                if file.key not in numbers:
                    images.append(content)
                    numbers[file.key] = len(images)
                return replace(file, note=f"picture {numbers[file.key]}")
            case _Text(text=text, whole=whole):
                if file.key in read:
                    return replace(file, note="above")
                read.add(file.key)
                return replace(file, text=text, note="below" if whole else "its beginning below")
            case _Unopened(why=why):
                return replace(file, note=why)
            case _:
                assert_never(content)

    def opened(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
        return tuple(described(file) for file in files)

    talk = [
        replace(
            utterance,
            reply_to_files=opened(utterance.reply_to_files),
            attachments=opened(utterance.attachments),
        )
        for utterance in utterances
    ]
    return talk, tuple(images)


def _text(data: bytes, *, whole: bool) -> _Content:
    """Decode a text file, whatever its encoding, and truncate it to `TEXT_SHOWN` characters."""
    text = decoded(data, whole=whole)
    if text is None:
        return _Unopened("not plain text")
    return _Text(text[:TEXT_SHOWN], whole and len(text) <= TEXT_SHOWN)


def _has_expired(url: yarl.URL) -> bool:
    """Return whether the URL's signature has expired: `ex` is a Unix time in hexadecimal."""
    try:
        return int(url.query.get("ex", ""), 16) < time.time()
    except ValueError:
        return False


def _is_picture(file: Attachment) -> bool:
    if file.content_type in _UNTYPED:
        return _PICTURE_NAME.search(file.name) is not None
    return _PICTURE.match(file.content_type or "") is not None


def _is_text(file: Attachment) -> bool:
    if file.content_type in _UNTYPED:
        return _TEXT_NAME.search(file.name) is not None
    return _TEXT.match(file.content_type or "") is not None
