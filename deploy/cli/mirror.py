"""`sagaline mirror`: keeps another region's Kafka a copy of the working one's."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from chassis.errors import ChassisError
from chassis.health import serve_health
from chassis.kafka import KafkaBroker
from chassis.mirror import MIRRORED, Mirror, Route
from chassis.quorum import Servers
from chassis.region import lease_of
from chassis.settings import ChassisSettings
from deploy.cli.talk import EXIT_INPUT, CommandFailed, say

TELL_EVERY_S = 10.0


def mirror(
    source: Annotated[str, typer.Option("--from", help="brokers of the region that works")],
    target: Annotated[str, typer.Option("--to", help="brokers of the region that is to follow")],
) -> None:
    """Copy the working region's topics into another region's Kafka, until that one takes over.

    Run it in the region that follows. REDIS_URL, prefixes and TLS are the services' settings, the
    same for both Kafkas; PORT is where it serves its health and metrics.
    """
    settings = ChassisSettings()
    if not settings.redis_urls:
        raise CommandFailed("REDIS_URL is required: there stands which region works", EXIT_INPUT)
    try:
        asyncio.run(follow(settings, source, target))
    except ChassisError as refusal:
        raise CommandFailed(f"the mirror ends: {refusal}") from refusal
    except KeyboardInterrupt:
        say("the mirror was stopped")


async def follow(
    settings: ChassisSettings, source: str, target: str, names: Sequence[str] = MIRRORED
) -> None:
    """Mirror these topics for ever, telling how far behind it is. Raises MirrorRefused."""
    servers = Servers(settings.redis_urls)
    route = Route(_broker(settings, source), _broker(settings, target), names)
    made = Mirror(route, lease_of(settings, servers))
    beside = (
        asyncio.create_task(serve_health(settings, [made.vitals])),
        asyncio.create_task(_tell(made)),
    )
    try:
        await made.run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await servers.close()


async def _tell(made: Mirror) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        waits = f"; waits for {made.vitals.waiting_for}" if made.vitals.waiting_for else ""
        say(f"{made.copied} records copied; behind by {made.lag_s:.1f} s{waits}")


def _broker(settings: ChassisSettings, bootstrap: str) -> KafkaBroker:
    return KafkaBroker(settings.model_copy(update={"kafka_bootstrap": bootstrap}))
