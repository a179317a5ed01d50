"""A planted slowdown of 20 % is flagged, and readings of the same code are not.

`recorded/` holds readings of benchmarks.quick on a busy machine: the same code several times, and
once with planted.py's slowdown of 20 %.
"""

from itertools import combinations, permutations
from pathlib import Path

import pytest

from benchmarks.quick import Ratios
from benchmarks.regress import (
    CHANCE_MAX,
    ROUNDS_MIN,
    TooFewRounds,
    compared,
    higher_by_chance,
    table,
)

RECORDED = Path(__file__).with_name("recorded")
SAME = sorted(RECORDED.glob("same-*.json"))
PLANTED = sorted(RECORDED.glob("planted-*.json"))
SLOWED = {
    "CPU: a record refolded / a bare one decoded",
    "CPU: a record encoded / a bare one written",
}


def read(path: Path) -> Ratios:
    return Ratios.model_validate_json(path.read_text("utf-8"))


def flagged(old: Ratios, new: Ratios) -> set[str]:
    return {one.name for one in compared(old, new) if one.slower}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda path: path.stem)
@pytest.mark.parametrize("same", SAME, ids=lambda path: path.stem)
def test_a_planted_slowdown_of_20_percent_is_flagged(same: Path, planted: Path) -> None:
    assert flagged(read(same), read(planted)) == SLOWED


@pytest.mark.parametrize(("old", "new"), [*permutations(SAME, 2)], ids=lambda path: path.stem)
def test_the_same_code_read_twice_is_not_flagged(old: Path, new: Path) -> None:
    assert flagged(read(old), read(new)) == set()


def test_there_are_readings_to_tell_from() -> None:
    assert len(SAME) >= 3
    assert PLANTED


def test_what_became_faster_is_not_flagged() -> None:
    assert flagged(read(PLANTED[0]), read(SAME[0])) == set()


def ratios(*rounds: float) -> Ratios:
    return Ratios(machine=read(SAME[0]).machine, commit="", ratios={"a ratio": list(rounds)})


def test_one_slow_round_among_many_is_noise() -> None:
    assert not flagged(ratios(*[1.0] * 5), ratios(1.0, 1.0, 1.0, 1.0, 9.0))


def test_a_sure_but_small_slowdown_is_not_flagged() -> None:
    (one,) = compared(ratios(*[1.0] * 7), ratios(*[1.05] * 7))
    assert one.chance <= CHANCE_MAX
    assert not one.slower


def test_too_few_rounds_are_no_ground_for_a_verdict() -> None:
    with pytest.raises(TooFewRounds, match="a ratio: 5 and 4 rounds"):
        compared(ratios(*[1.0] * ROUNDS_MIN), ratios(*[2.0] * (ROUNDS_MIN - 1)))


def test_the_chance_is_the_share_of_shufflings_that_rank_as_high() -> None:
    old, new = (1.0, 2.0, 4.0), (3.0, 5.0, 6.0)
    sums = [sum(drawn) for drawn in combinations(range(6), 3)]
    assert higher_by_chance(old, new) == sum(one >= 2 + 4 + 5 for one in sums) / len(sums)
    assert higher_by_chance((1.0, 1.0), (1.0, 1.0)) == 1.0
    assert higher_by_chance([1.0] * ROUNDS_MIN, [2.0] * ROUNDS_MIN) <= CHANCE_MAX


def test_a_verdict_is_a_line_for_people() -> None:
    told = table(compared(ratios(*[1.0] * 5), ratios(*[1.25] * 5)))
    assert told.startswith("SLOWER")
    assert "1.25 times as slow" in told
