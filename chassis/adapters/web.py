"""The one HTTP client of a process: one pool, answers within limits, failures by their meaning.

It calls addresses that an operator put into the settings. An address that a user gave never comes
here: the guard (chassis/guard.py) is the only way to those.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from chassis.adapters.failures import CallFailed, misunderstood, refused
from contracts.envelope import FailureReason

if TYPE_CHECKING:
    import httpx

USER_AGENT = "Sagaline/1"
ANSWER_BYTES_MAX = 20_000_000
CONNECT_S = 5.0
CONNECTIONS_MAX = 100
HIDDEN = "***"
RETRY_AFTER_S_MAX = 3_600.0

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whom to call: its name, the root of its API, the headers that prove who we are.

    `needs` are the settings without which there is no calling it; the last one holds the key, and
    is named where the vendor refuses it. `secrets` are taken out of the vendor's words.
    """

    name: str
    root: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    needs: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `body` goes as JSON, `content` as it is."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A whole answer; `headers` by lower-case name."""

    tool: str
    status: int
    headers: Mapping[str, str]
    raw: bytes

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON. Raises CallFailed where it is none."""
        try:
            return json.loads(self.raw)
        except ValueError:
            raise misunderstood(self.tool, "no JSON") from None

    def of(self, model: type[M]) -> M:
        """The body as `model`. Raises CallFailed where it is none."""
        return shaped(self.tool, model, self.json())


class Web:
    """Calls vendors. Made once per process, and closed at its end."""

    def __init__(self, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        """`transport` replaces the network's own, for those who watch or disturb the wire."""
        self._transport = transport
        self._made: httpx.AsyncClient | None = None

    async def ask(self, vendor: Vendor, ask: Ask, *, accepted: tuple[int, ...] = ()) -> Said:
        """The answer, where its status is 2xx or one of `accepted`. Raises CallFailed."""
        said = await self._said(vendor, ask)
        if 200 <= said.status < 300 or said.status in accepted:
            return said
        words = hidden(_words(said), vendor.secrets)
        failure = refused(vendor.name, said.status, words, list(vendor.needs)[-1:])
        failure.retry_after_s = _retry_after(said)
        raise failure

    async def close(self) -> None:
        """Give the connections up."""
        if self._made is not None:
            await self._made.aclose()
            self._made = None

    async def _said(self, vendor: Vendor, ask: Ask) -> Said:
        import httpx

        client = await self._client()
        request = client.build_request(
            ask.method,
            vendor.root.rstrip("/") + ask.path if ask.path else vendor.root,
            params=dict(ask.params) or None,
            headers={**vendor.headers, **ask.headers},
            json=ask.body,
            content=ask.content,
        )
        try:
            answer = await client.send(request, stream=True)
            try:
                raw = await _read(vendor.name, answer)
            finally:
                await answer.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _unreached(vendor.name, error) from None
        except httpx.HTTPError as error:
            raise CallFailed(
                FailureReason.UNAVAILABLE,
                f"{vendor.name}: the connection broke ({type(error).__name__}); nobody can say "
                "whether the call was carried out",
                nothing_done=False,
            ) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Said(vendor.name, answer.status_code, headers, raw)

    async def _client(self) -> "httpx.AsyncClient":
        import httpx

        if self._made is None:
            transport = self._transport
            if transport is None:
                # Whom to trust is read once: reading all authorities costs more than a call.
                tls = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
                limits = httpx.Limits(max_connections=CONNECTIONS_MAX)
                transport = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)
            if self._made is None:
                self._made = httpx.AsyncClient(
                    transport=transport,
                    trust_env=False,
                    follow_redirects=False,
                    # The action's own timeout bounds the whole; only reaching has one of its own.
                    timeout=httpx.Timeout(None, connect=CONNECT_S, pool=CONNECT_S),
                    headers={"user-agent": USER_AGENT},
                )
        return self._made


def bearer(name: str, root: str, setting: str, key: str) -> Vendor:
    """A vendor who is shown its key as a bearer token (RFC 6750)."""
    headers = {"authorization": f"Bearer {key}"}
    return Vendor(name, root, headers, needs={setting: key}, secrets=(key,))


def shaped(tool: str, model: type[M], found: object) -> M:
    """What a tool answered as `model`. Raises CallFailed where it has another shape."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise misunderstood(tool, f"{where}: {first['msg']}") from None


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """The text without any of the secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text


async def _read(tool: str, answer: "httpx.Response") -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise misunderstood(tool, f"more than {ANSWER_BYTES_MAX:,} bytes")
    return bytes(body)


def _unreached(tool: str, error: Exception) -> CallFailed:
    return CallFailed(
        FailureReason.UNAVAILABLE,
        f"{tool} cannot be reached ({type(error).__name__}); check its address in the settings and "
        "the network. Nothing was done",
    )


def _words(said: Said) -> str:
    """The vendor's own word on what is wrong: the first text under a name that usually has it."""
    try:
        found = json.loads(said.raw)
    except ValueError:
        return ""
    return " ".join(_message(found).split())


def _message(found: object) -> str:
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return _message(found[0]) if found else ""
    if isinstance(found, dict):
        for name in ("message", "detail", "err", "error", "errors", "title"):
            if told := _message(found.get(name)):
                return told
    return ""


def _retry_after(said: Said) -> float | None:
    """Seconds of `Retry-After` (RFC 9110, 10.2.3), where it is a number."""
    given = said.headers.get("retry-after", "")
    return min(float(given), RETRY_AFTER_S_MAX) if given.isdecimal() else None
