"""The table is whole and its texts are where it says; only a test's own assertion is a notice."""

import re
from dataclasses import replace

import pytest

from tests.unguarded.__main__ import unnoticed
from tests.unguarded.planting import ROOT, Moved, Row, changed
from tests.unguarded.rows import ROWS
from tests.unguarded.witness import ASSERTED, PASSED

PAGE = ROOT / "docs" / "guarantees.md"
LINE = re.compile(r"^\| (?P<name>G\d|[a-z]+) \|(?P<rest>.*)$", re.MULTILINE)


def lines() -> dict[str, str]:
    """Each guarantee's line of the page, by its name."""
    return {found["name"]: found["rest"] for found in LINE.finditer(PAGE.read_text("utf-8"))}


def test_every_guarantee_has_a_row_that_needs_no_broker() -> None:
    assert {row.guarantee for row in ROWS if not row.broker} == lines().keys()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.guarantee}: {row.off}")
def test_a_rows_text_stands_where_it_says_and_its_test_is_there(row: Row) -> None:
    source = (ROOT / row.file).read_text("utf-8")
    assert changed(row, source) != source
    file, _, name = row.test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text("utf-8")


def test_a_text_that_has_moved_fails_loudly() -> None:
    row = ROWS[0]
    source = (ROOT / row.file).read_text("utf-8")
    with pytest.raises(Moved, match="stands 0 times"):
        changed(replace(row, old="a line that nobody wrote"), source)
    with pytest.raises(Moved, match="is not once in"):
        changed(replace(row, function="nowhere"), source)


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ([PASSED, ASSERTED], ""),
        ([PASSED, PASSED], "nobody noticed"),
        ([], "the test did not run"),
        (["setup: ImportError: no module"], "by no assertion: setup: ImportError"),
        ([ASSERTED, "call: KeyError: 'step'"], "by no assertion: call: KeyError"),
    ],
)
def test_only_an_assertion_of_the_test_is_a_notice(ends: list[str], word: str) -> None:
    assert word in unnoticed(ends)
    assert bool(word) == bool(unnoticed(ends))
