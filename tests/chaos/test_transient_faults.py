"""What the transient kind does to a command and to a call: seeded, and each fault as it says."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from chassis.errors import StepError
from chassis.service import Answer, Job
from contracts.content import WriteContent
from contracts.saga import StepUndone
from tests.analyst.builders import job
from tests.chaos.storm.phases import FAULTS, Passing, Transient
from tests.chaos.storm.witness import (
    BUSY,
    DROPPED,
    HANG_UP,
    HOST,
    MISHAPS,
    POST,
    REFUSED,
    Manners,
    arrivals,
    witness,
)

COMMANDS = 400
SHORT_LEASE = timedelta(seconds=5)
LONG_LEASE = timedelta(minutes=5)


async def met(transient: Transient, at: Job) -> str:
    """What a command meets with; empty where its handler answers."""

    async def answers(_: WriteContent, __: Job) -> Answer:
        return Answer(StepUndone())

    try:
        async with asyncio.timeout(0):
            await transient.at(answers)(None, at)
    except StepError as failure:
        return failure.reason
    except (Passing, TimeoutError) as failure:
        return type(failure).__name__
    return ""


def commands(root: Path, lease: timedelta) -> list[Job]:
    one = job(root)
    call = one.call.model_copy(update={"not_after": datetime.now(UTC) + lease})
    return [replace(one, call=call, command_id=f"command {n}") for n in range(COMMANDS)]


async def test_the_same_commands_meet_with_the_same_faults_as_often_as_asked(
    tmp_path: Path,
) -> None:
    faults = [await met(Transient(1, 0.2), one) for one in commands(tmp_path, LONG_LEASE)]
    again = [await met(Transient(1, 0.2), one) for one in commands(tmp_path, LONG_LEASE)]
    others = [await met(Transient(2, 0.2), one) for one in commands(tmp_path, LONG_LEASE)]
    assert faults == again != others
    assert 0.15 < 1 - faults.count("") / COMMANDS < 0.25
    assert set(faults) == {"", "UNAVAILABLE", "RATE_LIMITED", "TIMEOUT", "Passing"}


async def test_a_short_lease_is_outlived_and_a_long_one_is_not_waited_for(tmp_path: Path) -> None:
    short = Counter([await met(Transient(1, 1.0), one) for one in commands(tmp_path, SHORT_LEASE)])
    long = Counter([await met(Transient(1, 1.0), one) for one in commands(tmp_path, LONG_LEASE)])
    assert short["TimeoutError"] == long["TIMEOUT"] > 0
    assert len(long) == len(FAULTS)


def test_a_key_s_calls_meet_with_each_mishap_by_and_by() -> None:
    manners = Manners(1, 0.5, MISHAPS)
    drawn = [manners.mishap("key", call) for call in range(COMMANDS)]
    assert drawn == [manners.mishap("key", call) for call in range(COMMANDS)]
    assert set(drawn) == {"", *MISHAPS}


@pytest.mark.parametrize(
    ("mishap", "answer", "noted"),
    [(REFUSED, 503, 0), (BUSY, 429, 0), (DROPPED, 0, 0), (HANG_UP, 0, 1)],
)
async def test_the_witness_notes_exactly_what_arrived(
    tmp_path: Path, mishap: str, answer: int, noted: int
) -> None:
    notes = tmp_path / "witness.jsonl"
    with witness(notes, tmp_path / "witness.log", Manners(1, 1.0, (mishap,))) as (port, _):
        async with httpx.AsyncClient() as client:
            try:
                found = await client.post(
                    f"http://{HOST}:{port}/hook",
                    json={"type": "campaign.published"},
                    headers={"idempotency-key": "key"},
                )
                assert found.status_code == answer
            except httpx.RemoteProtocolError:
                assert answer == 0
        assert [(one.kind, one.key) for one in arrivals(notes)] == [(POST, "key")] * noted
