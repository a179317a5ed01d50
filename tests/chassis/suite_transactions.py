"""Transactions: the part of the broker suite about all or nothing, and about the dead."""

import asyncio

import pytest

from chassis.broker import Position, TopicPartition
from chassis.errors import Fenced, MembershipLost, OutcomeUnknown, Retryable
from tests.chassis.seats import (
    IN,
    OUT,
    Twin,
    everything,
    idle,
    joined,
    plain,
    seated,
    soon,
    started,
    until,
    values_in,
    write,
)


class AllOrNothing:
    """How records and positions stand together or not at all."""

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

    async def test_records_that_answer_no_input_stand_together_and_the_last_to_start_writes(
        self, twin: Twin
    ) -> None:
        twin.create(OUT, 2)
        records = [*plain(b"a", topic=OUT), *plain(b"b", topic=OUT, partition=1)]
        first = twin.broker.together("t-0")
        with pytest.raises(OutcomeUnknown):
            await first.write(records)
        await first.start()
        await first.write(records)
        second = twin.broker.together("t-0")
        await second.start()
        with pytest.raises(Fenced):
            await first.write(plain(b"late", topic=OUT))
        await second.write(plain(b"c", topic=OUT))
        assert await values_in(twin, OUT) == [b"a", b"c"]
        assert await values_in(twin, OUT, 1) == [b"b"]
        await first.close()
        await second.close()

    async def test_a_transaction_needs_a_start(self, twin: Twin) -> None:
        twin.create(IN, 1)
        seat = await joined(twin)
        transactions = twin.broker.transactions("t-0", group="readers", topics=())
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
