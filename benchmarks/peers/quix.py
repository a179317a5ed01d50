"""Quix Streams: six dataframes in a chain in one application, exactly once by transactions.

`python -m benchmarks.peers.quix BOOTSTRAP PREFIX COMMIT_S`, in Quix's environment. It keeps no
saga: what it is beside ours is six phases without an orchestrator.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise

from quixstreams import Application

from benchmarks.peers.offered import ANSWERED, STEPS
from benchmarks.processes import when_input_ends

ANSWER = ANSWERED.encode()
BYTES = {"value_deserializer": "bytes", "value_serializer": "bytes"}


def application(bootstrap: str, prefix: str, commit_s: float, home: str) -> Application:
    """The chain; what it reads and writes becomes visible with each commit."""
    made = Application(
        broker_address=bootstrap,
        consumer_group=f"{prefix}quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=commit_s,
        consumer_poll_timeout=commit_s,
        auto_create_topics=False,
        use_changelog_topics=False,
        state_dir=home,
        loglevel="WARNING",
    )
    hops = [made.topic(f"{prefix}hop-{number}", **BYTES) for number in range(len(STEPS) + 1)]
    for taken, given in pairwise(hops):
        made.dataframe(taken).apply(lambda _: ANSWER).to_topic(given)
    return made


def main(argv: Sequence[str]) -> None:
    """Run on the broker that the arguments name, until the standard input ends."""
    bootstrap, prefix, commit_s = argv
    when_input_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))
    with tempfile.TemporaryDirectory() as home:
        application(bootstrap, prefix, float(commit_s), home).run()


if __name__ == "__main__":
    main(sys.argv[1:])
