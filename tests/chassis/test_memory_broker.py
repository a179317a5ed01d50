"""The broker in memory: the shared suite, and what only it can be made to do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from chassis.broker import Broker, Outgoing, Position, TopicPartition
from chassis.clock import ManualClock
from chassis.errors import Aborted, Fenced, MembershipLost, OutcomeUnknown, Retryable
from chassis.memory import Fault, MemoryBroker
from chassis.memory.ledger import TRANSACTION_TIMEOUT_S
from chassis.memory.partitioner import murmur2
from tests.chassis.broker_suite import BrokerSuite
from tests.chassis.seats import (
    IN,
    OUT,
    SESSION_MS,
    idle,
    joined,
    plain,
    seated,
    started,
    until,
    values_in,
    write,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOURCE = TopicPartition(IN, 0)


async def hardly_any_time(change: asyncio.Event, seconds: float) -> float:
    """Nothing happens in here that takes time: let the others run, and say that it is over."""
    await asyncio.sleep(min(seconds, 0.001))
    return seconds if change.is_set() else 0.0


class MemoryTwin:
    """The twin in memory; a commit that is lost on its way leaves its transaction open."""

    moment_s = 0.03

    def __init__(self, random: Random | None = None) -> None:
        self.clock = ManualClock(START)
        self.memory = MemoryBroker(clock=self.clock, waiting=hardly_any_time, random=random)
        self.broker: Broker = self.memory
        self.producer = self.broker.producer()

    def create(self, topic: str, partitions: int) -> None:
        self.memory.create(topic, partitions)

    async def leave_open(
        self,
        transactional_id: str,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        transactions = self.broker.transactions(transactional_id, group="readers", topics=())
        await transactions.start()
        self.memory.fail_next(Fault.TRANSACTION_UNKNOWN_LEFT_OPEN)
        with pytest.raises(OutcomeUnknown):
            await transactions.commit(records, positions, membership)


@pytest.fixture
def twin() -> MemoryTwin:
    return MemoryTwin()


class TestMemoryBroker(BrokerSuite):
    pass


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_the_hash_is_the_one_of_kafkas_own_test(text: str, expected: int) -> None:
    """The vectors of org.apache.kafka.common.utils.UtilsTest#testMurmur2."""
    assert murmur2(text.encode()) == expected % 2**32


async def test_a_topic_is_made_once_and_has_a_partition(twin: MemoryTwin) -> None:
    twin.create(IN, 1)
    with pytest.raises(ValueError, match=IN):
        twin.create(IN, 1)
    with pytest.raises(ValueError, match=OUT):
        twin.create(OUT, 0)


async def test_a_topic_that_comes_later_is_shared_out_too(twin: MemoryTwin) -> None:
    seat = await seated(twin)
    await idle(seat)
    assert seat.held == set()
    with pytest.raises(Retryable, match="does not exist"):
        await write(twin, *plain(b"one"))
    twin.create(IN, 2)
    await until(lambda: len(seat.held) == 2, seat)


async def test_one_record_without_a_place_keeps_all_others_out(twin: MemoryTwin) -> None:
    twin.create(IN, 1)
    with pytest.raises(Retryable, match="in-7"):
        await write(twin, *plain(b"one"), *plain(b"two", partition=7))
    assert await values_in(twin, IN) == []


async def test_a_closed_member_keeps_its_share_until_its_session_ends(twin: MemoryTwin) -> None:
    twin.create(IN, 2)
    one = await joined(twin, "a-0")
    two = await seated(twin, "a-1")
    await until(lambda: (len(one.held), len(two.held)) == (1, 1), one, two)
    await two.consumer.close()
    twin.clock.advance(SESSION_MS / 1_000 - 0.1)
    await idle(one)
    assert len(one.held) == 1
    twin.clock.advance(0.1)
    await until(lambda: len(one.held) == 2, one)


