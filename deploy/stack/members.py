"""What the stack is made of: children that are started, asked whether they serve, and ended."""

import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.kafka.broker import HOST, LocalBroker
from deploy.stack.identity import Process
from deploy.stack.ports import answers

STOP_TIMEOUT_S = 15.0
PROBE_TIMEOUT_S = 5.0
LOG_BYTES_MAX = 50_000_000
"""A longer log becomes `<name>.log.1` when its child is started."""

HTTP_OK = 200
HTTP_UNAVAILABLE = 503


class Member(Protocol):
    """One supervised part; `restarts` counts how often it was started again after it died."""

    restarts: int

    @property
    def name(self) -> str:
        """Its name, the key in `Stack.children`."""

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""

    @property
    def log(self) -> Path:
        """The file that has what it says."""

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""

    @property
    def exit_code(self) -> int | None:
        """What it ended with; None while it runs."""

    def start(self) -> None:
        """Start it, or start it again. Raises BrokerUnavailable or OSError."""

    def serves(self) -> bool:
        """True where it does its work now."""

    def stalls(self) -> bool:
        """True where it says itself that it stands still and wants to be started anew."""

    def ask_to_end(self) -> None:
        """SIGTERM; safe to repeat."""

    def end(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Return when it has ended, killed if it was not within `timeout_s`."""

    def kill(self) -> None:
        """SIGKILL to this one process, as a power cut would."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A child as it is started. `probe` asks whether it serves; `health` says it has /health."""

    name: str
    command: tuple[str, ...]
    port: int
    instance: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    health: bool = True
    probe: Callable[[int], bool] = answers


class Child:
    """A program of its own session with a log file; what it leaves behind ends with it."""

    def __init__(self, spec: ChildSpec, logs: Path) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return self.spec.port

    @property
    def pid(self) -> int | None:
        """Its process id while it runs, also while it is paused."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and running else None

    @property
    def exit_code(self) -> int | None:
        """What it ended with; negative where a signal ended it."""
        return self._process.poll() if self._process is not None else None

    def start(self) -> None:
        """Start it unless it runs."""
        if self.pid is not None:
            return
        self._sweep()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_BYTES_MAX:
                self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.spec.command,
                env={**os.environ, **self.spec.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def serves(self) -> bool:
        """True where it answers as its kind does."""
        if self.pid is None:
            return False
        if self.spec.health:
            return status_of(self.port, "/health/ready") == HTTP_OK
        return self.spec.probe(self.port)

    def stalls(self) -> bool:
        """True only where it says so: one that is paused or slow to answer is left alone."""
        return self.spec.health and status_of(self.port, "/health/live") == HTTP_UNAVAILABLE

    def ask_to_end(self) -> None:
        """SIGTERM, which one that is paused heeds as well; safe to repeat."""
        if self.pid is not None and self._process is not None:
            self._process.terminate()
            self._process.send_signal(signal.SIGCONT)

    def end(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """End it and what it started."""
        if self._process is None:
            return
        self.ask_to_end()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._sweep()

    def kill(self) -> None:
        """SIGKILL to this one process."""
        # Held on to: the watch may put a new process in its place meanwhile.
        process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _sweep(self) -> None:
        """End what a dead child left in its process group, which has the child's id.

        A group that still has members keeps that id from being given again; so where a process
        has it now, the group is empty and the process is somebody else's.
        """
        if self._process is None or self._process.poll() is None:
            return
        group = self._process.pid
        if not Path(f"/proc/{group}").exists():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


class Kafka:
    """The local broker as a member; its records survive every restart."""

    name = "kafka"

    def __init__(self, broker: LocalBroker, port: int) -> None:
        self.broker = broker
        self.port = port
        self.restarts = 0

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.broker.log

    @property
    def pid(self) -> int | None:
        """The node's process id while it runs."""
        return self.broker.pid

    @property
    def exit_code(self) -> int | None:
        """What the node ended with."""
        return self.broker.wait(timeout_s=0)

    def launch(self) -> None:
        """Start the node, which answers later. Raises BrokerUnavailable."""
        self.broker.launch()

    def wait_until_ready(self) -> None:
        """Return once it answers. Raises BrokerUnavailable."""
        self.broker.wait_until_ready()

    def start(self) -> None:
        """Start the node and wait until it answers. Raises BrokerUnavailable."""
        self.broker.start()

    def serves(self) -> bool:
        """True while it runs: whoever started it waited for its answer."""
        return self.pid is not None

    def stalls(self) -> bool:
        """Never: it has nothing that would say so."""
        return False

    def ask_to_end(self) -> None:
        """SIGTERM; safe to repeat."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def end(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop the node."""
        self.broker.stop(timeout_s)

    def kill(self) -> None:
        """SIGKILL to the node."""
        self.broker.kill()


def identity_of(member: Member) -> Process | None:
    """The member's process as it can be found again; None where it does not run."""
    pid = member.pid
    return Process.of(pid) if pid is not None else None


def status_of(port: int, path: str) -> int:
    """The HTTP status at the port of 127.0.0.1; 0 where there is no answer in time."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def redis_serves(port: int) -> bool:
    """True where a Redis answers PING at the port of 127.0.0.1."""
    try:
        with socket.create_connection((HOST, port), PROBE_TIMEOUT_S) as connection:
            connection.settimeout(PROBE_TIMEOUT_S)
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
