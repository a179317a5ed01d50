"""What every test run ends with: how many tests were skipped, which, and why; never silently."""

from collections import Counter

import pytest

PREFIX = "Skipped: "


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
