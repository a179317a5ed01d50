"""The goals of `make bench` beside what the newest readings reached: met, missed, or not measured.

Why a goal is missed, or not measured, is for people to say: reasons.yaml.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks import growth, phase_rate, saga_rate
from benchmarks.outcome import Spread
from benchmarks.results import Figures, Results

REASONS = Path(__file__).with_name("reasons.yaml")
MOST_COPIES = 4


WORDS = {True: "met", False: "missed", None: "not measured"}


class Goal(NamedTuple):
    """A figure of a benchmark, and the limit it is held against: `asked` says how.

    The median stays within the limit, or reaches it where it is asked for `at_least`; where it is
    the `worst` that counts, every reading does. `figure` gives None where a result does not hold
    it (an older one, or a quick one).
    """

    key: str
    says: str
    asked: str
    limit: float
    benchmark: str
    figure: Callable[[Figures], Spread | None]
    at_least: bool = False
    worst: bool = False

    def judged(self, reached: Spread) -> float:
        """The reading that counts."""
        if not self.worst:
            return reached.middle
        return reached.low if self.at_least else reached.high

    def met(self, reached: Spread) -> bool:
        """Whether it is within the limit."""
        found = self.judged(reached)
        return found >= self.limit if self.at_least else found <= self.limit


class Row(NamedTuple):
    """A goal and what was reached; `met` is None where nothing was measured."""

    goal: Goal
    reached: Spread | None
    source: str
    reason: str

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached."""
        return None if self.reached is None else self.goal.met(self.reached)

    @property
    def verdict(self) -> str:
        """In words, with the reason where it is not met."""
        word = WORDS[self.met]
        if self.met or (self.met is False and not self.reason):
            return word
        return f"{word}: {self.reason}" if self.reason else f"{word} yet"


def rows(results: Results, reasons: Path = REASONS) -> list[Row]:
    """Every goal beside the newest readings."""
    why: Mapping[str, str] = yaml.safe_load(reasons.read_text("utf-8"))
    return [_row(goal, results, why.get(goal.key, "").strip()) for goal in GOALS]


def _row(goal: Goal, results: Results, reason: str) -> Row:
    result = results.get(goal.benchmark)
    if result is None:
        return Row(goal, None, "", reason)
    return Row(goal, goal.figure(result.figures), result.path.name, reason)


def told(reached: Spread | None) -> str:
    """What was reached, or a dash."""
    return reached.told() if reached else "-"


def printed(found: Sequence[Row]) -> str:
    """The rows for a terminal."""
    lines = [("goal", "asked", "min / median / max", "")]
    lines += [
        (row.goal.says, row.goal.asked, told(row.reached).replace("**", ""), row.verdict)
        for row in found
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        f"{line[0]:{widths[0]}}  {line[1]:{widths[1]}}  {line[2]:>{widths[2]}}  {line[3]}"
        for line in lines
    )


def _sagas(figure: Callable[[Figures], Any], variant: str) -> Callable[[Figures], Spread | None]:
    """A figure of each reading of a variant; readings without it are left out."""

    def found(figures: Figures) -> Spread | None:
        own = [figure(one) for one in figures["readings"] if one["variant"] == variant]
        return Spread.of([value for value in own if value is not None])

    return found


def _per_s(variant: str) -> Callable[[Figures], Spread | None]:
    return _sagas(lambda one: one["sagas_per_s"], variant)


def _share(variant: str, of: str) -> Callable[[Figures], Spread | None]:
    def found(figures: Figures) -> Spread | None:
        own, whole = _per_s(variant)(figures), _per_s(of)(figures)
        return own.over(whole) if own and whole else None

    return found


def _latency(name: str) -> Callable[[Figures], Spread | None]:
    return _sagas(lambda one: one[name], saga_rate.ENGINE)


def _busy(name: str) -> Callable[[Figures], Spread | None]:
    return _sagas(lambda one: (one.get("busy") or {}).get(name), saga_rate.ENGINE)


def _phase(name: str) -> Callable[[Figures], Spread | None]:
    def found(figures: Figures) -> Spread | None:
        own = [one for one in figures["rates"] if one["subject"] == phase_rate.ENGINE]
        return Spread.of([one[name] for one in own if one["p50_ms"]])

    return found


def _scaled(figures: Figures) -> Spread | None:
    """Only where so many copies were read as the goal speaks of."""
    most = max(one["copies"] for one in figures["rates"])
    return Spread.of([figures["speedup"]]) if most == MOST_COPIES else None


def _grown(what: str) -> Callable[[Figures], Spread | None]:
    return lambda figures: growth.grown(
        [growth.Cost.model_validate(one) for one in figures["costs"]], what
    )


def _named(beginning: str, name: str) -> Callable[[Figures], Spread | None]:
    """A figure of the cost whose name begins so."""
    return lambda figures: Spread.of(
        [cost[name] for cost in figures["costs"] if cost["name"].startswith(beginning)]
    )


def _moves(who: str, name: str) -> Callable[[Figures], Spread | None]:
    return lambda figures: Spread.of(
        [one[name] for one in figures["readings"] if one["who"] == who]
    )


def _at_rest(name: str) -> Callable[[Figures], Spread | None]:
    def found(figures: Figures) -> Spread | None:
        value = figures[name]
        return Spread.of(value if isinstance(value, list) else [value])

    return found


_ENGINE, _BARE = saga_rate.Variant(saga_rate.ENGINE), saga_rate.Variant(saga_rate.BARE)
_PROJECTOR = _ENGINE._replace(projector=True)
_SAGA, _PHASE, _GROWTH, _REST = "saga-rate", "phase-rate", "growth", "at-rest"
_SIDE = "side-by-side"


