"""What a campaign tells as it runs (stream, progress, log, envelopes), and what it never tells."""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chassis.codec import Codec
from contracts import topics
from deploy.stack.plan import SERVICES
from tests.road.conftest import CONTACT, RECIPIENTS
from tests.road.driving import Road, Run
from tests.road.records import read_all, topics_of

PHASES = {"research", "strategy", "content", "design", "audit", "publish", "analytics", "learn"}
LOG_KEYS = {"level", "timestamp", "workflow_id", "activity", "message", "extra"}
ENVELOPE_FIELDS = {
    "id",
    "type",
    "schema_version",
    "tenant_id",
    "campaign_id",
    "correlation_id",
    "causation_id",
    "execution_id",
    "source",
    "actor",
    "time",
    "traceparent",
}
SILENT = {topics.INTAKE, topics.DEAD_LETTERS, topics.commands_of("video")}
"""Nobody wrote there: no upstream system, nothing undecodable, no film."""

LIFECYCLE = {
    "GoalReceived": "G",
    "PlanGenerated": "P",
    "ToolCallRequested": "C",
    "ToolResultReceived": "R",
    "ToolCallFailed": "f",
    "CompensationRequested": "u",
    "CompensationCompleted": "U",
    "WorkflowCompleted": "W",
    "WorkflowFailed": "F",
}
GOOD = re.compile(r"GP[CRf]+W")
BAD = re.compile(r"GP[CRf]+(uU)+F")
UNCONFIGURED = ["publish.linkedin", "publish.twitter"]
"""These channels need an account that no test has: they fail, say so, and the road goes on."""


def story(events: Iterable[dict[str, Any]]) -> str:
    """The log as a word over the lifecycle's letters."""
    return "".join(LIFECYCLE.get(event["type"], "") for event in events)


