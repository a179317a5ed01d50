"""One codec for all contract tests: parsing every schema takes some milliseconds."""

import pytest

from chassis.codec import Codec


@pytest.fixture(scope="session")
def codec() -> Codec:
    return Codec()
