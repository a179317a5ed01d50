"""The API as the command line uses it: campaigns, decisions and the event stream."""

import asyncio
import getpass
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin
from uuid import uuid4

import httpx

from contracts.goal import CampaignBrief
from deploy.cli.talk import EXIT_FAILED, EXIT_INPUT, CommandFailed

ANSWER_TIMEOUT_S = 30.0
SILENCE_S_MAX = 60.0
"""A stream says every 15 s that it lives; a longer silence is a lost connection."""

PATIENCE_S = 30.0
"""How long a call is repeated while the edge, or Kafka behind it, does not answer."""

PAUSE_S = 0.5
NO_CONTENT, NOT_FOUND, INVALID, UNAVAILABLE = 204, 404, 422, 503
API = "/api/v1"
CAMPAIGNS = f"{API}/campaigns"


class EdgeUnavailable(CommandFailed):
    """Nobody answers there."""


class EdgeRefused(CommandFailed):
    """The edge said no, and why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message, EXIT_INPUT if status == INVALID else EXIT_FAILED)
        self.status = status


class StreamOver(Exception):
    """There is nothing to come any more: the campaign has ended and everything was read."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of a campaign as its stream tells it."""

    sequence: int
    name: str
    data: dict[str, Any]

    @property
    def type(self) -> str:
        """The fact's type, for example ToolResultReceived."""
        return str(self.data.get("type", self.name))


class Edge:
    """The API at `url` for one tenant; an async context manager."""

    def __init__(self, url: str, tenant: str = "") -> None:
        self.url = url.rstrip("/")
        headers = {"X-Actor": f"cli:{_account()}"}
        if tenant:
            headers["X-Tenant-Id"] = tenant
        # trust_env: a proxy of the environment must not be asked for 127.0.0.1.
        self._client = httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=ANSWER_TIMEOUT_S, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def create(self, brief: CampaignBrief, *, start: bool, saga: str, key: str) -> str:
        """Bring a campaign in and return its id; the same key never makes a second one."""
        body = {"saga": saga, "start": start, "brief": brief.model_dump(mode="json")}
        answer = await self._ask("POST", CAMPAIGNS, json=body, headers={"Idempotency-Key": key})
        return str(answer["campaign_id"])

    async def campaigns(self) -> list[dict[str, Any]]:
        """The newest campaigns."""
        answer = await self._ask("GET", CAMPAIGNS)
        return list(answer["campaigns"])

    async def campaign(self, campaign_id: str, *, since: int = 0) -> dict[str, Any]:
        """All about a campaign, as of sequence `since` or later: the view follows the log."""
        for _ in range(int(PATIENCE_S / PAUSE_S)):
            found = await self._ask("GET", f"{CAMPAIGNS}/{campaign_id}")
            if found["sequence"] >= since:
                return found
            await asyncio.sleep(PAUSE_S)
        raise EdgeUnavailable(f"the view stands still before event {since} of {campaign_id}")

    async def history(self, campaign_id: str, at: str) -> dict[str, Any]:
        """The campaign as it was at that point; now where it is empty."""
        return await self._ask("GET", f"{CAMPAIGNS}/{campaign_id}/history", params={"at": at})

    async def difference(self, campaign_id: str, before: str, after: str) -> dict[str, Any]:
        """What changed from one point to another."""
        points = {"from": before, "to": after}
        return await self._ask("GET", f"{CAMPAIGNS}/{campaign_id}/history/diff", params=points)

    async def fork(self, campaign_id: str, wanted: dict[str, Any], key: str) -> dict[str, Any]:
        """Begin a campaign from a point of this one; the same key never makes a second one."""
        path = f"{CAMPAIGNS}/{campaign_id}/fork"
        return await self._ask("POST", path, json=wanted, headers={"Idempotency-Key": key})

    async def decide(self, campaign_id: str, decision: dict[str, str], key: str) -> str:
        """Post a reviewer's word; the campaign's state after it."""
        path = f"{CAMPAIGNS}/{campaign_id}/review"
        answer = await self._ask("POST", path, json=decision, headers={"Idempotency-Key": key})
        return str(answer["state"])

    async def review_links(self, campaign_id: str) -> list[tuple[str, str]]:
        """Whose link (empty: whoever has it) and its whole address, while a review is open."""
        answer = await self._ask("GET", f"{CAMPAIGNS}/{campaign_id}/review-links")
        return [(one["reviewer"] or "", urljoin(self.url, one["url"])) for one in answer["links"]]

    async def order(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask for something to be done; repeated inside, it is done once. The edge's answer."""
        key = {"Idempotency-Key": str(uuid4())}
        return await self._ask("POST", f"{API}{path}", json=body, headers=key)

    async def look(self, path: str) -> dict[str, Any]:
        """What the API says there."""
        return await self._ask("GET", f"{API}{path}")

    async def artefact(self, digest: str) -> bytes:
        """The bytes under a digest."""
        answer = await self._send("GET", f"/artefacts/{digest}")
        return answer.content

    async def stream(self, campaign_id: str, last: int) -> AsyncIterator[Event]:
        """The facts behind `last` until the connection ends.

        Raises StreamOver where the campaign has ended, EdgeRefused, EdgeUnavailable.
        """
        request = self._client.build_request(
            "GET",
            f"{CAMPAIGNS}/{campaign_id}/stream",
            headers={"Last-Event-ID": str(last)},
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, read=SILENCE_S_MAX),
        )
        async with self._reaching():
            answer = await self._client.send(request, stream=True)
            try:
                if answer.status_code == NO_CONTENT:
                    raise StreamOver
                if answer.is_error:
                    await answer.aread()
                    raise _refusal(answer)
                async for event in events_in(answer.aiter_lines()):
                    yield event
            finally:
                await answer.aclose()

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        answer = await self._send(method, path, **more)
        found: dict[str, Any] = answer.json()
        return found

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        """Ask, and again while nobody answers; every write carries a key, so that is safe."""
        tries = int(PATIENCE_S / PAUSE_S)
        while True:
            tries -= 1
            async with self._reaching():
                answer = await self._client.request(method, path, **more)
            if answer.status_code == UNAVAILABLE and tries > 0:
                await asyncio.sleep(PAUSE_S)
                continue
            if answer.is_error:
                raise _refusal(answer)
            return answer

    @asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        try:
            yield
        except (httpx.TransportError, httpx.StreamError) as failure:
            raise EdgeUnavailable(
                f"no API answers at {self.url} ({type(failure).__name__}); start the stack "
                "(sagaline up), or name another with --api"
            ) from failure


async def events_in(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """Server-sent events from their lines (HTML standard, 9.2); comments are left out."""
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(":")
            if name:
                value = value.removeprefix(" ")
                fields[name] = f"{fields[name]}\n{value}" if name in fields else value
        elif fields:
            if "data" in fields:
                yield Event(
                    sequence=int(fields.get("id", "0")),
                    name=fields.get("event", "message"),
                    data=json.loads(fields["data"]),
                )
            fields = {}


def _refusal(answer: httpx.Response) -> EdgeRefused:
    """What an RFC 9457 problem document says, one line for each wrong place."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    errors = problem.get("errors", [])
    lines = [f"{one['field']}: {one['rule']}; for example {one['example']}" for one in errors]
    told = lines or [str(problem.get("detail") or f"{answer.url} said {answer.status_code}")]
    return EdgeRefused(answer.status_code, "\n".join(told))


def _account() -> str:
    """Who runs the command, in the letters that the log takes."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:100]
