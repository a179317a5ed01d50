"""The benchmark of growth measures what it says: so many facts, so many sagas, all answered."""

import asyncio

import pytest

from benchmarks import growth
from benchmarks.growth import ANSWER, CHECKPOINT, INPUT, OPEN, Cost, Timed
from contracts import topics


@pytest.fixture(scope="module")
def found() -> list[Timed]:
    return asyncio.run(growth._measure((10, 60), (100, 200)))


def test_each_size_is_read_in_every_round(found: list[Timed]) -> None:
    sizes = {(one.what, one.size): 0 for one in found}
    for one in found:
        assert one.us > 0
        sizes[one.what, one.size] += 1
    wanted = [(what, size) for what in (INPUT, CHECKPOINT) for size in (10, 60)]
    assert sizes == dict.fromkeys([*wanted, (ANSWER, 100), (ANSWER, 200)], growth.ROUNDS)


async def test_open_sagas_are_read_back_packed_and_as_many_as_were_asked_for() -> None:
    made = await growth._made(120)
    role = growth.Role(made.first(100))
    await role.processor.restore(growth.HERE)
    assert role.processor.next_due() is not None
    inputs = [role.incoming(growth._answer(role.codec, one, "one")) for one in made.commands]
    facts = [[one for one in role.take(given) if one.topic == topics.LOG] for given in inputs]
    assert all(facts[:100])
    assert not any(facts[100:])


def test_growth_is_told_only_from_the_smallest_to_the_largest_size() -> None:
    costs = [
        Cost(what=INPUT, size=size, us=us, us_min=us - 1, us_max=us + 1)
        for size, us in zip(OPEN, (10.0, 10.0, 11.0, 12.0), strict=True)
    ]
    told = growth.grown(costs, INPUT)
    assert told is not None
    assert told.middle == pytest.approx(1.2)
    assert growth.grown(costs[:-1], INPUT) is None
    assert growth.grown(costs, ANSWER) is None
    assert "| 1.20 |" in growth.table(costs)
