"""A bench and a desk for every test of the view."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.orchestrator.view.bench import CODEC, Bench
from tests.orchestrator.view.stories import Desk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(CODEC)
