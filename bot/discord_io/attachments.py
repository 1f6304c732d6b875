"""Files that people sent, opened for a mind: pictures to look at, text to read.

Owns what is fetched, from where, and how much of it; decoding is `pictures`'. Only Discord's own
file hosts are asked, never an address out of a text, and no redirection is followed. What a file is
is told by its content: what Discord says of it only decides whether fetching it is worth a try.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self, assert_never

import aiohttp
import yarl

from bot.discord_io.endpoints import DEFAULT_API
from bot.discord_io.pictures import UnreadablePictureError, prepared
from bot.domain.utterance import Attachment, Image, Utterance

log = logging.getLogger(__name__)

HOSTS: Final = frozenset({"https://cdn.discordapp.com", "https://media.discordapp.net"})
# Of each kind this many a turn, the newest ones; the others are named only.
PICTURES_LIMIT: Final = 4
TEXTS_LIMIT: Final = 4
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
# A text has none of these; the terminal's escape is in many logs and is taken out later.
_BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


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


_Content = Image | _Text | _Shut


class Attachments:
    """`bot.rooms.ports.Files`: open it with `async with`.

    `api_base` is `DISCORD_API_BASE`: files of another API than Discord's own come from its host
    too. `patience` is in seconds, for each file and each of the two steps.
    """

    def __init__(self, *, api_base: str = DEFAULT_API, patience: float = PATIENCE) -> None:
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
        contents = await asyncio.gather(*(self._content(file) for file in chosen))
        return _shown(utterances, dict(zip(chosen, contents, strict=True)))

    # --- one file ---------------------------------------------------------------------------

    async def _content(self, file: Attachment) -> _Content:
        key = file.url.partition("?")[0]  # the rest is a signature that changes
        content = self._opened.get(key)
        if content is None:
            content = await self._read(file)
            if not (isinstance(content, _Shut) and not content.lasting):
                self._opened[key] = content
        if key in self._opened:
            self._opened.move_to_end(key)
        if len(self._opened) > KEPT:
            self._opened.popitem(last=False)
        return content

    async def _read(self, file: Attachment) -> _Content:
        is_picture = _is_picture(file)
        if is_picture and file.size > PICTURE_SIZE:
            return _Shut("too large to look at")
        url = self._address(file.url)
        if url is None:
            if file.url:  # a file that a character has just sent is known by name alone
                log.warning("a file of another host than Discord's is not fetched")
            return _Shut("not opened")
        most = PICTURE_SIZE if is_picture else TEXT_SIZE
        try:
            async with asyncio.timeout(self._patience):
                data, whole = await self._fetch(url, most)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            # No text of the error: it holds the signed address.
            log.warning("a file could not be fetched: %s", type(error).__name__)
            return _Shut(_LATE, lasting=False)
        if not is_picture:
            return _text(data, whole=whole)
        if not whole:
            return _Shut("too large to look at")
        return await self._picture(data)

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
        async with self._session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            async for piece in answer.content.iter_any():
                data += piece
                if len(data) > most:
                    return bytes(data[:most]), False
        return bytes(data), True


# --- which, and what of them --------------------------------------------------------------------


def _chosen(utterances: Sequence[Utterance]) -> list[Attachment]:
    """The files to open: of each kind the newest."""
    files = [file for one in reversed(utterances) for file in one.attachments]
    unique = list(dict.fromkeys(files))
    pictures = [file for file in unique if _is_picture(file)]
    texts = [file for file in unique if _is_text(file)]
    return pictures[:PICTURES_LIMIT] + texts[:TEXTS_LIMIT]


def _shown(
    utterances: Iterable[Utterance], contents: dict[Attachment, _Content]
) -> tuple[list[Utterance], tuple[Image, ...]]:
    images: list[Image] = []

    def described(file: Attachment) -> Attachment:
        content = contents.get(file)
        match content:
            case None:
                openable = _is_picture(file) or _is_text(file)
                return replace(file, note="not opened") if openable else file
            case Image():
                images.append(content)
                return replace(file, note=f"picture {len(images)}")
            case _Text(text=text, whole=whole):
                return replace(file, text=text, note="below" if whole else "its beginning below")
            case _Shut(why=why):
                return replace(file, note=why)
            case _:
                assert_never(content)

    opened = [
        replace(one, attachments=tuple(described(file) for file in one.attachments))
        for one in utterances
    ]
    return opened, tuple(images)


def _text(data: bytes, *, whole: bool) -> _Content:
    """A text file's content: UTF-8 and nothing that no text has."""
    try:
        # A letter that was cut in half at the end is no fault of the file's.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(data, final=whole)
    except UnicodeDecodeError:
        return _Shut("not plain text")
    if _BINARY.search(text):
        return _Shut("not plain text")
    return _Text(text[:TEXT_SHOWN], whole and len(text) <= TEXT_SHOWN)


def _is_picture(file: Attachment) -> bool:
    if file.content_type in _UNSAID:
        return _PICTURE_NAME.search(file.name) is not None
    return _PICTURE.match(file.content_type or "") is not None


def _is_text(file: Attachment) -> bool:
    if file.content_type in _UNSAID:
        return _TEXT_NAME.search(file.name) is not None
    return _TEXT.match(file.content_type or "") is not None
