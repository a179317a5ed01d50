"""A reading says which commit was measured, and whether that is all of it."""

import subprocess
from pathlib import Path

import pytest

from benchmarks import settings

MEASURED, WRITTEN = "chassis/loop.py", "benchmarks/results/one.json"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with one commit."""
    for name in (MEASURED, WRITTEN):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    named = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    for words in (("init", "-q"), ("add", "."), (*named, "commit", "-q", "-m", "one")):
        subprocess.run(("git", *words), cwd=tmp_path, check=True)
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("changed", "told"), [(MEASURED, True), (WRITTEN, False)])
def test_only_what_is_measured_makes_a_tree_another_one(
    tree: Path, changed: str, told: bool
) -> None:
    clean = settings.commit()
    (tree / changed).write_text("after")
    assert len(clean) == 12
    assert settings.commit() == (f"{clean}-dirty" if told else clean)


def test_there_is_none_outside_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    assert settings.commit() == ""
