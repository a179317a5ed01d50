"""Whether the shared store answers is found out by asking it, and told without its password."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.shared_store import redis_problem

WAIT_S = 2.0
STARTED_WITHIN_S = 10.0


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    until = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield port
    server.terminate()
    server.wait()


async def test_a_redis_that_answers_is_no_problem(redis_port: int) -> None:
    assert await redis_problem(f"redis://127.0.0.1:{redis_port}/0", WAIT_S) == ""


async def test_a_redis_that_is_not_there_is_named_with_what_to_do() -> None:
    told = await redis_problem("redis://:hush@127.0.0.1:1/0", WAIT_S)
    assert "Redis does not answer" in told
    assert "hush" not in told


async def test_a_redis_that_never_answers_is_waited_for_only_so_long() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        told = await redis_problem(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", 0.2)
    assert "within 0.2 s" in told


async def test_an_address_that_is_none_is_told_so() -> None:
    assert "REDIS_URL" in await redis_problem("127.0.0.1:6379", WAIT_S)
