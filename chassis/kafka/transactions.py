"""Kafka transactions behind the port: records and input positions together, or neither."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from chassis.broker import Outgoing, Position, TopicPartition
from chassis.errors import Aborted, ChassisError, Fenced, MembershipLost, OutcomeUnknown, Retryable
from chassis.kafka.configuration import TRANSACTION_TIMEOUT_MS, Options, producer_options
from chassis.kafka.consumer import MEMBERSHIP_ERRORS, kafka_positions
from chassis.kafka.hanging import Hanging
from chassis.kafka.names import Names
from chassis.kafka.producer import produce
from chassis.kafka.thread import OneThread

START_TIMEOUT_S = 15.0
CALL_TIMEOUT_S = 8.0
GIVEN_UP_AFTER_S = 10.0
"""Longer than the broker lets a transaction be open, which ends by its side then.

librdkafka 2.16.1 may wait for a group's coordinator without end, whatever timeout it was given
(its issues 5456 and 5511; seen after restarts of a broker).
"""

TOO_SLOW = (
    "The transaction had been open for {:.1f} s and the broker ends one after "
    f"{TRANSACTION_TIMEOUT_MS / 1_000:g} s, so it may be no other copy, only a slow broker or "
    "machine: nothing was written, and a restart goes on where this stopped"
)

log = structlog.get_logger()

_FENCED = {
    KafkaError._FENCED,
    KafkaError.FENCED_INSTANCE_ID,
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
}


class KafkaTransactions:
    """`chassis.broker.Transactions` and `Together`; `start` throws a doubtful producer away."""

    def __init__(
        self, options: Options, names: Names, transactional_id: str, hanging: Hanging | None = None
    ) -> None:
        self._options = {
            **producer_options(options),
            "transactional.id": names.group(transactional_id),
            "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS,
            "delivery.timeout.ms": TRANSACTION_TIMEOUT_MS,
        }
        self._names = names
        self._hanging = hanging
        self._thread = _thread()
        self._producer: Producer | None = None
        self._starting: Producer | None = None

    async def start(self) -> None:
        """Fence whoever held the name before, and resolve what it left open."""
        await self._thread.run(self._start)

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        """Make records and positions visible in one transaction.

        Raises Aborted or MembershipLost (no trace left), OutcomeUnknown, or Fenced.
        """
        assert positions, "without an input offset the broker checks no membership"
        await self._timed(records, positions, membership)

    async def write(self, records: Sequence[Outgoing]) -> None:
        """Make records that answer no input visible in one transaction: only the name fences.

        Raises Aborted (no trace left), OutcomeUnknown, or Fenced.
        """
        await self._timed(records, {}, None)

    async def close(self) -> None:
        """Give up the connection; what is open is aborted by the next `start` of the name."""
        await self._thread.run(self._forget)
        self._thread.close()

    async def _timed(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        work = self._thread.run(self._commit, records, positions, membership)
        began = time.monotonic()
        try:
            await asyncio.wait_for(work, GIVEN_UP_AFTER_S)
        except TimeoutError as silence:
            self._give_up()
            said = f"Kafka's client has not answered for {GIVEN_UP_AFTER_S:g} s"
            raise OutcomeUnknown(f"{said}; a new producer takes over") from silence
        except Fenced as fence:
            took_s = time.monotonic() - began
            if took_s * 1_000 < TRANSACTION_TIMEOUT_MS:
                raise
            raise Fenced(f"{fence}. {TOO_SLOW.format(took_s)}") from fence

    def _give_up(self) -> None:
        """Leave the producer in its thread: the next `start` fences whatever it may still do."""
        self._producer = None
        self._thread.close()
        self._thread = _thread()

    def _forget(self) -> None:
        self._producer = self._starting = None

    def _start(self) -> None:
        self._producer = None
        producer = self._holding_the_name()
        try:
            ended = self._hanging.end(producer) if self._hanging else ()
        except KafkaException as failure:
            raise _reaction(failure, Retryable) from failure
        if ended:
            where = sorted(f"{one.topic}[{one.partition}]" for one in ended)
            log.warning("hanging_transactions_ended", partitions=where)
        self._producer = producer

    def _holding_the_name(self) -> Producer:
        """A producer of the name. One whose start came to no end goes on with it: what it asked
        for may still be on the way, and would fence another one when it arrives.
        """
        producer = self._starting or Producer(self._options)
        self._starting = None
        try:
            producer.init_transactions(START_TIMEOUT_S)
        except KafkaException as failure:
            if failure.args[0].retriable():
                self._starting = producer
            raise _reaction(failure, Retryable) from failure
        return producer

    def _commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        producer = self._producer
        if producer is None:
            raise OutcomeUnknown("no producer: call start first")
        offsets = kafka_positions(positions, self._names)
        try:
            producer.begin_transaction()
        except KafkaException as failure:
            raise _reaction(failure, OutcomeUnknown) from failure
        try:
            for record in records:
                produce(producer, record, self._names)
            producer.flush(CALL_TIMEOUT_S)  # before the offsets: afterwards it costs 20 x as much
            if offsets:
                producer.send_offsets_to_transaction(offsets, membership, CALL_TIMEOUT_S)
        except (BufferError, KafkaException) as failure:
            self._abort(producer, failure)
        try:
            producer.commit_transaction(CALL_TIMEOUT_S)
        except KafkaException as failure:
            if failure.args[0].txn_requires_abort():
                self._abort(producer, failure)
            raise _reaction(failure, OutcomeUnknown) from failure

    def _abort(self, producer: Producer, cause: BufferError | KafkaException) -> None:
        """Abort after `cause` and raise what the loop is to do; never returns."""
        reaction = _reaction(cause, Aborted)
        if isinstance(cause, KafkaException) and cause.args[0].fatal():
            raise reaction from cause
        try:
            producer.abort_transaction(CALL_TIMEOUT_S)
        except KafkaException as failure:
            raise _reaction(failure, OutcomeUnknown) from cause
        raise reaction from cause


def _thread() -> OneThread:
    return OneThread("kafka-transactions")


def _reaction(failure: BaseException, otherwise: type[ChassisError]) -> ChassisError:
    error = failure.args[0] if isinstance(failure, KafkaException) else None
    if isinstance(error, KafkaError) and error.code() in MEMBERSHIP_ERRORS - {KafkaError._STATE}:
        return MembershipLost(str(error))
    if isinstance(error, KafkaError) and error.code() in _FENCED:
        return Fenced(str(error))
    return otherwise(str(error or failure))
