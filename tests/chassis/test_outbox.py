"""Answers go out together, and count as sent once the brokers have them."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis import lanes as lanes_module
from chassis import outbox as outbox_module
from chassis.broker import Outgoing, Position, Producer
from chassis.errors import Retryable
from chassis.service import Answer, Job
from contracts.content import DeleteContentDrafts
from contracts.saga import StepUndone
from tests.chassis.phase import Stage, a_moment, campaign, command, numbers, until


class Counted:
    """A producer that counts how often it is called, and can be held back."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self.sent: list[int] = []
        self.goes_on = asyncio.Event()

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.sent.append(len(records))
        await self.goes_on.wait()
        await self._producer.send(records)

    async def close(self) -> None:
        await self._producer.close()


async def at_once(_: DeleteContentDrafts, __: Job) -> Answer:
    return Answer(StepUndone())


@pytest.fixture
def counted(stage: Stage) -> Counted:
    stage.handler = at_once
    stage.remembers = False
    made = Counted(stage.broker.producer())
    stage.wrap = lambda _: made
    return made


async def test_answers_that_are_ready_together_share_an_acknowledgement(
    stage: Stage, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "SLICE_S", 1_000.0)
    await stage.send(*[command(number) for number in range(50)])
    stage.start()
    await until(lambda: counted.sent)
    await a_moment()
    assert counted.sent == [50]
    assert stage.committed() in (None, Position(0))  # none is done before all are acknowledged
    counted.goes_on.set()
    await stage.answered(50)
    await stage.commits(50)


async def test_nothing_is_begun_while_too_much_is_on_its_way(
    stage: Stage, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "ON_THEIR_WAY_BYTES_MAX", 0)
    await stage.send(*[command(number) for number in range(10)])
    stage.start()
    await until(lambda: counted.sent)
    await a_moment()
    assert counted.sent == [1]
    counted.goes_on.set()
    await stage.answered(10)
    await stage.commits(10)


async def test_a_step_is_asked_again_only_once_its_answer_is_acknowledged(
    stage: Stage, counted: Counted
) -> None:
    await stage.send(command(1), command(1, 2), command(2))
    stage.start()
    await until(lambda: sum(counted.sent) == 2)
    await a_moment()
    assert sum(counted.sent) == 2
    counted.goes_on.set()
    await stage.answered(3)


class OneAway:
    """A producer to which the partition of one campaign is away for a while."""

    def __init__(self, producer: Producer, away: int) -> None:
        self._producer = producer
        self.away = campaign(away).encode()

    async def send(self, records: Sequence[Outgoing]) -> None:
        if any(made.key == self.away for made in records):
            raise Retryable("its leader is away")
        await self._producer.send(records)

    async def close(self) -> None:
        await self._producer.close()


async def test_an_answer_that_is_not_taken_holds_back_no_other(stage: Stage) -> None:
    stage.handler, stage.remembers = at_once, False
    producer = OneAway(stage.broker.producer(), 3)
    stage.wrap = lambda _: producer
    await stage.send(*[command(number) for number in range(6)])
    stage.start()
    assert sorted(numbers(await stage.answered(5))) == [0, 1, 2, 4, 5]
    await stage.commits(3, note="1:1,2")
    producer.away = b""
    assert sorted(numbers(await stage.answered(6))) == [0, 1, 2, 3, 4, 5]
    await stage.commits(6)