def disguises(text: str) -> set[bytes]:
    """The ways in which a text may stand in bytes: as it is, escaped, in hex, inside base64."""
    plain = text.encode()
    found = {plain, plain.upper(), quote(text, safe="").encode(), plain.hex().encode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        # The first and last letters also hold bits of whatever stands beside the text.
        found.add(coded[4 if before else 0 : -4])
        found.add(base64.urlsafe_b64encode(b"\0" * before + plain)[4 if before else 0 : -4])
    return found


PERSONAL = set().union(
    *(disguises(address) for address in (CONTACT, *RECIPIENTS)),
    *(disguises(address.partition("@")[0]) for address in (CONTACT, *RECIPIENTS)),
)


def leaks(data: bytes) -> bool:
    return any(needle in data for needle in PERSONAL)


def files_below(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


def test_the_stream_tells_the_whole_campaign(campaign: Run) -> None:
    told = campaign.stream
    assert [event.id for event in told] == [str(n + 1) for n in range(len(told))]
    assert told[0].name == "pipeline_start"
    assert told[-1].name == "pipeline_complete"
    assert told[-1].data["cost_usd"] == 0
    completed = [event.data["phase"] for event in told if event.name == "phase_complete"]
    assert Counter(completed) == dict.fromkeys(PHASES, 1)
    shares = [event.data for event in told if event.name == "agent_complete"]
    assert len(shares) >= len(PHASES)
    for share in shares:
        assert share["agent"]
        assert isinstance(share["cost_usd"], float)


def test_progress_never_falls_and_ends_at_a_hundred(campaign: Run) -> None:
    streamed = [event.data["progress_percentage"] for event in campaign.stream]
    for seen in (campaign.percentages, streamed):
        assert seen == sorted(seen)
        assert (seen[0], seen[-1]) == (0, 100)
    assert len(set(streamed)) > len(PHASES) // 2


def test_a_good_campaigns_log_goes_from_goal_to_completion(road: Road, campaign: Run) -> None:
    events = road.events(campaign)
    assert GOOD.fullmatch(story(events)), story(events)
    open_calls: set[tuple[str, int]] = set()
    for event in events:
        call = (event["data"].get("step", ""), event["data"].get("attempt", 0))
        if event["type"] == "ToolCallRequested":
            assert call not in open_calls
            open_calls.add(call)
        elif event["type"] in ("ToolResultReceived", "ToolCallFailed"):
            open_calls.remove(call)
    assert open_calls == set()
    failed = [event["data"] for event in events if event["type"] == "ToolCallFailed"]
    assert sorted(failure["step"] for failure in failed) == UNCONFIGURED
    assert {failure["reason"] for failure in failed} == {"NOT_CONFIGURED"}


def test_a_failed_campaigns_log_takes_back_what_was_done_last_first(road: Road) -> None:
    run = road.create(road.brief("heatpumps", postal_address=""))
    road.start(run)
    road.follow(run)
    assert run.detail["state"] == "FAILED"
    assert run.detail["failure"]["reason"] == "QUALITY_BLOCKED"
    events = road.events(run)
    assert BAD.fullmatch(story(events)), story(events)
    undone = [e["data"]["step"] for e in events if e["type"] == "CompensationCompleted"]
    assert undone == ["design", "content"]
    assert run.results["publications"] == []


def test_every_line_of_every_service_is_an_event_with_its_keys(road: Road, campaign: Run) -> None:
    about_it = set()
    for service in SERVICES:
        lines = (road.state_dir / "logs" / f"{service}.log").read_text("utf-8").splitlines()
        assert lines, service
        for line in lines:
            event = json.loads(line)
            assert event.keys() >= LOG_KEYS, line
            assert isinstance(event["extra"], dict), line
            assert event["level"] != "debug", line
            if event["workflow_id"] == campaign.campaign_id:
                assert event["correlation_id"], line
                about_it.add(service)
    assert about_it >= set(SERVICES) - {"orchestrator"}


def test_a_message_of_every_topic_names_all_twelve_facts(road: Road, campaign: Run) -> None:
    link = next(link for link in campaign.results["links"] if link["channel"] == "blog")
    assert road.api.get(link["path"]).status_code == 302
    codec = Codec()
    envelopes: dict[str, dict[str, Any]] = {}
    names = topics_of(road.stack.bootstrap, road.prefix)
    for message in read_all(road.stack.bootstrap, [n for n in names if n.startswith(road.prefix)]):
        value = message.value()
        if value is not None:
            topic = str(message.topic()).removeprefix(road.prefix)
            envelopes[topic] = codec.decode(value, validate=False).record["envelope"]
    assert {spec.name for spec in topics.TOPICS} - envelopes.keys() <= SILENT
    for topic, envelope in envelopes.items():
        assert envelope.keys() == ENVELOPE_FIELDS, topic
        assert [name for name, value in envelope.items() if value in (None, "")] == [], topic


def test_no_readers_address_is_in_any_record(road: Road, campaign: Run) -> None:
    mail = road.state_dir / "mail"
    letters = [file.read_bytes() for file in files_below(mail / campaign.tenant_id)]
    assert sum(leaks(letter) for letter in letters) == len(RECIPIENTS)
    found = Counter[str]()
    seen = Counter[str]()
    names = topics_of(road.stack.bootstrap, road.prefix)
    for message in read_all(road.stack.bootstrap, names, committed_only=False):
        told = b"\n".join(_raw(p) for p in (message.key(), message.value(), message.headers()))
        seen[str(message.topic())] += 1
        found[str(message.topic())] += leaks(told)
    assert seen[road.prefix + topics.LOG] >= len(campaign.stream)
    assert +found == Counter()


def test_no_readers_address_is_in_any_file_but_their_letters(road: Road, campaign: Run) -> None:
    mail = road.state_dir / "mail"
    others = [file for file in files_below(road.state_dir) if mail not in file.parents]
    names = {file.name for file in others}
    assert {"view.sqlite", "orchestrator.log", "optimizer.log"} <= names
    assert campaign.detail["brief"]["contact_email"]["subject_id"]
    assert [str(file) for file in others if leaks(file.read_bytes())] == []


def test_an_address_is_found_however_it_is_written() -> None:
    for before in ("", "a", "ab", "abc"):
        said = f"{before}{CONTACT}, and so on"
        assert leaks(said.encode())
        assert leaks(base64.b64encode(said.encode()))
        assert leaks(str([("header", said.encode())]).encode())
    assert not leaks(b"campaigns@example.com")


def _raw(part: object) -> bytes:
    return part if isinstance(part, bytes) else str(part or "").encode()
