"""Whether the shared store answers is found out by asking it, and told without its password."""

import socket
from pathlib import Path

from chassis.shared_store import redis_problem
from tests.chassis.redis_servers import redis_servers

WAIT_S = 2.0


async def test_a_redis_that_answers_is_no_problem(tmp_path: Path) -> None:
    with redis_servers(1, tmp_path) as (server,):
        assert await redis_problem((server.url,), WAIT_S) == ""


async def test_of_several_servers_a_majority_must_answer(tmp_path: Path) -> None:
    with redis_servers(3, tmp_path) as servers:
        urls = [server.url for server in servers]
        servers[0].stop()
        assert await redis_problem(urls, WAIT_S) == ""
        servers[1].stop()
        assert "2 of 3: Redis does not answer" in await redis_problem(urls, WAIT_S)


async def test_a_redis_that_is_not_there_is_named_with_what_to_do() -> None:
    told = await redis_problem(("redis://:hush@127.0.0.1:1/0",), WAIT_S)
    assert "Redis does not answer" in told
    assert "hush" not in told


async def test_a_redis_that_never_answers_is_waited_for_only_so_long() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        told = await redis_problem((url,), 0.2)
    assert "within 0.2 s" in told


async def test_an_address_that_is_none_is_told_so() -> None:
    assert "REDIS_URL" in await redis_problem(("127.0.0.1:6379",), WAIT_S)
