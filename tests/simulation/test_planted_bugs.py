"""A safeguard that is taken out is missed: each planted bug breaks a promise in some seed."""

from collections.abc import Callable

import pytest

from tests.simulation.__main__ import main
from tests.simulation.seeded.life import live
from tests.simulation.seeded.mutations import BUGS, Bug, planted

SEEDS_MAX = 200


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: Bug, record_property: Callable[[str, object], None]) -> None:
    with planted(bug):
        for seed in range(SEEDS_MAX):
            problems = live(str(seed)).problems
            if problems:
                record_property("caught in seeds", seed + 1)
                print(f"caught in seed {seed}: {problems[0]}")  # noqa: T201 - seen with -s
                return
    pytest.fail(f"nobody noticed in {SEEDS_MAX} lives: {bug.name}")


def test_each_bug_is_planted_in_code_that_is_still_there() -> None:
    for bug in BUGS:
        with planted(bug):
            pass


def test_a_bug_that_is_dug_up_again_leaves_nothing_behind() -> None:
    bug = next(one for one in BUGS if one.name == "what was done first is undone first")
    before = live("0")
    with planted(bug):
        pass
    assert live("0") == before


def test_a_failing_seed_says_how_to_see_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    bug = next(one for one in BUGS if one.function == "TransactionalLoop._tick")
    with planted(bug):
        assert main(["--seeds", "1"]) == 1
        told = live("0").problems
        assert live("0").problems == told
    heard = capsys.readouterr().out
    assert "make simulate SEED=0" in heard
    assert told[0] in heard
