"""Fetching one address within limits: bytes, seconds, redirects and types; it parses nothing."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from email.message import Message as MimeHeaders
from typing import Protocol

import httpx

from chassis.guard import Guard, GuardedTransport, SourceDead, SourceRefused
from services.radar.ports import SourceMissing

REDIRECTS_MAX = 5
USER_AGENT = "Sagaline-Radar/1 (research for a marketing brief)"
GZIP_WBITS = 31
"""zlib's window size plus 16: a gzip header and trailer, nothing else."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much of the world one fetch may take."""

    seconds: float = 15.0
    bytes_max: int = 5_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, decompressed, with what the server says it is."""

    raw: bytes
    media_type: str
    charset: str


class Fetching(Protocol):
    """Gets pages and feeds."""

    async def fetch(self, location: str, accepted: frozenset[str]) -> Fetched:
        """The body at `location`. Raises SourceRefused or SourceDead."""
        ...


Permit = Callable[[str], Awaitable[None]]
"""Raises SourceTrouble where an address may not be read."""


class Fetcher:
    """Gets pages and feeds through the guard."""

    def __init__(
        self,
        guard: Guard,
        limits: FetchLimits,
        tls: ssl.SSLContext | None = None,
        permit: Permit | None = None,
    ) -> None:
        """`permit` is asked about every address that a redirect leads to."""
        self._guard = guard
        self._limits = limits
        self._tls = tls
        self._permit = permit

    async def fetch(self, location: str, accepted: frozenset[str]) -> Fetched:
        """The body at `location`, of one of the `accepted` media types.

        Raises SourceRefused where a rule forbids it and SourceDead where nothing usable answers.
        """
        try:
            url = httpx.URL(location)
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(url, accepted)
        except (TimeoutError, httpx.TimeoutException):
            raise SourceDead(f"no complete answer within {self._limits.seconds:g} s") from None
        except httpx.InvalidURL as error:
            raise SourceRefused(f"this is not a web address ({error}); correct it") from None
        except httpx.UnsupportedProtocol as error:
            raise SourceRefused(f"this is not a web address ({error}); correct it") from None
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise SourceDead(f"the connection failed: {reason}") from None

    async def _follow(self, url: httpx.URL, accepted: frozenset[str]) -> Fetched:
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context)
        async with httpx.AsyncClient(
            transport=GuardedTransport(self._guard, self._tls),
            headers={
                "User-Agent": USER_AGENT,
                "Accept": ", ".join(sorted(accepted)),
                "Accept-Encoding": "gzip",
            },
            timeout=self._limits.seconds,
            follow_redirects=False,
            trust_env=False,
        ) as client:
            request = client.build_request("GET", url)
            for _ in range(REDIRECTS_MAX + 1):
                response = await client.send(request, stream=True)
                try:
                    if response.next_request is None:
                        return await self._body(response, accepted)
                finally:
                    await response.aclose()
                request = response.next_request
                if self._permit is not None:
                    await self._permit(str(request.url))
        raise SourceDead(f"more than {REDIRECTS_MAX} redirects; give the final address")

    async def _body(self, response: httpx.Response, accepted: frozenset[str]) -> Fetched:
        if response.status_code != httpx.codes.OK:
            trouble = SourceDead if response.is_server_error else SourceMissing
            raise trouble(f"the server answered {response.status_code}; check the address")
        content_type = MimeHeaders()
        content_type["content-type"] = response.headers.get("content-type", "unknown/unknown")
        media_type = content_type.get_content_type()
        if "content-type" not in response.headers or media_type not in accepted:
            said = response.headers.get("content-type", "no content type")
            raise SourceRefused(f"the server sent {said}; {', '.join(sorted(accepted))} are read")
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        chunks = response.aiter_raw()
        if encoding in ("gzip", "x-gzip"):
            raw = await _gunzipped(chunks, self._limits.bytes_max)
        elif encoding == "identity":
            raw = await _plain(chunks, self._limits.bytes_max)
        else:
            raise SourceRefused(f"the content encoding {encoding} is not read, only gzip")
        return Fetched(raw, media_type, content_type.get_content_charset() or "")


def _too_large(bytes_max: int) -> SourceRefused:
    return SourceRefused(f"the answer is larger than {bytes_max:,} bytes; give a smaller page")


async def _plain(chunks: AsyncIterator[bytes], bytes_max: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > bytes_max:
            raise _too_large(bytes_max)
    return bytes(body)


async def _gunzipped(chunks: AsyncIterator[bytes], bytes_max: int) -> bytes:
    """Unpack, never holding more than `bytes_max` and one byte of what a bomb unfolds to."""
    body = bytearray()
    unpacker = zlib.decompressobj(GZIP_WBITS)
    try:
        async for chunk in chunks:
            body += unpacker.decompress(chunk, bytes_max + 1 - len(body))
            if len(body) > bytes_max:
                raise _too_large(bytes_max)
    except zlib.error:
        raise SourceDead("the answer says gzip and is not") from None
    if not unpacker.eof:
        raise SourceDead("the answer was cut off")
    return bytes(body)
