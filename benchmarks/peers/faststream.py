"""FastStream: six handlers in a chain, each fed by a topic and answering into the next.

`python -m benchmarks.peers.faststream BOOTSTRAP PREFIX`, in FastStream's environment. It keeps no
saga: what it is beside ours is six phases without an orchestrator.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaResponse

from benchmarks.peers.offered import ANSWERED, STEPS
from benchmarks.processes import when_input_ends

Handle = Callable[[bytes, KafkaMessage], Awaitable[KafkaResponse]]


def application(bootstrap: str, prefix: str) -> FastStream:
    """The chain; a message is done once its handler's answer is acknowledged (at least once)."""
    broker = KafkaBroker(bootstrap, logger=None)
    for number, name in enumerate(STEPS):
        published = broker.publisher(f"{prefix}hop-{number + 1}")(_handler())
        broker.subscriber(
            f"{prefix}hop-{number}",
            group_id=f"{prefix}{name}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
        )(published)
    return FastStream(broker, logger=None)


def _handler() -> Handle:
    async def do_nothing(text: bytes, message: KafkaMessage) -> KafkaResponse:
        # A bare answer would lose the key, and with it the order of a campaign.
        return KafkaResponse(ANSWERED.encode(), key=message.raw_message.key)

    return do_nothing


async def run(bootstrap: str, prefix: str) -> None:
    """Serve until the standard input ends."""
    app = application(bootstrap, prefix)
    when_input_ends(app.exit)
    await app.run()


def main(argv: Sequence[str]) -> None:
    """Run on the broker that the arguments name."""
    bootstrap, prefix = argv
    asyncio.run(run(bootstrap, prefix))


if __name__ == "__main__":
    main(sys.argv[1:])
