"""Seeded lives: every promise holds, and each life can be had again, byte for byte.

SAGALINE_LIVES says how many; `make simulate SEEDS=n` lives more, on both cores.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.__main__ import main
from tests.simulation.seeded.life import Report, live
from tests.simulation.seeded.storm import STEPS

LIVES = int(os.environ.get("SAGALINE_LIVES", "60"))
MANY = 500
AGAIN = ("3", "17", "40")
ROOT = Path(__file__).parents[2]
TELL = "import sys; from tests.simulation.seeded.life import live; print(live(sys.argv[1]).digest)"


@pytest.fixture(scope="module")
def lives() -> list[Report]:
    return [live(str(seed)) for seed in range(LIVES)]


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_no_promise_is_broken_in_any_life(lives: list[Report]) -> None:
    broken = {report.seed: report.problems for report in lives if report.problems}
    assert not broken, f"make simulate SEED={next(iter(broken))}: {broken}"


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_in_some_life_somebody_cannot_wait_for_a_date(lives: list[Report]) -> None:
    assert sum(report.tally["dates lifted"] for report in lives) > 0


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.skipif(LIVES < MANY, reason=f"counted over {MANY} lives: SAGALINE_LIVES={MANY}")
def test_in_five_hundred_lives_every_step_is_struck_and_every_end_is_reached(
    lives: list[Report],
) -> None:
    struck: Counter[str] = Counter()
    tally: Counter[str] = Counter()
    for report in lives:
        struck.update(report.struck)
        tally.update(report.tally)
    missed = [f"{blow} {step}" for blow in ("kill", "pause") for step in STEPS]
    assert [one for one in missed if not struck[one]] == []
    ends = ("COMPLETED", "FAILED", "REJECTED", "CANCELLED")
    others = ("clock jumps", "copies added", "deploys", "echoes", "replays", "rubbish")
    assert [one for one in (*ends, *others, "sessions ended") if not tally[one]] == []


@pytest.mark.parametrize("seed", AGAIN)
def test_the_same_seed_gives_the_same_bytes_in_another_process(seed: str) -> None:
    """Another order of every set of strings, another address of every object, the same life."""
    other = subprocess.run(
        [sys.executable, "-c", TELL, seed],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert other.stdout.strip() == live(seed).digest


def test_another_seed_is_another_life() -> None:
    assert live("3").digest != live("4").digest


def test_a_seed_can_be_lived_again_aloud(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3"]) == 0
    heard = capfd.readouterr()
    assert "sagas_restored" in heard.err
    assert live("3").digest in heard.out
