"""Checkpoints take turns: they are due at other times in other partitions, and never late."""

from contracts.topics import PARTITIONS
from services.orchestrator.saga.processor import CHECKPOINT_EVERY, checkpoint_wait


def test_no_two_partitions_write_their_checkpoints_at_once() -> None:
    assert len({checkpoint_wait(partition) for partition in range(PARTITIONS)}) == PARTITIONS


def test_no_checkpoint_waits_longer_than_promised_nor_comes_all_the_time() -> None:
    waits = [checkpoint_wait(partition) for partition in range(2 * PARTITIONS)]
    assert max(waits) == CHECKPOINT_EVERY
    assert min(waits) >= CHECKPOINT_EVERY / 2
