"""Is it slower than it was? `python -m benchmarks.regress OLD NEW`, two files of benchmarks.quick.

A ratio is slower where both hold: the median of its new rounds lies more than TOLERANCE above the
old ones', and so many higher rounds come by chance in at most one of fifty comparisons (the
exact one-sided rank-sum test of Wilcoxon, 1945). The first alone flags noise, the second alone
flags what nobody would feel.
"""

import argparse
from collections.abc import Sequence
from itertools import combinations
from math import comb
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.quick import Ratios

TOLERANCE = 0.1
"""Half of the slowdown that must be found."""

CHANCE_MAX = 0.02
ROUNDS_MIN = 5
"""Fewer say too little of how much a ratio scatters."""

ROUNDS_MAX = 10
"""More would take long to count; the last ones are left out."""


class Verdict(NamedTuple):
    """One ratio: how much slower it became, how likely by chance, and what follows."""

    name: str
    times: float
    chance: float
    slower: bool


class TooFewRounds(Exception):
    """Nothing could be told from these readings; the text says which."""


def compared(old: Ratios, new: Ratios) -> list[Verdict]:
    """Every ratio that both have. Raises TooFewRounds."""
    both = [name for name in old.ratios if name in new.ratios]
    return [_verdict(name, old.ratios[name], new.ratios[name]) for name in both]


def _verdict(name: str, old: Sequence[float], new: Sequence[float]) -> Verdict:
    if min(len(old), len(new)) < ROUNDS_MIN:
        raise TooFewRounds(
            f"{name}: {len(old)} and {len(new)} rounds; at least {ROUNDS_MIN} each are needed"
        )
    times = median(new) / median(old)
    chance = higher_by_chance(old[:ROUNDS_MAX], new[:ROUNDS_MAX])
    return Verdict(name, times, chance, times > 1 + TOLERANCE and chance <= CHANCE_MAX)


def higher_by_chance(old: Sequence[float], new: Sequence[float]) -> float:
    """How often the new ones rank at least so high if old and new are shuffled at random."""
    ranked = sorted((*old, *new))
    ranks = {value: _middle_rank(ranked, value) for value in ranked}
    all_ranks = [ranks[value] for value in (*old, *new)]
    reached = sum(ranks[value] for value in new)
    as_high = sum(sum(drawn) >= reached for drawn in combinations(all_ranks, len(new)))
    return as_high / comb(len(all_ranks), len(new))


def _middle_rank(ranked: Sequence[float], value: float) -> float:
    """Equal values share the middle of their ranks."""
    first = ranked.index(value)
    return first + (ranked.count(value) - 1) / 2


def table(verdicts: Sequence[Verdict]) -> str:
    """A line for each ratio."""
    lines = (
        f"{'SLOWER' if one.slower else 'as fast':8} {one.name:55} "
        f"{one.times:.2f} times as slow, by chance {one.chance:.3f}"
        for one in verdicts
    )
    return "\n".join(lines)


def main() -> int:
    """Print every verdict; 1 where something became slower, 2 where nothing can be told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regress")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    asked = parser.parse_args()
    old, new = (
        Ratios.model_validate_json(path.read_text("utf-8")) for path in (asked.old, asked.new)
    )
    try:
        verdicts = compared(old, new)
    except TooFewRounds as reason:
        print(reason)
        return 2
    print(table(verdicts))
    return 1 if any(one.slower for one in verdicts) else 0


if __name__ == "__main__":
    raise SystemExit(main())
