"""A saga owner in a process of its own, for tests that stop it where it hurts most.

Run as `python -m tests.broker.owner BOOTSTRAP PREFIX INSTANCE PAUSE MUTATION`. PAUSE is `never`,
`input` or `timer`: the process stops itself (SIGSTOP) once, with such a tick thought but not yet
committed. MUTATION is `none`, or the safeguard that is left out: `membership` or `offset`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer

from chassis.broker import Incoming, Outgoing, Position, TopicPartition
from chassis.clock import SystemClock
from chassis.kafka import KafkaBroker
from chassis.kafka.transactions import KafkaTransactions
from chassis.settings import ChassisSettings
from chassis.telemetry import configure_logs
from chassis.transaction import TransactionalLoop
from services.orchestrator.saga.processor import SagaProcessor
from services.orchestrator.saga.role import ROLE, saga_loop
from tests.broker.gated import GATED

SESSION_TIMEOUT_MS = 1_000


class Pausing(SagaProcessor):
    """A processor that stops its whole process once, at the end of a thought."""

    pause = "never"

    def think(self, records: Sequence[Incoming], now: datetime) -> Sequence[Outgoing]:
        thought = super().think(records, now)
        self._stop_once("input")
        return thought

    async def think_of_time(self, partition: int, now: datetime) -> Sequence[Outgoing]:
        thought = await super().think_of_time(partition, now)
        if thought:
            self._stop_once("timer")
        return thought

    def _stop_once(self, at: str) -> None:
        if self.pause == at:
            self.pause = "never"
            sys.stdout.write("paused\n")
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGSTOP)


class WithoutOffset(KafkaTransactions):
    """Leaves out the input offset: the broker then checks no membership."""

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        await self._thread.run(self._commit_without, records)

    def _commit_without(self, records: Sequence[Outgoing]) -> None:
        assert self._producer is not None
        self._producer.begin_transaction()
        for record in records:
            self._producer.produce(
                self._names.outside(record.topic),
                value=record.value,
                key=record.key,
                headers=list(record.headers),
            )
        self._producer.commit_transaction(10.0)


class WithoutMembership(KafkaTransactions):
    """Sends the offsets under a group metadata that carries no generation."""

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        nobody = Consumer(
            {
                "bootstrap.servers": self._options["bootstrap.servers"],
                "group.id": self._names.group(ROLE),
            }
        )
        await super().commit(records, positions, nobody.consumer_group_metadata())


MUTATIONS: Mapping[str, type[KafkaTransactions]] = {
    "none": KafkaTransactions,
    "offset": WithoutOffset,
    "membership": WithoutMembership,
}


def owner(argv: Sequence[str]) -> TransactionalLoop:
    """The owner that the arguments ask for."""
    bootstrap, prefix, instance, pause, mutation = argv
    settings = ChassisSettings(
        kafka_bootstrap=bootstrap,
        topic_prefix=prefix,
        group_prefix=prefix,
        instance=int(instance),
        use_in_memory_store=True,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        state_dir=Path(os.devnull),
    )
    configure_logs("INFO", f"{ROLE}-{instance}")
    loop = saga_loop(settings, KafkaBroker(settings), SystemClock(), definitions=GATED)
    processor: Any = loop._processor
    processor.__class__ = Pausing
    processor.pause = pause
    transactions: Any = loop._transactions
    transactions.__class__ = MUTATIONS[mutation]
    return loop


if __name__ == "__main__":
    asyncio.run(owner(sys.argv[1:]).run())
