"""An `Embedder` that knows what a few phrases have in common; it reads no model, and may fail."""

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from chassis.embedding import NotEmbedded

if TYPE_CHECKING:
    from chassis.embedding import Matrix

CONCEPTS = (
    ("bakers", "flour", "bread", "dough"),
    ("sailors", "boats", "harbour", "yachts"),
    ("mail", "subject lines", "letters", "inbox"),
    ("winter", "snow", "cold"),
)


class Concepts:
    """One dimension for each concept that a text speaks of, and a last one for none."""

    model = "concepts"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.hindrance = ""
        self.held_back: asyncio.Event | None = None

    async def embed(self, texts: tuple[str, ...]) -> "Matrix":
        if self.hindrance:
            raise NotEmbedded(self.hindrance)
        if self.held_back is not None and len(texts) > 1:
            await self.held_back.wait()
        self.asked += texts
        rows = np.zeros((len(texts), len(CONCEPTS) + 1), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[: len(CONCEPTS)] = [any(word in text.lower() for word in of) for of in CONCEPTS]
            row[-1] = not row.any()
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
