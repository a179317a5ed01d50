"""The plots of docs/performance.md, each of what the newest readings hold; without them, none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import saga_rate
from benchmarks.outcome import Spread
from benchmarks.page.svg import Bar, Goal, chart
from benchmarks.results import Result, Results

OURS, BARE, PEER, LIGHT = 0, 1, 2, 3
WHISKERS = "bars are medians, whiskers the lowest and highest reading"

Value = Callable[[Mapping[str, Any]], float | None]


def plots(results: Results) -> Mapping[str, str]:
    """Every plot that can be drawn, by its name."""
    drawn = {name: draw(results) for name, draw in PLOTS.items()}
    return {name: text for name, text in drawn.items() if text}


def _throughput(results: Results) -> str:
    result = _subjects_of(results)
    bars = _bars(result, lambda one: one["sagas_per_s"])
    about = f"sagas a second, all at once; {_on(result)}"
    return chart("Saga throughput", about, bars, Goal(450, "goal 450")) if bars else ""


def _slow(results: Results) -> str:
    return _latency(_subjects_of(results), "10/s", lambda one: one, Goal(37, "goal p50 37 ms"))


def _busy(results: Results) -> str:
    return _latency(
        _subjects_of(results), "50/s", lambda one: one.get("busy") or {}, Goal(60, "goal p50 60 ms")
    )


def _latency(
    result: Result | None,
    rate: str,
    part: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    goal: Goal,
) -> str:
    found: list[Bar] = []
    worst = _bars(result, lambda one: part(one).get("p99_ms"))
    for half, whole in zip(_bars(result, lambda one: part(one).get("p50_ms")), worst, strict=True):
        found.append(half._replace(label=f"{half.label}, p50", after=bool(found)))
        found.append(whole._replace(label="p99", colour=LIGHT))
    about = f"milliseconds from asking to the end; {_on(result)}"
    return chart(f"Whole-saga latency at {rate}", about, found, goal) if found else ""


def _take_over(results: Results) -> str:
    result = results.get("take-over")
    if result is None:
        return ""
    bars: list[Bar] = []
    for who, says in (("same copy", "the same copy"), ("another copy", "another copy")):
        own = [one for one in result.figures["readings"] if one["who"] == who]
        for name, what in (("first_s", "first fact"), ("all_s", "all partitions")):
            spread = Spread.of([one[name] for one in own])
            if spread:
                bars.append(Bar(f"{says}, {what}", spread, LIGHT if bars else OURS))
    painted = [bar._replace(colour=OURS if "first" in bar.label else LIGHT) for bar in bars]
    sagas = int(result.figures["made"]["sagas"])
    about = f"seconds after kill -9 of the owner of {sagas:,} open sagas; {_on(result)}"
    return chart("Take-over", about, painted) if painted else ""


def _scale_out(results: Results) -> str:
    result = results.get("phase-rate")
    rates = result.figures["rates"] if result else []
    waiting = [one for one in rates if not one["p50_ms"]]
    bars = [
        Bar(f"{one['copies']} {'copy' if one['copies'] == 1 else 'copies'}", _only(one["per_s"]))
        for one in waiting
    ]
    about = f"commands a second of a phase that waits 50 ms for each; {_on(result)}"
    goal = Goal(waiting[0]["per_s"] * 3.5, "goal of 4: 3.5 times one") if waiting else None
    return chart("Scale-out", about, bars, goal) if bars else ""


def _growth(results: Results) -> str:
    result = results.get("growth")
    costs = result.figures["costs"] if result else []
    bars: list[Bar] = []
    before = ""
    for one in costs:
        spread = Spread(one["us_min"], one["us"], one["us_max"], 2)
        label = f"{one['what']} at {one['size']:,}"
        colour = PEER if one["what"] == "one snapshot" else OURS
        bars.append(
            Bar(label, spread, colour, after=one["what"] not in ("", before) and bool(bars))
        )
        before = one["what"]
    about = "CPU µs; an input or a snapshot by facts of history, an answer by open sagas"
    return chart("Cost as history and open sagas grow", about, bars) if bars else ""


def _subjects_of(results: Results) -> Result | None:
    """The peers' run, in which ours were read as well; else ours alone."""
    return results.get("peers") or results.get("saga-rate")


def _bars(result: Result | None, value: Value) -> Sequence[Bar]:
    """A bar for each subject, in the order in which they were read."""
    readings = result.figures["readings"] if result else []
    names = dict.fromkeys(one["variant"] for one in readings)
    found = []
    for name in names:
        values = [value(one) for one in readings if one["variant"] == name]
        spread = Spread.of([one for one in values if one is not None])
        if spread:
            found.append(Bar(name, spread, _colour(name)))
    return found


def _colour(name: str) -> int:
    if name.startswith(saga_rate.ENGINE):
        return OURS
    return BARE if name.startswith(saga_rate.BARE) else PEER


def _only(value: float) -> Spread:
    return Spread(value, value, value, 1)


def _on(result: Result | None) -> str:
    return f"{result.machine.cores} cores, {result.day}\n{WHISKERS}" if result else ""


PLOTS: Mapping[str, Callable[[Results], str]] = {
    "throughput": _throughput,
    "latency-10": _slow,
    "latency-50": _busy,
    "take-over": _take_over,
    "scale-out": _scale_out,
    "growth": _growth,
}
"""By their file's name in docs/figures."""
