"""What the log says and what the witness saw, held against each other; it knows no process."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chassis.broker import TopicPartition
from chassis.kafka import KafkaBroker
from contracts import topics
from contracts.goal import SealedText
from services.orchestrator.saga.verify import verify
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.sagas import MAILED, MAY_FAIL, SPEECH, keys, retraction
from tests.chaos.storm.witness import MAIL, POST, RETRACTION, Arrival

COMPLETED, CANCELLED, FAILED = "WorkflowCompleted", "WorkflowCancelled", "WorkflowFailed"
ENDS = {COMPLETED, CANCELLED, FAILED, "WorkflowRejected"}
HELD = "HELD"
EXAMPLES = 3


class Ended(NamedTuple):
    """How a saga ended, when, what it named as left behind, and which steps it gave up."""

    how: str
    at: float
    left_behind: tuple[str, ...]
    given_up: tuple[str, ...] = ()


class Told:
    """What the log says of every saga."""

    def __init__(self) -> None:
        self.sagas: set[str] = set()
        self.ends: dict[str, Ended] = {}
        self.acknowledged: dict[str, set[str]] = defaultdict(set)
        self.held: dict[str, set[str]] = defaultdict(set)
        self.types: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def take(self, value: bytes) -> None:
        """Take in one fact."""
        fact = SPEECH.decode(value, validate=False)
        record, name = fact.record, fact.entry.name
        campaign_id = record["envelope"]["campaign_id"]
        self.types[name] += 1
        self.sagas.add(campaign_id)
        if name == "ToolResultReceived":
            self._answer(campaign_id, record)
        elif name in ENDS:
            left, given_up = (tuple(record.get(key, ())) for key in ("left_behind", "degraded"))
            at = _seconds(record["envelope"]["time"])
            self.ends[campaign_id] = Ended(name, at, left, given_up)
        elif name == "ToolCallFailed":
            self.failures[str(record["reason"])] += 1

    def _answer(self, campaign_id: str, record: Mapping[str, Any]) -> None:
        step = record["step"]
        if not step.startswith(("post.", "mail.", "publish.")):
            return
        body = SPEECH.decode(record["body"], validate=False).record
        if record["outcome"] == HELD:
            self.held[campaign_id].add(step)
        elif body["publications"]:
            self.acknowledged[campaign_id].add(step)


class Accepted(NamedTuple):
    """What the load handed over: each saga's type, and which of them Kafka surely has."""

    sorts: Mapping[str, str]
    sure: frozenset[str]
    contact: SealedText


class Count(NamedTuple):
    """The figures, and the anomalies: none where every promise held."""

    figures: dict[str, int]
    anomalies: list[str]


async def told(ground: Ground) -> tuple[Told, dict[str, Any]]:
    """The log, read once for what it says and once by the product's own verification."""
    broker, found = KafkaBroker(ground.settings()), Told()
    reader = broker.reader()
    partitions = [TopicPartition(topics.LOG, number) for number in range(topics.PARTITIONS)]
    bounds = await reader.ends(partitions)
    starts = {tp: bounds[tp][0] for tp in partitions}
    async for record in reader.read(starts, {tp: bounds[tp][1] for tp in partitions}):
        found.take(record.value or b"")
    report = await verify(reader, SPEECH)
    await reader.close()
    return found, report


def count(ground: Ground, accepted: Accepted, seen: list[Arrival]) -> tuple[Told, Count]:
    """Hold the log against the witness; what the log says, and what came of it."""
    log, report = asyncio.run(told(ground))
    found = compared(log, accepted, seen)
    for promise, broken in (
        ("broken chains", report["problems"]),
        ("sagas without obligation", report["without_obligation"]),
    ):
        note(found, promise, broken)
    return log, found


def compared(log: Told, accepted: Accepted, seen: Iterable[Arrival]) -> Count:
    """What the log says beside what the witness saw, promise by promise."""
    audit = _Audit(log, accepted, seen)
    audit.lives()
    audit.publications()
    audit.repeats()
    audit.ways_back()
    return audit.found


def note(found: Count, promise: str, broken: Collection[str]) -> None:
    """A figure that is to be 0, with examples where it is not."""
    found.figures[promise] = len(broken)
    if broken:
        examples = "; ".join(sorted(broken)[:EXAMPLES])
        found.anomalies.append(f"{promise}: {len(broken)}, for example {examples}")


