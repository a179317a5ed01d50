"""A process that stands still ends itself, and says where it hung; one that was paused does not."""

import asyncio
import faulthandler
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from chassis.telemetry import Vitals
from chassis.watchdog import EXIT_STOOD_STILL, Watchdog, waits_at

ROOT = Path(__file__).parents[2]
WITHIN_S = 60.0


def stuck(how: str) -> tuple[int, list[dict[str, Any]], str]:
    """How a process that stands still in this way ended, what it logged, and what else it said."""
    command = [sys.executable, "-m", "tests.chassis.stuck", how]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    lines = done.stderr.splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    return done.returncode, events, done.stderr


def last_words(events: list[dict[str, Any]]) -> dict[str, Any]:
    (said,) = [event for event in events if event["message"] == "process_stands_still"]
    found: dict[str, Any] = said["extra"]
    return found


def test_a_blocked_event_loop_ends_its_process_and_is_shown_where_it_hangs() -> None:
    code, events, _ = stuck("blocked")
    assert code == EXIT_STOOD_STILL
    said = last_words(events)
    assert said["role"] == "the event loop"
    assert said["seconds"] >= 2
    assert "a_call_that_blocks" in said["event_loop_at"]


def test_a_handler_that_runs_on_after_its_lease_ends_its_process() -> None:
    code, events, _ = stuck("hung")
    said = last_words(events)
    assert code == EXIT_STOOD_STILL
    assert (said["role"], said["what"]) == ("content", "step content runs on after its lease")
    assert any("never_ends" in task for task in said["tasks_at"])


def test_code_that_lets_no_thread_run_ends_its_process_too() -> None:
    code, _, said = stuck("greedy")
    assert code == 1
    assert "Timeout" in said
    assert "in greedy" in said


def test_a_process_that_was_paused_for_long_goes_on_where_it_was() -> None:
    command = [sys.executable, "-m", "tests.chassis.stuck", "paused"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        os.kill(pid, signal.SIGSTOP)
        time.sleep(2.1)  # the pause itself is what is tested: longer than may be stood still
        os.kill(pid, signal.SIGUSR1)
        os.kill(pid, signal.SIGCONT)
        assert process.wait(WITHIN_S) == 0


async def test_what_was_not_run_is_not_held_against_a_role(monkeypatch: Any) -> None:
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda *_, **__: None)
    hours = [0.0]
    ended: list[int] = []
    vitals = Vitals("saga", now=lambda: hours[0])
    dog = Watchdog([vitals], stalled_after_s=60.0, end=ended.append)
    dog.follow()
    hours[0] = 1_000_000.0  # the machine slept; the loop had no chance to turn
    dog.look(2.0)
    assert ended == []
    vitals.turned()
    await asyncio.sleep(0)
    for _ in range(100):
        dog.look(2.0)
        await asyncio.sleep(0)
    assert ended == []
    hours[0] += 60.0
    for _ in range(6):
        dog.look(2.0)
        await asyncio.sleep(0)
    assert ended == [EXIT_STOOD_STILL]


async def test_a_waiting_task_is_shown_down_to_the_innermost_line() -> None:
    waiting = asyncio.Event()

    async def inner() -> None:
        await waiting.wait()

    async def outer() -> None:
        await inner()

    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    told = waits_at(task)
    waiting.set()
    await task
    assert [part.rpartition(" ")[2] for part in told.split(" > ")][:2] == ["outer", "inner"]


def test_the_watchdog_leaves_no_thread_and_no_alarm_behind() -> None:
    before = threading.active_count()
    with Watchdog():
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
