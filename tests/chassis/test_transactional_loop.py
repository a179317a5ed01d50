"""What a role with state promises: each input counts once, whatever dies, aborts or comes back."""

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from chassis import transaction as transaction_module
from chassis.broker import Position, TopicPartition
from chassis.clock import ManualClock
from chassis.errors import Fenced
from chassis.memory import Fault, MemoryBroker
from chassis.memory.ledger import TRANSACTION_TIMEOUT_S
from tests.chassis.counting import (
    ALARM,
    ALARM_S,
    INPUTS,
    NOON,
    PARTITIONS,
    RANG,
    Theatre,
)

SOON_S = 10.0
ANCHOR = TopicPartition(INPUTS[0], 0)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction_module, "POLL_WAIT_S", 0.02)
    monkeypatch.setattr(transaction_module, "RETRY_S", 0.01)
    monkeypatch.setattr(transaction_module, "FIRST_PORTION", 2)


async def until(condition: Callable[[], object]) -> None:
    deadline = asyncio.get_running_loop().time() + SOON_S
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it never came to that"
        await asyncio.sleep(0.005)


async def a_moment() -> None:
    await asyncio.sleep(0.08)


async def test_every_input_is_counted_once_and_in_order(theatre: Theatre) -> None:
    await theatre.send(b"a", b"b", b"a")
    await theatre.send(b"a", partition=1, topic=INPUTS[1])
    copy = theatre.start()
    await theatre.counted()
    await theatre.send(b"a", b"b")
    await theatre.counted()
    assert theatre.log() == [
        (b"a", b"1"),
        (b"b", b"1"),
        (b"a", b"2"),
        (b"a", b"3"),
        (b"b", b"2"),
    ]
    assert copy.processor.counts[0] == {b"a": 3, b"b": 2}
    assert theatre.position() == Position(5)
    assert theatre.position(1, INPUTS[1]) == Position(1)


async def test_an_aborted_tick_leaves_nothing_and_is_done_again(theatre: Theatre) -> None:
    copy = theatre.start()
    theatre.broker.fail_next(Fault.TRANSACTION_ABORTS, times=3)
    await theatre.send(b"a", b"a")
    await theatre.send(b"a", partition=1)
    await theatre.counted()
    assert copy.processor.discarded == 3
    assert len(copy.processor.restored) == 1  # nothing but the tick itself was thrown away


async def test_an_abort_whose_seek_fails_skips_nothing(theatre: Theatre) -> None:
    copy = theatre.start()
    await until(lambda: len(copy.held) == 4)
    theatre.broker.fail_next(Fault.TRANSACTION_ABORTS)
    theatre.broker.fail_next(Fault.SEEK, times=4)
    await theatre.send(b"a", b"b")
    await until(lambda: copy.processor.discarded == 1)
    await theatre.send(b"a")  # must not be counted before the two that are to be read again
    await theatre.counted()
    assert theatre.log() == [(b"a", b"1"), (b"b", b"1"), (b"a", b"2")]


@pytest.mark.parametrize(
    "fault", [Fault.TRANSACTION_UNKNOWN_COMMITTED, Fault.TRANSACTION_UNKNOWN_LEFT_OPEN]
)
async def test_an_unknown_outcome_is_looked_up_in_the_log(theatre: Theatre, fault: Fault) -> None:
    copy = theatre.start()
    await until(lambda: len(copy.held) == 4)
    await theatre.send(b"before")
    await theatre.counted()
    theatre.broker.fail_next(fault)
    await theatre.send(b"a", b"b")
    await theatre.send(b"a", partition=1)
    await theatre.counted()
    assert len(copy.processor.restored) == 2
    await theatre.send(b"a")
    await theatre.counted()


async def test_state_that_turns_out_unusable_is_restored_and_every_input_counts_once(
    theatre: Theatre,
) -> None:
    copy = theatre.start()
    await until(lambda: len(copy.held) == 4)
    await theatre.send(b"a", b"b")
    await theatre.counted()
    copy.processor.unusable.add(1)
    await theatre.send(b"a", b"b")
    await theatre.send(b"a", b"b", partition=1)
    await theatre.counted()
    assert copy.processor.restored[1:] == [frozenset({1})]
    assert copy.processor.counts[1] == {b"a": 1, b"b": 1}
    await theatre.send(b"a")
    await theatre.counted()


async def test_an_alarm_rings_once_and_its_tick_sends_a_position_again(theatre: Theatre) -> None:
    copy = theatre.start()
    await theatre.send(b"a", value=ALARM)
    await theatre.counted()
    await until(lambda: theatre.position() == Position(1))
    await a_moment()
    assert (b"!", RANG) not in theatre.log()
    theatre.clock.advance(ALARM_S)
    await until(lambda: len(copy.transactions.commits) == 2)
    await a_moment()
    assert theatre.log() == [(b"a", b"1"), (b"!", RANG)]
    _, positions = copy.transactions.commits[1]
    assert positions == {ANCHOR: Position(1)}
    assert len(copy.transactions.commits) == 2


