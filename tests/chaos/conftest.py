"""Figures that these tests measured, printed at the end of the run."""

import pytest

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> list[str]:
    """Lines to print when everything is over."""
    return pytestconfig.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    found = config.stash.get(FIGURES, [])
    if found:
        terminalreporter.section("figures")
        for line in found:
            terminalreporter.line(line)
