"""`make unguarded`: each guarantee's mechanism is switched off, and its named test must notice.

Per row of `rows.py`: the test passes in a plain copy of the tree, and fails by an assertion in a
copy in which the mechanism is off. The working tree is never touched.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from tests.unguarded.planting import Row, copied, switched_off
from tests.unguarded.rows import ROWS
from tests.unguarded.witness import ASSERTED, PASSED, WITNESS

RUN_S_MAX: Final = 300.0
SOUND_S_MAX: Final = 900.0
CELL_CHARS_MAX: Final = 68


class Found(NamedTuple):
    """What became of one row; `problem` is empty where the test noticed."""

    row: Row
    seconds: float
    problem: str


def main(argv: Sequence[str] | None = None) -> int:
    """0 where every test noticed, 1 where one did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.unguarded", description=__doc__)
    parser.add_argument("--without-broker", action="store_true", help="only what needs no Kafka")
    parser.add_argument("--only", default="", help="rows whose guarantee or words contain this")
    parser.add_argument("--each", type=int, default=len(ROWS), help="so many of each guarantee")
    parser.add_argument("--jobs", type=int, default=1, help="copies at once")
    asked = parser.parse_args(argv)
    rows = _chosen(asked)
    if not rows:
        parser.error(f"no row's guarantee or words contain {asked.only!r}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="unguarded-") as ground:
        found = _tried(rows, Path(ground), asked.jobs)
    _tell(found, time.monotonic() - began)
    return int(any(one.problem for one in found))


def _chosen(asked: argparse.Namespace) -> list[Row]:
    """The rows that are meant, in the table's order."""
    count: Counter[str] = Counter()
    rows: list[Row] = []
    for row in ROWS:
        named = asked.only.casefold() in f"{row.guarantee} {row.off}".casefold()
        if named and not (asked.without_broker and row.broker):
            count[row.guarantee] += 1
            rows += [row] if count[row.guarantee] <= asked.each else []
    return rows


def _tried(rows: Sequence[Row], ground: Path, jobs: int) -> list[Found]:
    sound = ground / "sound"
    copied(sound)
    ended = _run(sound, [*dict.fromkeys(row.test for row in rows)], SOUND_S_MAX)
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda row: _found(row, sound, ended), rows))


def _found(row: Row, sound: Path, ended: dict[str, str]) -> Found:
    began = time.monotonic()
    before = _of(row.test, ended)
    if not before or any(end != PASSED for end in before):
        how = ", ".join(before) or "it never ran"
        return Found(row, 0.0, f"with the mechanism on it does not pass: {how}")
    with tempfile.TemporaryDirectory(dir=sound.parent, prefix="off-") as place:
        tree = Path(place) / "tree"
        switched_off(row, sound, tree)
        after = _of(row.test, _run(tree, ["-x", row.test], RUN_S_MAX))
    print(f"{row.guarantee:<6} {row.off}", file=sys.stderr)
    return Found(row, time.monotonic() - began, unnoticed(after))


def unnoticed(ends: Sequence[str]) -> str:
    """Why these ends of a test's cases do not say that it noticed; empty where they do."""
    if not ends:
        return "the test did not run"
    others = [end for end in ends if end not in (PASSED, ASSERTED)]
    if others:
        return f"it failed, but by no assertion: {others[0]}"
    return "" if ASSERTED in ends else "nobody noticed"


def _of(test: str, ended: dict[str, str]) -> list[str]:
    """How the cases of one test ended."""
    return [end for node, end in ended.items() if node == test or node.startswith(f"{test}[")]


def _run(tree: Path, tests: Iterable[str], seconds_max: float) -> dict[str, str]:
    """How these tests end in this tree: node id and the witness's word."""
    word = tree.parent / f"{tree.name}.json"
    environment = {**os.environ, "PYTHONPATH": str(tree), WITNESS: str(word)}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.unguarded.witness"),
            *("-p", "no:cacheprovider", "--no-header", "--tb=no", *tests),
        ],
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said, _ = process.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    if not word.exists():
        return dict.fromkeys(tests, f"no word of the run: {said[-400:]}")
    ended: dict[str, str] = json.loads(word.read_text("utf-8"))
    return ended


def _tell(found: Sequence[Found], seconds: float) -> None:
    print(f"\n{'':<6}  {'switched off':<{CELL_CHARS_MAX}}  noticed by")
    for one in found:
        row = one.row
        where, _, name = row.test.partition("::")
        broker = " (Kafka)" if row.broker else ""
        print(f"{row.guarantee:<6}  {row.off:<{CELL_CHARS_MAX}}  {Path(where).stem}{broker}")
        print(f"{'':<6}  {one.seconds:>5.1f} s  {one.problem or 'noticed'}: {name}")
    bad = [one for one in found if one.problem]
    print(f"\n{len(found)} mechanisms switched off, {len(bad)} not noticed, in {seconds:.0f} s")
    for one in bad:
        print(f"NOT NOTICED  {one.row.guarantee}: {one.row.off} ({one.row.test}): {one.problem}")


if __name__ == "__main__":
    sys.exit(main())
