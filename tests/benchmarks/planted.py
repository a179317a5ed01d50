"""Plants a slowdown for the test of comparisons: `python -m tests.benchmarks.planted SHARE FILE`.

Refolding and encoding a record then burn so much more of the processor's time; FILE gets the
ratios of `benchmarks.quick` that these two are in. With a share of 0 nothing is planted.
"""

import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from benchmarks import quick
from benchmarks.inmemory import log_of
from chassis.codec import Codec
from chassis.telemetry import configure_logs
from services.orchestrator.saga.restore import Restored

TURNS = 1_000_000


def spin(turns: int) -> None:
    for _ in range(turns):
        pass


def turns_per_s() -> float:
    """The most of a few: other work on the machine only ever slows it down."""
    found = []
    for _ in range(5):
        began = time.process_time()
        spin(TURNS)
        found.append(TURNS / (time.process_time() - began))
    return max(found)


def slower(run: Callable[..., Any], burnt_s: float) -> Callable[..., Any]:
    """The same, and busy for so long afterwards; without a clock, which would cost by itself."""
    turns = round(burnt_s * turns_per_s())

    @wraps(run)
    def burning(*given: Any, **named: Any) -> Any:
        made = run(*given, **named)
        spin(turns)
        return made

    return burning


def main() -> None:
    share, file = float(sys.argv[1]), Path(sys.argv[2])
    configure_logs("ERROR", "planted")
    if share:
        records = len(log_of(quick.LOGGED_SAGAS))
        pairs = list(quick.records())
        refolding, encoding = (
            min(pair.ours for pair in pairs if word in pair.name) / records
            for word in ("refolded", "encoded")
        )
        Restored.fact = slower(Restored.fact, share * refolding)  # type: ignore[method-assign]
        Codec.encode = slower(Codec.encode, share * encoding)  # type: ignore[method-assign]
    file.write_text(quick.measure(quick.records()).model_dump_json(indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
