"""One Kafka node as a child process; it knows the process and its folder, and no topic of ours."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Self

from deploy.kafka.jars import (
    BrokerUnavailable,
    Say,
    ensure_jars,
    require_disk,
    say_on_stderr,
)
from deploy.kafka.probe import wait_until_answering

HOST = "127.0.0.1"
HEAP_DEFAULT = "512m"
ARCHIVE = "classes.jsa"
"""Beside the jars, where deploy/kafka/archive.py made it."""

QUIETLY = "-Xlog:cds*=off"
"""Java says nothing of an archive that it cannot use."""

COLLECTOR = "-XX:+UseSerialGC"
"""The least memory and CPU for a small heap: G1, Java's own choice, held 250 MiB more."""

DATA_BYTES_MIN = 256 * 1024 * 1024
READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
SERVER = Path(__file__).with_name("server.properties")
LOGGING = Path(__file__).with_name("log4j2.xml")


class LocalBroker:
    """A single KRaft node (broker and controller) on 127.0.0.1, with its records under `home`.

    `port` 0 means a free one, chosen once: a node that is started again keeps its address and
    its records. `heap` is what Java's -Xmx takes. Use it as a context manager, or call `start`
    and `stop`. The node runs in a session of its own, so Ctrl-C reaches it only through `stop`.
    `properties` are Kafka's own, and decide over those that are chosen here.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int = 0,
        heap: str = HEAP_DEFAULT,
        say: Say = say_on_stderr,
        properties: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.home = home.absolute()
        self._port = port
        self._controller_port = 0
        self._heap = heap
        self._say = say
        self._given = properties
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`; known from the first `start` on."""
        if not self._port:
            raise BrokerUnavailable("The node has no address yet. Start it first.")
        return f"{HOST}:{self._port}"

    @property
    def log(self) -> Path:
        """The file that holds the server's warnings; `kafka.out` beside it is Java's own output."""
        return self.home / "kafka.log"

    @property
    def pid(self) -> int | None:
        """The process id while the node runs (also while it is paused), otherwise None."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and running else None

    def start(self) -> Self:
        """Start the node, or start it again on the same records, and return once it answers.

        Raises `BrokerUnavailable` when Java, Maven, the disk or the port is missing, or when the
        node does not answer a metadata request within a minute.
        """
        if self.pid is None:
            self.launch()
            self.wait_until_ready()
        return self

    def launch(self) -> None:
        """Start the node's process unless it runs, and return at once: it answers later.

        Raises `BrokerUnavailable` when Java, Maven, the disk or the port is missing.
        """
        if self.pid is not None:
            return
        java = _require_java()
        libs = ensure_jars(say=self._say)
        require_disk(self.home / "data", DATA_BYTES_MIN)
        with _claim(self.home) as claim:
            self._choose_ports()
            (self.home / "server.properties").write_text(self._properties(), encoding="utf-8")
            if not (self.home / "data" / "meta.properties").exists():
                self._format(java, libs)
            self._process = self._launch(java, libs, claim)

    def wait_until_ready(self) -> None:
        """Return once a launched node answers; one that does not is killed.

        Raises `BrokerUnavailable` when it ends, or does not answer a metadata request within a
        minute.
        """
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Ask the node to end, and kill it if it has not within `timeout_s`; safe to repeat."""
        if self.pid is None or self._process is None:
            return
        self._process.terminate()
        self.resume()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._say(f"the node did not end within {timeout_s:.0f} s and is killed")
            self.kill()

    def kill(self) -> None:
        """End the node as a power cut would: SIGKILL, nothing flushed or said."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Freeze the node (SIGSTOP): its port stays open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused node go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Return the node's exit code once it ends, or None if `timeout_s` passed first."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None and self._process is not None:
            self._process.send_signal(number)

    def _choose_ports(self) -> None:
        self._port = self._port or free_port()
        _require_free(self._port)
        # Only this node's own broker half talks to the controller: any free port will do.
        self._controller_port = free_port()

    def _properties(self) -> str:
        clients, controller = f"CLIENTS://{self.bootstrap}", f"{HOST}:{self._controller_port}"
        lines = [
            f"listeners={clients},CONTROLLER://{controller}",
            f"advertised.listeners={clients}",
            "inter.broker.listener.name=CLIENTS",
            f"controller.quorum.voters=1@{controller}",
            f"log.dirs={self.home / 'data'}",
            *(f"{name}={value}" for name, value in self._given.items()),
        ]
        return SERVER.read_text(encoding="utf-8") + "\n" + "\n".join(lines) + "\n"

    def _java(self, java: str, libs: Path, *options: str) -> list[str]:
        logs = [f"-Dlog4j2.configurationFile={LOGGING}", f"-Dkafka.log.file={self.log}"]
        return [java, "-XX:+ExitOnOutOfMemoryError", *logs, *options, "-cp", f"{libs}/*"]

    def _format(self, java: str, libs: Path) -> None:
        tool = ["kafka.tools.StorageTool", "format", "-t", self._cluster(), "-c"]
        done = subprocess.run(
            [*self._java(java, libs), *tool, str(self.home / "server.properties")],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BrokerUnavailable(_why_java_failed(done.stdout + done.stderr, self.home))

    def _cluster(self) -> str:
        return new_cluster_id()

    def _class_sharing(self, archive: Path) -> tuple[str, ...]:
        """Have Java map the classes' archive, and say nothing where it cannot."""
        if not archive.exists():
            return ()
        return (f"-XX:SharedArchiveFile={archive}", QUIETLY)

    def _launch(self, java: str, libs: Path, claim: IO[str]) -> subprocess.Popen[bytes]:
        options = (f"-Xmx{self._heap}", COLLECTOR, "-Djava.awt.headless=true")
        command = self._java(java, libs, *options, *self._class_sharing(libs / ARCHIVE))
        with (self.home / "kafka.out").open("wb") as output:
            return subprocess.Popen(
                [*command, "kafka.Kafka", str(self.home / "server.properties")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                start_new_session=True,
                pass_fds=(claim.fileno(),),
            )

    def _wait_until_ready(self) -> None:
        if wait_until_answering(
            self.bootstrap, READY_TIMEOUT_S, going_on=lambda: self.pid is not None
        ):
            return
        if self.pid is None:
            said = _tail(self.home / "kafka.out") + _tail(self.log)
            raise BrokerUnavailable(_why_java_failed(said, self.home))
        raise BrokerUnavailable(
            f"Kafka did not answer within {READY_TIMEOUT_S:.0f} s. Its log is {self.log}."
        )


def new_cluster_id() -> str:
    """A random cluster id as Kafka writes it; a dash in front would make it an option."""
    while (made := urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii")).startswith("-"):
        pass
    return made.rstrip("=")


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing held a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _require_java() -> str:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        raise BrokerUnavailable(
            "Java 17 or newer is missing, and Kafka runs on it. "
            "Install it (Debian: apt-get install openjdk-17-jre-headless), or run make setup."
        )
    return java


def _claim(home: Path) -> IO[str]:
    """Lock the folder for one node; the lock is the child's once it inherits the open file.

    Kafka's own lock comes too late: by then a second node has written into the first one's
    metadata log, which then cannot end.
    """
    claim = (home / "node.lock").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        claim.close()
        raise BrokerUnavailable(
            f"Another Kafka already runs on {home}. Stop it, or choose another folder."
        ) from error
    return claim


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise BrokerUnavailable(
                f"Port {port} on {HOST} cannot be used: {error.strerror}. "
                "Stop what holds it, or choose another port."
            ) from error


def _tail(log: Path, bytes_max: int = 20_000) -> str:
    try:
        return log.read_bytes()[-bytes_max:].decode("utf-8", errors="replace")
    except OSError:
        return ""


def _why_java_failed(said: str, home: Path) -> str:
    if "UnsupportedClassVersionError" in said:
        return "Java is too old for Kafka 4.3, which needs Java 17 or newer. Install that."
    if "No space left on device" in said:
        return f"The disk under {home} is full. Free some, or choose another folder."
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "ERROR" in line or "Exception" in line] or lines
    why = telling[-1][:300] if telling else "it said nothing"
    return f"Kafka ended while starting: {why} (the rest is in {home}/kafka.log and kafka.out)."
