"""The open sagas of the take-over benchmark are what a role would have left behind."""

import asyncio

import pytest

from benchmarks import road
from benchmarks.open_sagas import Maker, Waiting, names_in
from chassis.broker import Incoming, Outgoing
from chassis.memory.partitioner import partition_of
from contracts import identity, topics
from services.orchestrator.saga.restore import Restored
from services.orchestrator.saga.state import StepStatus

PARTITION = 3
SAGAS = 10
CODEC = road.codec()


@pytest.fixture(scope="module")
def made() -> tuple[list[Outgoing], list[Waiting]]:
    return asyncio.run(_made())


async def _made() -> tuple[list[Outgoing], list[Waiting]]:
    records: list[Outgoing] = []
    waiting: list[Waiting] = []
    names = names_in([PARTITION], SAGAS, seed=7)[PARTITION]
    async for some, command in Maker(seed=7).make(PARTITION, names):
        records += some
        waiting += [command] if command else []
    return records, waiting


def read(records: list[Outgoing], topic: str) -> Restored:
    """What a restore of these records alone gives."""
    restored = Restored(CODEC, PARTITION)
    mine = [one for one in records if one.topic == topic]
    for offset, one in enumerate(mine):
        incoming = Incoming(topic, PARTITION, offset, one.key, one.value, one.headers)
        restored.snapshot(incoming) if topic == topics.SNAPSHOTS else restored.fact(incoming)
    if topic == topics.SNAPSHOTS:
        restored.begin_tail()
    return restored


def test_a_fifth_waits_for_an_answer_the_rest_for_a_person_or_the_next_try(
    made: tuple[list[Outgoing], list[Waiting]],
) -> None:
    records, waiting = made
    sagas = [held.saga for held in read(records, topics.SNAPSHOTS).sagas.values()]
    kinds = (StepStatus.CALLED, StepStatus.WAITING, StepStatus.RETRYING)
    counts = [
        sum(any(step.status is kind for step in saga.steps.values()) for saga in sagas)
        for kind in kinds
    ]
    assert counts == [SAGAS // 5, 2 * SAGAS // 5, 2 * SAGAS // 5]
    assert len(waiting) == SAGAS // 5
    assert all(saga.deadlines and not saga.life.ended for saga in sagas)


def test_snapshots_and_log_give_the_same_sagas(
    made: tuple[list[Outgoing], list[Waiting]],
) -> None:
    snapshots, log = (read(made[0], topic) for topic in (topics.SNAPSHOTS, topics.LOG))
    assert log.skipped == snapshots.skipped == 0
    assert snapshots.checkpoint == sum(one.topic == topics.LOG for one in made[0])
    for campaign_id, held in log.sagas.items():
        packed = snapshots.sagas[campaign_id]
        assert packed.is_packed
        assert (packed.saga, packed.head_hash) == (held.saga, held.head_hash)
    assert len(snapshots.sagas) == len(log.sagas) == SAGAS


def test_a_waiting_command_takes_its_answer(
    made: tuple[list[Outgoing], list[Waiting]],
) -> None:
    answer = made[1][0].answer(CODEC, "done")
    message = CODEC.decode(answer.value)
    saga = read(made[0], topics.LOG).sagas[message.envelope.campaign_id].saga
    assert saga.steps["three"].command_id == message.envelope.execution_id
    assert answer.topic == topics.RESULTS


def test_names_are_spread_evenly_over_the_partitions_asked_for() -> None:
    found = names_in([0, 5], 20, seed=1)
    assert {partition: len(names) for partition, names in found.items()} == {0: 10, 5: 10}
    for partition, names in found.items():
        for name in names:
            key = identity.campaign_id(road.TENANT, name).encode()
            assert partition_of(key, topics.PARTITIONS) == partition
