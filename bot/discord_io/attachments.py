"""Files that people sent, opened for a mind: pictures to look at, text to read.

Owns what is fetched, from where, and how much of it; decoding is `pictures`' and `encodings`'. Only
Discord's own file hosts are asked, never an address out of a text, and no redirection is followed.
An address that has expired is read anew from its message. What a file is is told by its content:
what Discord says of it only decides whether fetching it is worth a try.
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
# Of each kind this many a turn, the newest ones; the others are named only. What the newest message
# shows or answers is what is asked about: all of that is opened, ten files at most.
PICTURES_LIMIT: Final = 4
TEXTS_LIMIT: Final = 4
ASKED_LIMIT: Final = 10
# In bytes. Discord takes 10 MiB from most people.
PICTURE_SIZE: Final = 10 * 1024 * 1024
TEXT_SIZE: Final = 64 * 1024
# How much of a text file is shown, in characters (about 3,000 tokens).
TEXT_SHOWN: Final = 12_000
# Seconds that one file may take on its way, and a picture again to be decoded: a reply waits.
PATIENCE: Final = 5.0
_LATE: Final = "could not be loaded"
# Opened files kept: what one character was shown is often shown to the next one.
KEPT: Final = 16

_PICTURE: Final = re.compile(r"image/(png|jpe?g|gif|webp)\b")
_TEXT: Final = re.compile(
    r"text/|application/([a-z.-]+\+)?(json|xml|yaml|toml|sql|javascript|x-(sh|yaml|python|sql))\b"
)
_PICTURE_NAME: Final = re.compile(r"\.(png|jpe?g|gif|webp)$", re.IGNORECASE)
_UNSAID: Final = frozenset({None, "", "application/octet-stream"})
_TEXT_NAME: Final = re.compile(
    r"\.(txt|md|log|csv|tsv|json|ya?ml|toml|ini|cfg|xml|html?|css|js|ts|py|rs|go|java|c|h|cpp|cs"
    r"|rb|php|sh|sql|lua|kt|swift|diff|patch)$",
    re.IGNORECASE,
)
# What Discord answers for an address whose signature has expired, and for a file that is gone.
_EXPIRED: Final = frozenset({403, 404})

Renew = Callable[[int, int], Awaitable[Sequence[Attachment]]]
"""The files of a message (channel, message) as Discord tells them now; raises `DeliveryError`."""


async def nothing_new(_: int, __: int) -> Sequence[Attachment]:
    """Where no message can be read."""
    return ()


@dataclass(frozen=True, slots=True)
class _Text:
    """What a text file says. `whole`: all of it."""

    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class _Shut:
    """It was not opened, for this reason. `lasting`: another try would come to the same."""

    why: str
    lasting: bool = True
    expired: bool = False
    """Its message may know another address."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file to be opened, and the message that shows it."""

    file: Attachment
    room_id: int
    message_id: int


class _ExpiredError(Exception):
    """The address does not hold any more."""


_Content = Image | _Text | _Shut