class _Audit:
    """One comparison, promise by promise."""

    def __init__(self, log: Told, accepted: Accepted, seen: Iterable[Arrival]) -> None:
        self._log = log
        self._sorts = accepted.sorts
        self._sure = accepted.sure
        self._calls: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in seen:
            self._calls[arrival.key].append(arrival)
        self._place = {
            key: (campaign_id, step)
            for campaign_id, sort in accepted.sorts.items()
            for key, step in keys(campaign_id, sort, accepted.contact).items()
        }
        self.found = Count({}, [])
        self.figures = self.found.figures

    def note(self, promise: str, broken: Collection[str]) -> None:
        """A figure that is to be 0."""
        note(self.found, promise, broken)

    def lives(self) -> None:
        """Everything accepted is in the log, and ended."""
        log = self._log
        self.figures["sagas accepted"] = len(self._sure)
        ends = Counter(end.how.removeprefix("Workflow").lower() for end in log.ends.values())
        self.figures.update({f"sagas {how}": number for how, number in sorted(ends.items())})
        self.figures["facts"] = log.types.total()
        for name in ("ToolCallFailed", "RetryScheduled", "CompensationFailed"):
            self.figures[name] = log.types[name]
        self.note("sagas lost after acknowledgement", set(self._sure - log.sagas))
        self.note("sagas without an end", log.sagas - log.ends.keys())
        self.note(
            "sagas that failed and should not have",
            {
                c
                for c, end in log.ends.items()
                if end.how == FAILED and self._sorts[c] not in MAY_FAIL
            },
        )

    def publications(self) -> None:
        """What was acknowledged was seen; a completed saga published everything."""
        log, by_saga = self._log, defaultdict(set)
        for key, (campaign_id, step) in self._place.items():
            if key in self._calls:
                by_saga[campaign_id].add(step)
        acknowledged = sum(len(steps) for steps in log.acknowledged.values())
        self.figures["publications acknowledged"] = acknowledged
        lost = {
            f"{campaign_id} {step}"
            for campaign_id, steps in log.acknowledged.items()
            for step in steps - by_saga[campaign_id]
        }
        self.note("publications lost after acknowledgement", lost)
        wanted: dict[str, set[str]] = defaultdict(set)
        for campaign_id, step in self._place.values():
            wanted[campaign_id].add(step)
        missing = {
            f"{campaign_id} {step}"
            for campaign_id, end in log.ends.items()
            if end.how == COMPLETED
            for step in wanted[campaign_id] - log.held[campaign_id] - by_saga[campaign_id]
        }
        self.note("publications that a completed saga lacks", missing)
        self.figures["mails held"] = sum(len(steps) for steps in log.held.values())

    def repeats(self) -> None:
        """One key is one effect: a repeat says the same; a mail has none."""
        kinds = {key: {arrival.kind for arrival in calls} for key, calls in self._calls.items()}
        posts = {key for key, found in kinds.items() if found == {POST}}
        mails = {key for key, found in kinds.items() if found == {MAIL}}
        taken_back = {key for key, found in kinds.items() if found == {RETRACTION}}
        self.figures["publications seen"] = len(posts) + len(mails)
        self.figures["of them mails"] = len(mails)
        self.figures["retractions seen"] = len(taken_back)
        again = sum(len(self._calls[key]) - 1 for key in posts | taken_back)
        self.figures["repeated calls under a known key"] = again
        self.note(
            "keys with two contents",
            {key for key in posts | taken_back if len({a.content for a in self._calls[key]}) > 1},
        )
        self.note("mails that came twice", {key for key in mails if len(self._calls[key]) > 1})
        known = self._place.keys() | {retraction(key) for key in self._place}
        self.note("keys that nobody should know", self._calls.keys() - known)

    def ways_back(self) -> None:
        """Nothing arrives after a confirmed end; what was published is taken back, or named."""
        late, late_named, kept = set(), 0, set()
        for key, (campaign_id, step) in self._place.items():
            end = self._log.ends.get(campaign_id)
            if end is None or end.how == COMPLETED or key not in self._calls:
                continue
            named = any(left.startswith(f"{step}:") for left in end.left_behind)
            if max(arrival.at for arrival in self._calls[key]) > end.at:
                late.add(f"{end.how} {campaign_id} {step}")
                late_named += named
            mailed = self._sorts[campaign_id] == MAILED
            if not named and (mailed or retraction(key) not in self._calls):
                kept.add(f"{end.how} {campaign_id} {step}")
        self.note("publications after a confirmed end", late)
        self.figures["of them named as left behind"] = late_named
        self.note("publications neither taken back nor named", kept)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
