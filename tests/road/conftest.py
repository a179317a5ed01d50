"""One running stack for the whole folder, and one campaign that went all the way along it."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.kafka.probe import wait_until_answering
from deploy.stack.plan import EXAMPLE_SITES, Plan
from deploy.stack.stack import Stack
from tests.broker.conftest import ANSWER_TIMEOUT_S, _kafka
from tests.road.driving import Road, Run

HERE = Path(__file__).parent
TEST_S_MAX = 300
"""A stack starts in the time of the first test that needs it."""

CONTACT = "frieda.quistrup@letters.example"
RECIPIENTS = ("ottokar.zwirn@readers.example", "xenia.dahlbrok@readers.example")
"""People whose addresses appear nowhere else, so that a leak cannot hide."""

KAFKA_USED = pytest.StashKey[str]()
BEGAN = pytest.StashKey[float]()

OpenRoad = Callable[[Path, str], AbstractContextManager[Road]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.broker)
            item.add_marker(pytest.mark.timeout(TEST_S_MAX))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if KAFKA_USED in config.stash:
        seconds = time.monotonic() - config.stash[BEGAN]
        terminalreporter.section("road")
        terminalreporter.line(f"Kafka used: {config.stash[KAFKA_USED]}; {seconds:.0f} s")


@pytest.fixture(scope="session")
def bootstrap(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A real Kafka for all stacks of this folder; each has topics of its own."""
    pytestconfig.stash[BEGAN] = time.monotonic()
    with _kafka(tmp_path_factory.mktemp("road-kafka")) as (address, used):
        if not wait_until_answering(address, ANSWER_TIMEOUT_S):
            pytest.fail(f"no Kafka answers at {address} ({used})", pytrace=False)
        pytestconfig.stash[KAFKA_USED] = f"{used}, {address}"
        yield address


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example sites, copied, so that a test may serve a changed page."""
    folder = tmp_path_factory.mktemp("sites")
    shutil.copytree(EXAMPLE_SITES, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def road(bootstrap: str, sites: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """The stack that the tests of this folder share."""
    with road_on(bootstrap, sites, tmp_path_factory.mktemp("road"), new_prefix()) as running:
        yield running


@pytest.fixture(scope="session")
def campaign(road: Road) -> Run:
    """One campaign without a film, published."""
    changes = {
        "channels": ["email", "blog", "linkedin", "twitter"],
        "contact_email": CONTACT,
        "recipients": list(RECIPIENTS),
    }
    return road.complete(road.brief("heatpumps", **changes))


@pytest.fixture
def open_road(bootstrap: str, sites: Path) -> OpenRoad:
    """Opens a stack of a test's own on the same Kafka: `open_road(state_dir, prefix)`."""
    return partial(road_on, bootstrap, sites)


def new_prefix() -> str:
    """For topics, groups and transactional ids that no other stack has."""
    return f"r{uuid4().hex[:8]}."


@contextmanager
def road_on(bootstrap: str, sites: Path, state_dir: Path, prefix: str) -> Iterator[Road]:
    """A stack on a Kafka that is there."""
    environment = {"TOPIC_PREFIX": prefix, "GROUP_PREFIX": prefix}
    plan = Plan(site=sites, environment=environment, kafka_bootstrap=bootstrap)
    with Stack(state_dir, plan) as stack:
        found = Road(stack, prefix)
        try:
            yield found
        finally:
            found.api.close()
