"""A client that never answers is given up: the loop goes on with a new producer."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.broker import Outgoing, Position, TopicPartition
from chassis.errors import OutcomeUnknown
from chassis.kafka import transactions
from chassis.kafka.names import Names
from chassis.kafka.thread import OneThread
from chassis.kafka.transactions import KafkaTransactions

POSITIONS = {TopicPartition("inputs", 0): Position(1)}
RECORD = Outgoing("outputs", b"key", b"value")


class Client:
    """A producer of confluent-kafka as far as a transaction needs it; it may be silent."""

    made: list["Client"]

    def __init__(self, _: dict[str, Any]) -> None:
        self.made.append(self)
        self.silent = len(self.made) == 1
        self.speaks = threading.Event()
        self.committed = 0
        self.thread = threading.current_thread()

    def init_transactions(self, _: float) -> None: ...
    def begin_transaction(self) -> None: ...
    def produce(self, *_: Any, **__: Any) -> None: ...
    def poll(self, _: float) -> None: ...
    def flush(self, _: float) -> None: ...

    def send_offsets_to_transaction(self, *_: Any) -> None:
        if self.silent:
            self.speaks.wait()

    def commit_transaction(self, _: float) -> None:
        self.committed += 1


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Client]]:
    monkeypatch.setattr(transactions, "Producer", Client)
    monkeypatch.setattr(transactions, "GIVEN_UP_AFTER_S", 0.2)
    Client.made = []
    yield Client.made
    for client in Client.made:
        client.speaks.set()


async def test_a_silent_client_is_given_up_and_a_new_one_goes_on(clients: list[Client]) -> None:
    together = KafkaTransactions({}, Names("", ""), "saga-0")
    await together.start()
    committing = asyncio.create_task(together.commit([RECORD], POSITIONS, None))
    await asyncio.wait({committing}, timeout=5)
    assert committing.done(), "it waits for a client that never answers"
    with pytest.raises(OutcomeUnknown, match="has not answered for"):
        committing.result()
    with pytest.raises(OutcomeUnknown, match="call start first"):
        await together.commit([RECORD], POSITIONS, None)
    await together.start()
    await together.commit([RECORD], POSITIONS, None)
    silent, new = clients
    assert (silent.committed, new.committed) == (0, 1)
    await together.close()


async def test_what_a_client_does_after_it_was_given_up_does_not_touch_the_new_one(
    clients: list[Client],
) -> None:
    together = KafkaTransactions({}, Names("", ""), "saga-0")
    await together.start()
    with pytest.raises(OutcomeUnknown):
        await together.commit([RECORD], POSITIONS, None)
    late = clients[0]
    await together.start()
    late.speaks.set()
    late.thread.join()
    await together.commit([RECORD], POSITIONS, None)
    assert (late.committed, clients[1].committed) == (1, 1)
    await together.close()


async def test_a_thread_that_nobody_holds_any_more_ends() -> None:
    held = OneThread("nobody's")
    assert await held.run(threading.current_thread) in threading.enumerate()
    thread = await held.run(threading.current_thread)
    del held
    await asyncio.to_thread(thread.join, 5)
    assert not thread.is_alive()
