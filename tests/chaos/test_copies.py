"""Two copies of every role share the work; each campaign's facts stay in order."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from chassis.broker import TopicPartition
from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from contracts import topics
from contracts.saga import ToolResultReceived
from deploy.stack.plan import EXAMPLE_SITES, SERVICES, Plan
from deploy.stack.stack import Stack
from services.orchestrator.saga.verify import verify
from tests.chaos.crowd import Crowd
from tests.chaos.sinks import witness
from tests.chaos.test_kills import PATIENCE_S

CAMPAIGNS = 50
SHARE_MIN = 0.2

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(900)]


async def test_two_copies_of_every_role_share_fifty_campaigns(
    tmp_path: Path, figures: list[str]
) -> None:
    with witness() as seen:
        plan = Plan(
            site=EXAMPLE_SITES,
            environment=seen.environment,
            copies=dict.fromkeys(SERVICES, 2),
        )
        with Stack(tmp_path, plan) as stack:
            edges = [
                f"http://127.0.0.1:{member.port}"
                for name, member in stack.children.items()
                if name.startswith("orchestrator")
            ]
            assert len(edges) == 2
            crowd = Crowd(edges, tmp_path / "view.sqlite", stack.site, CAMPAIGNS)
            crowd.start()
            crowd.wait_for_the_end(PATIENCE_S)
            crowd.stop()
            assert crowd.lives() == Counter({"COMPLETED": CAMPAIGNS})
            settings = ChassisSettings(kafka_bootstrap=stack.bootstrap, use_in_memory_store=True)
            broker = KafkaBroker(settings)
            assert (await verify(broker.reader(), Codec()))["problems"] == []
            shares = await _shares(broker)
    figures.append(f"answers by copy: { {role: dict(found) for role, found in shares.items()} }")
    assert {role: len(copies) for role, copies in shares.items() if len(copies) != 2} == {}
    assert _too_small(shares) == []
    assert max(Counter(to for _, to in seen.mails).values()) == 1


async def _shares(broker: KafkaBroker) -> dict[str, Counter[str]]:
    """Per role, how many answers (or facts) each copy gave, out of the log itself."""
    reader, codec = broker.reader(), Codec()
    tps = [TopicPartition(topics.LOG, number) for number in range(topics.PARTITIONS)]
    bounds = await reader.ends(tps)
    starts = {tp: bounds[tp][0] for tp in tps}
    ends = {tp: bounds[tp][1] for tp in tps}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    sequences: dict[str, int] = {}
    async for record in reader.read(starts, ends):
        fact = codec.decode(record.value)
        campaign_id = fact.envelope.campaign_id
        sequence = fact.record["log"]["sequence"]
        assert sequence == sequences.get(campaign_id, 0) + 1
        sequences[campaign_id] = sequence
        authors = [] if fact.envelope.actor.kind.value == "person" else [fact.envelope.actor.id]
        if isinstance(fact.body, ToolResultReceived):
            authors.append(codec.decode(fact.body.body).envelope.actor.id)
        for author in authors:
            found[author.rpartition("-")[0]][author] += 1
    await reader.close()
    return found


def _too_small(shares: dict[str, Counter[str]]) -> list[str]:
    return [
        f"{copy}: {count} of {total}"
        for counts in shares.values()
        for copy, count in counts.items()
        if (total := counts.total()) and count < SHARE_MIN * total
    ]