def _synced(variant: saga_rate.Variant) -> str:
    return variant._replace(synced=True).title


def _research(figures: Figures) -> Spread | None:
    return Spread.of([figures["first_s"]])


def _times(pair: str) -> Callable[[Figures], Spread | None]:
    def found(figures: Figures) -> Spread | None:
        alone, together = figures[pair]["alone_s"], statistics.median(figures[pair]["together_s"])
        return Spread.of([one / together for one in alone])

    return found


def _refused(figures: Figures) -> Spread | None:
    return Spread.of([figures["refusal"]["p99_us"]])


def _completed(figures: Figures) -> Spread | None:
    return Spread.of([figures["ends"].get("WorkflowCompleted", 0) / figures["campaigns"]])


GOALS = (
    Goal(
        "share",
        "sagas/s with the projector, as a share of the bare Kafka loop's",
        "≥ 0.60",
        0.6,
        _SAGA,
        _share(_PROJECTOR.title, _BARE.title),
        at_least=True,
    ),
    Goal(
        "share-synced",
        "the same with `flush.messages=1`",
        "≥ 0.60",
        0.6,
        _SAGA,
        _share(_synced(_PROJECTOR), _synced(_BARE)),
        at_least=True,
    ),
    Goal("rate", "sagas/s", "≥ 450, aim 600", 450, _SAGA, _per_s(_ENGINE.title), at_least=True),
    Goal(
        "rate-synced",
        "the same with `flush.messages=1`",
        "≥ 450, aim 600",
        450,
        _SAGA,
        _per_s(_synced(_ENGINE)),
        at_least=True,
    ),
    Goal("p50-slow", "whole saga at 10/s, p50 ms", "≤ 37", 37, _SAGA, _latency("p50_ms")),
    Goal("p99-slow", "whole saga at 10/s, p99 ms", "< 100", 100, _SAGA, _latency("p99_ms")),
    Goal("p50-busy", "whole saga at 50/s, p50 ms", "≤ 60", 60, _SAGA, _busy("p50_ms")),
    Goal("p99-busy", "whole saga at 50/s, p99 ms", "< 250", 250, _SAGA, _busy("p99_ms")),
    Goal(
        "phase",
        "messages/s through one phase process",
        "≥ 10,000",
        10_000,
        _PHASE,
        _phase("per_s"),
        at_least=True,
    ),
    Goal("phase-p50", "two legs at low load, p50 ms", "< 5", 5, _PHASE, _phase("p50_ms")),
    Goal(
        "scale-out",
        "1 → 4 copies of a phase that waits 50 ms, times as fast",
        "≥ 3.5",
        3.5,
        _PHASE,
        _scaled,
        at_least=True,
    ),
    Goal(
        "history",
        "cost per event at a history of 10,000, of that at 10",
        "≤ 1.2",
        1.2,
        _GROWTH,
        _grown(growth.INPUT),
    ),
    Goal(
        "open",
        "cost per event with 100,000 open sagas, of that with 100",
        "≤ 1.2",
        1.2,
        _GROWTH,
        _grown(growth.ANSWER),
    ),
    Goal(
        "services",
        "memory of all Python services idle, MiB",
        "< 700",
        700,
        _REST,
        _at_rest("services_mib"),
    ),
    Goal("phase-memory", "memory of one phase process, MiB", "< 90", 90, _PHASE, _phase("rss_mib")),
    Goal("start", "`sagaline up` to ready, warm, s", "< 10", 10, _REST, _at_rest("warm_s")),
    Goal(
        "campaigns",
        "1,000 real campaigns at once, share completed",
        "all",
        1.0,
        "campaigns",
        _completed,
        at_least=True,
    ),
    Goal(
        "refold",
        "records refolded from memory, a second",
        "≥ 20,000",
        20_000,
        "codec",
        _named("refold one record", "per_s"),
        at_least=True,
    ),
    Goal(
        "same-copy",
        "work moves again by the same copy, s",
        "≤ 3, every time",
        3,
        "take-over",
        _moves("same copy", "first_s"),
        worst=True,
    ),
    Goal(
        "another-copy",
        "work moves again by another copy, s",
        "≤ 8, every time",
        8,
        "take-over",
        _moves("another copy", "first_s"),
        worst=True,
    ),
    Goal(
        "embedding",
        "a sentence embedded, ms",
        "≤ 30",
        30,
        "memory",
        _named("a lesson of 104 characters", "ms"),
    ),
    Goal(
        "recall",
        "a recall over 100,000 items, ms",
        "≤ 25",
        25,
        "memory",
        _named("a whole recall, 100,000 items", "ms"),
    ),
    Goal(
        "research",
        "20 pages and 3 feeds researched, the first time, s",
        "≤ 10",
        10,
        "research",
        _research,
    ),
    Goal(
        "research-side",
        "research side by side, times as fast as one source after the other",
        "≥ 3",
        3,
        _SIDE,
        _times("research"),
        at_least=True,
    ),
    Goal(
        "campaign-side",
        "a campaign side by side, times as fast as one step after the other",
        "≥ 2",
        2,
        _SIDE,
        _times("campaign"),
        at_least=True,
    ),
    Goal(
        "campaign-minutes",
        "a campaign at its stages' own pace, p95 minutes",
        "< 20",
        20,
        _SIDE,
        lambda figures: Spread.of([figures["minutes_p95"]]),
    ),
    Goal(
        "refusal",
        "a call behind an open breaker refused, p99 µs",
        "< 1,000",
        1_000,
        "open-circuit",
        _refused,
    ),
)
"""What is asked, in the order in which it is told."""
