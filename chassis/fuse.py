"""A fuse: the kernel ends this process when an effect outlives its time, even one that was frozen.

A lease that is checked by a clock is no protection where the process is stopped between the check
and the effect. The kernel's timer runs on meanwhile: whoever is woken after it is gone before its
next instruction (setitimer(2); SIGALRM's default action, signal(7)). A machine that sleeps stops
this timer, too.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from typing import Protocol

BURN_S_MIN = 0.001
"""A timer of zero would be none."""


class Fuse(Protocol):
    """Bounds how long something may reach outside, whatever happens to the process meanwhile."""

    def burning(self, seconds: float) -> AbstractContextManager[None]:
        """The process does not live on inside this context once `seconds` have passed."""
        ...


class NoFuse:
    """For whoever shares its process with others: nothing burns."""

    def burning(self, seconds: float) -> AbstractContextManager[None]:
        """Bounds nothing."""
        return nullcontext()


NO_FUSE = NoFuse()


class KernelFuse:
    """The process's one real timer; contexts may overlap, the first that is due ends them all.

    Nobody else in the process may use SIGALRM. Not for several threads.
    """

    def __init__(self) -> None:
        self._due: dict[int, float] = {}
        self._numbers = count()

    @contextmanager
    def burning(self, seconds: float) -> Iterator[None]:
        """The process is killed by SIGALRM if it is still inside after `seconds`."""
        number = next(self._numbers)
        self._due[number] = time.monotonic() + seconds
        self._light()
        try:
            yield
        finally:
            del self._due[number]
            self._light()

    def _light(self) -> None:
        """Set the timer to what is due first, or put it out."""
        left = 0.0
        if self._due:
            left = max(BURN_S_MIN, min(self._due.values()) - time.monotonic())
        signal.setitimer(signal.ITIMER_REAL, left)
