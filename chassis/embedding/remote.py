"""Vectors from any server that speaks OpenAI's `POST /embeddings`; it knows no tenant."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import httpx
import numpy as np
from pydantic import BaseModel, ValidationError

from chassis.embedding import NotEmbedded

if TYPE_CHECKING:
    import ssl

    from chassis.embedding import Matrix

TIMEOUT_S = 10.0
REST_S = 30.0
"""After a failure nobody is asked for so long: each recall would wait in vain."""

TEXTS_A_CALL = 64
TEXT_CHARS_MAX = 8_000
"""Of a longer text, its beginning: the usual limit is 8,192 tokens."""

ANSWER_BYTES_MAX = 32 * 1024 * 1024
DIMENSIONS_MAX = 4_096
KEY_REFUSED = (401, 403)


class _Vector(BaseModel):
    index: int
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Vector]


class RemoteEmbedder:
    """An `Embedder` over HTTP; `url` is what `/embeddings` is put behind."""

    def __init__(
        self, url: str, model: str, key: str = "", *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.model = model
        self._url = f"{url.rstrip('/')}/embeddings"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._now = now
        self._rests_until = 0.0
        self._last_failure = ""
        self._dimensions = 0

    async def embed(self, texts: tuple[str, ...]) -> "Matrix":
        """One row of length 1 for each text. Raises NotEmbedded, and for a while without asking."""
        if self._now() < self._rests_until:
            raise NotEmbedded(f"{self._last_failure} (not asked again for {REST_S:g} s)")
        try:
            parts = [
                await self._asked(texts[start : start + TEXTS_A_CALL])
                for start in range(0, len(texts), TEXTS_A_CALL)
            ]
        except NotEmbedded as failure:
            self._rests_until, self._last_failure = self._now() + REST_S, str(failure)
            raise
        return np.concatenate(parts)

    async def _asked(self, texts: Sequence[str]) -> "Matrix":
        wanted = {"model": self.model, "input": [text[:TEXT_CHARS_MAX] for text in texts]}
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                httpx.AsyncClient(verify=self._trust, headers=self._headers) as client,
                client.stream("POST", self._url, json=wanted) as response,
            ):
                body = await self._body(response)
        except (TimeoutError, httpx.HTTPError) as failure:
            said = str(failure) or type(failure).__name__
            raise self._fault(f"did not answer ({said})", "see that it runs") from None
        return await asyncio.to_thread(self._rows, body, len(texts))

    async def _body(self, response: httpx.Response) -> bytes:
        if response.status_code in KEY_REFUSED:
            raise self._fault(f"refused the key ({response.status_code})", "set EMBEDDINGS_KEY")
        if response.status_code != httpx.codes.OK:
            raise self._fault(f"answered {response.status_code}", "see its log")
        body = bytearray()
        async for portion in response.aiter_bytes():
            body += portion
            if len(body) > ANSWER_BYTES_MAX:
                raise self._fault(f"answered more than {ANSWER_BYTES_MAX} bytes", "check it")
        return bytes(body)

    def _rows(self, body: bytes, count: int) -> "Matrix":
        try:
            answer = _Answer.model_validate_json(body)
        except ValidationError:
            raise self._fault("answered something else than embeddings", "check it") from None
        by_index = {vector.index: vector.embedding for vector in answer.data}
        widths = {len(row) for row in by_index.values()}
        (width,) = widths if len(widths) == 1 else (0,)
        if by_index.keys() != set(range(count)) or not 0 < width <= DIMENSIONS_MAX:
            raise self._fault(f"gave no vector for each of {count} texts", "check it")
        if self._dimensions not in (0, width):
            change = f"changed from {self._dimensions} to {width} dimensions"
            raise self._fault(change, "restart this process: its vectors are made anew then")
        rows = np.array([by_index[place] for place in range(count)], dtype=np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._fault("gave a vector without a direction", "check it")
        self._dimensions = width
        return np.asarray(rows / lengths, dtype=np.float32)

    def _fault(self, what: str, advice: str) -> NotEmbedded:
        return NotEmbedded(
            f"the embeddings at EMBEDDINGS_URL (model {self.model}): the server {what}; {advice}"
        )

    @cached_property
    def _trust(self) -> "ssl.SSLContext":
        return httpx.create_ssl_context(trust_env=False)
