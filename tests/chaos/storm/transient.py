"""Transient faults: real campaigns, each of whose commands fails now and then for the moment.

Nobody is killed here. The question is how many campaigns come through, and whether those that do
not are taken back whole.
"""

import asyncio
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks.machine import Machine, machine
from chassis.artefacts import FolderArtefacts
from chassis.telemetry import configure_logs
from contracts import topics
from contracts.plan import Phase
from deploy.kafka.broker import LocalBroker
from tests.chaos.storm.count import COMPLETED, Accepted, Count, Told, count, note
from tests.chaos.storm.crew import Crew
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.load import ENDS, SENT_PER_TURN, Wire
from tests.chaos.storm.phases import KEEPING, Transient, seats
from tests.chaos.storm.sagas import CAMPAIGN, SPEECH, TENANT, approve, create
from tests.chaos.storm.witness import HOST, MISHAPS, Manners, arrivals, witness

USED_TOPICS = (
    *(topics.REQUESTS, topics.RESULTS, topics.LOG, topics.SNAPSHOTS, topics.DEAD_LETTERS),
    topics.MEMORY,
    *(topics.commands_of(phase) for phase in Phase),
)
SESSION_S = 6.0


class Wish(NamedTuple):
    """How many campaigns, how often a command fails, and how many percent must come through."""

    campaigns: int = 1_000
    rate: float = 0.05
    seed: int = 1
    open_max: int = 200
    minutes: float = 9.0
    percent_min: float = 99.5


class Report(BaseModel):
    """What came of it. It held where there are no anomalies."""

    machine: Machine
    seed: int
    rate: float
    seconds: float
    completed_percent: float
    failures: dict[str, int]
    exits: dict[str, int]
    figures: dict[str, int]
    anomalies: list[str]


class Load:
    """Begins campaigns, approves what they show, and awaits their ends."""

    def __init__(self, ground: Ground, wish: Wish) -> None:
        self._wish = wish
        self._name = f"transient-{wish.seed}"
        self._contact = ground.contact()
        self._wire = Wire(ground, self._name)
        self.sorts: dict[str, str] = {}
        self.accepted: set[str] = set()
        self.ended: set[str] = set()

    @property
    def over(self) -> bool:
        """True where all campaigns that are wished for have ended."""
        return len(self.ended) >= self._wish.campaigns

    def turn(self) -> None:
        """Begin what may begin, take in what was told."""
        free = self._wish.open_max - (len(self.sorts) - len(self.ended))
        left = self._wish.campaigns - len(self.sorts)
        for _ in range(min(free, left, SENT_PER_TURN)):
            self._begin()
        for fact in self._wire.facts():
            if fact.name == b"ReviewRequested":
                shown = SPEECH.decode(fact.value, validate=False).record
                self._wire.send(approve(fact.campaign_id, shown["step"], shown["shown_digest"]))
            elif fact.name in ENDS:
                self.ended.add(fact.campaign_id)

    def leave(self) -> None:
        """Give up the connection."""
        self._wire.leave()

    def _begin(self) -> None:
        campaign_id, request = create(f"{self._name}-{len(self.sorts)}", CAMPAIGN, self._contact)
        self.sorts[campaign_id] = CAMPAIGN

        def told(delivered: bool) -> None:
            if delivered:
                self.accepted.add(campaign_id)

        self._wire.send(request, told)


def transient(wish: Wish, home: Path) -> Report:
    """Run it. Raises BrokerUnavailable where there is no Kafka to run on."""
    about, noted = machine(), home / "witness.jsonl"
    configure_logs("ERROR", "transient")
    manners = Manners(wish.seed, wish.rate, MISHAPS)
    with ExitStack() as running:
        ports = running.enter_context(witness(noted, home / "logs" / "witness.log", manners))
        node = running.enter_context(LocalBroker(home / "kafka"))
        webhook = f"http://{HOST}:{ports[0]}/hook"
        ground = Ground(node.bootstrap, home, SESSION_S, webhook_url=webhook)
        ground.make_topics(USED_TOPICS)
        crew = running.enter_context(Crew(home / "logs"))
        crew.add(seats(ground, Transient(wish.seed, wish.rate)))
        load = Load(ground, wish)
        seconds = _lived(wish, crew, load)
        accepted = Accepted(load.sorts, frozenset(load.accepted), ground.contact())
        log, found = count(ground, accepted, arrivals(noted))
        asyncio.run(_taken_back(ground, log, found))
    exits = sum((seat.exits for seat in crew.seats), Counter[int]())
    return Report(
        machine=about,
        seed=wish.seed,
        rate=wish.rate,
        seconds=round(seconds, 1),
        completed_percent=_percent(wish, log, found),
        failures=dict(sorted(log.failures.items())),
        exits={str(code): number for code, number in sorted(exits.items())},
        figures=found.figures,
        anomalies=found.anomalies,
    )


def _lived(wish: Wish, crew: Crew, load: Load) -> float:
    """Let all campaigns live; the seconds until the last one ended, or time was up."""
    began = time.monotonic()
    while not load.over and time.monotonic() - began < wish.minutes * 60:
        crew.tend()
        load.turn()
    load.leave()
    return time.monotonic() - began


def _percent(wish: Wish, log: Told, found: Count) -> float:
    """How many of a hundred campaigns did all that they were asked for; too few is an anomaly."""
    completed = {c for c, end in log.ends.items() if end.how == COMPLETED}
    whole = {c for c in completed if not log.ends[c].given_up}
    found.figures["campaigns"] = wish.campaigns
    found.figures["completed without a step given up"] = len(whole)
    found.figures["executions asked for"] = (
        log.types["ToolCallRequested"] + log.types["CompensationRequested"]
    )
    percent = round(100 * len(whole) / wish.campaigns, 2)
    if percent < wish.percent_min:
        found.anomalies.append(f"{percent} % completed whole, and not {wish.percent_min} %")
    return percent


async def _taken_back(ground: Ground, log: Told, found: Count) -> None:
    """Who did not complete refers to no artefact; who did still refers to all of its own."""
    store = FolderArtefacts(ground.settings().artefacts_dir)
    left, lost = set(), set()
    for campaign_id, end in log.ends.items():
        for step in KEEPING:
            kept = bool(await store.references(TENANT, campaign_id, step))
            if end.how == COMPLETED and step not in end.given_up and not kept:
                lost.add(f"{campaign_id} {step}")
            if end.how != COMPLETED and kept:
                left.add(f"{campaign_id} {step}")
    note(found, "artefacts that a failed campaign still refers to", left)
    note(found, "artefacts that a completed campaign lacks", lost)
