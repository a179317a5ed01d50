"""`docs/metrics.md`: every Prometheus metric of the tree, read from the lines that declare it."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy import pages

ROOMS = ("chassis", "services", "deploy", "contracts")
KINDS = frozenset({"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"})
LIBRARY = "prometheus_client"
PAGE = Path("docs/metrics.md")

_HEAD = """\
# Metrics

Generated from the declarations by `python -m deploy.metrics_table`; do not edit.

Every process serves its own at `/health/metrics` (and `/metrics`) of its port, in Prometheus's
text format. Prometheus adds `instance` and `job`. A histogram has `_bucket`, `_sum` and `_count`.
No label holds a tenant or a campaign: their number has no bound.
"""


class NotLiteral(ValueError):
    """A metric whose name, meaning or labels are computed cannot be listed."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as it is declared."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    where: str


def metrics(root: Path = pages.ROOT) -> list[Metric]:
    """Every metric that is declared below `root`, by name. Raises NotLiteral."""
    found = [
        metric
        for room in ROOMS
        for path in sorted((root / room).rglob("*.py"))
        if LIBRARY in (source := path.read_text("utf-8"))
        for metric in _declared(ast.parse(source), path.relative_to(root).as_posix())
    ]
    return sorted(found, key=lambda metric: metric.name)


def metrics_page(root: Path = pages.ROOT) -> str:
    """The whole page."""
    header = ("metric", "type", "labels", "meaning", "declared in")
    rows = [
        (
            f"`{metric.name}`",
            metric.kind.lower(),
            ", ".join(f"`{label}`" for label in metric.labels),
            metric.meaning,
            f"`{metric.where}`",
        )
        for metric in metrics(root)
    ]
    return f"{_HEAD}\n{pages.table(header, rows)}"


def generated() -> pages.Pages:
    """The one file."""
    return {PAGE: metrics_page()}


def _declared(module: ast.Module, where: str) -> Iterator[Metric]:
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(LIBRARY)
        for alias in node.names
        if alias.name in KINDS
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            if isinstance(node.func, ast.Attribute) and node.func.attr in KINDS:
                called = _member_of_library(node.func)
            if called in KINDS or called in names:
                yield _metric(node, names.get(called, called), where)


def _member_of_library(function: ast.Attribute) -> str:
    owner = function.value
    return function.attr if isinstance(owner, ast.Name) and owner.id == LIBRARY else ""


def _metric(call: ast.Call, kind: str, where: str) -> Metric:
    given: dict[str, ast.expr] = dict(zip(("name", "documentation", "labelnames"), call.args))  # noqa: B905
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    literal = {
        name: _literal(given[name], f"{where}:{call.lineno}")
        for name in ("name", "documentation", "labelnames")
        if name in given
    }
    labels = tuple(literal.get("labelnames", ()))
    return Metric(literal["name"], kind, labels, literal["documentation"], where)


def _literal(node: ast.expr, where: str) -> Any:  # noqa: ANN401 - a text or a list of texts
    try:
        return ast.literal_eval(node)
    except ValueError as cause:
        raise NotLiteral(f"{where}: write name, meaning and labels of a metric out") from cause


if __name__ == "__main__":
    sys.exit(pages.main(generated(), "deploy.metrics_table", __doc__ or ""))
