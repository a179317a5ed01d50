"""The enums that others build on: their values are agreed, documented and published."""

import importlib
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from contracts.audit import QualityVerdict
from contracts.envelope import AppName, FailureReason, Severity
from contracts.generate.avro import UNKNOWN
from contracts.plan import CampaignState, Phase

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/messages.md").read_text("utf-8")
ASYNCAPI = json.loads((ROOT / "docs/asyncapi.json").read_text("utf-8"))
APPLICATIONS = 12

SEEDS = ("IDLE", "RADAR", "STRATEGY", "CONTENT_PROD", "AUDIT", "PUBLISH", "LEARN")
ADDED = ("REVIEW", "PAUSED", "COMPENSATING", "COMPLETED", "FAILED", "REJECTED", "CANCELLED")

RETRYABLE = {
    "TIMEOUT": True,
    "UNAVAILABLE": True,
    "RATE_LIMITED": True,
    "INVALID_INPUT": False,
    "NOT_CONFIGURED": False,
    "QUALITY_BLOCKED": False,
    "BUDGET_EXCEEDED": False,
    "REJECTED": False,
    "CANCELLED": False,
    "INTERNAL": True,
}
"""Whether the same command may succeed later although nobody changed anything."""

NOT_ON_THE_WIRE = {Phase}
"""Named by topics, not by a field."""


def enums() -> Iterator[type[StrEnum]]:
    for path in sorted((ROOT / "contracts").glob("*.py")):
        module = importlib.import_module(f"contracts.{path.stem}")
        for found in vars(module).values():
            is_enum = isinstance(found, type) and issubclass(found, StrEnum)
            if is_enum and found.__module__ == module.__name__:
                yield found


def names_of(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


def published(node: Any) -> Iterator[tuple[str, list[str]]]:
    """Every enum that the AsyncAPI document defines, wherever it stands."""
    match node:
        case {"type": "enum", "name": name, "symbols": symbols}:
            yield name, symbols
        case dict():
            for inner in node.values():
                yield from published(inner)
        case list():
            for inner in node:
                yield from published(inner)


def test_campaign_states_are_the_seeds_seven_and_the_documented_additions() -> None:
    assert sorted(names_of(CampaignState)) == sorted(SEEDS + ADDED)
    assert [state for state in names_of(CampaignState) if state in SEEDS] == list(SEEDS)
    assert "were added to the seeds' seven" in (CampaignState.__doc__ or "")


def test_severity_verdict_and_reasons_have_exactly_the_agreed_values() -> None:
    assert names_of(Severity) == ["LOW", "MEDIUM", "HIGH", "CRITICAL"]
    assert names_of(QualityVerdict) == ["PASS", "WARN", "BLOCK"]
    assert names_of(FailureReason) == list(RETRYABLE)
    assert len(AppName) == APPLICATIONS


@pytest.mark.parametrize("reason", list(FailureReason))
def test_every_failure_reason_says_whether_it_is_worth_another_try(reason: FailureReason) -> None:
    assert reason.retryable is RETRYABLE[reason.value]


@pytest.mark.parametrize("enum", list(enums()), ids=lambda enum: enum.__name__)
def test_every_enum_is_documented_with_every_member(enum: type[StrEnum]) -> None:
    assert (enum.__doc__ or "").strip().endswith(".")
    if enum in NOT_ON_THE_WIRE:
        assert [value for value in names_of(enum) if f"`{value}.commands`" not in PAGE] == []
        return
    section = re.search(rf"^### {enum.__name__}\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None
    listed = re.findall(r"`(\w+)`", section[1].partition("Values: ")[2])
    assert listed == names_of(enum)


@pytest.mark.parametrize(
    "enum",
    [enum for enum in enums() if enum not in NOT_ON_THE_WIRE],
    ids=lambda enum: enum.__name__,
)
def test_every_enum_is_published_as_a_schema(enum: type[StrEnum]) -> None:
    found = [symbols for name, symbols in published(ASYNCAPI) if name == enum.__name__]
    assert found
    for symbols in found:
        assert symbols == [*names_of(enum), UNKNOWN]


def test_there_are_enums_to_look_at() -> None:
    assert {CampaignState, Severity, QualityVerdict, FailureReason, AppName} <= set(enums())
