"""The ledger of runs: what it refuses, what it sums up, and what counts as met."""

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import ledger
from benchmarks.figures import GOALS, lines
from benchmarks.ledger import Entry, RecordRefused, Run, recorded, standing, told
from benchmarks.machine import machine

ABOUT = machine()
FIGURES = {goal.figure: goal.least for goal in GOALS} | {"campaigns": 1_000}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, in which the ledger believes to stand."""
    (tmp_path / "code.py").write_text("1\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(tmp_path)
    monkeypatch.setattr(ledger, "ROOT", tmp_path)
    return tmp_path


def commit(tree: Path) -> None:
    """Commit the code as it is now."""
    for words in (("add", "code.py"), ("commit", "-q", "-m", "x")):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words],
            cwd=tree,
            check=True,
        )


def enter(tree: Path, kind: str, seeds: range, *anomalies: str, **figures: float) -> Run:
    entry = Entry(kind, seeds, tree / "runs.jsonl")
    return entry.write(ABOUT, FIGURES | figures, anomalies)


def test_a_run_is_found_again_as_it_was_recorded_also_after_one_that_was_not_committed_yet(
    tree: Path,
) -> None:
    runs = [enter(tree, "storm", range(1, 2), "two mails"), enter(tree, "storm", range(2, 3))]
    assert recorded(tree / "runs.jsonl") == runs
    assert runs[0].anomalies == ["two mails"]
    assert len(runs[0].commit) == 40


def test_a_seed_counts_once_for_its_kind(tree: Path) -> None:
    enter(tree, "simulate", range(500, 1_000))
    enter(tree, "simulate", range(1_000, 1_500))
    enter(tree, "storm", range(700, 701))
    for seeds in (range(999, 1_001), range(501), range(700, 701)):
        with pytest.raises(RecordRefused, match="recorded already"):
            enter(tree, "simulate", seeds)
    assert [len(run.range) for run in recorded(tree / "runs.jsonl")] == [500, 500, 1]


def test_seeds_that_found_something_are_run_again_at_another_commit_and_then_count(
    tree: Path,
) -> None:
    found = enter(tree, "simulate", range(10), "seed 3: an orphan", lives=20_000)
    with pytest.raises(RecordRefused, match="recorded already"):
        enter(tree, "simulate", range(10), lives=20_000)  # nothing was mended in between
    (tree / "code.py").write_text("mended\n")
    commit(tree)
    for seeds in (range(5), range(9, 12)):
        with pytest.raises(RecordRefused, match="recorded already"):
            enter(tree, "simulate", seeds)
    again = enter(tree, "simulate", range(10), lives=20_000)
    runs = recorded(tree / "runs.jsonl")
    assert (runs, standing(runs)) == ([found, again], [again])
    (lives,) = [line for line in lines(runs, tree) if line.says == "seeded lives"]
    assert (lives.figure, lives.anomalies, lives.met) == (20_000, 0, True)
    (tree / "code.py").write_text("changed once more\n")
    commit(tree)
    with pytest.raises(RecordRefused, match="recorded already"):
        enter(tree, "simulate", range(10))  # what held is not thrown anew until it does not


def test_what_two_runs_at_once_both_lived_is_recorded_once(tree: Path) -> None:
    slower = Entry("simulate", range(10), tree / "runs.jsonl")
    enter(tree, "simulate", range(5, 6))
    with pytest.raises(RecordRefused, match="seeds 5 are"):
        slower.write(ABOUT, {}, [])


@pytest.mark.parametrize("spoiled", ["code.py", "new.py"])
def test_a_run_of_code_that_no_commit_has_is_refused(tree: Path, spoiled: str) -> None:
    (tree / spoiled).write_text("2\n")
    with pytest.raises(RecordRefused, match=spoiled):
        enter(tree, "storm", range(1, 2))
    assert recorded(tree / "runs.jsonl") == []


def test_goals_are_met_by_the_sum_of_their_runs_and_by_no_run_with_an_anomaly(tree: Path) -> None:
    half = {"publications seen": 50_000}
    enter(tree, "storm", range(1, 2), **half)
    enter(tree, "zombies", range(1, 2), "a fact twice")
    enter(tree, "transient 0.05", range(1, 2), **{"completed without a step given up": 996})
    enter(tree, "transient 0.2", range(1, 2), **{"completed without a step given up": 1})
    before = {line.says: line for line in lines(recorded(tree / "runs.jsonl"), tree)}
    enter(tree, "storm, 3 brokers", range(1, 2), **half)
    after = {line.says: line for line in lines(recorded(tree / "runs.jsonl"), tree)}
    assert not before["publications under kills and pauses"].met
    assert after["publications under kills and pauses"].met
    assert after["publications under kills and pauses"].figure == 100_000
    assert "1; 3 brokers 1" in after["publications under kills and pauses"].source
    assert not after["owners paused with a tick in hand"].met
    assert after["of them completed whole, %"].figure == 99.6
    assert after["of them completed whole, %"].met
    assert not after["seeded lives"].met


def test_a_benchmark_s_newest_result_is_held_against_its_goals(tmp_path: Path) -> None:
    old, new = ({"costs": [{"name": "refold one record (x)", "per_s": n}]} for n in (1.0, 3e4))
    (tmp_path / "2026-01-01-codec.json").write_text(json.dumps(old))
    (tmp_path / "2026-01-02-codec.json").write_text(json.dumps(new))
    own = [
        {"who": "same copy", "first_s": 1.0, "all_s": 2.0},
        {"who": "another copy", "first_s": 7.0, "all_s": 9.0},
        {"who": "another copy", "first_s": 8.1, "all_s": 8.2},
    ]
    (tmp_path / "2026-01-01-take_over.json").write_text(json.dumps({"readings": own}))
    found = lines([], tmp_path)[len(GOALS) :]
    assert [(line.says, line.goal, line.figure, line.met) for line in found] == [
        ("records refolded from memory, a second", "≥ 20,000", 3e4, True),
        ("work moves again by the same copy, s", "≤ 3, every time", 1.0, True),
        ("work moves again by another copy, s", "≤ 8, every time", 8.1, False),
    ]


def test_seeds_are_told_as_ranges() -> None:
    assert told([range(10, 20), range(1, 2), range(20, 30), range(3, 4)]) == "1, 3, 10-29"
