"""Starting a supervisor that outlives the command, finding it again, and ending it."""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.kafka.jars import Say
from deploy.stack.identity import Process, end, wait_for_end
from deploy.stack.members import STOP_TIMEOUT_S
from deploy.stack.ports import StackError
from deploy.stack.record import StackRecord, Status, load, save, supervisor_of

LOOK_EVERY_S = 0.2
END_TIMEOUT_S = 75.0
"""Services end within 15 s, Redis and the site at once, Kafka within 15 s more."""


def running(state_dir: Path) -> StackRecord | None:
    """The stack that runs on the folder now; None where none does."""
    record = load(state_dir)
    alive = supervisor_of(state_dir) is not None and record.status is Status.RUNNING
    return record if alive else None


def up(
    state_dir: Path, say: Say, environment: Mapping[str, str] | None = None
) -> tuple[StackRecord, bool]:
    """The running stack, and whether it was started now; returns once it serves.

    `environment` is added to this process's own for the supervisor. Raises StackError.
    """
    if supervisor_of(state_dir) is not None:
        return _wait(state_dir, say, None), False
    end_left_behind(state_dir, say)
    before = load(state_dir)
    save(state_dir, StackRecord(status=Status.STARTING, site=before.site))
    pid = _spawn(state_dir, {**os.environ, **(environment or {})})
    return _wait(state_dir, say, Process.of(pid)), True


def down(state_dir: Path, say: Say) -> bool:
    """End the stack; False where nothing ran. Raises StackError where it will not end."""
    pid = supervisor_of(state_dir)
    if pid is None:
        return end_left_behind(state_dir, say)
    supervisor = Process.of(pid)
    say("ending the services, then Kafka")
    end(supervisor, END_TIMEOUT_S)
    if not wait_for_end(supervisor, LOOK_EVERY_S):
        raise StackError(f"the supervisor (pid {pid}) does not end; look at {_log(state_dir)}")
    end_left_behind(state_dir, say)
    return True


def end_left_behind(state_dir: Path, say: Say) -> bool:
    """End the children of a supervisor that was killed; True where there were any.

    Only processes whose id and start time are those that were written down are touched.
    """
    record = load(state_dir)
    known = [child.process for child in reversed(record.children) if child.process]
    left = [process for process in known if process.alive]
    if left:
        say(f"ending {len(left)} processes of a stack whose supervisor is gone")
    for process in left:
        end(process, STOP_TIMEOUT_S)
    if record.status not in (Status.STOPPED, Status.FAILED):
        save(state_dir, record.model_copy(update={"status": Status.STOPPED, "children": ()}))
    return bool(left)


def _spawn(state_dir: Path, environment: Mapping[str, str]) -> int:
    """A supervisor in a session of its own: Ctrl-C and a closed terminal do not reach it."""
    log = _log(state_dir)
    log.parent.mkdir(parents=True, exist_ok=True)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "deploy.stack"],
        {**environment, "STATE_DIR": str(state_dir.absolute())},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _wait(state_dir: Path, say: Say, spawned: Process | None) -> StackRecord:
    """The record once the stack runs, telling what it does meanwhile. Raises StackError."""
    said = ""
    while True:
        alive = supervisor_of(state_dir) is not None
        record = load(state_dir)
        if alive and record.status is Status.RUNNING:
            return record
        if not alive and record.status is Status.FAILED:
            raise StackError(record.error)
        if not alive and not (spawned is not None and spawned.alive):
            raise StackError(f"the supervisor ended early; its log is {_log(state_dir)}")
        if record.doing and record.doing != said:
            said = record.doing
            say(f"starting: {said}")
        time.sleep(LOOK_EVERY_S)


def _log(state_dir: Path) -> Path:
    return state_dir / "logs" / "supervisor.log"
