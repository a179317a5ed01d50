"""Real redis-server processes for tests: started, stopped and started again on the same port."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

STARTED_WITHIN_S = 10.0


class RedisServer:
    """One server that keeps everything in memory and forgets it when it stops."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "")
        self._command = [program, *options, "--dir", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + STARTED_WITHIN_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"redis-server did not listen within {STARTED_WITHIN_S} s")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def redis_servers(count: int, folder: Path) -> Iterator[tuple[RedisServer, ...]]:
    """So many independent servers; without redis-server the test is skipped, and says so."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server is installed")
    with ExitStack() as stack:
        servers = tuple(RedisServer(program, folder) for _ in range(count))
        for server in servers:
            stack.callback(server.stop)
            server.start()
        yield servers
