"""Starts again what died, and what says itself that it stands still; it starts nothing first."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.kafka.jars import BrokerUnavailable, Say
from deploy.stack.members import Member

LOOK_EVERY_S = 0.2
PAUSE_S = 0.3
PAUSE_S_MAX = 15.0
STEADY_AFTER_S = 30.0
"""A child that ran this long is started again at once; one that did not, after a doubled pause."""

ASK_EVERY_S = 15.0
STALLS_MAX = 2
"""How often in a row a child must say that it stands still before it is ended and started anew."""


@dataclass(slots=True)
class _Fate:
    """When a child was started last, the pause before its next start, and when that is due."""

    started: float
    pause_s: float
    due: float = 0.0
    stalls: int = 0


class Watch:
    """Two threads round the children: one looks who died, one asks who stands still."""

    def __init__(
        self, children: Mapping[str, Member], say: Say, changed: Callable[[], None]
    ) -> None:
        self._children = children
        self._say = say
        self._changed = changed
        self._over = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()
        self._fates: dict[str, _Fate] = {}

    @property
    def running(self) -> bool:
        """True from `start` to `stop`."""
        return bool(self._threads)

    def start(self) -> None:
        """Watch from now on."""
        now = time.monotonic()
        self._over.clear()
        self._fates = {name: _Fate(started=now, pause_s=PAUSE_S) for name in self._children}
        self._threads = (
            threading.Thread(target=self._restarting, name="stack-restarts", daemon=True),
            threading.Thread(target=self._asking, name="stack-liveness", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Start nothing again; returns when nothing is under way. Safe to repeat."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._threads = ()

    def _restarting(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            for name, member in self._children.items():
                if member.pid is None and not self._over.is_set():
                    self._again(member, self._fates[name])

    def _again(self, member: Member, fate: _Fate) -> None:
        now = time.monotonic()
        if not fate.due:
            steady = now - fate.started > STEADY_AFTER_S
            fate.pause_s = PAUSE_S if steady else min(fate.pause_s * 2, PAUSE_S_MAX)
            fate.due = now + fate.pause_s
            self._say(f"{member.name} ended ({_how(member.exit_code)}); it is started again")
        if now < fate.due:
            return
        member.restarts += 1
        fate.started, fate.due = time.monotonic(), 0.0
        try:
            member.start()
        except (BrokerUnavailable, OSError) as failure:
            self._say(f"{member.name} could not be started again: {failure}")
        self._changed()

    def _asking(self) -> None:
        while not self._over.wait(ASK_EVERY_S):
            for name, member in self._children.items():
                fate = self._fates[name]
                fate.stalls = fate.stalls + 1 if member.stalls() else 0
                if fate.stalls >= STALLS_MAX and not self._over.is_set():
                    fate.stalls = 0
                    self._say(f"{member.name} says that it stands still; it is started anew")
                    member.kill()


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return "exit code unknown"
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
