"""A browser before an edge that really listens, over a log in memory."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Page, opened
from tests.orchestrator.edge.fakes import Stand
from tests.orchestrator.edge.serving import served


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
async def url(stand: Stand) -> AsyncIterator[str]:
    async with served(stand) as address:
        yield address


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with opened(tmp_path / "profile") as found:
        yield found
