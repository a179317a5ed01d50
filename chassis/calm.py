"""Saying the same thing once in a while: what hinders a client is told of in every call."""

import time

SAY_AGAIN_S = 10.0


class Calm:
    """Which kinds of things were said moments ago."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def due(self, kind: str) -> bool:
        """True where it may be said now; then it counts as said."""
        now = time.monotonic()
        if now - self._said.get(kind, -SAY_AGAIN_S) < SAY_AGAIN_S:
            return False
        self._said[kind] = now
        return True
