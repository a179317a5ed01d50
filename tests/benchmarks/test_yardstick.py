"""The yardstick is fair: the bare loop writes as much as the engine does, and no less."""

import pytest

from benchmarks import bare_loop, road
from benchmarks.inmemory import Shape, Size, shape
from contracts import topics

BYTES_APART_MAX = 60


@pytest.fixture(scope="module")
def engine() -> Shape:
    return shape()


def as_size(written: bare_loop.Written) -> Size:
    topic, value, headers = written
    return Size(topic, len(value), sum(len(name) + len(text) for name, text in headers))


def alike(one: Size, other: Size) -> bool:
    apart = one.value_bytes + one.header_bytes - other.value_bytes - other.header_bytes
    return one.topic == other.topic and abs(apart) <= BYTES_APART_MAX


def test_the_engine_answers_every_input_of_a_saga(engine: Shape) -> None:
    written = [[size.topic for size in records] for records in engine.inputs]
    commands = [topics.commands_of(phase) for phase in road.ASKS]
    assert [one[-1] for one in written] == [*commands, topics.SNAPSHOTS]
    assert all(topics.LOG in one for one in written)


def test_the_bare_loop_writes_the_engine_s_records_for_each_input(engine: Shape) -> None:
    handle = bare_loop.saga(engine)
    record = {"campaign_id": road.TENANT, "id": road.TENANT}
    for expected in engine.inputs:
        found = [as_size(written) for written in handle(record)]
        assert len(found) == len(expected)
        assert all(alike(*pair) for pair in zip(found, expected, strict=True))


def test_a_bare_phase_answers_with_a_record_as_big(engine: Shape) -> None:
    record = {"campaign_id": road.TENANT, "id": road.TENANT}
    (found,) = [as_size(written) for written in bare_loop.phases(engine)(record)]
    assert alike(found, engine.result)


def test_the_bare_loop_reads_what_it_wrote() -> None:
    _, value, _ = bare_loop.written(Size(topics.RESULTS, 600, 0), road.TENANT, road.TENANT)
    assert bare_loop.decoded(value)["campaign_id"] == road.TENANT
