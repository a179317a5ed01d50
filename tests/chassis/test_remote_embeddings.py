"""Vectors asked of a server over HTTP: what is sent, what is taken, and what a failure says."""

import json
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from chassis.embedding import NotEmbedded
from chassis.embedding.chosen import embedder_of
from chassis.embedding.remote import REST_S, TEXT_CHARS_MAX, TEXTS_A_CALL, RemoteEmbedder
from chassis.settings import ChassisSettings

KEY = "sk-local-secret"
FAST_S = 0.2


@dataclass
class Provider:
    """A server that notes what it is asked, and answers what it is told."""

    url: str = ""
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    answer: bytes | None = None
    silent: threading.Event = field(default_factory=threading.Event)

    def told(self, texts: list[str]) -> bytes:
        """Each text's vector points where its length says; the last text's comes first."""
        data = [
            {"object": "embedding", "index": place, "embedding": [3.0 * len(text), 4.0 * len(text)]}
            for place, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": 5, "total_tokens": 5}
        return json.dumps({"object": "list", "data": data[::-1], "usage": usage}).encode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    told = Provider()
    told.silent.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.paths.append(self.path)
            told.keys.append(self.headers["Authorization"])
            told.bodies.append(body)
            told.silent.wait(30)
            answer = told.told(body["input"]) if told.answer is None else told.answer
            try:
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                pass  # the asker went away

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield told
    told.silent.set()
    server.shutdown()
    thread.join()
    server.server_close()


def asked(provider: Provider, key: str = "", **more: Any) -> RemoteEmbedder:
    return RemoteEmbedder(provider.url, "some-model", key, **more)


async def test_texts_are_posted_as_the_protocol_says_and_rows_come_in_their_order(
    provider: Provider,
) -> None:
    rows = await asked(provider, KEY).embed(("a", "bbb"))
    assert provider.paths == ["/v1/embeddings"]
    assert provider.keys == [f"Bearer {KEY}"]
    assert provider.bodies == [{"model": "some-model", "input": ["a", "bbb"]}]
    assert rows.dtype == np.float32
    assert rows == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8]]))


async def test_without_a_key_none_is_sent(provider: Provider) -> None:
    await asked(provider).embed(("a",))
    assert provider.keys == [None]


async def test_many_texts_are_asked_for_in_several_calls_and_long_ones_are_cut(
    provider: Provider,
) -> None:
    texts = tuple("x" * (number + 1) for number in range(TEXTS_A_CALL + 3))
    rows = await asked(provider).embed((*texts, "y" * (TEXT_CHARS_MAX + 50)))
    assert len(rows) == TEXTS_A_CALL + 4
    assert [len(body["input"]) for body in provider.bodies] == [TEXTS_A_CALL, 4]
    assert len(provider.bodies[1]["input"][-1]) == TEXT_CHARS_MAX


def answered(*vectors: tuple[int, list[float]]) -> bytes:
    return json.dumps({"data": [{"index": n, "embedding": row} for n, row in vectors]}).encode()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html>", "something else than embeddings"),
        (b'{"data": [{"index": 0}]}', "something else than embeddings"),
        (answered(), "no vector for each of 2 texts"),
        (answered((0, [1.0, 0.0])), "no vector for each of 2 texts"),
        (answered((0, [1.0, 0.0]), (2, [1.0, 0.0])), "no vector for each of 2 texts"),
        (answered((0, [1.0, 0.0]), (1, [1.0])), "no vector for each of 2 texts"),
        (answered((0, []), (1, [])), "no vector for each of 2 texts"),
        (answered((0, [1.0, 0.0]), (1, [0.0, 0.0])), "vector without a direction"),
        (answered((0, [1.0, 0.0]), (1, [math.nan, 0.0])), "vector without a direction"),
    ],
)
async def test_an_answer_that_is_not_the_vectors_asked_for_is_refused(
    provider: Provider, answer: bytes, said: str
) -> None:
    provider.answer = answer
    with pytest.raises(NotEmbedded, match=said):
        await asked(provider).embed(("a", "b"))


async def test_vectors_of_another_width_than_before_are_refused(provider: Provider) -> None:
    embedder = asked(provider)
    await embedder.embed(("a",))
    provider.answer = answered((0, [1.0, 0.0, 0.0]))
    with pytest.raises(NotEmbedded, match="changed from 2 to 3 dimensions; restart"):
        await embedder.embed(("a",))


async def test_an_answer_without_end_is_cut_off(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.embedding.remote.ANSWER_BYTES_MAX", 10)
    with pytest.raises(NotEmbedded, match="answered more than 10 bytes"):
        await asked(provider).embed(("a",))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, r"refused the key \(401\); set EMBEDDINGS_KEY"),
        (429, "answered 429"),
        (503, "answered 503"),
    ],
)
async def test_a_refusal_names_what_to_do_and_never_the_key(
    provider: Provider, status: int, said: str
) -> None:
    provider.status = status
    with pytest.raises(NotEmbedded, match=said) as refusal:
        await asked(provider, KEY).embed(("a",))
    assert KEY not in str(refusal.value)


async def test_a_silent_server_is_given_up(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.embedding.remote.TIMEOUT_S", FAST_S)
    provider.silent.clear()
    with pytest.raises(NotEmbedded, match="did not answer"):
        await asked(provider).embed(("a",))


async def test_after_a_failure_the_server_is_left_alone_for_a_while(provider: Provider) -> None:
    now = [100.0]
    embedder = asked(provider, now=lambda: now[0])
    provider.status = 500
    for _ in range(3):
        with pytest.raises(NotEmbedded, match="answered 500"):
            await embedder.embed(("a",))
    assert len(provider.bodies) == 1
    provider.status = 200
    now[0] += REST_S
    assert len(await embedder.embed(("a",))) == 1


async def test_the_settings_choose_the_engine(provider: Provider) -> None:
    def chosen(**given: Any) -> Any:
        return embedder_of(ChassisSettings(use_in_memory_store=True, _env_file=None, **given))

    assert chosen(recall_by="words", embeddings_url=provider.url) is None
    assert chosen()().model == "all-MiniLM-L6-v2"
    remote = chosen(embeddings_url=provider.url, embeddings_model="m", embeddings_key=KEY)()
    await remote.embed(("a",))
    assert (provider.bodies[0]["model"], provider.keys) == ("m", [f"Bearer {KEY}"])