async def test_an_alarm_whose_tick_aborts_rings_all_the_same(theatre: Theatre) -> None:
    theatre.start()
    await theatre.send(b"a", value=ALARM)
    await theatre.counted()
    theatre.broker.fail_next(Fault.TRANSACTION_ABORTS, times=2)
    theatre.clock.advance(ALARM_S)
    await theatre.send(b"a")
    await theatre.counted()
    await until(lambda: not theatre.copies[0].processor.alarms)
    assert theatre.log().count((b"!", RANG)) == 1


async def test_input_that_never_ends_does_not_starve_an_alarm(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction_module, "TICK_RECORDS_MAX", 1)
    copy = theatre.start()
    await theatre.send(b"a", value=ALARM)
    await theatre.counted()
    await theatre.send(*[b"a"] * 300)
    theatre.clock.advance(ALARM_S)
    await theatre.counted()
    await until(lambda: not copy.processor.alarms)
    values = [value for _, value in theatre.log()]
    assert values.index(RANG) < 20


@pytest.mark.parametrize("by_time", [False, True], ids=["input", "alarm"])
async def test_a_former_owner_that_wakes_up_writes_nothing(theatre: Theatre, by_time: bool) -> None:
    sleeper = theatre.start("saga-0")
    await theatre.send(b"a", value=ALARM)
    await theatre.counted()
    sleeper.transactions.gate.clear()
    if by_time:
        theatre.clock.advance(ALARM_S)
    else:
        await theatre.send(b"a")
    await until(lambda: len(sleeper.transactions.commits) == 2)
    theatre.broker.end_session("saga", "saga-0")
    heir = theatre.start("saga-1")
    await theatre.send(b"b")
    await theatre.counted()
    log = theatre.log()
    sleeper.transactions.gate.set()
    await until(lambda: sleeper.processor.discarded == 1)
    await until(lambda: len(sleeper.held) == len(heir.held) == 2)
    assert theatre.log() == log
    await theatre.send(b"a")
    await theatre.counted()


async def test_a_second_live_copy_of_the_same_name_ends_the_first(theatre: Theatre) -> None:
    first = theatre.start()
    await theatre.send(b"a")
    await theatre.counted()
    second = theatre.start()
    await until(first.task.done)
    assert isinstance(first.task.exception(), Fenced)
    theatre.copies.remove(first)
    await theatre.send(b"a")
    await theatre.counted()
    assert not second.task.done()


async def test_state_is_restored_only_from_stable_positions(theatre: Theatre) -> None:
    """A predecessor's open transaction may still commit; what it wrote would be missed."""
    first = theatre.start("saga-0")
    await theatre.send(b"a")
    await theatre.counted()
    theatre.broker.fail_next(Fault.TRANSACTION_UNKNOWN_LEFT_OPEN)
    theatre.broker.fail_next(Fault.START, times=1_000_000)
    await theatre.send(b"a")
    await until(lambda: first.processor.discarded == 1)
    await first.crash()
    theatre.broker._ledger.faults._ordered.clear()
    theatre.broker.end_session("saga", "saga-0")
    heir = theatre.start("saga-1")
    await a_moment()
    assert heir.processor.restored == []
    theatre.clock.advance(TRANSACTION_TIMEOUT_S)
    await theatre.counted()
    assert heir.processor.counts[0] == {b"a": 2}


@pytest.mark.parametrize("eager", [True, False], ids=["range", "cooperative-sticky"])
async def test_what_arrives_while_others_are_restored_is_not_lost(
    theatre: Theatre, eager: bool
) -> None:
    """The partitions that were held all along are fetched ahead, too, while polling goes on."""
    one, two = theatre.start("saga-0", eager=eager), theatre.start("saga-1", eager=eager)
    topics = INPUTS if eager else INPUTS[:1]
    await until(lambda: len(one.held) == len(two.held) == len(topics))
    one.processor.gate.clear()
    restores = len(one.processor.restored)
    await two.crash()
    theatre.broker.end_session("saga", "saga-1")
    await until(lambda: len(one.processor.restored) > restores)
    await a_moment()
    assert len(one.consumer._paused) == PARTITIONS * len(topics)
    for number in range(PARTITIONS):
        for topic in topics:
            await theatre.send(b"a", b"b", partition=number, topic=topic)
    await a_moment()
    assert theatre.log(0) == theatre.log(1) == []
    one.processor.gate.set()
    await theatre.counted()


async def test_partitions_lost_and_gained_during_a_restore_are_restored_again(
    theatre: Theatre,
) -> None:
    one = theatre.start("saga-0")
    one.processor.gate.clear()
    await until(lambda: len(one.processor.restored) == 1)
    two = theatre.start("saga-1")
    await until(lambda: len(two.held) == 2)
    await theatre.send(b"a", partition=0)
    await theatre.send(b"a", partition=1)
    await a_moment()
    one.processor.gate.set()
    await theatre.counted()
    assert len(one.held) == len(two.held) == 2
    assert one.processor.counts.keys() == {tp.partition for tp in one.held}


