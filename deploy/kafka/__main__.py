"""Runs the local Kafka in the foreground until it is told to end; it starts no service."""

import argparse
import signal
import sys
from pathlib import Path
from threading import Event

from deploy.kafka.archive import ensure_archive
from deploy.kafka.broker import HEAP_DEFAULT, LocalBroker
from deploy.kafka.jars import BrokerUnavailable, ensure_jars, say_on_stderr

PORT_DEFAULT = 9092
HOME_DEFAULT = Path(".sagaline/kafka/node")
LOOK_EVERY_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; 0 then, 1 when it cannot start or ends by itself."""
    options = _parser().parse_args(arguments)
    try:
        if options.fetch_only:
            ensure_jars()
            ensure_archive()
            return 0
        return _serve(LocalBroker(options.home, port=options.port, heap=options.heap))
    except BrokerUnavailable as error:
        say_on_stderr(str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy/kafka/run", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT_DEFAULT, help="0 takes a free one")
    parser.add_argument("--home", type=Path, default=HOME_DEFAULT, help="records and logs")
    parser.add_argument("--heap", default=HEAP_DEFAULT, help="as Java's -Xmx takes it")
    parser.add_argument(
        "--fetch-only", action="store_true", help="fetch the jars, archive their classes and end"
    )
    return parser


def _serve(broker: LocalBroker) -> int:
    told_to_end = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_end.set())
    with broker:
        say_on_stderr(f"ready at {broker.bootstrap}, records in {broker.home}; Ctrl-C ends it")
        while not told_to_end.wait(LOOK_EVERY_S):
            if broker.wait(timeout_s=0) is not None:
                say_on_stderr(f"the node ended by itself; its log is {broker.log}")
                return 1
    say_on_stderr("stopped, the records are kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
