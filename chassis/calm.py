"""Saying the same thing once in a while: what hinders a client is told of in every call."""

import time

SAY_AGAIN_S = 10.0


class Calm:
    """Which kinds of things were said moments ago; older ones are forgotten."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}
        self._tidied = 0.0

    def due(self, kind: str) -> bool:
        """True where it may be said now; then it counts as said."""
        now = time.monotonic()
        if now - self._tidied >= SAY_AGAIN_S:
            recent = [one for one in list(self._said.items()) if now - one[1] < SAY_AGAIN_S]
            self._said, self._tidied = dict(recent), now
        if now - self._said.get(kind, -SAY_AGAIN_S) < SAY_AGAIN_S:
            return False
        self._said[kind] = now
        return True
