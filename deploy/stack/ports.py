"""TCP ports of this machine: choosing free ones, and saying who holds one that is wanted."""

import random
import socket
from contextlib import suppress
from pathlib import Path

from deploy.kafka.broker import HOST

CHOSEN_FROM = range(20_000, 32_000)
"""Below the range that outgoing connections take: a port stays free while its child restarts."""

TRIES_MAX = 200
LISTENING = "0A"


class StackError(Exception):
    """The stack cannot be had; the message is one line that says why and what to do."""


def choose_port(avoided: frozenset[int] = frozenset()) -> int:
    """A free port of 127.0.0.1 that is none of `avoided`. Raises StackError."""
    chooser = random.SystemRandom()
    for _ in range(TRIES_MAX):
        port = chooser.choice(CHOSEN_FROM)
        if port not in avoided and is_free(port):
            return port
    raise StackError(f"no free port from {CHOSEN_FROM.start} to {CHOSEN_FROM.stop} was found")


def is_free(port: int) -> bool:
    """True where a server could listen on the port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(port: int, setting: str) -> None:
    """Raise StackError, naming the holder and the setting that moves us, where it is taken."""
    if not is_free(port):
        raise StackError(
            f"port {port} is taken by {holder(port)}; stop that, or set {setting} to a free port"
        )


def holder(port: int) -> str:
    """Who listens on the port, as far as this system tells."""
    listeners = _listeners(port)
    for folder in Path("/proc").glob("[0-9]*"):
        if listeners.intersection(_open_files(folder)):
            with suppress(OSError):
                return f"{(folder / 'comm').read_text().strip()} (pid {folder.name})"
    return "another process"


def answers(port: int, timeout_s: float = 1.0) -> bool:
    """True where something takes connections at the port of 127.0.0.1."""
    try:
        with socket.create_connection((HOST, port), timeout_s):
            return True
    except OSError:
        return False


def _open_files(process: Path) -> set[str]:
    """What the process has open; nothing where it is another user's, or has ended."""
    found: set[str] = set()
    with suppress(OSError):
        for link in (process / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                found.add(str(link.readlink()))
    return found


def _listeners(port: int) -> set[str]:
    """The sockets that listen on the port, as links below /proc/<pid>/fd name them (proc(5))."""
    found: set[str] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        try:
            lines = table.read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found
