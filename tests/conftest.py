"""What every test begins with (logs, variables as they were) and ends with: skips are counted."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

PREFIX = "Skipped: "


@pytest.fixture(autouse=True)
def _logs_end_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test's logs go to stderr: a command that it runs in this process has stdout for itself.

    A test that configures the logs keeps them from writing to its captured stderr later on.
    """
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.__stderr__))
    configure = structlog.configure

    def for_this_test(**options: Any) -> None:
        configure(**{**options, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", for_this_test)
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _environment_ends_with_its_test() -> Iterator[None]:
    """A command that a test runs in this process may set variables for itself."""
    before = dict(os.environ)
    yield
    if dict(os.environ) != before:
        os.environ.clear()
        os.environ.update(before)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    text = str(where[2]) if isinstance(where, tuple) else str(where)
    return text.removeprefix(PREFIX)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.section(f"skipped: {len(skipped)}")
    reasons = Counter(_reason(report) for report in skipped)
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} x {reason}")
        for report in skipped:
            if _reason(report) == reason:
                terminalreporter.line(f"      {report.nodeid}")
