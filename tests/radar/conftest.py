"""Fixtures of the research tests: a pool of extraction children that is closed afterwards."""

from collections.abc import AsyncIterator

import pytest

from services.radar.extraction import ExtractionPool


@pytest.fixture
async def pool() -> AsyncIterator[ExtractionPool]:
    pool = ExtractionPool(memory_limit_mb=512, seconds_max=20, children=2)
    yield pool
    await pool.close()
