"""Children: started, killed, started again, and all of what they started is ended with them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.stack import watch
from deploy.stack.background import down, end_left_behind, running
from deploy.stack.identity import Process, end
from deploy.stack.members import Child, ChildSpec
from deploy.stack.ports import StackError
from deploy.stack.record import (
    ChildRecord,
    StackRecord,
    Status,
    load,
    save,
    supervising,
    supervisor_of,
)
from deploy.stack.watch import Watch

PATIENCE_S = 20.0
SLEEP = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
PARENT = (
    "import subprocess, sys, time;"
    f"p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); print(p.pid, flush=True);"
    "time.sleep(600)"
)


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def quiet(_: str) -> None:
    pass


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    made: list[Child] = []

    def make(program: str) -> Child:
        command = (sys.executable, "-c", program)
        name = f"child-{len(made)}"
        one = Child(ChildSpec(name=name, command=command, port=1, health=False), tmp_path)
        made.append(one)
        one.start()
        assert eventually(lambda: one.log.exists() and one.log.read_text() != "")
        return one

    yield make
    for one in made:
        one.end(1.0)


def test_a_child_that_was_killed_is_started_again_and_counted(
    child: Callable[[str], Child],
) -> None:
    one = child(SLEEP)
    first = one.pid
    assert first is not None
    changes: list[int] = []
    dog = Watch({"one": one}, quiet, lambda: changes.append(1))
    dog.start()
    try:
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: one.restarts == 1 and one.pid not in (None, first))
        assert changes == [1]
    finally:
        dog.stop()


def test_nothing_is_started_again_once_the_watch_is_over(child: Callable[[str], Child]) -> None:
    one = child(SLEEP)
    dog = Watch({"one": one}, quiet, lambda: None)
    dog.start()
    dog.stop()
    one.kill()
    time.sleep(3 * watch.PAUSE_S)
    assert one.pid is None
    assert one.restarts == 0


def test_a_child_that_keeps_dying_is_started_ever_more_seldom(
    child: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PAUSE_S", 0.05)
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.01)
    starts: list[float] = []
    one = child("print('dying', flush=True)")
    dog = Watch({"one": one}, quiet, lambda: starts.append(time.monotonic()))
    dog.start()
    try:
        assert eventually(lambda: len(starts) >= 5)
    finally:
        dog.stop()
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert pauses[3] > 2 * pauses[0]


def test_a_child_that_does_not_heed_is_killed_after_its_time(child: Callable[[str], Child]) -> None:
    one = child(STUBBORN)
    began = time.monotonic()
    one.end(0.5)
    assert time.monotonic() - began < PATIENCE_S
    assert one.exit_code == -signal.SIGKILL


def test_what_a_child_started_ends_with_it(child: Callable[[str], Child]) -> None:
    one = child(PARENT)
    grandchild = Process.of(int(one.log.read_text().split()[0]))
    assert grandchild.alive
    one.end(0.5)
    assert eventually(lambda: not grandchild.alive)


@pytest.fixture
def stranger() -> Iterator[Process]:
    process = subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.DEVNULL)
    yield Process.of(process.pid)
    process.kill()
    process.wait()


def left_by_a_killed_supervisor(state_dir: Path, process: Process) -> None:
    one = ChildRecord(name="radar", process=process, port=1, log="radar.log")
    save(state_dir, StackRecord(status=Status.RUNNING, children=(one,)))


def test_children_of_a_killed_supervisor_are_found_and_ended(
    stranger: Process, tmp_path: Path
) -> None:
    left_by_a_killed_supervisor(tmp_path, stranger)
    assert running(tmp_path) is None
    assert down(tmp_path, quiet)
    assert not stranger.alive
    assert load(tmp_path).status is Status.STOPPED


def test_a_process_that_only_has_the_same_id_is_never_touched(
    stranger: Process, tmp_path: Path
) -> None:
    other = Process(pid=stranger.pid, began=stranger.began - 1)
    left_by_a_killed_supervisor(tmp_path, other)
    assert not end_left_behind(tmp_path, quiet)
    end(other, 0.1)
    assert stranger.alive


def test_a_folder_has_one_supervisor_at_a_time(tmp_path: Path) -> None:
    assert supervisor_of(tmp_path) is None
    with supervising(tmp_path):
        assert supervisor_of(tmp_path) == os.getpid()
        with pytest.raises(StackError, match="sagaline down ends it"), supervising(tmp_path):
            pass
    assert supervisor_of(tmp_path) is None


def test_nothing_runs_on_an_empty_folder(tmp_path: Path) -> None:
    assert not down(tmp_path, quiet)
    assert running(tmp_path) is None
