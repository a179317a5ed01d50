"""The Kafka that the broker suite runs on: one given, one in a container, or a local process.

SAGALINE_TEST_BOOTSTRAP names one that is there; SAGALINE_TEST_CONTAINERS=1 asks for a container.
Where none can be had the tests fail: a suite that skips its broker proves nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.kafka.broker import HOST, LocalBroker, free_port
from deploy.kafka.jars import BrokerUnavailable
from deploy.kafka.probe import wait_until_answering

BOOTSTRAP_VARIABLE = "SAGALINE_TEST_BOOTSTRAP"
CONTAINERS_VARIABLE = "SAGALINE_TEST_CONTAINERS"
IMAGE = "sagaline-kafka:4.3.0"
CLIENT_PORT = 9092
ANSWER_TIMEOUT_S = 60.0
HERE = Path(__file__).parent

BROKER_USED = pytest.StashKey[str]()
BROKER_TESTS = pytest.StashKey[int]()


def pytest_report_header() -> str:
    return f"broker suite: wants {_wanted()}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.broker)
    config.stash[BROKER_TESTS] = sum(
        item.get_closest_marker("broker") is not None for item in items
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    used = config.stash.get(BROKER_USED, "none was started")
    count = config.stash.get(BROKER_TESTS, 0)
    terminalreporter.section("broker")
    terminalreporter.line(f"{count} tests marked broker collected; Kafka used: {used}")


@pytest.fixture(scope="session")
def broker(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a real Kafka that lasts for the session."""
    with _kafka(tmp_path_factory.mktemp("kafka")) as (bootstrap, used):
        if not wait_until_answering(bootstrap, ANSWER_TIMEOUT_S):
            pytest.fail(f"no Kafka answers at {bootstrap} ({used})", pytrace=False)
        pytestconfig.stash[BROKER_USED] = f"{used}, {bootstrap}"
        yield bootstrap


def _wanted() -> str:
    if os.environ.get(BOOTSTRAP_VARIABLE):
        return f"the Kafka of {BOOTSTRAP_VARIABLE}"
    if os.environ.get(CONTAINERS_VARIABLE) == "1":
        return f"a container of {IMAGE}"
    return "a local KRaft process"


@contextmanager
def _kafka(home: Path) -> Iterator[tuple[str, str]]:
    given = os.environ.get(BOOTSTRAP_VARIABLE)
    if given:
        yield given, f"given by {BOOTSTRAP_VARIABLE}"
    elif os.environ.get(CONTAINERS_VARIABLE) == "1":
        with _container() as bootstrap:
            yield bootstrap, f"testcontainers, image {IMAGE}"
    else:
        try:
            node = LocalBroker(home).start()
        except BrokerUnavailable as error:
            pytest.fail(f"no local Kafka: {error}", pytrace=False)
        try:
            yield node.bootstrap, "local KRaft process"
        finally:
            node.stop()


@contextmanager
def _container() -> Iterator[str]:
    # The helper that reaps containers is an image of its own; the container is ended here anyway.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    from docker.errors import DockerException
    from testcontainers.core.container import DockerContainer

    port = free_port()
    address = f"{HOST}:{port}"
    try:
        container = (
            DockerContainer(IMAGE)
            .with_bind_ports(CLIENT_PORT, port)
            .with_env("KAFKA_ADVERTISED", address)
            .start()
        )
    except DockerException as error:
        pytest.fail(f"no container of {IMAGE} (make kafka-image): {error}", pytrace=False)
    try:
        yield address
    finally:
        container.stop()