class Attachments:
    """`bot.rooms.ports.Files`: open it with `async with`.

    `api_base` is `DISCORD_API_BASE`: files of another API than Discord's own come from its host
    too. `patience` is in seconds, for each file and each of the two steps.
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
        # One at a time: a large picture takes 200 MB while it is decoded.
        self._decoding = asyncio.Lock()
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,  # a small file could become a large one
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
        """The utterances with what their files say, and the pictures, oldest first.

        Never raises for a file: its note says why it is not shown.
        """
        chosen = _chosen(utterances)
        contents = await asyncio.gather(*(self._content(one) for one in chosen))
        keys = [one.file.key for one in chosen]
        return _shown(utterances, dict(zip(keys, contents, strict=True)))

    # --- one file ---------------------------------------------------------------------------

    async def _content(self, wanted: _Wanted) -> _Content:
        key = wanted.file.key
        content = self._opened.get(key)
        if content is None:
            content = await self._read(wanted.file)
            if isinstance(content, _Shut) and content.expired:
                content = await self._read_anew(wanted) or content
            if not (isinstance(content, _Shut) and not content.lasting):
                self._opened[key] = content
        if key in self._opened:
            self._opened.move_to_end(key)
        if len(self._opened) > KEPT:
            self._opened.popitem(last=False)
        return content

    async def _read_anew(self, wanted: _Wanted) -> _Content | None:
        """The file by the address that its message has now; None when it has no other."""
        try:
            async with asyncio.timeout(self._patience):
                files = await self._renew(wanted.room_id, wanted.message_id)
        except (DeliveryError, TimeoutError) as error:
            log.info("a file's address could not be renewed: %s", type(error).__name__)
            return None
        found = (file for file in files if file.key == wanted.file.key)
        fresh = next((file for file in found if file.url != wanted.file.url), None)
        return None if fresh is None else await self._read(fresh)

    async def _read(self, file: Attachment) -> _Content:
        is_picture = _is_picture(file)
        if is_picture and file.size > PICTURE_SIZE:
            return _Shut("too large to look at")
        url = self._address(file.url)
        if url is None:
            log.warning("a file of another host than Discord's is not fetched")
            return _Shut("not opened")
        most = PICTURE_SIZE if is_picture else TEXT_SIZE
        try:
            async with asyncio.timeout(self._patience):
                data, whole = await self._fetch(url, most)
        except _ExpiredError:
            return _Shut(_LATE, lasting=False, expired=True)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            # No text of the error: it holds the signed address.
            log.warning("a file could not be fetched: %s", type(error).__name__)
            return _Shut(_LATE, lasting=False)
        if not is_picture:
            return await asyncio.to_thread(_text, data, whole=whole)
        return await self._picture(data) if whole else _Shut("too large to look at")

    def _address(self, text: str) -> yarl.URL | None:
        """As an address that may be asked."""
        try:
            url = yarl.URL(text)
            return url if url.user is None and str(url.origin()) in self._hosts else None
        except ValueError:
            return None

    async def _picture(self, data: bytes) -> _Content:
        """The picture, unless decoding it takes too long, or that of others before it."""
        try:
            async with asyncio.timeout(self._patience):
                await self._decoding.acquire()
                return await asyncio.shield(self._decode(data))
        except UnreadablePictureError as error:
            return _Shut(str(error))
        except TimeoutError:
            return _Shut(_LATE, lasting=False)

    def _decode(self, data: bytes) -> asyncio.Future[Image]:
        """Decode in a thread: it cannot be stopped, so the next one waits for its very end."""
        decoded = asyncio.get_running_loop().run_in_executor(None, prepared, data)

        def end(decoded: asyncio.Future[Image]) -> None:
            self._decoding.release()
            if not decoded.cancelled():
                decoded.exception()  # seen, though nobody may wait for it any more

        decoded.add_done_callback(end)
        return decoded

    async def _fetch(self, url: yarl.URL, most: int) -> tuple[bytes, bool]:
        """At most `most` bytes from there, and whether that is all."""
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
                if len(data) > most:
                    return bytes(data[:most]), False
        return bytes(data), True


# --- which, and what of them --------------------------------------------------------------------


def _chosen(utterances: Sequence[Utterance]) -> list[_Wanted]:
    """The files to open: of each kind the newest, and all that the newest message is about."""
    files: dict[str, _Wanted] = {}
    asked = 0
    for number, one in enumerate(reversed(utterances)):
        for wanted in _shown_by(one):
            files.setdefault(wanted.file.key, wanted)
        asked = len(files) if number == 0 else asked
    about = list(files.values())[: min(asked, ASKED_LIMIT)]
    rest = [one for one in files.values() if one not in about]

    def newest(fits: Callable[[Attachment], bool], most: int) -> list[_Wanted]:
        first = [one for one in about if fits(one.file)]
        left = max(0, most - len(first))
        return first + [one for one in rest if fits(one.file)][:left]

    return newest(_is_picture, PICTURES_LIMIT) + newest(_is_text, TEXTS_LIMIT)


def _shown_by(one: Utterance) -> Iterator[_Wanted]:
    """What it answers, then its own."""
    if one.reply_to is not None:
        for file in one.reply_to_files:
            yield _Wanted(file, one.room_id, one.reply_to)
    for file in one.attachments:
        if file.url:  # what a character has just sent is known by name alone
            yield _Wanted(file, one.room_id, one.message_id)


def _shown(
    utterances: Iterable[Utterance], contents: dict[str, _Content]
) -> tuple[list[Utterance], tuple[Image, ...]]:
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
            case _Shut(why=why):
                return replace(file, note=why)
            case _:
                assert_never(content)

    def opened(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
        return tuple(described(file) for file in files)

    talk = [
        replace(
            one,
            reply_to_files=opened(one.reply_to_files),
            attachments=opened(one.attachments),
        )
        for one in utterances
    ]
    return talk, tuple(images)


def _text(data: bytes, *, whole: bool) -> _Content:
    """A text file's content, in whatever encoding it was written."""
    text = decoded(data, whole=whole)
    if text is None:
        return _Shut("not plain text")
    return _Text(text[:TEXT_SHOWN], whole and len(text) <= TEXT_SHOWN)


def _has_expired(url: yarl.URL) -> bool:
    """Whether Discord's signature says so: `ex` is the moment in hexadecimal seconds."""
    try:
        return int(url.query.get("ex", ""), 16) < time.time()
    except ValueError:
        return False


def _is_picture(file: Attachment) -> bool:
    if file.content_type in _UNSAID:
        return _PICTURE_NAME.search(file.name) is not None
    return _PICTURE.match(file.content_type or "") is not None


def _is_text(file: Attachment) -> bool:
    if file.content_type in _UNSAID:
        return _TEXT_NAME.search(file.name) is not None
    return _TEXT.match(file.content_type or "") is not None