async def test_a_member_that_was_given_up_while_it_slept_learns_it_at_its_next_poll(
    twin: MemoryTwin,
) -> None:
    twin.create(IN, 1)
    await write(twin, *plain(b"one"))
    sleeper = await joined(twin, "a-0")
    await until(lambda: bool(sleeper.records), sleeper)
    old = sleeper.batch.membership
    transactions = await started(twin)
    twin.memory.end_session("group", "a-0")
    heir = await joined(twin, "a-1")
    with pytest.raises(MembershipLost):
        await transactions.commit(plain(b"zombie"), {SOURCE: Position(1)}, old)
    with pytest.raises(MembershipLost):
        await sleeper.consumer.commit({SOURCE: Position(1)})
    await until(lambda: bool(heir.records), heir)
    await heir.commit()
    await until(lambda: bool(sleeper.lost), sleeper)
    assert sleeper.lost == [SOURCE]
    assert await heir.consumer.committed([SOURCE]) == {SOURCE: Position(1)}
    assert await values_in(twin, IN) == [b"one"]


async def test_an_open_transaction_is_aborted_when_its_time_is_over(twin: MemoryTwin) -> None:
    twin.create(IN, 1)
    twin.create(OUT, 1)
    seat = await joined(twin)
    slow = await started(twin, "t-0")
    await twin.leave_open(
        "t-1", plain(b"x", topic=OUT), {SOURCE: Position(0)}, seat.batch.membership
    )
    with pytest.raises(Retryable):
        await seat.consumer.committed([SOURCE])
    twin.clock.advance(TRANSACTION_TIMEOUT_S)
    assert await seat.consumer.committed([SOURCE]) == {SOURCE: None}
    assert await values_in(twin, OUT) == []
    await slow.commit((), {SOURCE: Position(0)}, seat.batch.membership)


async def test_a_transaction_of_a_cancelled_task_stays_open_until_the_name_starts_again(
    twin: MemoryTwin,
) -> None:
    twin.create(IN, 1)
    twin.create(OUT, 1)
    seat = await joined(twin)
    transactions = await started(twin)
    records = plain(b"half", topic=OUT)
    task = asyncio.create_task(
        transactions.commit(records, {SOURCE: Position(0)}, seat.batch.membership)
    )
    for _ in range(2):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    reader = twin.broker.reader()
    out = TopicPartition(OUT, 0)
    assert await reader.ends([out]) == {out: (0, 1)}
    await started(twin)
    assert await reader.ends([out]) == {out: (0, 2)}
    assert await values_in(twin, OUT) == []


async def test_a_holder_that_slept_through_its_transactions_time_is_fenced(
    twin: MemoryTwin,
) -> None:
    twin.create(IN, 1)
    twin.create(OUT, 1)
    seat = await joined(twin)
    transactions = await started(twin)
    task = asyncio.create_task(
        transactions.commit(plain(b"late", topic=OUT), {SOURCE: Position(0)}, seat.batch.membership)
    )
    for _ in range(2):
        await asyncio.sleep(0)
    twin.clock.advance(TRANSACTION_TIMEOUT_S)
    with pytest.raises(Fenced):
        await task
    assert await values_in(twin, OUT) == []


@pytest.mark.parametrize("eager", [True, False], ids=["range", "cooperative-sticky"])
@pytest.mark.parametrize("seed", range(5))
async def test_no_partition_ever_has_two_owners(twin: MemoryTwin, seed: int, eager: bool) -> None:
    chance = Random(seed)
    twin.create(IN, 7)
    seats = [await seated(twin, f"a-{n}", eager=eager) for n in range(4)]
    away: list[str] = []
    for _ in range(200):
        seat = chance.choice(seats)
        await seat.poll(0.0)
        held = [partition for it in seats for partition in it.held]
        assert len(held) == len(set(held))
        if chance.random() < 0.05 and len(seats) > 1:
            gone = seats.pop(chance.randrange(len(seats)))
            await gone.consumer.close()
            away.append(gone.name)
        elif chance.random() < 0.1 and away:
            seats.append(await seated(twin, away.pop(), eager=eager))
        elif chance.random() < 0.05:
            twin.clock.advance(SESSION_MS / 1_000)
    twin.clock.advance(SESSION_MS / 1_000)
    await until(lambda: sum(len(seat.held) for seat in seats) == 7, *seats)
    sizes = sorted(len(seat.held) for seat in seats)
    assert sizes[-1] - sizes[0] <= 1


