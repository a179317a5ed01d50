"""Zombies: owners that stop with a tick in hand for twice their session, many groups at a time.

Meanwhile the group's other copy does the work; then the first one wakes up and goes on with what
it had in hand. Nothing of that may reach the log.
"""

import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks.machine import Machine, machine
from chassis.telemetry import configure_logs
from deploy.kafka.broker import LocalBroker
from services.orchestrator.saga.role import ROLE
from tests.broker.gated import GATE_TIMEOUT_MS
from tests.chaos.storm.crew import Crew, Seat
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.owners import PARTITIONS, TOPICS, Requests, judged, own

SESSIONS_S = (1.0, 2.0, 3.0, 6.0)
SAGA_EVERY_S = 0.5
TURN_S = 0.02
SETTLE_S = 20.0


class Wish(NamedTuple):
    """How many pauses, in how many groups at a time, and at most how long it may take."""

    pauses: int = 1_000
    groups: int = 20
    seed: int = 1
    minutes: float = 8.0


class Report(BaseModel):
    """What came of it. It held where there are no anomalies."""

    machine: Machine
    seed: int
    groups: int
    seconds: float
    paused: int
    pauses: dict[str, int]
    exits: dict[str, int]
    sagas: int
    anomalies: list[str]


@dataclass
class _Group:
    """One group's copies, and which of them is asked to stop, or has."""

    ground: Ground
    seats: tuple[Seat, Seat]
    requests: Requests
    random: Random
    asked: Seat | None = None
    at: str = ""
    asked_at: float = 0.0
    next_saga: float = 0.0
    rest_until: float = 0.0

    def turn(self, now: float, pauses: Counter[str]) -> None:
        """Keep the work coming; stop a copy, or take note that it has stopped."""
        if now >= self.next_saga:
            self.requests.send()
            self.next_saga = now + SAGA_EVERY_S
        if self.asked is None:
            if now >= self.rest_until:
                self._ask(now)
        elif self.asked.stopped:
            self.asked.paused_until = now + 2 * self.ground.session_s
            self.rest_until = self.asked.paused_until + self.ground.session_s
            pauses[f"session {self.ground.session_s:g} s, {self.at} in hand"] += 1
            self.asked = None
        elif self.asked.begun > self.asked_at:  # another process sits there now
            self.asked = None

    def _ask(self, now: float) -> None:
        seat = self.random.choice(self.seats)
        number = self.random.choice((signal.SIGUSR1, signal.SIGUSR2))
        if not seat.paused_until and seat.catches(number) and seat.signal(number):
            self.asked, self.asked_at = seat, now
            self.at = "input" if number == signal.SIGUSR1 else "timer"


def zombies(wish: Wish, home: Path) -> Report:
    """Run it. Raises BrokerUnavailable where there is no Kafka to run on."""
    about, pauses = machine(), Counter[str]()
    configure_logs("ERROR", "zombies")
    with LocalBroker(home / "kafka") as node, Crew(home / "logs") as crew:
        groups = [_group(number, wish.seed, node.bootstrap, home) for number in range(wish.groups)]
        for group in groups:
            crew.add(group.seats)
        began = time.monotonic()
        while time.monotonic() - began < wish.minutes * 60 and pauses.total() < wish.pauses:
            crew.tend()
            for group in groups:
                group.turn(time.monotonic(), pauses)
            time.sleep(TURN_S)
        ended = time.monotonic()
        while time.monotonic() - ended < _settle_s(groups):
            crew.tend()
            time.sleep(TURN_S)
        for group in groups:
            group.requests.finish()
        verdicts, anomalies = judged([g.ground for g in groups], [g.requests for g in groups])
        exits = sum((seat.exits for seat in crew.seats), Counter[int]())
    return Report(
        machine=about,
        seed=wish.seed,
        groups=wish.groups,
        seconds=round(ended - began, 1),
        paused=pauses.total(),
        pauses=dict(sorted(pauses.items())),
        exits={str(code): number for code, number in sorted(exits.items())},
        sagas=sum(verdict.sagas for verdict in verdicts),
        anomalies=anomalies,
    )


def _settle_s(groups: list[_Group]) -> float:
    """Until everybody sleeping has woken, and the last sagas have been rejected by time."""
    longest = max(group.ground.session_s for group in groups)
    return 3 * longest + GATE_TIMEOUT_MS / 1_000 + SETTLE_S


def _group(number: int, seed: int, bootstrap: str, home: Path) -> _Group:
    session_s = SESSIONS_S[number % len(SESSIONS_S)]
    ground = Ground(bootstrap, home, session_s, f"z{number}.")
    ground.make_topics(TOPICS, partitions=PARTITIONS)
    first, second = (
        Seat(f"{ground.prefix}{ROLE}", instance, own, (ground, instance)) for instance in (0, 1)
    )
    random = Random(f"{seed}-{number}")
    return _Group(ground, (first, second), Requests(ground), random)
