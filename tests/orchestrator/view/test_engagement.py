"""What readers did is counted once an event, however often and wherever the topic holds it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chassis.broker import Incoming
from chassis.messages import Conversation, Speaker
from contracts import identity, topics
from contracts.analytics import EngagementKind, EngagementRecorded, TrackedLink
from contracts.catalog import CATALOG
from contracts.envelope import Actor, ActorKind, AppName
from contracts.goal import Channel
from services.orchestrator.view.figures import figures
from services.orchestrator.view.projection import Outcome
from tests.orchestrator.view.bench import CODEC, ONE, Bench
from tests.orchestrator.view.stories import (
    LINK_ID,
    OTHER_TENANT,
    START,
    TARGET,
    TENANT,
    Desk,
    goal_of,
)

READER = Speaker(AppName.EDGE, Actor(kind=ActorKind.PERSON, id="anonymous"))
CLICK, OPEN, CONVERSION = EngagementKind
OLD_LINK = "11111111-1111-4111-8111-111111111111"
LINK = TrackedLink(id=LINK_ID, channel=Channel.EMAIL, path=f"/t/{ONE}/{LINK_ID}", target=TARGET)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def did(
    kind: EngagementKind, number: int, *, link: str = LINK_ID, channel: Channel = Channel.EMAIL
) -> Incoming:
    """What the edge writes when a reader did something, `number` minutes after the start."""
    at: datetime = START + timedelta(minutes=number)
    event_id = identity.derived(identity.EFFECTS, "event", number)
    entry = CATALOG.entry_of(EngagementRecorded)
    envelope = READER.first(entry, event_id, Conversation(TENANT, ONE), at=at)
    body = EngagementRecorded(kind=kind, channel=channel, link_id=link, happened_at=at)
    value = CODEC.encode(envelope, None, body)
    return Incoming(topics.ENGAGEMENT, 0, number, ONE.encode(), value)


def told(bench: Bench) -> dict[str, object]:
    return figures((LINK,), asyncio.run(bench.view.engagement(TENANT, ONE)))


def test_figures_are_counts_with_the_first_and_the_last(bench: Bench) -> None:
    bench.projector.apply([did(CLICK, 0), did(OPEN, 1), did(CLICK, 2), did(CONVERSION, 3)])
    found = told(bench)
    sums = {
        "clicks": 2,
        "opens": 1,
        "conversions": 1,
        "first": START.isoformat(),
        "last": (START + timedelta(minutes=3)).isoformat(),
    }
    assert found["total"] == sums
    assert found["channels"] == [{"channel": "email", **sums}]


def test_an_event_that_comes_again_is_counted_once(bench: Bench) -> None:
    clicks = [did(CLICK, number) for number in range(4)]
    bench.projector.apply(clicks)
    again = [replace(one, offset=one.offset + 100) for one in clicks]
    twice_at_once = [replace(did(CLICK, 9), offset=offset) for offset in (200, 201)]
    outcomes = bench.projector.apply([*again, *twice_at_once])
    assert (outcomes[Outcome.REPEATED], outcomes[Outcome.APPLIED]) == (5, 1)
    found = told(bench)
    assert found["links"] == [
        {
            "id": LINK_ID,
            "channel": "email",
            "path": LINK.path,
            "target": TARGET,
            "clicks": 5,
            "opens": 0,
            "conversions": 0,
            "first": START.isoformat(),
            "last": (START + timedelta(minutes=9)).isoformat(),
        }
    ]


def test_a_batch_that_was_taken_is_not_read_again(bench: Bench) -> None:
    clicks = [did(CLICK, number) for number in range(3)]
    bench.projector.apply(clicks)
    assert bench.projector.moved_to[clicks[0].source] == 3
    assert bench.projector.starts([clicks[0].source]) == {clicks[0].source: 3}
    assert sum(bench.projector.apply(clicks).values()) == 0


def test_a_view_that_was_deleted_comes_back_with_the_same_engagement(
    bench: Bench, tmp_path: Path
) -> None:
    desk = Desk(CODEC)
    desk.create(ONE, goal_of(tmp_path / "keys"))
    done = [did(CLICK, number) for number in range(5)]
    for start in range(5):  # both topics, record by record, as they came
        bench.projector.apply([*desk.log[start : start + 1], done[start]])
    anew = Bench(tmp_path / "anew")
    anew.projector.apply([*done, *desk.log[:5]])  # all at once, the other topic first
    before, after = bench.rows(), anew.rows()
    assert len(after["engagement"]) == 5
    assert {name: sorted(rows, key=str) for name, rows in after.items()} == {
        name: sorted(rows, key=str) for name, rows in before.items()
    }
    anew.close()


def test_what_is_no_engagement_is_passed_over_and_the_campaigns_go_on(
    bench: Bench, tmp_path: Path
) -> None:
    desk = Desk(CODEC)
    desk.create(ONE, goal_of(tmp_path / "keys"))
    strange = replace(desk.log[0], topic=topics.ENGAGEMENT, offset=0)
    broken = replace(strange, offset=1, value=b"nonsense")
    outcomes = bench.projector.apply([strange, broken, did(CLICK, 2), *desk.log])
    assert outcomes[Outcome.REFUSED] == 2
    found = told(bench)
    assert isinstance(found["total"], dict)
    assert found["total"]["clicks"] == 1
    assert bench.campaign().line.broken == ""
    assert bench.alarms == []


def test_a_link_of_an_earlier_round_still_counts_but_has_no_address(bench: Bench) -> None:
    bench.projector.apply([did(CLICK, 0), did(CLICK, 1, link=OLD_LINK, channel=Channel.BLOG)])
    found = told(bench)
    assert isinstance(found["links"], list)
    assert [(link["id"], link["path"], link["clicks"]) for link in found["links"]] == [
        (LINK_ID, LINK.path, 1),
        (OLD_LINK, None, 1),
    ]
    assert isinstance(found["total"], dict)
    assert found["total"]["clicks"] == 2


def test_another_tenants_question_finds_nothing(bench: Bench) -> None:
    bench.projector.apply([did(CLICK, 0)])
    assert asyncio.run(bench.view.engagement(OTHER_TENANT, ONE)) == ()
