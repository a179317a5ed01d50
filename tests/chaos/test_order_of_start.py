"""Services may start before what they need, say what they wait for, and refuse a wrong setting."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chassis.main import EXIT_ADDRESS, EXIT_SETTINGS
from deploy.kafka.broker import HOST, LocalBroker, free_port
from deploy.topics import TopicsSettings, ensure_topics

SERVICES = ("radar", "orchestrator")
UP_WITHIN_S = 40.0
READY_WITHIN_S = 30.0
STAYS_UP_S = 8.0
END_WITHIN_S = 40.0
EXIT_WITHIN_S = 90.0
OURS = ("REDIS_URL", "USE_IN_MEMORY_STORE", "KAFKA_BOOTSTRAP", "PORT", "HOST", "STATE_DIR")


class Service(NamedTuple):
    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10.0)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as cause:
            return 0, repr(cause)
        finally:
            connection.close()

    def events(self) -> list[dict[str, Any]]:
        """Everything it said; every line has to be one JSON object."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line]


def environment(home: Path, **given: str) -> dict[str, str]:
    """This process's own, without its settings of ours; `home` has no .env."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**inherited, "STATE_DIR": str(home / "state"), **given}


@contextmanager
def running(name: str, home: Path, **given: str) -> Iterator[Service]:
    port, log = free_port(), home / f"{name}.log"
    told = environment(home, PORT=str(port), USE_IN_MEMORY_STORE="true", **given)
    command = [sys.executable, "-m", f"services.{name}"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=home, env=told, stdout=output, stderr=output)
    try:
        yield Service(name, port, process, log)
    finally:
        process.terminate()
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(what: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def ended(name: str, home: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """What a service that must not start says and ends with."""
    return subprocess.run(
        [sys.executable, "-m", f"services.{name}"],
        cwd=home,
        env=environment(home, **given),
        capture_output=True,
        text=True,
        timeout=EXIT_WITHIN_S,
        check=False,
    )


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_services_that_start_before_kafka_wait_for_it_and_say_so(
    tmp_path: Path, figures: list[str]
) -> None:
    port = free_port()
    bootstrap = f"{HOST}:{port}"
    given = {"KAFKA_BOOTSTRAP": bootstrap}
    with (
        running("radar", tmp_path, **given) as radar,
        running("orchestrator", tmp_path, **given) as orchestrator,
    ):
        services = (radar, orchestrator)
        for service in services:
            assert wait_for(lambda s=service: s.get("/health/live")[0] == 200, UP_WITHIN_S), (  # type: ignore[misc]
                service.log.read_text()
            )
        time.sleep(STAYS_UP_S)
        for service in services:
            assert service.process.poll() is None, service.log.read_text()[-2_000:]
            assert service.get("/health/live")[0] == 200
            status, told = service.get("/health/ready")
            assert status == 503
            assert "Kafka" in told
            assert str(port) in told
            assert any(
                event["level"] in ("warning", "error") and bootstrap in json.dumps(event)
                for event in service.events()
            )
        with LocalBroker(tmp_path / "kafka", port=port):
            ensure_topics(TopicsSettings(kafka_bootstrap=bootstrap))
            made = time.monotonic()
            for service in services:
                assert wait_for(
                    lambda s=service: s.get("/health/ready")[0] == 200,  # type: ignore[misc]
                    READY_WITHIN_S - (time.monotonic() - made),
                ), (service.name, service.get("/health/ready"))
                seconds = time.monotonic() - made
                figures.append(f"{service.name} ready {seconds:.1f} s after the topics were there")
            for service in services:
                assert service.process.poll() is None
                assert service.get("/health/live")[0] == 200


@pytest.mark.parametrize("name", SERVICES)
def test_a_missing_store_is_named_in_one_line(name: str, tmp_path: Path) -> None:
    done = ended(name, tmp_path)
    assert done.returncode == EXIT_SETTINGS
    (line,) = done.stderr.splitlines()
    assert line.startswith("REDIS_URL is required")
    assert "USE_IN_MEMORY_STORE" in line
    assert done.stdout == ""


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    ("setting", "value"),
    [("PORT", "abc"), ("LOG_LEVEL", "LOUD"), ("MAX_IN_FLIGHT", "0"), ("USE_IN_MEMORY_STORE", "si")],
)
def test_a_wrong_setting_is_named_in_one_line(
    name: str, setting: str, value: str, tmp_path: Path
) -> None:
    done = ended(name, tmp_path, **{"USE_IN_MEMORY_STORE": "true", setting: value})
    assert done.returncode == EXIT_SETTINGS
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"setting {setting}: ")


def test_every_wrong_setting_is_named_and_no_value_is_shown(tmp_path: Path) -> None:
    secret = "not-a-number-but-a-secret"
    done = ended("radar", tmp_path, PORT=secret, INSTANCE=secret, FETCH_SECONDS_MAX="0")
    assert done.returncode == EXIT_SETTINGS
    named = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert sorted(named) == ["setting FETCH_SECONDS_MAX", "setting INSTANCE", "setting PORT"]
    assert secret not in done.stderr


def test_an_unknown_role_is_refused_with_the_services_usage(tmp_path: Path) -> None:
    told = environment(tmp_path, USE_IN_MEMORY_STORE="true")
    done = subprocess.run(
        [sys.executable, "-m", "services.radar", "--role", "nobody"],
        cwd=tmp_path,
        env=told,
        capture_output=True,
        text=True,
        timeout=EXIT_WITHIN_S,
        check=False,
    )
    assert done.returncode == EXIT_SETTINGS
    assert "there is no role 'nobody'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVICES)
def test_a_taken_port_is_named_without_a_stack(name: str, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        given = {"USE_IN_MEMORY_STORE": "true", "KAFKA_BOOTSTRAP": f"{HOST}:{free_port()}"}
        done = ended(name, tmp_path, PORT=str(port), **given)
    assert done.returncode == EXIT_ADDRESS
    events = [json.loads(line) for line in done.stderr.splitlines()]
    (said,) = [event for event in events if event["message"] == "address_unusable"]
    assert "PORT" in said["extra"]["reason"]
    naming = [event for event in events if f"{port}" in json.dumps(event)]
    assert any("already in use" in json.dumps(event) for event in naming)
    assert "Traceback" not in done.stderr
