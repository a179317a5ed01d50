"""The probability to be the best agrees with its closed form, and repeats."""

from math import exp, lgamma, log

import pytest

from services.optimizer.bandit import Arm, probabilities_best

SURE = 0.03
"""Three standard errors of 4,000 draws near a half, and a little more."""


def exact(one: Arm, other: Arm) -> float:
    """P(one's rate > other's) for Beta(1, 1) priors, summed (Evan Miller, "Formulas for Bayesian
    A/B Testing", 2014)."""
    a, b = 1 + other.successes, 1 + other.trials - other.successes
    c, d = 1 + one.successes, 1 + one.trials - one.successes

    def beta(x: float, y: float) -> float:
        return lgamma(x) + lgamma(y) - lgamma(x + y)

    return sum(exp(beta(a + i, b + d) - log(d + i) - beta(1 + i, d) - beta(a, b)) for i in range(c))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Arm(0, 0), Arm(0, 0)),
        (Arm(10, 3), Arm(10, 3)),
        (Arm(100, 20), Arm(100, 10)),
        (Arm(40, 9), Arm(400, 60)),
        (Arm(1_000, 55), Arm(1_000, 50)),
        (Arm(3, 3), Arm(200, 100)),
    ],
)
def test_two_arms_agree_with_the_closed_form(one: Arm, other: Arm) -> None:
    first, second = probabilities_best((one, other), "seed")
    assert first == pytest.approx(exact(one, other), abs=SURE)
    assert first + second == pytest.approx(1.0)


def test_the_same_evidence_tells_the_same_and_another_seed_nearly_the_same() -> None:
    arms = (Arm(200, 20), Arm(200, 30), Arm(200, 25))
    again = probabilities_best(arms, "campaign/email/hour")
    assert again == probabilities_best(arms, "campaign/email/hour")
    other = probabilities_best(arms, "campaign/email/next hour")
    assert again != other
    assert again == pytest.approx(other, abs=2 * SURE)


def test_more_of_the_same_makes_it_surer() -> None:
    chances = [
        probabilities_best((Arm(10 * n, n), Arm(10 * n, 2 * n)), "s")[1] for n in (1, 4, 16, 64)
    ]
    assert chances == sorted(chances)
    assert chances[-1] > 0.999


def test_three_arms_share_one_probability() -> None:
    assert sum(probabilities_best((Arm(9, 1), Arm(9, 2), Arm(9, 3)), "s")) == pytest.approx(1.0)


def test_no_arm_no_probability() -> None:
    assert probabilities_best((), "s") == ()


@pytest.mark.parametrize(("trials", "successes"), [(1, 2), (0, 1), (3, -1)])
def test_an_arm_that_paid_more_often_than_it_was_tried_is_our_own_bug(
    trials: int, successes: int
) -> None:
    with pytest.raises(ValueError, match="successes"):
        Arm(trials, successes)
