"""`sagaline adapters`: what can be reached outside, what is configured, which breaker is open."""

import asyncio
from typing import Any

from deploy.cli.places import Json, mean_the_stack_here, stack_here
from deploy.cli.talk import put_json, put_rows, say

COLUMNS = ("adapter", "kind", "state", "breaker", "actions")


def adapters(as_json: Json = False) -> None:
    """List the adapters to the outside with their state, breaker and actions."""
    found, degraded = asyncio.run(_found())
    if as_json:
        put_json({"adapters": found, "degraded": degraded})
        return
    rows = [
        (
            one["name"],
            one["kind"],
            one["state"],
            f"{one['breaker']['state']} ({one['breaker']['failures']} failures)",
            ", ".join(action["name"] for action in one["actions"]),
        )
        for one in found
    ]
    put_rows([COLUMNS, *rows])
    ready = sum(not one["missing"] for one in found)
    say(f"{len(found)} adapters, {ready} ready; docs/adapters.md says what each needs")
    if degraded:
        say(f"degraded: {degraded}")


async def _found() -> tuple[list[dict[str, Any]], str]:
    # Only this command needs what the services are made of.
    from chassis.adapters.settings import AdapterSettings
    from deploy.outside import described, whole_door
    from services.optimizer.settings import OptimizerSettings
    from services.radar.settings import RadarSettings

    mean_the_stack_here()
    record, optimizer = stack_here(), OptimizerSettings()
    urls = record.redis_url.split(",") if record and record.redis_url else optimizer.redis_urls
    door = whole_door(AdapterSettings(), optimizer, RadarSettings(), urls)
    try:
        circuits = await door.circuits.look([adapter.name for adapter in door.adapters])
        told = [described(adapter, circuits[adapter.name]) for adapter in door.adapters]
        return told, door.circuits.degraded
    finally:
        await door.close()
