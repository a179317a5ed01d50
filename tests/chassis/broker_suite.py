"""What every twin of the broker port must do; run on the one in memory and on a real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

import pytest

from chassis.broker import (
    METADATA_CHARS_MAX,
    Batch,
    Broker,
    Consumer,
    Incoming,
    Outgoing,
    Position,
    Producer,
    Subscription,
    TopicPartition,
    Transactions,
)
from chassis.errors import Fenced, MembershipLost, OutcomeUnknown, Retryable

SESSION_MS = 3_000
SOON_S = 20.0
IN, OUT = "in", "out"
KEYS = tuple(
    [f"campaign-{n}".encode() for n in range(99)]
    + [bytes([n, 255 - n, 7]) * (n % 9) + bytes([n]) for n in range(100)]
    + [b""]
)
PARTITIONS_OF_KEYS = (
    "a00a85a39926530bb96b8a3833720b65b2565b31027262a149"
    "9a080333718554971354645b57453a2973518a278196741b58"
    "3494ab5733bb2530981aaa5804349905b182274ba37561a3a1"
    "a80a434a1441016567092b605874b43a891726b9b013b085a9"
)
"""Of twelve, in hexadecimal; what Java's client and librdkafka's murmur2_random choose."""


class Twin(Protocol):
    """A broker, and what a test must do behind the port's back."""

    moment_s: float
    """Long enough for anything that should not happen to happen."""

    @property
    def broker(self) -> Broker: ...

    @property
    def producer(self) -> Producer: ...

    def create(self, topic: str, partitions: int) -> None: ...

    async def leave_open(
        self,
        transactional_id: str,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        """Begin a transaction, write, and die before the commit."""
        ...


class Seat:
    """A member of a group as a test sees it: what it holds, and what it has read."""

    def __init__(self, consumer: Consumer, moment_s: float) -> None:
        self.consumer = consumer
        self.moment_s = moment_s
        self.held: set[TopicPartition] = set()
        self.gained: list[TopicPartition] = []
        self.lost: list[TopicPartition] = []
        self.records: list[Incoming] = []
        self.batch = Batch((), frozenset(), frozenset(), None)

    async def poll(self, wait_s: float = 0.1, records_max: int = 500) -> Batch:
        batch = self.batch = await self.consumer.poll(records_max=records_max, timeout_s=wait_s)
        self.held = self.held - batch.lost | batch.gained
        self.gained += batch.gained
        self.lost += batch.lost
        self.records += batch.records
        return batch

    @property
    def values(self) -> list[bytes | None]:
        return [record.value for record in self.records]

    async def commit(self) -> None:
        """Everything read so far of what is held is done."""
        ends = {record.source: Position(record.offset + 1) for record in self.records}
        await self.consumer.commit({tp: at for tp, at in ends.items() if tp in self.held})


async def until(condition: Callable[[], bool], *seats: Seat) -> None:
    """Let the members poll in turn until it is so."""
    async with asyncio.timeout(SOON_S):
        while not condition():
            for seat in seats:
                await seat.poll()


async def idle(*seats: Seat) -> None:
    """Let the members poll for a moment in which nothing more should come."""
    async with asyncio.timeout(SOON_S):
        deadline = asyncio.get_running_loop().time() + max(seat.moment_s for seat in seats)
        while asyncio.get_running_loop().time() < deadline:
            for seat in seats:
                await seat.poll()


async def soon(awaited: Awaitable[object]) -> None:
    async with asyncio.timeout(SOON_S):
        await awaited


async def seated(
    twin: Twin, instance: str = "a-0", *, topics: tuple[str, ...] = (IN,), eager: bool = False
) -> Seat:
    subscription = Subscription(
        "group",
        topics,
        instance,
        assignor="range" if eager else "cooperative-sticky",
        session_timeout_ms=SESSION_MS,
    )
    return Seat(twin.broker.consumer(subscription), twin.moment_s)


async def joined(twin: Twin, instance: str = "a-0", *, eager: bool = False) -> Seat:
    """A member that holds something."""
    seat = await seated(twin, instance, eager=eager)
    await until(lambda: bool(seat.held), seat)
    return seat


async def started(twin: Twin, transactional_id: str = "t-0") -> Transactions:
    transactions = twin.broker.transactions(transactional_id)
    await transactions.start()
    return transactions


async def write(twin: Twin, *records: Outgoing) -> None:
    await twin.producer.send(records)


def plain(*values: bytes, topic: str = IN, partition: int = 0) -> list[Outgoing]:
    return [Outgoing(topic, b"key", value, partition=partition) for value in values]


async def everything(twin: Twin, topic: str, partition: int = 0) -> list[Incoming]:
    """All committed records of a partition up to its high watermark."""
    reader = twin.broker.reader()
    source = TopicPartition(topic, partition)
    first, end = (await reader.ends([source]))[source]
    async with asyncio.timeout(SOON_S):
        found = [record async for record in reader.read({source: first}, {source: end})]
    await reader.close()
    return found


async def values_in(twin: Twin, topic: str, partition: int = 0) -> list[bytes | None]:
    return [record.value for record in await everything(twin, topic, partition)]


async def first_of(stream: AsyncIterator[Incoming], count: int) -> list[Incoming]:
    found: list[Incoming] = []
    async with asyncio.timeout(SOON_S), aclosing(stream) as open_stream:  # type: ignore[type-var]
        async for record in open_stream:
            found.append(record)
            if len(found) == count:
                break
    return found


class BrokerSuite:
    """The behaviours; a subclass brings the fixture `twin`."""

    async def test_a_partition_is_read_in_the_order_it_was_written(self, twin: Twin) -> None:
        twin.create(IN, 2)
        values = [b"%d" % n for n in range(300)]
        await write(twin, *plain(*values[:200], partition=1))
        await write(twin, *plain(*values[200:], partition=1))
        seat = await joined(twin)
        await until(lambda: len(seat.records) >= 300, seat)
        assert seat.values == values
        assert [record.offset for record in seat.records] == list(range(300))
        assert {record.source for record in seat.records} == {TopicPartition(IN, 1)}
        assert all(record.timestamp_ms > 0 for record in seat.records)
        await seat.consumer.close()

    async def test_one_poll_brings_no_more_than_was_asked_for(self, twin: Twin) -> None:
        twin.create(IN, 3)
        for partition in range(3):
            await write(twin, *plain(*[b"x"] * 20, partition=partition))
        seat = await seated(twin)
        sizes: list[int] = []
        async with asyncio.timeout(SOON_S):
            while sum(sizes) < 60:
                sizes.append(len((await seat.poll(records_max=7)).records))
        assert max(sizes) <= 7
        await seat.consumer.close()

    async def test_a_key_goes_to_the_partition_that_javas_client_chooses(self, twin: Twin) -> None:
        twin.create(IN, 12)
        await write(twin, *[Outgoing(IN, key, b"%d" % n) for n, key in enumerate(KEYS)])
        chosen: dict[bytes | None, int] = {}
        for partition in range(12):
            chosen |= {record.value: partition for record in await everything(twin, IN, partition)}
        assert "".join(f"{chosen[b'%d' % n]:x}" for n in range(len(KEYS))) == PARTITIONS_OF_KEYS

    async def test_headers_and_empty_and_missing_keys_and_values_come_back(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 1)
        headers = (("ce_id", b"1"), ("empty", b""), ("binary", bytes(range(256))), ("ce_id", b"2"))
        pairs: list[tuple[bytes | None, bytes | None]] = [
            (b"key", b"value"),
            (None, b"value"),
            (b"key", None),
            (None, None),
            (b"", b""),
        ]
        await write(twin, *[Outgoing(IN, k, v, headers, partition=0) for k, v in pairs])
        found = await everything(twin, IN)
        assert [(record.key, record.value) for record in found] == pairs
        assert all(record.headers == headers for record in found)
        seat = await joined(twin)
        await until(lambda: len(seat.records) == len(pairs), seat)
        assert seat.records == found
        await seat.consumer.close()

    async def test_a_position_is_read_back_with_its_note(self, twin: Twin) -> None:
        twin.create(IN, 3)
        seat = await joined(twin)
        zero, one, two = (TopicPartition(IN, n) for n in range(3))
        assert await seat.consumer.committed([zero, one, two]) == {zero: None, one: None, two: None}
        longest = Position(7, "1:" + "z" * (METADATA_CHARS_MAX - 2))
        await seat.consumer.commit({zero: Position(5), one: longest})
        found = await seat.consumer.committed([zero, one, two])
        assert found == {zero: Position(5), one: longest, two: None}
        await seat.consumer.commit({one: Position(8)})
        assert await seat.consumer.committed([one]) == {one: Position(8, "")}
        await seat.consumer.close()

    async def test_a_note_that_is_too_long_is_refused_and_changes_nothing(self, twin: Twin) -> None:
        twin.create(IN, 1)
        await write(twin, *plain(b"one"))
        seat = await joined(twin)
        transactions = await started(twin)
        source = TopicPartition(IN, 0)
        too_long = {source: Position(1, "z" * (METADATA_CHARS_MAX + 1))}
        with pytest.raises(ValueError, match="at most 4000"):
            await seat.consumer.commit(too_long)
        with pytest.raises(ValueError, match="at most 4000"):
            await transactions.commit(plain(b"never"), too_long, seat.batch.membership)
        assert await seat.consumer.committed([source]) == {source: None}
        assert await values_in(twin, IN) == [b"one"]
        await seat.consumer.close()
        await transactions.close()

    async def test_what_was_not_committed_is_delivered_again(self, twin: Twin) -> None:
        twin.create(IN, 1)
        await write(twin, *plain(b"one", b"two", b"three"))
        seat = await joined(twin)
        await until(lambda: len(seat.records) == 3, seat)
        await seat.consumer.commit({TopicPartition(IN, 0): Position(1)})
        await seat.consumer.close()
        again = await joined(twin)
        await until(lambda: len(again.records) >= 2, again)
        assert again.values == [b"two", b"three"]
        await again.consumer.close()

    async def test_a_restarted_member_gets_its_partitions_back_and_no_other_notices(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 6)
        one, two = await joined(twin, "a-0"), await seated(twin, "a-1")
        await until(lambda: (len(one.held), len(two.held)) == (3, 3), one, two)
        await idle(one, two)
        before, changes = set(two.held), len(one.gained) + len(one.lost)
        await two.consumer.close()
        back = await seated(twin, "a-1")
        await until(lambda: bool(back.held), one, back)
        await idle(one, back)
        assert back.held == before
        assert len(one.gained) + len(one.lost) == changes
        await one.consumer.close()
        await back.consumer.close()

    @pytest.mark.parametrize("eager", [True, False], ids=["range", "cooperative-sticky"])
    async def test_two_members_share_and_each_record_is_handled_by_one(
        self, twin: Twin, eager: bool
    ) -> None:
        twin.create(IN, 6)
        for partition in range(6):
            await write(twin, *plain(b"before-%d" % partition, partition=partition))
        one = await joined(twin, "a-0", eager=eager)
        assert one.held == {TopicPartition(IN, n) for n in range(6)}
        await until(lambda: len(one.records) == 6, one)
        await one.commit()
        two = await seated(twin, "a-1", eager=eager)
        await until(lambda: (len(one.held), len(two.held)) == (3, 3), one, two)
        for partition in range(6):
            await write(twin, *plain(b"after-%d" % partition, partition=partition))
        await until(lambda: len(one.records) + len(two.records) >= 12, one, two)
        await idle(one, two)
        every = [b"%s-%d" % (word, n) for word in (b"before", b"after") for n in range(6)]
        assert sorted(filter(None, one.values + two.values)) == sorted(every)
        assert {record.source for record in two.records} == two.held
        assert not one.held & two.held
        assert set(two.gained) == two.held
        assert len(one.lost) == (6 if eager else 3)
        await one.consumer.close()
        await two.consumer.close()

    async def test_range_gives_the_same_partitions_of_two_topics_to_one_member(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 6)
        twin.create(OUT, 6)
        one = await seated(twin, "a-0", topics=(IN, OUT), eager=True)
        two = await seated(twin, "a-1", topics=(IN, OUT), eager=True)
        await until(lambda: (len(one.held), len(two.held)) == (6, 6), one, two)
        for seat, numbers in ((one, range(3)), (two, range(3, 6))):
            assert seat.held == {TopicPartition(topic, n) for topic in (IN, OUT) for n in numbers}
            await seat.consumer.close()

    async def test_a_second_live_holder_of_a_members_name_fences_the_first(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 2)
        await write(twin, *plain(b"one"))
        first = await joined(twin)
        await until(lambda: len(first.records) == 1, first)
        batch = first.batch
        second = await joined(twin)
        assert second.held == {TopicPartition(IN, 0), TopicPartition(IN, 1)}
        transactions = await started(twin)
        with pytest.raises(Fenced):
            await transactions.commit(
                plain(b"never"), {TopicPartition(IN, 0): Position(1)}, batch.membership
            )
        with pytest.raises(Fenced):
            await until(lambda: False, first)
        with pytest.raises(Fenced):
            await first.consumer.commit({TopicPartition(IN, 0): Position(1)})
        assert await values_in(twin, IN) == [b"one"]
        await first.consumer.close()
        await second.consumer.close()
        await transactions.close()

    async def test_records_and_positions_of_a_transaction_stand_together(self, twin: Twin) -> None:
        twin.create(IN, 1)
        twin.create(OUT, 2)
        await write(twin, *plain(b"one", b"two"))
        seat = await joined(twin)
        await until(lambda: len(seat.records) == 2, seat)
        transactions = await started(twin)
        source = TopicPartition(IN, 0)
        answers = plain(b"a", topic=OUT) + plain(b"b", topic=OUT, partition=1)
        note = Position(2, "1:1,1")
        await transactions.commit(answers, {source: note}, seat.batch.membership)
        assert await seat.consumer.committed([source]) == {source: note}
        assert await values_in(twin, OUT, 0) == [b"a"]
        assert await values_in(twin, OUT, 1) == [b"b"]
        await seat.consumer.close()
        await transactions.close()

    async def test_transaction_markers_leave_holes_in_the_offsets(self, twin: Twin) -> None:
        twin.create(IN, 1)
        twin.create(OUT, 1)
        seat = await joined(twin)
        transactions = await started(twin)
        source = TopicPartition(IN, 0)
        for value in (b"one", b"two", b"three"):
            records = plain(value, value, topic=OUT)
            await transactions.commit(records, {source: Position(0)}, seat.batch.membership)
        assert [record.offset for record in await everything(twin, OUT)] == [0, 1, 3, 4, 6, 7]
        reader = twin.broker.reader()
        out = TopicPartition(OUT, 0)
        assert await reader.ends([out]) == {out: (0, 9)}
        await reader.close()
        await seat.consumer.close()
        await transactions.close()

    @pytest.mark.parametrize("by_time", [False, True], ids=["input", "timer"])
    @pytest.mark.parametrize("eager", [True, False], ids=["range", "cooperative-sticky"])
    async def test_a_member_that_lost_its_partition_writes_nothing_with_an_old_batch(
        self, twin: Twin, by_time: bool, eager: bool
    ) -> None:
        """Also where only time caused the transaction: the position is sent again, unmoved."""
        twin.create(IN, 2)
        twin.create(OUT, 1)
        for partition in range(2):
            await write(twin, *plain(b"one", partition=partition))
        one = await joined(twin, "a-0", eager=eager)
        await until(lambda: len(one.records) == 2, one)
        old = one.batch
        transactions = await started(twin)
        two = await seated(twin, "a-1", eager=eager)
        await until(lambda: (len(one.held), len(two.held)) == (1, 1), one, two)
        (gone,) = two.held
        position = {gone: Position(0 if by_time else 1)}
        records = () if by_time else plain(b"zombie", topic=OUT)
        with pytest.raises(MembershipLost):
            await transactions.commit(records, position, old.membership)
        assert await values_in(twin, OUT) == []
        assert await two.consumer.committed([gone]) == {gone: None}
        await until(lambda: bool(two.records), two)
        (held,) = one.held
        await one.poll()
        await transactions.commit(
            plain(b"fresh", topic=OUT), {held: Position(1)}, one.batch.membership
        )
        assert await values_in(twin, OUT) == [b"fresh"]
        for seat in (one, two):
            await seat.consumer.close()
        await transactions.close()

    async def test_an_aborted_transaction_is_read_again_after_seeking_back(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 2)
        twin.create(OUT, 1)
        one = await joined(twin, "a-0", eager=True)
        old = one.batch.membership
        two = await seated(twin, "a-1", eager=True)
        await until(lambda: (len(one.held), len(two.held)) == (1, 1), one, two)
        (source,) = one.held
        await write(twin, *plain(b"one", b"two", partition=source.partition))
        await until(lambda: len(one.records) == 2, one)
        transactions = await started(twin)
        answer = plain(b"answer", topic=OUT)
        with pytest.raises(MembershipLost):
            await transactions.commit(answer, {source: Position(2)}, old)
        await idle(one)
        assert one.values == [b"one", b"two"]
        await one.consumer.seek({source: 0})
        await until(lambda: len(one.records) == 4, one)
        assert one.values == [b"one", b"two"] * 2
        await transactions.commit(answer, {source: Position(2)}, one.batch.membership)
        assert await values_in(twin, OUT) == [b"answer"]
        for seat in (one, two):
            await seat.consumer.close()
        await transactions.close()

    async def test_the_second_holder_of_a_transactional_id_fences_the_first(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 1)
        twin.create(OUT, 1)
        seat = await joined(twin)
        source = TopicPartition(IN, 0)
        first = await started(twin)
        await first.commit(plain(b"1", topic=OUT), {source: Position(0)}, seat.batch.membership)
        second = await started(twin)
        with pytest.raises(Fenced):
            await first.commit(plain(b"2", topic=OUT), {source: Position(0)}, seat.batch.membership)
        await second.commit(plain(b"3", topic=OUT), {source: Position(0)}, seat.batch.membership)
        assert await values_in(twin, OUT) == [b"1", b"3"]
        await seat.consumer.close()
        await first.close()
        await second.close()

    async def test_a_transaction_needs_a_start(self, twin: Twin) -> None:
        twin.create(IN, 1)
        seat = await joined(twin)
        transactions = twin.broker.transactions("t-0")
        with pytest.raises(OutcomeUnknown):
            await transactions.commit(
                plain(b"x"), {TopicPartition(IN, 0): Position(0)}, seat.batch.membership
            )
        await seat.consumer.close()
        await transactions.close()

    async def test_positions_and_readers_wait_until_an_open_transaction_has_ended(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 1)
        twin.create(OUT, 1)
        await write(twin, *plain(b"one"))
        await write(twin, *plain(b"before", topic=OUT))
        seat = await joined(twin)
        await until(lambda: len(seat.records) == 1, seat)
        source, out = TopicPartition(IN, 0), TopicPartition(OUT, 0)
        await seat.consumer.commit({source: Position(0, "old")})
        answer = plain(b"half", topic=OUT)
        await twin.leave_open("t-0", answer, {source: Position(1)}, seat.batch.membership)
        await write(twin, *plain(b"after", topic=OUT))
        with pytest.raises(Retryable, match="not stable"):
            await seat.consumer.committed([source])
        reader = twin.broker.reader()
        ends = {tp: end for tp, (_, end) in (await reader.ends([out])).items()}
        assert ends == {out: 3}
        found: list[bytes | None] = []

        async def read() -> None:
            async for record in reader.read({out: 0}, ends):
                found.append(record.value)  # noqa: PERF401 - seen while it is being read

        reading = asyncio.create_task(read())
        await asyncio.wait([reading], timeout=3 * twin.moment_s)
        assert not reading.done()
        assert found == [b"before"]
        await started(twin)  # the same name again: what was left open is aborted
        await soon(reading)
        assert found == [b"before", b"after"]
        assert await seat.consumer.committed([source]) == {source: Position(0, "old")}
        await reader.close()
        await seat.consumer.close()

    async def test_a_member_that_gains_a_partition_waits_for_its_stable_position(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 1)
        await write(twin, *plain(b"one", b"two"))
        first = await joined(twin)
        await until(lambda: len(first.records) == 2, first)
        source = TopicPartition(IN, 0)
        await twin.leave_open("t-0", (), {source: Position(1)}, first.batch.membership)
        await first.consumer.close()
        second = await joined(twin)
        await idle(second)
        assert second.records == []
        await started(twin)
        await until(lambda: len(second.records) == 2, second)
        assert second.values == [b"one", b"two"]
        await second.consumer.close()

    async def test_a_reading_stops_at_its_ends_also_where_they_are_markers_or_nothing(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 1)
        twin.create(OUT, 4)
        seat = await joined(twin)
        transactions = await started(twin)
        source = TopicPartition(IN, 0)
        await write(twin, *plain(b"a", b"b", topic=OUT, partition=1))
        answers = plain(b"c", topic=OUT, partition=1) + plain(b"d", topic=OUT, partition=2)
        await transactions.commit(answers, {source: Position(0)}, seat.batch.membership)
        names = [TopicPartition(OUT, n) for n in range(4)]
        reader = twin.broker.reader()
        found = await reader.ends(names)
        assert [found[name] for name in names] == [(0, 0), (0, 4), (0, 2), (0, 0)]
        await write(twin, *plain(b"late", topic=OUT, partition=0))
        await write(twin, *plain(b"late", topic=OUT, partition=1))
        ends = {name: end for name, (_, end) in found.items()}
        async with asyncio.timeout(SOON_S):
            read = [record async for record in reader.read(dict.fromkeys(names, 0), ends)]
        by_partition = {n: [r.value for r in read if r.partition == n] for n in range(4)}
        assert by_partition == {0: [], 1: [b"a", b"b", b"c"], 2: [b"d"], 3: []}
        part = {names[1]: 1}, {names[1]: 2}
        async with asyncio.timeout(SOON_S):
            assert [r.value async for r in reader.read(*part)] == [b"b"]
            assert [r.value async for r in reader.read({names[3]: 0}, {names[3]: 0})] == []
        await reader.close()
        await seat.consumer.close()
        await transactions.close()

    async def test_a_tail_sees_what_is_written_later(self, twin: Twin) -> None:
        twin.create(IN, 2)
        await write(twin, *plain(b"zero", b"one"))
        reader = twin.broker.reader()
        stream = reader.tail({TopicPartition(IN, 0): 1, TopicPartition(IN, 1): 0})
        tailing = asyncio.create_task(first_of(stream, 3))
        await asyncio.wait([tailing], timeout=twin.moment_s)
        await write(twin, *plain(b"two", partition=1))
        await asyncio.wait([tailing], timeout=twin.moment_s)
        assert not tailing.done()
        await write(twin, *plain(b"three"))
        await soon(tailing)
        assert sorted(str(record.value) for record in tailing.result()) == [
            "b'one'",
            "b'three'",
            "b'two'",
        ]
        await reader.close()

    async def test_a_topic_that_does_not_exist_may_come(self, twin: Twin) -> None:
        twin.create(IN, 3)
        reader = twin.broker.reader()
        assert await reader.partitions(IN) == 3
        with pytest.raises(Retryable, match="does not exist"):
            await reader.partitions(OUT)
        twin.create(OUT, 5)
        assert await reader.partitions(OUT) == 5
        await reader.close()

    async def test_a_paused_partition_is_silent_and_goes_on_where_it_stood(
        self, twin: Twin
    ) -> None:
        twin.create(IN, 2)
        zero, one = TopicPartition(IN, 0), TopicPartition(IN, 1)
        await write(twin, *plain(b"a"), *plain(b"b", partition=1))
        seat = await joined(twin)
        await until(lambda: len(seat.records) == 2, seat)
        await seat.consumer.pause([zero])
        await write(twin, *plain(b"c"), *plain(b"d", partition=1))
        await until(lambda: len(seat.records) == 3, seat)
        await idle(seat)
        assert {record.value for record in seat.records} == {b"a", b"b", b"d"}
        assert seat.held == {zero, one}
        await seat.consumer.resume([zero])
        await until(lambda: len(seat.records) == 4, seat)
        await idle(seat)
        assert seat.values[3:] == [b"c"]
        await seat.consumer.close()

    async def test_a_partition_that_was_lost_while_paused_comes_back_open(self, twin: Twin) -> None:
        twin.create(IN, 2)
        one = await joined(twin, "a-0", eager=True)
        await one.consumer.pause(sorted(one.held))
        two = await seated(twin, "a-1", eager=True)
        await until(lambda: (len(one.held), len(two.held)) == (1, 1), one, two)
        (back,) = one.held
        await write(twin, *plain(b"a", partition=back.partition))
        await until(lambda: bool(one.records), one, two)
        for seat in (one, two):
            await seat.consumer.close()

    async def test_a_partition_that_is_paused_when_gained_starts_where_it_is_sent(
        self, twin: Twin
    ) -> None:
        """What a role with state does: pause, restore while polling goes on, seek, resume."""
        twin.create(IN, 1)
        await write(twin, *plain(b"a", b"b", b"c"))
        seat = await joined(twin, eager=True)
        source = TopicPartition(IN, 0)
        await seat.consumer.pause([source])
        taken = len(seat.records)
        await idle(seat)
        assert len(seat.records) == taken
        await seat.consumer.seek({source: 1})
        await idle(seat)
        assert len(seat.records) == taken
        await seat.consumer.resume([source])
        await until(lambda: len(seat.records) == taken + 2, seat)
        assert seat.values[taken:] == [b"b", b"c"]
        await seat.consumer.close()

    async def test_nobody_seeks_in_a_partition_that_is_not_his(self, twin: Twin) -> None:
        twin.create(IN, 1)
        twin.create(OUT, 1)
        await write(twin, *plain(b"a"))
        seat = await joined(twin)
        await until(lambda: len(seat.records) == 1, seat)
        with pytest.raises(Retryable, match=OUT):
            await seat.consumer.seek({TopicPartition(OUT, 0): 0, TopicPartition(IN, 0): 0})
        await until(lambda: len(seat.records) == 2, seat)
        await seat.consumer.close()

    async def test_the_backlog_is_what_has_not_been_read(self, twin: Twin) -> None:
        twin.create(IN, 1)
        seat = await joined(twin)
        await idle(seat)
        source = TopicPartition(IN, 0)
        assert await seat.consumer.backlog() == {source: 0}
        transactions = await started(twin)
        await transactions.commit(plain(b"a", b"b"), {source: Position(0)}, seat.batch.membership)
        await until(lambda: len(seat.records) == 2, seat)
        await idle(seat)
        assert await seat.consumer.backlog() == {source: 0}
        await seat.consumer.pause([source])
        await write(twin, *plain(b"c", b"d", b"e"))
        await idle(seat)
        assert await seat.consumer.backlog() == {source: 3}
        await seat.consumer.close()
        await transactions.close()