async def test_a_broker_that_is_away_for_a_while_costs_time_and_nothing_else(
    theatre: Theatre,
) -> None:
    for fault in (Fault.START, Fault.POLL, Fault.POSITIONS, Fault.READ, Fault.SEEK):
        theatre.broker.fail_next(fault, times=2)
    await theatre.send(b"a", b"b", partition=1)
    copy = theatre.start()
    await theatre.counted()
    theatre.broker.fail_next(Fault.POLL, times=2)
    await theatre.send(b"a")
    await theatre.counted()
    await until(lambda: copy.loop.vitals.ready)


@pytest.mark.parametrize("fault", [Fault.START, Fault.POSITIONS, Fault.POLL])
async def test_a_role_stops_also_where_it_cannot_begin(theatre: Theatre, fault: Fault) -> None:
    theatre.broker.fail_next(fault, times=1_000_000)
    copy = theatre.start()
    await a_moment()
    copy.loop.stop()
    await asyncio.wait_for(copy.task, 5)


async def test_a_role_stops_also_while_it_restores(theatre: Theatre) -> None:
    copy = theatre.start()
    copy.processor.gate.clear()
    await until(lambda: copy.processor.restored)
    copy.loop.stop()
    await asyncio.wait_for(copy.task, 5)


async def test_a_state_that_cannot_be_restored_ends_the_role(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = theatre.start()

    async def refuses(_: frozenset[int]) -> None:
        raise LookupError("the log's third record is of a newer build")

    monkeypatch.setattr(copy.processor, "restore", refuses)
    await until(copy.task.done)
    assert isinstance(copy.task.exception(), LookupError)
    theatre.copies.remove(copy)


async def test_a_partition_whose_state_is_broken_waits_and_the_others_go_on(
    theatre: Theatre,
) -> None:
    copy = theatre.start()
    copy.processor.broken = frozenset({0})
    for number in range(PARTITIONS):
        await theatre.send(b"a", partition=number)
    await until(lambda: theatre.log(1))
    await a_moment()
    assert theatre.log(0) == []
    assert theatre.position(0) is None
    assert copy.loop.vitals.ready
    assert list(copy.loop.vitals.degraded) == ["partition 0"]
    await copy.crash()
    theatre.broker.end_session("saga", "saga-0")
    theatre.start("saga-1")  # of a build that can read it
    await theatre.counted()


async def test_a_broken_partition_that_is_lost_is_no_longer_this_copys_trouble(
    theatre: Theatre,
) -> None:
    one = theatre.start("saga-0")
    one.processor.broken = frozenset({1})
    await until(lambda: one.loop.vitals.degraded)
    two = theatre.start("saga-1")
    await until(lambda: len(two.held) == len(one.held) == 2)
    assert not one.loop.vitals.degraded


FAULTS = (
    *[Fault.POLL, Fault.POSITIONS, Fault.SEEK, Fault.START, Fault.READ],
    *[Fault.TRANSACTION_ABORTS, Fault.TRANSACTION_UNKNOWN_COMMITTED],
    Fault.TRANSACTION_UNKNOWN_LEFT_OPEN,
)


@pytest.mark.parametrize("seed", range(20))
async def test_a_hard_life_counts_every_input_once(seed: int) -> None:
    """Copies come, die and are given up while they live; calls fail, and inputs keep coming."""
    chance = Random(seed)
    clock = ManualClock(NOON)
    theatre = Theatre(MemoryBroker(clock=clock, random=Random(seed)), clock)
    eager = seed % 2 == 0
    theatre.start("saga-0", eager=eager, restarts=True)
    for _ in range(60):
        match chance.randrange(6):
            case 0 | 1:
                keys = [b"%d" % chance.randrange(4) for _ in range(chance.randint(1, 5))]
                topic = chance.choice(INPUTS if eager else INPUTS[:1])
                await theatre.send(*keys, partition=chance.randrange(PARTITIONS), topic=topic)
            case 2:
                theatre.broker.fail_next(chance.choice(FAULTS))
            case 3 if len(theatre.copies) < 3:
                names = {"saga-0", "saga-1", "saga-2"} - {it.name for it in theatre.copies}
                theatre.start(chance.choice(sorted(names)), eager=eager, restarts=True)
            case 4 if len(theatre.copies) > 1:
                copy = theatre.copies.pop(chance.randrange(len(theatre.copies)))
                await copy.crash()
            case 5:
                theatre.broker.end_session("saga", chance.choice(theatre.copies).name)
        clock.advance(chance.choice((0.1, 1.0, 3.0)))
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
        await asyncio.sleep(0.002)
    clock.advance(60)  # sessions of the dead, and transactions left open, end
    await theatre.counted()
    await theatre.end()
