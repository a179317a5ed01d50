"""The deploy gate: what the running build did and this one would not is found, and nothing else."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.broker import Incoming, TopicPartition
from contracts import topics
from services.orchestrator.saga.against import Compared, against
from services.orchestrator.saga.engine import retry
from services.orchestrator.saga.restore import Restored
from services.orchestrator.saga.snapshots import state_json
from services.orchestrator.saga.writing import Writer
from tests.histories.reading import History, Standing, elsewhere, ends_of_ticks, history
from tests.histories.record import completed, failed, lines_of
from tests.orchestrator.saga.desk import CODEC, PARTITION
from tests.specification import CAMPAIGN_ID


async def compared(reader: Standing, count: int = 10) -> Compared:
    return await against(reader, CODEC, count)


def snapshot(life: History, length: int, **changes: Any) -> Incoming:
    """The running build's snapshot after so many facts, its state changed."""
    restored = Restored(CODEC, PARTITION)
    for fact in life.facts[:length]:
        restored.fact(fact)
    held = restored.sagas[CAMPAIGN_ID]
    made = Writer(CODEC, "saga-1").snapshot(held, 0)
    message = CODEC.decode(made.value)
    state = json.loads(held.saga.model_dump_json()) | changes
    body = message.body.model_copy(update={"state": packed(state)})
    value = CODEC.encode(message.envelope, None, body)
    return Incoming(topics.SNAPSHOTS, PARTITION, length, made.key, value)


def packed(state: Mapping[str, Any]) -> bytes:
    """A state as a snapshot has it."""
    return zlib.compress(json.dumps(state).encode())


async def test_a_build_that_does_the_same_passes() -> None:
    life = history(await lines_of(failed))
    found = await compared(Standing.of(life, snapshot(life, 12)))
    assert found.difference == ""
    assert (found.sagas, found.facts, found.snapshots) == (1, len(life.facts), 1)
    assert (found.inputs_gone, found.decided > 10, len(found.schemas) > 10) == (0, True, True)


async def test_a_decision_that_would_be_another_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    life = history(await lines_of(failed))
    monkeypatch.setattr(retry, "backoff", lambda *_: timedelta(seconds=7))
    found = await compared(Standing.of(life))
    assert "RetryScheduled.due: logged" in found.difference


async def test_a_state_that_is_folded_otherwise_is_found_by_its_place() -> None:
    life = history(await lines_of(failed))
    found = await compared(Standing.of(life, snapshot(life, 12, retries=3)))
    told = f"campaign {CAMPAIGN_ID} at 12.retries: the running build has 3, this one 0"
    assert found.difference == told


async def test_a_field_that_only_this_build_has_is_no_difference() -> None:
    life = history(await lines_of(failed))
    record = snapshot(life, 12)
    body: Any = CODEC.decode(record.value).body
    whole = json.loads(state_json(body))
    state = {name: value for name, value in whole.items() if name not in ("fork", "pauses")}
    older = CODEC.encode(
        CODEC.decode(record.value).envelope,
        None,
        body.model_copy(update={"state": packed(state)}),
    )
    found = await compared(Standing.of(life, replace(record, value=older)))
    assert (found.difference, found.snapshots) == ("", 1)


async def test_a_snapshot_that_no_build_can_read_is_not_compared() -> None:
    life = history(await lines_of(failed))
    record = snapshot(life, 12)
    message = CODEC.decode(record.value)
    torn = CODEC.encode(message.envelope, None, message.body.model_copy(update={"state": b"junk"}))
    found = await compared(Standing.of(life, replace(record, value=torn)))
    assert (found.difference, found.snapshots) == ("", 0)


async def test_a_log_that_ends_before_its_snapshot_is_found() -> None:
    life = history(await lines_of(failed))
    cut = life._replace(facts=life.facts[: ends_of_ticks(life)[-2]])
    found = await compared(Standing.of(cut, snapshot(life, len(life.facts))))
    assert "the log ends before that" in found.difference


async def test_another_record_than_the_snapshot_names_is_found() -> None:
    life, other = history(await lines_of(failed)), history(await lines_of(completed))
    found = await compared(Standing.of(life, snapshot(other, 12)))
    assert "not the one that its snapshot names" in found.difference


async def test_inputs_that_are_gone_are_counted_and_the_rest_is_decided_again() -> None:
    life = history(await lines_of(completed))
    late = {source: record for source, record in life.inputs.items() if source.offset > 4}
    found = await compared(Standing.of(life._replace(inputs=late)))
    assert (found.difference, found.inputs_gone) == ("", 5)
    assert found.decided > 5


async def test_the_sagas_written_to_last_are_compared() -> None:
    """The one that was written to before them has a hole, and would be a difference."""
    life = history(await lines_of(completed))
    old = elsewhere(life.facts[:5] + life.facts[6:], partition=1, timestamp_ms=1_000)
    new = elsewhere(life.facts, partition=0, timestamp_ms=2_000)
    reader = Standing(*old, *new, *life.inputs.values(), partitions=2)
    assert (await compared(reader, 1)).difference == ""
    both = await compared(reader, 2)
    assert both.sagas == 2
    assert "campaign.log[1]" in both.difference


async def test_a_tick_that_is_being_written_is_compared_whole_or_not_at_all() -> None:
    """The end of the log is seen inside a transaction: its tick is read, later ones are not."""
    life = history(await lines_of(completed))
    ends = ends_of_ticks(life)
    inside, whole = ends[4] - 1, ends[4]

    class Growing(Standing):
        looks = 0

        async def ends(
            self, partitions: Sequence[TopicPartition]
        ) -> Mapping[TopicPartition, tuple[int, int]]:
            found = dict(await super().ends(partitions))
            log = TopicPartition(topics.LOG, PARTITION)
            if log in found:
                self.looks += 1
                found[log] = (0, inside) if self.looks == 1 else found[log]
            return found

    found = await compared(Growing.of(life))
    assert (found.difference, found.facts) == ("", whole)


async def test_an_empty_log_compares_nothing_and_says_so() -> None:
    found = await compared(Standing())
    assert found.as_data() == {
        "sagas": 0,
        "facts": 0,
        "decided": 0,
        "inputs_gone": 0,
        "snapshots": 0,
        "schemas": [],
        "difference": "",
    }
