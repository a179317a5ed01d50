"""What is offered to a peer comes at once or at its rate, and each saga's wait is counted."""

import asyncio
import json
import threading
from pathlib import Path

import pytest

from benchmarks.peers import environments
from benchmarks.peers.environments import Unavailable, program_of, python_with
from benchmarks.peers.offered import Offer, to_tasks, to_threads


def test_sagas_that_block_are_counted_and_never_more_at_work_than_allowed() -> None:
    lock, at_work, most = threading.Lock(), 0, 0

    def run() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        with lock:
            at_work -= 1

    found = to_threads(run, Offer("a", 20, 0.0), 3)
    assert found.ended == len(found.latencies_ms) == 20
    assert found.latencies_ms == sorted(found.latencies_ms)
    assert most <= 3


async def test_sagas_that_are_awaited_get_an_id_of_their_own() -> None:
    asked: list[str] = []

    async def run(key: str) -> None:
        asked.append(key)
        await asyncio.sleep(0)

    found = await to_tasks(run, Offer("a", 3, 0.0), 2)
    assert sorted(asked) == ["a-0", "a-1", "a-2"]
    assert json.loads(found.told())["ended"] == 3


def test_a_saga_is_due_at_its_place_in_the_rate() -> None:
    assert [Offer("a", 3, 10.0).due(number) for number in range(3)] == [0.0, 0.1, 0.2]
    assert Offer("a", 3, 0.0).due(2) == 0.0


def test_a_peer_that_cannot_be_installed_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no npm"):
        program_of("a-server", "a-package@1", "a-program")


def test_an_environment_that_stands_is_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    made: list[str] = []

    def run(what: str, words: object) -> None:
        made.append(what)
        (tmp_path / "a").mkdir(exist_ok=True)

    monkeypatch.setattr(environments, "_run", run)
    for packages in (["x==1"], ["x==1"], ["x==2"]):
        assert python_with("a", packages) == tmp_path / "a" / "bin" / "python"
    assert made == ["making its environment", "pip"] * 2
