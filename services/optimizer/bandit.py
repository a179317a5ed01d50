"""Which of several variants is the best, and how sure that is: Thompson sampling. Pure.

Each variant is an arm that pays (a reader clicks) or does not. What is known of its rate is a Beta
distribution; to draw once from each and to look which is the highest is Thompson's rule for
choosing an arm, and the share of draws that an arm wins is the probability that it is the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

DRAWS = 4_000
"""A probability near 0.95 is then told to within 0.007 (two standard errors)."""

PRIOR = 1.0
"""Beta(1, 1): every rate is as likely as any other before anybody was asked."""


@dataclass(frozen=True, slots=True)
class Arm:
    """How often a variant was tried, and how often it paid: at most as often."""

    trials: int
    successes: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.trials:
            raise ValueError(f"{self.successes} successes in {self.trials} trials")


def probabilities_best(arms: Sequence[Arm], seed: str, draws: int = DRAWS) -> tuple[float, ...]:
    """The probability of each arm to be the best one; the same arguments give the same answer.

    Beta-Bernoulli Thompson sampling: W. R. Thompson, "On the likelihood that one unknown
    probability exceeds another in view of the evidence of two samples", Biometrika 25 (1933);
    with Beta(1, 1) priors as in Chapelle and Li, "An Empirical Evaluation of Thompson Sampling",
    NeurIPS 2011, algorithm 2. The sum is 1 where there is any arm.
    """
    chance = Random(seed)  # noqa: S311 - statistics, no secret
    shapes = [(PRIOR + arm.successes, PRIOR + arm.trials - arm.successes) for arm in arms]
    wins = [0] * len(shapes)
    for _ in range(draws if shapes else 0):
        drawn = [chance.betavariate(paid, unpaid) for paid, unpaid in shapes]
        wins[drawn.index(max(drawn))] += 1
    return tuple(won / draws for won in wins)
