"""What a load saw, told alike by every subject's load; it imports only the standard library."""

import json
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, Self


class Outcome(NamedTuple):
    """One measurement: how many ended within so many seconds, and their latencies, sorted."""

    ended: int
    seconds: float
    latencies_ms: list[float]

    def told(self) -> str:
        """One line of JSON."""
        latencies = self.latencies_ms
        return json.dumps(
            {
                "ended": self.ended,
                "seconds": round(self.seconds, 3),
                "p50_ms": round(percentile(latencies, 0.5), 1),
                "p99_ms": round(percentile(latencies, 0.99), 1),
            }
        )


class Spread(NamedTuple):
    """Some readings of one figure: the lowest, the median, the highest, and how many."""

    low: float
    middle: float
    high: float
    readings: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self | None:
        """None where there is no reading."""
        return cls(min(values), median(values), max(values), len(values)) if values else None

    def over(self, other: "Spread") -> "Spread":
        """This one's medians and ends as shares of the other's median."""
        whole = other.middle
        return Spread(self.low / whole, self.middle / whole, self.high / whole, self.readings)

    def told(self) -> str:
        """The lowest, the median and the highest; one figure where there was one reading."""
        low, middle, high = map(number, self[:3])
        return f"{low} / **{middle}** / {high}" if self.readings > 1 else f"**{middle}**"


def number(value: float) -> str:
    """As people write it: three figures of a small one, whole from a hundred on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the sorted values do not exceed; 0 where there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0
