"""A port that somebody holds is named with its holder and the setting that moves us."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import Plan, Stack, StackError
from deploy.stack.plan import SERVICES, SETTING_OF
from deploy.stack.ports import choose_port, holder, is_free, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_names_its_holder_and_the_setting(taken: int) -> None:
    with pytest.raises(StackError) as caught:
        require_free(taken, "KAFKA_PORT")
    told = str(caught.value)
    assert told.startswith(f"port {taken} is taken by ")
    assert f"(pid {os.getpid()})" in told
    assert told.endswith("or set KAFKA_PORT to a free port")
    assert "\n" not in told


def test_the_stack_starts_nothing_where_kafkas_port_is_taken(taken: int, tmp_path: Path) -> None:
    stack = Stack(tmp_path, Plan(ports={"kafka": taken}), say=lambda _: None)
    with pytest.raises(StackError, match=f"port {taken} is taken by .* KAFKA_PORT"):
        stack.start()
    assert stack.children == {}
    assert stack.record.status == "failed"
    assert "KAFKA_PORT" in stack.record.error


def test_every_part_has_a_setting_for_its_port() -> None:
    assert set(SETTING_OF) == {*SERVICES, "kafka", "redis", "site"}
    assert SETTING_OF["orchestrator"] == "EDGE_PORT"


def test_a_free_port_is_free_and_none_of_those_to_avoid(taken: int) -> None:
    first = choose_port()
    assert is_free(first)
    assert choose_port(frozenset({first})) != first
    assert not is_free(taken)


def test_a_port_that_nobody_holds_has_no_name() -> None:
    assert holder(choose_port()) == "another process"
