"""Texts to vectors that lie near each other where the texts mean the same: the port, no engine."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]


class NotEmbedded(Exception):
    """No vectors can be had now; the text says why, and what to do."""


class Embedder(Protocol):
    """Makes vectors; made cheaply, it loads or connects with the first text."""

    model: str
    """What made the vectors: those of two models are not to be compared."""

    async def embed(self, texts: tuple[str, ...]) -> "Matrix":
        """One row of length 1 for each text, in its order; the same text gives the same row.

        Never keeps the event loop from its other work. Raises NotEmbedded.
        """
        ...
