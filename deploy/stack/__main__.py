"""The supervisor's own process: one stack on STATE_DIR until SIGTERM or SIGINT."""

import signal
import sys
from threading import Event

from deploy.kafka.jars import BrokerUnavailable
from deploy.stack.plan import Plan, StackSettings
from deploy.stack.ports import StackError
from deploy.stack.record import load, supervising
from deploy.stack.say import say_on_stderr
from deploy.stack.stack import Stack
from deploy.topics import TopicsRefused, TopicsUnavailable

FAILED = 1


def main() -> int:
    """Run the stack; 0 after it was told to end, 1 where it cannot be had (said on stderr)."""
    settings = StackSettings()
    state_dir = settings.state_dir.absolute()
    try:
        with supervising(state_dir):
            before = load(state_dir).site_port
            _serve(Stack(state_dir, Plan.of(settings, site_port_before=before), say_on_stderr))
    except (StackError, BrokerUnavailable, TopicsRefused, TopicsUnavailable) as failure:
        say_on_stderr(str(failure))
        return FAILED
    return 0


def _serve(stack: Stack) -> None:
    told_to_end = Event()

    def end(*_: object) -> None:
        told_to_end.set()
        stack.give_up()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    # A terminal that closes is no reason to end.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with stack:
        say_on_stderr(f"running; API at {stack.edge_url}, Kafka at {stack.bootstrap}")
        told_to_end.wait()
        say_on_stderr("ending")
    say_on_stderr("ended")


if __name__ == "__main__":
    sys.exit(main())
