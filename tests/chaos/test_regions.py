"""SAGA-22: a region dies with its Kafka; the one that has its mirror finishes what was mirrored."""

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.broker import TopicPartition
from chassis.kafka import KafkaBroker
from contracts import topics
from services.orchestrator.saga.verify import verify
from tests.chaos.regions import COMPLETED, LEASE_S, Fact, Followed, Pair, Region
from tests.chaos.storm.load import ENDS, Wire
from tests.chaos.storm.sagas import POSTED, SPEECH, create, keys
from tests.chaos.storm.witness import arrivals

SAGAS_MAX = 2_000
OPEN_MAX = 40
BEFORE_THE_MIRROR_DIES, BEFORE_THE_REGION_DIES = 10, 40
PATIENCE_S = 90.0
TURN_S = 0.02
RETURNED_S = 2 * LEASE_S

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]


class Story:
    """The pair, the load on region a, and b's log."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.followed = Followed(pair.b)
        self.contact = pair.a.ground.contact()
        self.asked: list[str] = []
        self._wire = Wire(pair.a.ground, "regions")
        self._ended: set[str] = set()
        self._loading = True

    async def until(self, so: Callable[[], bool], what: str) -> None:
        """Tend everything that lives until it is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < deadline, f"still waiting for {what}"
            self.turn()
            await asyncio.sleep(TURN_S)

    def turn(self) -> None:
        self.pair.b.crew.tend()
        if self._loading:
            self.pair.a.crew.tend()
            self._ask_for_more()

    def _ask_for_more(self) -> None:
        """Keep so many open in region a itself: its mirror may be behind, and show more of them."""
        for fact in self._wire.facts():
            if fact.name in ENDS:
                self._ended.add(fact.campaign_id)
        open_now = len(self.asked) - len(self._ended)
        for _ in range(min(OPEN_MAX - open_now, SAGAS_MAX - len(self.asked))):
            name = f"saga-{len(self.asked)}"
            campaign_id, request = create(name, POSTED, self.contact)
            self._wire.send(request)
            self.asked.append(campaign_id)

    def end_load(self) -> None:
        self._loading = False

    def leave(self) -> None:
        """Give up the connection to region a."""
        self._wire.leave()

    async def mirrored(self) -> tuple[set[str], set[str]]:
        """The sagas of which anything came over: all, and those that had not ended."""
        requests = await self.pair.b.records(topics.REQUESTS)
        copies = [fact for fact in await self.pair.b.log() if fact.copy_of]
        found = {(record.key or b"").decode() for record in requests}
        found.update(fact.campaign_id for fact in copies)
        return found, found - {fact.campaign_id for fact in copies if fact.name == COMPLETED}


async def test_a_region_that_dies_is_taken_over_and_comes_back_as_a_stand_by(
    tmp_path: Path, figures: list[str]
) -> None:
    with Pair(tmp_path) as pair:
        story = Story(pair)
        following = asyncio.create_task(story.followed.follow())
        await pair.begin()
        await story.until(
            lambda: len(story.followed.completed) >= BEFORE_THE_MIRROR_DIES, "a first end"
        )
        pair.mirror.signal(signal.SIGKILL)
        enough = len(story.followed.completed) + BEFORE_THE_REGION_DIES
        await story.until(lambda: len(story.followed.completed) >= enough, "a second mirror")
        copied = asyncio.create_task(pair.copied())
        await story.until(copied.done, "the servers to know of the copy")
        await copied

        pair.a.kill()
        killed = time.monotonic()
        story.end_load()
        await story.until(lambda: bool(story.followed.own), "a first fact of region b")
        mirrored, under_way = await story.mirrored()
        await story.until(lambda: story.followed.completed >= mirrored, "every mirrored saga's end")
        all_ended = time.monotonic()
        story.leave()
        assert under_way, "nothing was under way: this proves nothing"
        await whole(story, mirrored)

        await comes_back(story)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    first = story.followed.own[0].at - killed
    figures.append(
        f"region a killed with {len(under_way)} mirrored sagas under way: region b's first fact "
        f"after {first:.1f} s (lease {LEASE_S:g} s), the end of all of them after "
        f"{all_ended - killed:.1f} s; {len(story.asked) - len(mirrored)} of {len(story.asked)} "
        "requests had not been mirrored (both regions on this machine)"
    )


async def whole(story: Story, mirrored: set[str]) -> None:
    """Every chain holds, each copy stands once and before b's own, each key has one content."""
    pair = story.pair
    reader = KafkaBroker(pair.b.ground.settings()).reader()
    report = await verify(reader, SPEECH)
    await reader.close()
    assert (report["problems"], report["without_obligation"]) == ([], [])
    facts = await pair.b.log()
    copies = [(fact.source, fact.copy_of) for fact in facts if fact.copy_of]
    assert len(copies) == len(set(copies))
    assert out_of_order(facts) == []
    contents: dict[str, set[str]] = defaultdict(set)
    for arrival in arrivals(pair.noted):
        contents[arrival.key].add(arrival.content)
    assert {key for key, found in contents.items() if len(found) > 1} == set()
    wanted = {key for one in mirrored for key in keys(one, POSTED, story.contact)}
    assert wanted - contents.keys() == set()


def out_of_order(facts: list[Fact]) -> list[Fact]:
    """Copies that came behind a fact of the region's own, in the same partition."""
    own: set[TopicPartition] = set()
    late = []
    for fact in facts:
        if not fact.copy_of:
            own.add(fact.source)
        elif fact.source in own:
            late.append(fact)
    return late


async def comes_back(story: Story) -> None:
    """Region a starts again: it stands by, and no mirror takes anything from it."""
    pair, a = story.pair, story.pair.a
    a.redis.start()
    await asyncio.to_thread(a.kafka.start)
    before, in_b = await a.written(), len(story.followed.facts)
    a.crew.tend()
    await story.until(lambda: stands_by(pair, a), "region a to stand by")
    until = time.monotonic() + RETURNED_S
    while time.monotonic() < until:
        a.crew.tend()
        story.turn()
        await asyncio.sleep(TURN_S)
    assert await a.written() == before
    assert len(story.followed.facts) == in_b
    assert pair.mirror.exits[1] > 0
    assert "mix two histories" in pair.log_of(pair.b, "mirror-0")


def stands_by(pair: Pair, region: Region) -> bool:
    return all(
        "region b holds the lease" in pair.log_of(region, seat.name) for seat in region.crew.seats
    )
