"""What working side by side gives: research of many sources, and a campaign with slow phases.

Research reads a server that waits before each answer, one source at a time and as many as it does.
A campaign (every channel, a film) runs through `sagaline up` as it comes; its phases answer with
what the real ones answered, after the times that the stages of a campaign were said to take, a
hundred times as fast. First all of them work side by side, then one after the other, research as
much longer as reading one source at a time was read to take.
"""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from benchmarks import research
from benchmarks.answers import Waits
from benchmarks.outcome import percentile
from benchmarks.shipped import Example, Load, led, running
from contracts.goal import Channel

SAGA = "campaign"
MORE = {"channels": [one.value for one in Channel], "generate_video": True}
STAGE_S = {
    "RunResearch": 120.0,
    "BuildStrategy": 30.0,
    "WriteContent": 320.0,
    "RenderDesign": 180.0,
    "RenderVideo": 180.0,
    "AuditContent": 45.0,
    "PublishContent": 150.0,
}
"""The sample of 845 s has research, content, design and distribution; the film takes as long as the
design here, and strategy and audit share what is left."""

FASTER = 100
PAGE_WAIT_S = 0.5
ROUNDS, ROUNDS_QUICK = 3, 1
CROWD, CROWD_QUICK, RATE = 20, 5, 1.0


class Pair(BaseModel):
    """Seconds one after the other and side by side, each round."""

    alone_s: tuple[float, ...]
    together_s: tuple[float, ...]

    @property
    def times(self) -> float:
        """How many times as fast side by side is, by the medians."""
        return statistics.median(self.alone_s) / statistics.median(self.together_s)


class Reading(BaseModel):
    """Both pairs, a campaign's in the seconds that were measured; `minutes_p95` is of a crowd.

    Those minutes are at the pace of the stages' own times.
    """

    research: Pair
    campaign: Pair
    crowd: int
    minutes_p95: float
    faster: int = FASTER


def measure(*, quick: bool, seed: int) -> Reading:
    """Research both ways, then campaigns both ways, then a crowd of them."""
    rounds = ROUNDS_QUICK if quick else ROUNDS
    alone, together = (
        research.seconds_of(at_once=at_once, wait_s=PAGE_WAIT_S, rounds=rounds, seed=seed)
        for at_once in (1, research.SOURCES_AT_ONCE)
    )
    reading = Pair(alone_s=_rounded(alone), together_s=_rounded(together))
    print(f"research: {reading.times:.2f} times as fast side by side", flush=True)
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home:
        example = led(home, SAGA, MORE)
    crowd = CROWD_QUICK if quick else CROWD
    stage_s = {name: time_s / FASTER for name, time_s in STAGE_S.items()}
    together, seconds = _campaigns(example, Waits(seconds=stage_s), rounds, crowd)
    stage_s["RunResearch"] *= reading.times
    alone, _ = _campaigns(example, Waits(seconds=stage_s, one_by_one=True), rounds, 0)
    return Reading(
        research=reading,
        campaign=Pair(alone_s=_rounded(alone), together_s=_rounded(together)),
        crowd=crowd,
        minutes_p95=round(percentile(seconds, 0.95) * FASTER / 60, 2),
    )


def table(reading: Reading) -> str:
    """The figures as a table for docs/performance.md."""
    rows = (
        (f"research, each source answering after {PAGE_WAIT_S} s", reading.research),
        (f"a campaign, its stages {reading.faster} times as fast", reading.campaign),
    )
    told = [
        f"| {what} | {statistics.median(pair.alone_s):.2f} s "
        f"| {statistics.median(pair.together_s):.2f} s | {pair.times:.2f} |"
        for what, pair in rows
    ]
    head = ("| what | one after the other | side by side | times as fast |", "|" + " --- |" * 4)
    last = (
        f"{reading.crowd} campaigns, {RATE:.0f} a second: p95 {reading.minutes_p95:.1f} minutes at "
        "the stages' own pace."
    )
    return "\n".join((*head, *told, "", last))


def _campaigns(
    example: Example, waits: Waits, rounds: int, crowd: int
) -> tuple[list[float], Sequence[float]]:
    """Seconds of single campaigns, one before them left out, and of a crowd's."""
    with (
        tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home,
        running(Path(home), example, waits) as (stack, _),
    ):
        load = Load(stack.bootstrap, example)
        took = [load.run(f"single-{number}", 1, 0.0)[0] for number in range(rounds + 1)][1:]
        print(f"a campaign: {statistics.median(took):.2f} s", flush=True)
        latencies = load.run("crowd", crowd, RATE)[1] if crowd else ()
    return took, [latency / 1_000 for latency in latencies]


def _rounded(seconds: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(one, 3) for one in seconds)
