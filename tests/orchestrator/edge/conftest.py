"""A stand for the edge's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.orchestrator.edge.fakes import Stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path / "state")
    yield made
    made.close()
