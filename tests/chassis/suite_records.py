"""Records, keys and readers: the part of the broker suite that needs no group to share."""

import asyncio

import pytest

from chassis.broker import Outgoing, Position, TopicPartition
from chassis.errors import Retryable
from tests.chassis.seats import (
    IN,
    OUT,
    SOON_S,
    Twin,
    everything,
    first_of,
    joined,
    plain,
    seated,
    soon,
    started,
    until,
    write,
)

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

GIVEN_MS = 1_760_000_000_123


class Records:
    """How records are written, kept and read."""

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

    async def test_a_record_keeps_the_time_that_it_is_given(self, twin: Twin) -> None:
        twin.create(IN, 1)
        await write(twin, Outgoing(IN, b"k", b"v", partition=0, timestamp_ms=GIVEN_MS))
        assert [record.timestamp_ms for record in await everything(twin, IN)] == [GIVEN_MS]

    async def test_the_brokers_have_one_id_whoever_asks(self, twin: Twin) -> None:
        twin.create(IN, 1)
        one, two = twin.broker.reader(), twin.broker.reader()
        found = await one.cluster()
        assert found
        assert await two.cluster() == found
        await one.close()
        await two.close()

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
