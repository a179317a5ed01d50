"""Where the saga role and the phases spend their time: `python -m benchmarks.flame [--seconds N]`.

Both processes are sampled from outside by py-spy, in an environment of its own, while sagas run all
the time. The pictures are docs/figures/flame-saga.svg and flame-phases.svg; a box is as wide as the
share of samples in which its function was on the stack, below who called it.
"""

import argparse
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks import engine, saga_rate
from benchmarks.inmemory import shape
from benchmarks.peers.environments import python_with
from benchmarks.processes import Child
from chassis.telemetry import configure_logs
from deploy.kafka.broker import LocalBroker

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"
PY_SPY = "py-spy==0.4.3"
SECONDS, SAMPLES_PER_S = 20, 200
WARM_UP_S = 3.0
"""What a process imports when its first work comes is not where its time goes."""

SAGAS = 20_000
"""More than can end in that time."""

WIDTH, ROW, TOP = 1_200, 17, 34
SHARE_MIN, CHAR_WIDTH = 0.003, 6.3
COLOURS = {"services": "#93c5fd", "chassis": "#6ee7b7", "contracts": "#fde68a"}
ELSE = "#e2e8f0"
PLACE = re.compile(r"(?:services|chassis|contracts|benchmarks)/\S+?\.py|[^/\s(]+\.py|<[^>]+>")

WAITING = frozenset(
    {
        "_work chassis/kafka/thread.py",
        "when_input_ends.<locals>.wait benchmarks/processes.py",
    }
)
"""Threads that wait for a call or for their end, which py-spy takes for work."""

Stacks = Mapping[tuple[str, ...], int]
"""How often each stack was seen, the outermost function first."""


def main() -> None:
    """Sample both processes, one after the other, and draw them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flame")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for how long, each")
    asked = parser.parse_args()
    configure_logs("ERROR", "benchmarks")
    py_spy = python_with("py-spy", [PY_SPY]).with_name("py-spy")
    made = shape()
    with (
        tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home,
        LocalBroker(Path(home) / "kafka") as node,
    ):
        saga_rate.warm_up(node, Path(home), made)
        ground = saga_rate.Ground(node, "flame.", Path(home))
        variant = saga_rate.Variant(saga_rate.ENGINE)
        with (
            saga_rate.own_topics(ground, synced=False),
            saga_rate.system(variant, ground, made) as processes,
        ):
            for role in (engine.SAGA, engine.PHASES):
                with _load(ground, role) as load:
                    next(load.lines())
                    time.sleep(WARM_UP_S)
                    stacks = _sampled(py_spy, processes[role], asked.seconds, Path(home) / role)
                title = f"{role} process, {sum(stacks.values()):,} samples"
                (FIGURES / f"flame-{role}.svg").write_text(picture(title, stacks), "utf-8")


def _load(ground: saga_rate.Ground, name: str) -> Child:
    words = (
        *(saga_rate.ENGINE, ground.node.bootstrap, ground.prefix, f"{ground.prefix}{name}"),
        *(str(SAGAS), "0"),
    )
    return Child("benchmarks.load", words, ground.folder / f"flame-{name}.log")


def _sampled(py_spy: Path, pid: int, seconds: int, to: Path) -> Stacks:
    """Only what is on the processor is sampled: waiting is in no stack."""
    options = ("--duration", str(seconds), "--rate", str(SAMPLES_PER_S), "--format", "raw")
    words = (str(py_spy), "record", "--pid", str(pid), *options, "--output", str(to))
    subprocess.run(words, check=True, capture_output=True)
    return folded(to.read_text("utf-8").splitlines())


def folded(lines: Sequence[str]) -> Stacks:
    """What works of py-spy's raw format, each frame as its function and the end of its file."""
    found: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = tuple(_frame(frame) for frame in stack.split(";"))
        if frames[-1] not in WAITING:
            found[frames] += int(count)
    return found


def _frame(told: str) -> str:
    name, _, rest = told.partition(" (")
    place = PLACE.search(rest)
    return f"{name} {place[0]}" if place else name


def picture(title: str, stacks: Stacks) -> str:
    """The stacks as boxes, the outermost on top, equal beginnings together, by name."""
    boxes = list(_boxes(sorted(stacks.items()), 0, 0.0, sum(stacks.values())))
    height = TOP + ROW * (1 + max((depth for depth, *_ in boxes), default=0)) + 8
    drawn = [_drawn(*box) for box in boxes]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="ui-monospace, monospace" font-size="10.5">'
    )
    back = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    named = f'<text x="8" y="20" font-size="14">{escape(title)}</text>'
    return "\n".join((head, back, named, *drawn, "</svg>")) + "\n"


Box = tuple[int, float, float, str]
"""Depth, where it begins and how wide it is (shares of all), and its frame."""


def _boxes(
    stacks: Sequence[tuple[tuple[str, ...], int]], depth: int, start: float, whole: int
) -> Iterator[Box]:
    frames = dict.fromkeys(stack[depth] for stack, _ in stacks if len(stack) > depth)
    for frame in frames:
        own = [one for one in stacks if len(one[0]) > depth and one[0][depth] == frame]
        share = sum(count for _, count in own) / whole
        if share >= SHARE_MIN:
            yield depth, start, share, frame
            yield from _boxes(own, depth + 1, start, whole)
        start += share


def _drawn(depth: int, start: float, share: float, frame: str) -> str:
    x, y, width = start * WIDTH, TOP + depth * ROW, share * WIDTH
    room = frame.rpartition(" ")[2].partition("/")[0]
    shown = frame[: max(0, int((width - 4) / CHAR_WIDTH))]
    colour = COLOURS.get(room, ELSE)
    return (
        f"<g><title>{escape(frame)}: {share:.1%}</title>"
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 1}" fill="{colour}"/>'
        f'<text x="{x + 2:.1f}" y="{y + 12}">{escape(shown)}</text></g>'
    )


if __name__ == "__main__":
    main()
