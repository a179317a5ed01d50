"""Claims: of all who want to act, exactly one may; and what came of it is said once."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis.claims import FolderClaims

OURS = "10000000-0000-4000-8000-000000000001"
THEIRS = "20000000-0000-4000-8000-000000000002"
KEY = "40000000-0000-4000-8000-000000000004"
RACERS = 50


@pytest.fixture
def claims(tmp_path: Path) -> FolderClaims:
    return FolderClaims(tmp_path, OURS)


async def test_the_first_claim_is_new_and_every_other_one_is_not(claims: FolderClaims) -> None:
    assert await claims.owner(KEY) is None
    assert await claims.claim(KEY, "first")
    assert not await claims.claim(KEY, "second")
    assert not await claims.claim(KEY, "first")
    assert await claims.owner(KEY) == "first"


async def test_the_first_outcome_stands(claims: FolderClaims) -> None:
    await claims.claim(KEY, "first")
    assert await claims.outcome(KEY) is None
    await claims.settle(KEY, b"sent")
    await claims.settle(KEY, b"failed")
    assert await claims.outcome(KEY) == b"sent"


async def test_an_empty_outcome_is_an_outcome(claims: FolderClaims) -> None:
    await claims.claim(KEY, "first")
    await claims.settle(KEY, b"")
    await claims.settle(KEY, b"later")
    assert await claims.outcome(KEY) == b""


async def test_tenants_do_not_see_each_others_claims(tmp_path: Path, claims: FolderClaims) -> None:
    theirs = FolderClaims(tmp_path, THEIRS)
    assert await claims.claim(KEY, "ours")
    await claims.settle(KEY, b"sent")
    assert await theirs.owner(KEY) is None
    assert await theirs.outcome(KEY) is None
    assert await theirs.claim(KEY, "theirs")
    assert await claims.owner(KEY) == "ours"


async def test_a_claim_outlives_the_process_that_made_it(
    tmp_path: Path, claims: FolderClaims
) -> None:
    await claims.claim(KEY, "who died")
    after = FolderClaims(tmp_path, OURS)
    assert not await after.claim(KEY, "who came after")
    assert await after.owner(KEY) == "who died"
    assert await after.outcome(KEY) is None


# The same one-letter owner is one and the same object in every thread: names must not collide.
@pytest.mark.parametrize("owner_of", [lambda number: f"owner-{number}", lambda _: "o"])
def test_of_fifty_threads_exactly_one_gets_the_claim(tmp_path: Path, owner_of: object) -> None:
    assert callable(owner_of)
    claims = FolderClaims(tmp_path, OURS)
    for attempt in range(10):
        start = threading.Barrier(RACERS)

        def claim(number: int, attempt: int = attempt, start: threading.Barrier = start) -> bool:
            start.wait(30)
            return asyncio.run(claims.claim(f"{KEY}-{attempt}", owner_of(number)))

        with ThreadPoolExecutor(RACERS) as pool:
            got = list(pool.map(claim, range(RACERS)))
        assert got.count(True) == 1
        winner = owner_of(got.index(True))
        assert asyncio.run(claims.owner(f"{KEY}-{attempt}")) == winner


def test_of_fifty_outcomes_told_at_once_one_stands_whole(tmp_path: Path) -> None:
    claims = FolderClaims(tmp_path, OURS)
    outcomes = [f"outcome {number} ".encode() * 1_000 for number in range(RACERS)]
    start = threading.Barrier(RACERS)

    def settle(outcome: bytes) -> bytes | None:
        start.wait(30)
        asyncio.run(claims.settle(KEY, outcome))
        return asyncio.run(claims.outcome(KEY))

    with ThreadPoolExecutor(RACERS) as pool:
        seen = set(pool.map(settle, outcomes))
    assert len(seen) == 1
    assert seen <= set(outcomes)
