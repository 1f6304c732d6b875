"""An HTTP client for a model's endpoint: key in a header, bounded reads, deadlines, no redirects.

The answers are untrusted: read up to a limit, parsed in an OS thread, and redirects not followed.
`metadata` and `asking` interpret them.
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

# Bytes. A hosted router lists hundreds of models with prices and descriptions in one answer.
LIST_LIMIT = 4 * 1024 * 1024
# Bytes. Ollama's `/api/show` lists every tensor; llama.cpp's `/props` contains the chat template.
METADATA_LIMIT = 1024 * 1024
# Bytes of a model's reply.
ANSWER_LIMIT = 256 * 1024
# Deadline in seconds of a request that does not run the model.
METADATA_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a model's endpoint, and its credentials."""

    base_url: str
    """Base URL of the Responses API, as in `CODEX_BASE_URL`: `http://127.0.0.1:8080/v1`."""
    api_key: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """PEM file of the CA that signed its certificate; None trusts the system's."""

    @property
    def root(self) -> str:
        """Base URL of the server's own API: `base_url` without a final `/v1`."""
        return self.base_url.rstrip("/").removesuffix("/v1")

    @property
    def shown(self) -> str:
        """The address for display, without userinfo and query, which may contain a secret."""
        parts = urlsplit(self.base_url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP response."""

    status: int
    content_type: str
    body: bytes
    """Truncated at the limit of the read."""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class EndpointClient:
    """An HTTP client for one endpoint: `async with EndpointClient(endpoint) as client`.

    Every method raises `EndpointError` when no response comes; an error status is a response.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        # The key goes to the endpoint only; redirects, which could leak it, are not followed.
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
        """GET an absolute URL of the endpoint."""
        async with self._request("GET", url, None, METADATA_SECONDS) as response:
            return await _whole(response, limit)

    async def post(self, url: str, body: Json, *, limit: int = METADATA_LIMIT) -> Answer:
        """POST JSON to an absolute URL of the endpoint."""
        async with self._request("POST", url, body, METADATA_SECONDS) as response:
            return await _whole(response, limit)

    @asynccontextmanager
    async def ask(self, body: Json, seconds: float) -> AsyncIterator[aiohttp.ClientResponse]:
        """POST to the Responses API and yield the unread response; `seconds` bounds the whole call.

        Leaving early closes the connection, which stops the model.
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
    """Parse the body as a JSON object in an OS thread; empty when it is not an object."""
    return await asyncio.to_thread(json_object, answer.body)


def json_object(body: bytes | str) -> Json:
    """Parse `body` as a JSON object; empty when it is anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object, else an empty mapping."""
    return value if isinstance(value, dict) else {}


async def bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read the body up to `limit` bytes; the rest is left unread."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) >= limit:
            break
    return bytes(body[:limit])


async def _whole(response: aiohttp.ClientResponse, limit: int) -> Answer:
    return Answer(response.status, response.content_type, await bounded(response, limit))


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Load the certificates to trust; blocks on the disk. Raises `EndpointError` for a bad file."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise EndpointError(f"the CA file cannot be read ({error})") from None


def _reason(error: Exception) -> str:
    """Describe the error for people, without the address, which the message shows already."""
    for kind, words in _REASONS:
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError):  # aiohttp's ClientConnectorError is a subclass
        return os.strerror(error.errno) if error.errno else "no connection"
    return f"not an HTTP response ({type(error).__name__})"


# The first class that matches decides.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted"),
    (aiohttp.ClientSSLError, "no secure connection: is its address http:// and not https://?"),
    (aiohttp.ClientConnectorDNSError, "no host of that name"),
    (aiohttp.ServerDisconnectedError, "it closed the connection"),
    (aiohttp.ClientPayloadError, "the answer was cut off"),
)
