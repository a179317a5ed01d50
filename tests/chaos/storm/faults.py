"""The weather: a seeded sequence of kills and pauses, each kind of process at its own pace."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from threading import Thread
from typing import NamedTuple

from deploy.kafka.broker import LocalBroker
from deploy.kafka.jars import BrokerUnavailable
from services.orchestrator.saga.role import ROLE as SAGA
from tests.chaos.storm.crew import Crew, Seat
from tests.chaos.storm.roles import PHASES

PAUSE_S_MIN = 0.5
KILL_SHARE = 0.5
STARTS_MAX = 3
"""On a busy machine Kafka may not answer within a start's minute."""


class Pace(NamedTuple):
    """How many seconds lie between two blows, by kind; a saga's copy and a broker have one pace."""

    phases_s: tuple[float, float] = (2.0, 5.0)
    saga_s: tuple[float, float] = (15.0, 25.0)
    broker_s: tuple[float, float] = (50.0, 70.0)


class _Turn:
    """When one kind is struck next."""

    def __init__(
        self, seed: str, apart_s: tuple[float, float], strike: Callable[[Random], None]
    ) -> None:
        self._random = Random(seed)
        self._apart_s = apart_s
        self._strike = strike
        self._next = time.monotonic() + self._random.uniform(*apart_s)

    def take(self, now: float) -> None:
        if now >= self._next:
            self._strike(self._random)
            self._next = now + self._random.uniform(*self._apart_s)


class Faults:
    """Strikes while it is asked to; counts every blow that hit."""

    def __init__(
        self, crew: Crew, nodes: Sequence[LocalBroker], seed: int, pace: Pace, session_s: float
    ) -> None:
        self._crew = crew
        self._nodes = nodes
        self._pause_s_max = 2 * session_s
        self._falling: Thread | None = None
        self.hits: Counter[str] = Counter()
        self._turns = (
            _Turn(f"{seed}-phases", pace.phases_s, lambda r: self._strike(r, PHASES)),
            _Turn(f"{seed}-saga", pace.saga_s, lambda r: self._strike(r, (SAGA,))),
            _Turn(f"{seed}-broker", pace.broker_s, self._strike_broker),
        )

    def strike(self) -> None:
        """Do what is due now."""
        now = time.monotonic()
        for turn in self._turns:
            turn.take(now)

    def end(self) -> None:
        """No more blows: everybody wakes, and the broker is back."""
        if self._falling is not None:
            self._falling.join()
        for seat in self._crew.seats:
            seat.wake()

    def _strike(self, random: Random, roles: tuple[str, ...]) -> None:
        seat: Seat = random.choice([seat for seat in self._crew.seats if seat.role in roles])
        kills, pause_s = (
            random.random() < KILL_SHARE,
            random.uniform(PAUSE_S_MIN, self._pause_s_max),
        )
        if kills and seat.signal(signal.SIGKILL):
            self.hits[f"kill -9 {seat.role}"] += 1
        elif not kills and not seat.paused_until and seat.signal(signal.SIGSTOP):
            seat.paused_until = time.monotonic() + pause_s
            self.hits[f"pause {seat.role}"] += 1

    def _strike_broker(self, random: Random) -> None:
        if self._falling is not None and self._falling.is_alive():
            return
        self.hits["kill -9 broker"] += 1
        self._falling = Thread(target=_fall, args=(random.choice(self._nodes),))
        self._falling.start()


def _fall(node: LocalBroker) -> None:
    """kill -9, and a supervisor that starts it again until it answers."""
    node.kill()
    for _ in range(STARTS_MAX - 1):
        with suppress(BrokerUnavailable):
            node.start()
            return
    node.start()
