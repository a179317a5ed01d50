"""A pytest plugin that writes down how each test ended: whether it failed by an assertion.

An assertion counts where a test made it. What a broken import, a time-out or an error of the
product's own raises is no sign that a test noticed anything.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

WITNESS = "SAGALINE_WITNESS"
"""Names the file that the words go to: node id and how it ended."""

PASSED = "passed"
ASSERTED = "asserted"

_ended: dict[str, str] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the call's end, and whatever went wrong before or after it."""
    report = yield
    if report.when == "call" and report.passed:
        _ended.setdefault(item.nodeid, PASSED)
    elif not report.passed:
        noticed = report.when == "call" and call.excinfo is not None and _asserted(call.excinfo)
        words = call.excinfo.exconly() if call.excinfo is not None else report.outcome
        _ended[item.nodeid] = ASSERTED if noticed else f"{report.when}: {words[:400]}"
    return report


def pytest_sessionfinish() -> None:
    """Write down what was noted."""
    Path(os.environ[WITNESS]).write_text(json.dumps(_ended), "utf-8")


def _asserted(found: pytest.ExceptionInfo[BaseException]) -> bool:
    """True where a test asserted, itself or by `pytest.raises`, and no code of the product."""
    raised_in = Path(found.traceback[-1].path)
    by_a_test = Path.cwd() / "tests" in raised_in.parents or "_pytest" in raised_in.parts
    return by_a_test and _all_assertions(found.value)


def _all_assertions(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_all_assertions(one) for one in error.exceptions)
    if isinstance(error, pytest.fail.Exception):
        return "Timeout" not in str(error)
    return isinstance(error, AssertionError)
