"""What a phase role promises: order per step, many at once, nothing lost, nothing done for ever."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from chassis import loop as loop_module
from chassis import offsets as offsets_module
from chassis.broker import Outgoing, Position, Producer
from chassis.codec import FRAME, MAGIC
from chassis.errors import Fenced, Rejected
from chassis.memory import Fault
from chassis.settings import ChassisSettings
from contracts import topics
from contracts.design import DeleteDesignAssets
from contracts.records import DeadLetter
from tests.chassis.phase import (
    NOON,
    Hands,
    Stage,
    a_moment,
    campaign,
    command,
    numbers,
    until,
    value_of,
)

NEIGHBOUR = "22222222-2222-4222-8222-222222222222"


async def test_one_step_of_a_campaign_is_worked_in_order_one_at_a_time(
    stage: Stage, hands: Hands
) -> None:
    await stage.send(*[command(1, attempt) for attempt in range(1, 9)])
    stage.start()
    await stage.answered(8)
    assert hands.begun_by(1) == list(range(1, 9))
    assert hands.most_of_one_step == 1


async def test_campaigns_and_steps_of_one_campaign_are_worked_at_once(
    stage: Stage, hands: Hands
) -> None:
    closed = [(1, "publish.email"), (1, "publish.blog"), (2, "publish.email")]
    for number, step in closed:
        hands.close(number, step)
    await stage.send(*[command(number, step=step) for number, step in closed])
    stage.start()
    await until(lambda: hands.most_at_once == 3)
    for number, step in closed:
        hands.open(number, step)
    await stage.answered(3)


async def test_a_slow_one_holds_nobody_back_and_a_crash_repeats_only_it(
    stage: Stage, hands: Hands
) -> None:
    stage.remembers = False  # the commit's note alone must know what is done
    hands.close(0)
    await stage.send(*[command(number) for number in range(6)])
    _, task = stage.start()
    await stage.answered(5)
    await stage.commits(0, note="1:1,5")
    await stage.crash(task)
    begun = len(hands.begun)
    stage.start()
    await until(lambda: len(hands.begun) > begun)
    await stage.send(command(9))
    await stage.answered(6)
    hands.open(0)
    results = await stage.answered(7)
    assert sorted(numbers(results)) == [0, 1, 2, 3, 4, 5, 9]
    assert hands.begun_by(0) == [1, 1]
    assert all(hands.begun_by(number) == [1] for number in (1, 2, 3, 4, 5, 9))
    await stage.commits(7)


async def test_no_more_are_worked_on_at_once_than_allowed(stage: Stage, hands: Hands) -> None:
    stage.max_in_flight = 3
    for number in range(10):
        hands.close(number)
    await stage.send(*[command(number) for number in range(10)])
    stage.start()
    await until(lambda: len(hands.begun) == 3)
    await a_moment()
    assert len(hands.begun) == 3
    for number in range(10):
        hands.open(number)
    await stage.answered(10)
    assert hands.most_at_once == 3


async def test_of_a_hundred_queued_commands_twenty_are_in_hand_and_the_pool_says_so(
    stage: Stage, hands: Hands
) -> None:
    """RES-13: the cap is twenty unless the role (MAX_IN_FLIGHT) says otherwise."""
    queued, cap = 100, ChassisSettings(use_in_memory_store=True).max_in_flight
    for number in range(queued):
        hands.close(number)
    await stage.send(*[command(number, partition=number % 2) for number in range(queued)])
    stage.start()
    await until(lambda: len(hands.begun) == cap)
    await a_moment()
    assert REGISTRY.get_sample_value("sagaline_commands_in_flight", {"role": "content"}) == cap
    assert REGISTRY.get_sample_value("sagaline_pool_size", {"pool": "commands:content"}) == cap
    for number in range(queued):
        hands.open(number)
    await stage.answered(queued)
    assert hands.most_at_once == cap == 20


async def test_the_next_free_place_goes_to_the_tenant_that_has_the_fewest(
    stage: Stage, hands: Hands
) -> None:
    stage.max_in_flight = 2
    for number in range(8):
        hands.close(number)
    await stage.send(*[command(number) for number in range(7)])
    copy, _ = stage.start()
    await until(lambda: len(hands.begun) == 2)
    await stage.send(command(7, tenant=NEIGHBOUR, partition=1))
    await until(lambda: sum(one.unfinished for one in copy._partitions.values()) == 8)
    hands.open(0)
    await until(lambda: len(hands.begun) == 3)
    assert hands.begun_by(7) == [1]
    for number in range(8):
        hands.open(number)
    await stage.answered(8)


async def test_a_long_queue_stays_with_the_broker_and_is_fetched_later(
    stage: Stage, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_module, "POLL_RECORDS", 8)
    stage.max_in_flight = 2
    hands.close(0)
    hands.close(1)
    await stage.send(*[command(n % 2, n // 2 + 1) for n in range(60)])
    copy, _ = stage.start()
    await until(lambda: len(hands.begun) == 2)
    await a_moment()
    taken = sum(progress.unfinished for progress in copy._partitions.values())
    assert taken == 2 * loop_module.QUEUED_PER_SLOT
    turns = copy.vitals._last_turn
    await a_moment()
    assert copy.vitals._last_turn > turns  # polling goes on, or the group would give us up
    hands.open(0)
    hands.open(1)
    await stage.answered(60)
    assert hands.begun_by(0) == hands.begun_by(1) == list(range(1, 31))


@pytest.mark.parametrize(
    "full_at", [(loop_module, "QUEUED_PER_SLOT"), (offsets_module, "UNFINISHED_MAX")]
)
async def test_what_gets_shorter_in_time_is_not_paused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, full_at: tuple[object, str]
) -> None:
    monkeypatch.setattr(*full_at, 4)
    monkeypatch.setattr(loop_module, "POLL_RECORDS", 8)
    monkeypatch.setattr(loop_module, "RELIEF_S", 60.0)
    stage.max_in_flight = 2
    await stage.send(*[command(number) for number in range(60)])
    copy, _ = stage.start()
    paused: list[object] = []

    async def pausing(partitions: object) -> None:
        paused.append(partitions)

    monkeypatch.setattr(copy._consumer, "pause", pausing)
    await stage.answered(60)
    assert not paused


async def test_a_full_note_holds_back_its_own_partition_only(
    stage: Stage, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offsets_module, "UNFINISHED_MAX", 3)
    monkeypatch.setattr(loop_module, "POLL_RECORDS", 4)
    for number in range(3):
        hands.close(number)
    await stage.send(*[command(number) for number in range(3)])
    copy, _ = stage.start()
    await until(lambda: len(hands.begun) == 3 and len(copy._held) == 1)
    await stage.send(command(4), command(5, partition=1))
    assert numbers(await stage.answered(1)) == [5]
    await a_moment()
    assert hands.begun_by(4) == []
    hands.open(0)
    assert sorted(numbers(await stage.answered(3))) == [0, 4, 5]
    hands.open(1)
    hands.open(2)
    await stage.answered(5)


WHOLE = command(7).value or b""


OTHER = value_of(DeleteDesignAssets(), 7, "design", 1, NOON + timedelta(hours=1))


RUBBISH: dict[str, tuple[bytes | None, str]] = {
    "null": (None, "no value"),
    "empty": (b"", "empty"),
    "bad magic": (b"\x01" + WHOLE[1:], "first byte is 0x01"),
    "unknown id": (FRAME.pack(MAGIC, 99) + WHOLE[5:], "schema id 99 is unknown"),
    "frame only": (WHOLE[:4], "truncated"),
    "truncated": (WHOLE[:-3], "cut off or garbled"),
    "trailing": (WHOLE + b"\x00", "trailing"),
    "other type": (OTHER, "DeleteDesignAssets is not for this role"),
    "text": (b"\x00\x00\x0fhello, world", "unknown"),
}


@pytest.mark.parametrize(("value", "reason"), RUBBISH.values(), ids=RUBBISH)
async def test_rubbish_goes_whole_to_the_dead_letters_and_its_partition_goes_on(
    stage: Stage, value: bytes | None, reason: str
) -> None:
    headers = (("ce_id", b"1"), ("odd", b"\xff"))
    await stage.send(Outgoing(command(1).topic, b"its key", value, headers, partition=0))
    await stage.send(command(1))
    stage.start()
    assert numbers(await stage.answered(1)) == [1]
    (letter,) = await stage.messages(topics.DEAD_LETTERS)
    (incoming,) = await stage.read(topics.DEAD_LETTERS)
    body = letter.body
    assert isinstance(body, DeadLetter)
    assert reason in body.reason
    assert body.value == (value or b"")
    assert (body.key, body.headers) == (b"its key", dict(headers))
    assert (body.topic, body.partition, body.offset) == (command(1).topic, 0, 0)
    assert body.seen_by == "content-0"
    assert incoming.key == b"its key"
    await stage.commits(2)


class Narrow:
    """A producer whose topics take no large records."""

    def __init__(self, producer: Producer, bytes_max: int) -> None:
        self._producer = producer
        self._bytes_max = bytes_max

    async def send(self, records: Sequence[Outgoing]) -> None:
        if any(len(made.value or b"") > self._bytes_max for made in records):
            raise Rejected("not written: too large")
        await self._producer.send(records)

    async def close(self) -> None:
        await self._producer.close()


async def test_rubbish_too_large_for_a_letter_is_named_where_it_stands(stage: Stage) -> None:
    stage.wrap = lambda producer: Narrow(producer, 2_000)
    await stage.send(Outgoing(command(1).topic, b"key", b"x" * 3_000, partition=0), command(1))
    stage.start()
    await stage.answered(1)
    (letter,) = await stage.messages(topics.DEAD_LETTERS)
    assert isinstance(letter.body, DeadLetter)
    assert letter.body.value == b""
    assert letter.body.offset == 0
    assert "does not fit" in letter.body.detail


async def test_work_on_a_lost_partition_sends_its_result_and_commits_nothing(
    stage: Stage, hands: Hands
) -> None:
    stage.remembers = False
    for number in (0, 1):
        hands.close(number)
    await stage.send(command(0, partition=0), command(1, partition=1))
    one, task = stage.start("content-0")
    await until(lambda: len(hands.begun) == 2)
    stage.start("content-1")
    await until(lambda: len(hands.begun) == 3)  # the new owner begins with it, too
    (kept,) = one._partitions
    lost = 1 - kept.partition
    assert hands.begun_by(lost) == [1, 1]
    await stage.crash(stage._running[1][1])  # … and dies before it is done
    hands.open(lost)
    assert numbers(await stage.answered(1)) == [lost]
    await a_moment()
    assert stage.committed(lost) in (None, Position(0))
    assert not task.done()
    hands.open(kept.partition)
    await stage.commits(1, kept.partition)
    assert stage.committed(lost) in (None, Position(0))


async def test_queued_work_of_a_lost_partition_is_left_to_its_new_owner(
    stage: Stage, hands: Hands
) -> None:
    for number in (0, 1):
        hands.close(number)
    queue = [command(n, attempt, partition=n) for attempt in (1, 2, 3) for n in (0, 1)]
    await stage.send(*queue)
    one, _ = stage.start("content-0")
    await until(lambda: len(hands.begun) == 2)
    two, _ = stage.start("content-1")
    await until(lambda: len(two._partitions) == 1 and len(one._partitions) == 1)
    for number in (0, 1):
        hands.open(number)
    results = await stage.answered(7)  # the one that both had begun is answered by both
    assert len({result.envelope.id for result in results}) == 6
    for number in (0, 1):
        await stage.commits(3, number)


async def test_a_role_that_is_stopped_finishes_what_it_has_begun_and_commits_it(
    stage: Stage, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_module, "COMMIT_EVERY_S", 1_000.0)
    hands.close(0)
    await stage.send(command(0), command(0, 2))
    copy, task = stage.start()
    await until(lambda: len(hands.begun) == 1)
    copy.stop()
    await a_moment()
    assert not task.done()
    hands.open(0)
    assert stage.closings == 0, "what a handler keeps is ended under its hands"
    await asyncio.wait_for(task, 5)
    assert hands.begun_by(0) == [1]
    assert stage.committed() == Position(1)
    assert stage.closings == 1


async def test_a_role_that_breaks_lets_go_of_what_its_handlers_keep(stage: Stage) -> None:
    _, task = stage.start()
    await a_moment()
    await stage.crash(task)
    assert stage.closings == 1


async def test_a_copy_whose_name_another_live_copy_takes_ends(stage: Stage) -> None:
    _, first = stage.start()
    await a_moment()
    _, second = stage.start()
    await until(first.done)
    assert isinstance(first.exception(), Fenced)
    assert not second.done()
    stage.forget(first)


@pytest.mark.parametrize(
    "fault", [Fault.POLL, Fault.SEND, Fault.SEND_UNACKNOWLEDGED, Fault.COMMIT, Fault.POSITIONS]
)
async def test_a_broker_that_is_away_for_a_while_costs_time_and_nothing_else(
    stage: Stage, fault: Fault
) -> None:
    await stage.send(command(0), command(1, partition=1))
    stage.broker.fail_next(fault, times=3)
    copy, _ = stage.start()
    await stage.commits(1, 0)
    await stage.commits(1, 1)
    results = await stage.messages()
    assert {result.envelope.campaign_id for result in results} == {campaign(0), campaign(1)}
    assert len({result.envelope.id for result in results}) == 2
    await until(lambda: copy.vitals.ready)
    await stage.send(command(2))
    stage.broker.fail_next(fault)
    await stage.commits(2, 0)
    await until(lambda: copy.vitals.ready)


async def test_a_role_stops_also_while_the_broker_is_away(stage: Stage) -> None:
    await stage.send(command(0))
    stage.broker.fail_next(Fault.SEND, times=1_000_000)
    copy, task = stage.start()
    await a_moment()
    copy.stop()
    await asyncio.wait_for(task, 5)
    assert stage.committed() in (None, Position(0))
    assert await stage.messages() == []


@pytest.mark.parametrize("fault", [Fault.POSITIONS, Fault.SEND])
async def test_a_role_stops_also_where_it_cannot_begin(stage: Stage, fault: Fault) -> None:
    await stage.send(Outgoing(command(1).topic, b"key", b"rubbish", partition=0))
    stage.broker.fail_next(fault, times=1_000_000)
    copy, task = stage.start()
    await a_moment()
    copy.stop()
    await asyncio.wait_for(task, 5)
