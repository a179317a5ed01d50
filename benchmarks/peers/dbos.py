"""DBOS: six steps in one workflow, in the caller's own process, kept in a database.

`python -m benchmarks.peers.dbos URL AT_ONCE NAME COUNT RATE`, in DBOS's environment.
"""

import os
import sys
from collections.abc import Callable, Sequence

from dbos import DBOS

from benchmarks.peers.offered import ANSWERED, ASKED, STEPS, Offer, tell, to_threads

WARM_UP = 5


def workflow() -> Callable[[str], str]:
    """Six steps in a row, each asked with the answer of the one before."""
    steps = [DBOS.step(name=f"step_{name}")(_step(name)) for name in STEPS]

    def six_steps(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    made: Callable[[str], str] = DBOS.workflow(name="six_steps")(six_steps)
    return made


def _step(name: str) -> Callable[[str], str]:
    def do_nothing(text: str) -> str:
        return ANSWERED

    do_nothing.__name__ = do_nothing.__qualname__ = f"step_{name}"
    return do_nothing


def main(argv: Sequence[str]) -> None:
    """Measure what the arguments ask for."""
    url, at_once, name, count, rate = argv
    DBOS(
        config={
            "name": "benchmark",
            "system_database_url": url,
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )
    run = workflow()
    DBOS.launch()
    for _ in range(WARM_UP):
        run(ASKED)
    offer = Offer(name, int(count), float(rate))
    tell(lambda: to_threads(lambda: run(ASKED), offer, int(at_once)))
    sys.stdout.flush()
    os._exit(0)  # its threads would keep the process


if __name__ == "__main__":
    main(sys.argv[1:])
