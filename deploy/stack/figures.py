"""What a service's metrics say of its work; any other figure is Prometheus's matter."""

import http.client
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.kafka.broker import HOST
from deploy.stack.members import PROBE_TIMEOUT_S

BACKLOG = "sagaline_consumer_backlog_records"
DRAIN = "sagaline_drain_seconds"
STALLED = "sagas_stalled"

_LABELS = re.compile(r'\w+="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits, how long it will take per role (infinite: nothing is done), and what is stalled.

    `backlog` is None where no role of the process says what waits.
    """

    backlog: int | None = None
    drain_s: Mapping[str, float] = field(default_factory=dict)
    stalled: Mapping[str, int] = field(default_factory=dict)

    @property
    def drain(self) -> str:
        """The slowest role's forecast in words; empty where nothing waits."""
        role, seconds = max(self.drain_s.items(), key=lambda one: one[1], default=("", 0.0))
        if not seconds:
            return ""
        return f"{role}: no end" if math.isinf(seconds) else f"{role}: {seconds:.0f} s"


def figures_of(port: int) -> Figures:
    """What the process at the port says; nothing where it does not answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException):
        return Figures()
    finally:
        connection.close()
    return figures_in(text)


def figures_in(metrics: str) -> Figures:
    """The same from Prometheus's text format."""
    backlog = _values(metrics, BACKLOG)
    return Figures(
        backlog=int(sum(backlog.values())) if backlog else None,
        drain_s=_values(metrics, DRAIN),
        stalled={why: int(count) for why, count in _values(metrics, STALLED).items() if count},
    )


def _values(metrics: str, name: str) -> dict[str, float]:
    """The metric's values by the value of its one label (empty where it has none)."""
    found: dict[str, float] = {}
    for line in metrics.splitlines():
        if line.startswith((f"{name} ", f"{name}{{")):
            labels, _, value = line.removeprefix(name).rpartition(" ")
            label = _LABELS.search(labels)
            found[label.group(1) if label else ""] = float(value)
    return found
