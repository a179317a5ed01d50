"""The nearest vectors are the nearest, whatever was put and dropped before."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis import nearest
from chassis.nearest import TIE, Nearest

if TYPE_CHECKING:
    from chassis.embedding import Matrix

DIMENSIONS = 16
KEYS = [f"k{number}" for number in range(12)]
STEPS = st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), max_size=60)


def unit(chance: np.random.Generator, count: int) -> "Matrix":
    rows = chance.standard_normal((count, DIMENSIONS)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@settings(deadline=None)
@given(
    steps=STEPS,
    seed=st.integers(0, 2**16),
    index_from=st.sampled_from([1, 6, 1_000]),
    slack=st.sampled_from([0, 64]),
)
def test_it_finds_what_reading_all_rows_finds(
    steps: list[tuple[str, bool]], seed: int, index_from: int, slack: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "SLACK", slack)
        check(steps, seed, index_from)


def check(steps: list[tuple[str, bool]], seed: int, index_from: int) -> None:
    chance = np.random.default_rng(seed)
    held: dict[str, Matrix] = {}
    vectors = Nearest(index_from)
    for key, put in steps:
        if put:
            held[key] = unit(chance, 1)[0]
            vectors.put(key, held[key])
        else:
            held.pop(key, None)
            vectors.drop(key)
        vectors.index_some()
    (query,) = unit(chance, 1)
    found = dict(vectors.nearest(query, 3))
    right = sorted(((float(row @ query), key) for key, row in held.items()), reverse=True)
    assert len(vectors) == len(held)
    assert set(found) == {key for _, key in right[:3]}
    for score, key in right[:3]:
        assert found[key] == pytest.approx(score, abs=TIE)


def test_all_that_tie_with_the_last_one_are_found() -> None:
    vectors = Nearest()
    same, other = unit(np.random.default_rng(1), 2)
    for number in range(50):
        vectors.put(f"same{number}", same)
        vectors.put(f"other{number}", other)
    found = dict(vectors.nearest(same, 5))
    assert set(found) == {f"same{number}" for number in range(50)}


def test_nothing_is_found_where_nothing_is_held_or_asked_for() -> None:
    vectors = Nearest()
    (row,) = unit(np.random.default_rng(1), 1)
    assert vectors.nearest(row, 3) == []
    vectors.put("a", row)
    assert vectors.nearest(row, 0) == []
    vectors.drop("a")
    vectors.drop("a")
    assert vectors.nearest(row, 3) == []


def test_the_index_finds_nine_of_ten_and_counts_what_changed() -> None:
    chance = np.random.default_rng(1)
    rows = unit(chance, 3_000)
    exact, indexed = Nearest(10**9), Nearest(1_000)
    for number, row in enumerate(rows):
        exact.put(str(number), row)
        indexed.put(str(number), row)
    while indexed.index_some():
        pass
    for number in range(0, 3_000, 7):
        exact.drop(str(number))
        indexed.drop(str(number))
    for number in range(0, 3_000, 14):
        exact.put(str(number), rows[-number])
        indexed.put(str(number), rows[-number])
    while indexed.index_some():
        pass
    shared = 0
    for query in unit(chance, 50):
        right = {key for key, _ in best(exact, query)}
        shared += len(right & {key for key, _ in best(indexed, query)})
    assert shared >= 450


def best(vectors: Nearest, query: "Matrix") -> list[tuple[str, float]]:
    return sorted(vectors.nearest(query, 10), key=lambda found: (-found[1], found[0]))[:10]
