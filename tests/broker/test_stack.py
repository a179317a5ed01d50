"""The whole stack on a Kafka of its own: what dies comes back, and stopping leaves nothing."""

import os
import signal
from pathlib import Path

import pytest

from deploy.stack import Plan, Stack
from deploy.stack.figures import figures_of
from deploy.stack.identity import Process
from deploy.stack.plan import EXAMPLE_SITES, SERVICES
from deploy.stack.record import Status, load


def quiet(_: str) -> None:
    pass


def processes(stack: Stack) -> dict[str, Process]:
    pids = {name: member.pid for name, member in stack.children.items()}
    return {name: Process.of(pid) for name, pid in pids.items() if pid is not None}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_is_killed_comes_back_and_stopping_leaves_no_process(tmp_path: Path) -> None:
    plan = Plan(site=EXAMPLE_SITES, copies={"analyst": 2}, kafka_heap="256m")
    stack = Stack(tmp_path, plan, quiet)
    with stack:
        begun = processes(stack)
        assert {*SERVICES, "analyst-1", "site", "kafka"} <= set(begun)
        assert load(tmp_path).status is Status.RUNNING
        ports = [member.port for member in stack.children.values()]
        assert len(set(ports)) == len(ports)
        for name in ("radar", "analyst-1", "orchestrator"):
            assert stack.kill(name) == begun[name].pid
        stack.wait_until_serving()
        now = processes(stack)
        for name, process in begun.items():
            killed = name in ("radar", "analyst-1", "orchestrator")
            assert stack.children[name].restarts == int(killed)
            assert (now[name] == process) is not killed
        assert figures_of(stack.children["radar"].port).backlog == 0
    assert not [process for process in (*begun.values(), *now.values()) if process.alive]
    assert load(tmp_path).status is Status.STOPPED


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_service_that_is_paused_is_not_restarted_and_is_ended_all_the_same(
    broker: str, tmp_path: Path
) -> None:
    names = {"TOPIC_PREFIX": f"{tmp_path.name}.", "GROUP_PREFIX": f"{tmp_path.name}."}
    copies = dict.fromkeys(SERVICES, 0) | {"analyst": 1}
    plan = Plan(kafka_bootstrap=broker, environment=names, copies=copies)
    with Stack(tmp_path, plan, quiet) as stack:
        assert "kafka" not in stack.children
        paused = Process.of(stack.children["analyst"].pid or 0)
        os.kill(paused.pid, signal.SIGSTOP)
        assert not stack.children["analyst"].stalls()
        assert stack.children["analyst"].restarts == 0
    assert not paused.alive