async def test_a_holder_that_is_replaced_between_two_steps_writes_nothing(
    twin: MemoryTwin,
) -> None:
    twin.create(IN, 1)
    twin.create(OUT, 1)
    seat = await joined(twin)
    first = await started(twin)
    second = twin.broker.transactions("t-0", group="readers", topics=())
    outcomes = await asyncio.gather(
        first.commit(plain(b"1", topic=OUT), {SOURCE: Position(0)}, seat.batch.membership),
        second.start(),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], Fenced)
    assert await values_in(twin, OUT) == []


async def test_what_is_ordered_to_fail_fails_once(twin: MemoryTwin) -> None:
    twin.create(IN, 1)
    twin.create(OUT, 1)
    await write(twin, *plain(b"one"))
    seat = await joined(twin)
    transactions = await started(twin)
    reader = twin.broker.reader()
    membership = seat.batch.membership
    calls: dict[Fault, Callable[[], Awaitable[object]]] = {
        Fault.POLL: seat.poll,
        Fault.COMMIT: lambda: seat.consumer.commit({SOURCE: Position(0)}),
        Fault.POSITIONS: lambda: seat.consumer.committed([SOURCE]),
        Fault.SEEK: lambda: seat.consumer.seek({SOURCE: 0}),
        Fault.SEND: lambda: write(twin, *plain(b"sent", topic=OUT)),
        Fault.READ: lambda: reader.partitions(IN),
        Fault.START: transactions.start,
    }
    for fault, call in calls.items():
        twin.memory.fail_next(fault)
        with pytest.raises(Retryable, match=fault.value):
            await call()
        await call()
    twin.memory.fail_next(Fault.TRANSACTION_ABORTS, times=2)
    for _ in range(2):
        with pytest.raises(Aborted):
            await transactions.commit(plain(b"no", topic=OUT), {SOURCE: Position(1)}, membership)
    await transactions.commit(plain(b"yes", topic=OUT), {SOURCE: Position(1)}, membership)
    assert await values_in(twin, OUT) == [b"sent", b"yes"]


async def test_a_write_without_acknowledgement_has_been_written(twin: MemoryTwin) -> None:
    twin.create(IN, 1)
    twin.memory.fail_next(Fault.SEND_UNACKNOWLEDGED)
    with pytest.raises(Retryable):
        await write(twin, *plain(b"one"))
    await write(twin, *plain(b"one"))
    assert await values_in(twin, IN) == [b"one", b"one"]


@pytest.mark.parametrize(
    ("fault", "stands"),
    [(Fault.TRANSACTION_UNKNOWN_COMMITTED, True), (Fault.TRANSACTION_UNKNOWN_LEFT_OPEN, False)],
)
async def test_an_unknown_outcome_is_known_after_the_next_start(
    twin: MemoryTwin, fault: Fault, stands: bool
) -> None:
    twin.create(IN, 1)
    twin.create(OUT, 1)
    seat = await joined(twin)
    transactions = await started(twin)
    twin.memory.fail_next(fault)
    records, position = plain(b"answer", topic=OUT), {SOURCE: Position(1)}
    with pytest.raises(OutcomeUnknown):
        await transactions.commit(records, position, seat.batch.membership)
    with pytest.raises(OutcomeUnknown, match="start"):
        await transactions.commit(records, position, seat.batch.membership)
    await transactions.start()
    assert await values_in(twin, OUT) == ([b"answer"] if stands else [])
    found = await seat.consumer.committed([SOURCE])
    assert found == {SOURCE: Position(1) if stands else None}


async def life_of(seed: int) -> list[tuple[int, int, bytes | None]]:
    """Everything that two members of one group read, in the order in which they read it."""
    twin = MemoryTwin(Random(seed))
    twin.create(IN, 5)
    await write(twin, *[Outgoing(IN, None, b"%d" % n) for n in range(40)])
    one, two = await joined(twin, "a-0"), await seated(twin, "a-1")
    await until(lambda: len(two.held) == 2, one, two)
    await write(twin, *[Outgoing(IN, None, b"%d" % n) for n in range(40)])
    await until(lambda: len(one.records) + len(two.records) >= 80, one, two)
    return [(r.partition, r.offset, r.value) for seat in (one, two) for r in seat.records]


async def test_a_seed_decides_everything() -> None:
    assert await life_of(7) == await life_of(7)
    assert await life_of(7) != await life_of(8)
