"""HTTP to a model's endpoint: a key in a header, bounded reads, deadlines, no redirects.

Whatever an endpoint answers is data: read up to a limit, parsed on a thread, and never followed
anywhere. Owns no meaning of an answer; `metadata` and `asking` read them.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from bot.errors import EndpointError

Json: TypeAlias = dict[str, Any]

# Bytes. A hosted router lists hundreds of models with prices and prose in one answer.
LIST_LIMIT = 4 * 1024 * 1024
# Ollama's `/api/show` names every tensor; llama.cpp's `/props` holds its chat template.
METADATA_LIMIT = 1024 * 1024
ANSWER_LIMIT = 256 * 1024
# Seconds for a question that needs no thinking.
METADATA_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is, and how to be let in."""

    base_url: str
    """Of the Responses API, as in `CODEX_BASE_URL`: `http://127.0.0.1:8080/v1`."""
    api_key: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """PEM of the CA that signed its certificate; None trusts the system's."""

    @property
    def root(self) -> str:
        """Where a server's own API starts: the base without a closing `/v1`."""
        return self.base_url.rstrip("/").removesuffix("/v1")

    @property
    def shown(self) -> str:
        """The address for people: without userinfo and query, which may hold a secret."""
        parts = urlsplit(self.base_url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. `body` is cut at the limit it was read with."""

    status: int
    content_type: str
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is what was asked for."""
        return 200 <= self.status < 300


class EndpointClient:
    """`async with EndpointClient(endpoint) as client`. Every method raises `EndpointError` when
    there is no answer; an answer of any status is one.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        # The key is the endpoint's own: a redirect would hand it to whoever is named there.
        key = self.endpoint.api_key
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        context = await asyncio.to_thread(_trust, self.endpoint.ca_file)
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(ssl=context, limit=4),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=True,  # Codex goes through the same proxy
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, url: str, *, limit: int = METADATA_LIMIT) -> Answer:
        """GET an absolute address of the endpoint."""
        async with self._request("GET", url, None, METADATA_SECONDS) as response:
            return await _whole(response, limit)

    async def post(self, url: str, body: Json, *, limit: int = METADATA_LIMIT) -> Answer:
        """POST JSON to an absolute address of the endpoint."""
        async with self._request("POST", url, body, METADATA_SECONDS) as response:
            return await _whole(response, limit)

    @asynccontextmanager
    async def ask(self, body: Json, seconds: float) -> AsyncIterator[aiohttp.ClientResponse]:
        """Put a question to the Responses API, for `seconds` in all; the answer is still to read.

        Leaving early closes the connection, which ends the model's work.
        """
        url = self.endpoint.base_url.rstrip("/") + "/responses"
        async with self._request("POST", url, body, seconds) as response:
            yield response

    @asynccontextmanager
    async def _request(
        self, method: str, url: str, body: Json | None, seconds: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.request(method, url, json=body, allow_redirects=False) as response,
            ):
                yield response
        except TimeoutError:
            raise EndpointError(f"no answer within {seconds:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise EndpointError(_reason(error)) from None


async def read_json(answer: Answer) -> Json:
    """The JSON object of an answer, parsed on a thread; empty when it is none."""
    return await asyncio.to_thread(json_object, answer.body)


def json_object(body: bytes | str) -> Json:
    """The JSON object in `body`; empty when it holds anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def mapping(value: object) -> Mapping[str, Any]:
    """`value` if it is a JSON object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


async def bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body up to `limit` bytes; the rest is left unread."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) >= limit:
            break
    return bytes(body[:limit])


async def _whole(response: aiohttp.ClientResponse, limit: int) -> Answer:
    return Answer(response.status, response.content_type, await bounded(response, limit))


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """The certificates to trust. Reads the disk. Raises `EndpointError` for a file that is none."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise EndpointError(f"the CA file cannot be read ({error})") from None


def _reason(error: Exception) -> str:
    """What a person can act on, without the address, which stands beside it."""
    for kind, words in _REASONS:
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError):  # aiohttp's own error of a connection is one too
        return os.strerror(error.errno) if error.errno else "no connection"
    return f"not an answer in HTTP ({type(error).__name__})"


# The first that fits counts.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted"),
    (aiohttp.ClientSSLError, "no secure connection: is its address http:// and not https://?"),
    (aiohttp.ClientConnectorDNSError, "no machine of that name"),
    (aiohttp.ServerDisconnectedError, "it hung up"),
    (aiohttp.ClientPayloadError, "the answer was cut"),
)
