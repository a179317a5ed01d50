"""What a stack writes about itself for later commands: a JSON file, and a lock while it runs."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ValidationError

from deploy.stack.identity import Process
from deploy.stack.ports import StackError

LOCK_TRIES_MAX = 10
LOCK_PAUSE_S = 0.1
"""Whoever only asks holds the lock for a moment, too."""


class Status(StrEnum):
    """How far a stack is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class ChildRecord(BaseModel):
    """One child: which process, where it listens, and how often it was started again."""

    name: str
    process: Process | None = None
    port: int
    instance: int = 0
    restarts: int = 0
    log: str


class StackRecord(BaseModel):
    """Everything that a later command needs to know; empty where a part is not there (yet)."""

    status: Status = Status.STOPPED
    doing: str = ""
    error: str = ""
    degraded: str = ""
    supervisor: Process | None = None
    kafka_bootstrap: str = ""
    redis_url: str = ""
    topic_prefix: str = ""
    edge_url: str = ""
    site: str = ""
    children: tuple[ChildRecord, ...] = ()

    @property
    def site_port(self) -> int:
        """The example site's port, 0 where none was ever chosen."""
        return int(self.site.rpartition(":")[2] or 0)


def record_file(state_dir: Path) -> Path:
    """Where the record is."""
    return state_dir / "run" / "stack.json"


def lock_file(state_dir: Path) -> Path:
    """The supervisor's pid; whoever holds its lock is the supervisor."""
    return state_dir / "run" / "supervisor.pid"


def load(state_dir: Path) -> StackRecord:
    """The record; an empty one where there is none, or where another version wrote it."""
    try:
        return StackRecord.model_validate_json(record_file(state_dir).read_bytes())
    except (FileNotFoundError, ValidationError):
        return StackRecord()


def save(state_dir: Path, record: StackRecord) -> None:
    """Replace the record, whole."""
    path = record_file(state_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


@contextmanager
def supervising(state_dir: Path) -> Iterator[None]:
    """Be the one supervisor of the folder. Raises StackError where another one is."""
    path = lock_file(state_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as lock:
        if not _locked(lock.fileno()):
            raise StackError(f"a stack already runs on {state_dir}; sagaline down ends it")
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


def supervisor_of(state_dir: Path) -> int | None:
    """The id of the supervisor that runs on the folder now, whatever was written before."""
    try:
        with lock_file(state_dir).open("r", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read() or 0) or None
    except FileNotFoundError:
        return None
    return None


def _locked(descriptor: int) -> bool:
    for _ in range(LOCK_TRIES_MAX):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOCK_PAUSE_S)
        else:
            return True
    return False
