"""One storm from its first saga to its verdict: broker, crew, witness, load, faults, count."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks.machine import Machine, machine
from chassis.telemetry import configure_logs
from deploy.kafka.cluster import LocalCluster
from tests.chaos.storm.count import Accepted, count
from tests.chaos.storm.crew import Crew
from tests.chaos.storm.faults import Faults, Pace
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.load import Load, Plan
from tests.chaos.storm.roles import seats
from tests.chaos.storm.sagas import POSTS, USED_TOPICS
from tests.chaos.storm.witness import HOST, arrivals, witness

COPIES = 2
DRAIN_S_MAX = 240.0


class Wish(NamedTuple):
    """What is asked for: at most so long, at most so many publications, which seed."""

    minutes: float = 4.0
    publications: int = 100_000
    seed: int = 1
    open_max: int = 200
    session_s: float = 3.0
    brokers: int = 1
    pace: Pace = Pace()


class Report(BaseModel):
    """What came of a storm. It held where there are no anomalies."""

    machine: Machine
    seed: int
    session_s: float
    brokers: int
    seconds: float
    drain_s: float
    sagas_per_s: float
    publications_per_s: float
    faults: dict[str, int]
    exits: dict[str, int]
    failures: dict[str, int]
    figures: dict[str, int]
    anomalies: list[str]


def storm(wish: Wish, home: Path) -> Report:
    """Run it. Raises BrokerUnavailable where there is no Kafka to run on."""
    about = machine()
    configure_logs("ERROR", "storm")
    noted = home / "witness.jsonl"
    with ExitStack() as running:
        webhook, mail = running.enter_context(witness(noted, home / "logs" / "witness.log"))
        cluster = running.enter_context(LocalCluster(home / "kafka", wish.brokers))
        ground = Ground(
            bootstrap=cluster.bootstrap,
            home=home,
            session_s=wish.session_s,
            webhook_url=f"http://{HOST}:{webhook}/hook",
            smtp_url=f"smtp://{HOST}:{mail}",
        )
        ground.make_topics(USED_TOPICS, replicas=wish.brokers)
        crew = running.enter_context(Crew(home / "logs"))
        crew.add(seats(ground, copies=COPIES))
        load = Load(ground, Plan(wish.open_max, -(-wish.publications // POSTS)), wish.seed)
        faults = Faults(crew, cluster.nodes, wish.seed, wish.pace, wish.session_s)
        took = _blow(wish, crew, load, faults)
        accepted = Accepted(load.sorts, frozenset(load.accepted), ground.contact())
        log, found = count(ground, accepted, arrivals(noted))
    found.figures["requests refused by Kafka"] = len(load.refused)
    return Report(
        machine=about,
        seed=wish.seed,
        session_s=wish.session_s,
        brokers=wish.brokers,
        seconds=round(took[0], 1),
        drain_s=round(took[1], 1),
        sagas_per_s=round(len(load.ended) / sum(took), 1),
        publications_per_s=round(found.figures["publications seen"] / sum(took), 1),
        faults=dict(sorted(faults.hits.items())),
        exits=crew.exits(),
        failures=dict(sorted(log.failures.items())),
        figures=found.figures,
        anomalies=found.anomalies,
    )


def _blow(wish: Wish, crew: Crew, load: Load, faults: Faults) -> tuple[float, float]:
    """Seconds under faults, and seconds until everything had ended."""
    began = time.monotonic()
    while time.monotonic() - began < wish.minutes * 60 and not load.used_up:
        crew.tend()
        faults.strike()
        load.turn()
    load.close()
    calm = time.monotonic()
    faults.end()
    while load.waiting and time.monotonic() - calm < DRAIN_S_MAX:
        crew.tend()
        load.turn()
    load.leave()
    return calm - began, time.monotonic() - calm
