"""Consumer groups: the part of the broker suite about who reads what, and from where."""

import pytest

from chassis.broker import METADATA_CHARS_MAX, Position, TopicPartition
from chassis.errors import Fenced, Retryable
from tests.chassis.seats import (
    IN,
    OUT,
    Twin,
    idle,
    joined,
    plain,
    seated,
    started,
    until,
    values_in,
    write,
)


class Groups:
    """How members share partitions, and remember where they stood."""

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
