"""Following a campaign: every fact once and in order, over connections that break."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from deploy.cli import following
from deploy.cli.board import words
from deploy.cli.edge import Edge, EdgeRefused, EdgeUnavailable, Event, events_in
from deploy.cli.following import events_of

CAMPAIGN = "8d448d56-e0db-55ef-8381-06e4253a8f0b"
Script = Callable[[int], bytes]
"""What the edge answers to a client that has seen events up to that one."""


def frame(sequence: int, type_: str = "StepSkipped") -> bytes:
    data = json.dumps({"type": type_, "sequence": sequence, "state": "RADAR"})
    return f"id: {sequence}\nevent: some_name\ndata: {data}\n\n".encode()


def stream_of(*frames: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return head + b"retry: 1000\n\n: still here\n\n" + b"".join(frames)


OVER = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


def problem(status: int, detail: str) -> bytes:
    body = json.dumps({"status": status, "detail": detail}).encode()
    head = f"HTTP/1.1 {status} Problem\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


@asynccontextmanager
async def edge_that(script: Script, heard: list[int]) -> AsyncIterator[Edge]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        last = int(head.split("last-event-id: ")[1].split("\r\n")[0])
        heard.append(last)
        writer.write(script(last))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Edge(f"http://127.0.0.1:{port}") as edge:
        yield edge


async def all_of(events: AsyncIterator[Event]) -> list[int]:
    return [event.sequence async for event in events]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAUSE_S", 0.01)


async def test_a_stream_that_was_cut_is_taken_up_behind_the_last_event() -> None:
    def script(last: int) -> bytes:
        half = frame(4)[:30]
        return {0: stream_of(frame(1), frame(2)), 2: stream_of(frame(3), half), 3: OVER}[last]

    heard: list[int] = []
    async with edge_that(script, heard) as edge:
        assert await all_of(events_of(edge, CAMPAIGN, lambda _: None)) == [1, 2, 3]
    assert heard == [0, 2, 3]


async def test_a_campaign_that_the_view_does_not_show_yet_is_waited_for() -> None:
    answers = [problem(404, "no campaign"), stream_of(frame(1)), OVER]
    async with edge_that(lambda _: answers.pop(0), []) as edge:
        assert await all_of(events_of(edge, CAMPAIGN, lambda _: None)) == [1]


async def test_a_refusal_ends_the_following_with_the_edges_own_words() -> None:
    async with edge_that(lambda _: problem(422, "no such tenant"), []) as edge:
        with pytest.raises(EdgeRefused, match="no such tenant") as caught:
            await all_of(events_of(edge, CAMPAIGN, lambda _: None))
    assert caught.value.exit_code == 2


async def test_an_edge_that_never_comes_back_is_given_up_and_every_try_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "GIVE_UP_S", 0.2)
    told: list[str] = []
    async with Edge("http://127.0.0.1:1") as edge:
        with pytest.raises(EdgeUnavailable, match="sagaline up"):
            await all_of(events_of(edge, CAMPAIGN, told.append))
    assert told


async def test_events_are_read_as_the_standard_says() -> None:
    async def lines() -> AsyncIterator[str]:
        text = 'retry: 5\n\n: comment\n\nid:7\nevent: x\ndata: {"a":\ndata: 1}\n\nid: 8\n'
        for line in text.split("\n"):
            yield line

    assert [event async for event in events_in(lines())] == [Event(7, "x", {"a": 1})]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"type": "ToolCallRequested", "step": "audit", "attempt": 1}, "audit is at work"),
        (
            {"type": "ToolCallRequested", "step": "audit", "attempt": 2},
            "audit is at work (attempt 2)",
        ),
        (
            {"type": "ToolResultReceived", "step": "research", "outcome": "SUCCEEDED"},
            "research is done",
        ),
        (
            {"type": "ToolResultReceived", "step": "research", "outcome": "DEGRADED"},
            "research is done (degraded)",
        ),
        (
            {"type": "ReviewDecided", "step": "review", "decision": "REQUEST_CHANGES"},
            "review: request changes",
        ),
        ({"type": "AgentCompleted", "step": "research"}, ""),
        ({"type": "FactOfAnotherBuild"}, ""),
    ],
)
def test_a_fact_is_told_in_words(data: dict[str, object], told: str) -> None:
    assert words(Event(1, "name", data)) == told
