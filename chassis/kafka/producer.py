"""An idempotent Kafka producer behind the port; one thread serves its delivery reports."""

import asyncio
import threading
from collections.abc import Callable, Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chassis.broker import Outgoing
from chassis.errors import ChassisError, OutcomeUnknown, Rejected, Retryable
from chassis.kafka.configuration import Options, producer_options
from chassis.kafka.names import Names

REPORTS_WAIT_S = 0.1
ANY_PARTITION = -1

Delivered = Callable[[KafkaError | None, Message], None]


class KafkaProducer:
    """`chassis.broker.Producer` on librdkafka."""

    def __init__(self, options: Options, names: Names) -> None:
        self._names = names
        self._producer = Producer(producer_options(options))
        self._closing = threading.Event()
        self._reports = threading.Thread(
            target=self._serve_reports, name="kafka-reports", daemon=True
        )
        self._reports.start()

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return once every in-sync replica has all of them.

        Raises Retryable, or Rejected where a record is too large for its topic, or OutcomeUnknown
        where librdkafka has given this producer up and only a new one can write again.
        """
        if not records:
            return
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        waiting = len(records)

        def count(error: KafkaError | None) -> None:
            nonlocal waiting
            waiting -= 1
            if error is not None and not done.done():
                done.set_exception(_reaction(error))
            elif waiting == 0 and not done.done():
                done.set_result(None)

        def delivered(error: KafkaError | None, _: Message) -> None:
            loop.call_soon_threadsafe(count, error)

        for record in records:
            try:
                produce(self._producer, record, self._names, delivered)
            except BufferError as failure:
                raise Retryable(f"not written: {failure}") from failure
            except KafkaException as failure:
                raise _reaction(failure.args[0]) from failure
        await done

    async def close(self) -> None:
        """Give up the connection, after what was sent is acknowledged or 5 s."""
        await asyncio.to_thread(self._producer.flush, 5.0)
        self._closing.set()
        await asyncio.to_thread(self._reports.join, 1.0)

    def _serve_reports(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(REPORTS_WAIT_S)


def _reaction(error: KafkaError) -> ChassisError:
    if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return Rejected(f"not written: {error}")
    if error.fatal() or error.code() == KafkaError._FATAL:
        return OutcomeUnknown(f"the producer is broken: {error}")
    return Retryable(f"not written: {error}")


def produce(
    producer: Producer, record: Outgoing, names: Names, delivered: Delivered | None = None
) -> None:
    """Hand one record to librdkafka; without a partition the key decides."""
    producer.produce(
        names.outside(record.topic),
        value=record.value,
        key=record.key,
        partition=ANY_PARTITION if record.partition is None else record.partition,
        headers=list(record.headers),
        on_delivery=delivered,
    )
