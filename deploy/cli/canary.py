"""`sagaline canary`: small campaigns down the real road, and what became of each."""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Annotated

import httpx
import typer

from deploy.cli.options import with_options
from deploy.cli.places import Api, Json, api_url
from deploy.cli.talk import EXIT_FAILED, out, plain, say
from services.orchestrator.edge.canary import Canary, Flight, Journey, Outcome, fly_for_ever
from services.orchestrator.settings import CANARY_EVERY_S, CANARY_PATIENCE_S, CANARY_SOURCE


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often one is sent, how long it may take, and what it reads."""

    every: Annotated[float, typer.Option(min=1.0, help="seconds from one to the next")] = (
        CANARY_EVERY_S
    )
    patience: Annotated[float, typer.Option(min=1.0, help="seconds after which one is lost")] = (
        CANARY_PATIENCE_S
    )
    source: Annotated[
        str, typer.Option(help="what it reads: a file below SOURCES_DIR, or an address")
    ] = CANARY_SOURCE


@with_options
def canary(
    rhythm: Rhythm,
    once: Annotated[bool, typer.Option("--once", help="send one and say how it went")] = False,
    api: Api = "",
    as_json: Json = False,
) -> None:
    """Send research-only campaigns of a tenant of their own; exits with 1 where one went wrong.

    Without --once it goes on until it is interrupted, a line for each.
    """
    flights: list[Flight] = []

    def tell(flight: Flight) -> None:
        flights.append(flight)
        _show(flight, as_json=as_json)

    async def go() -> None:
        # trust_env: a proxy of the environment must not be asked for 127.0.0.1.
        async with httpx.AsyncClient(base_url=api_url(api), trust_env=False) as client:
            sender = Canary(client, Journey(rhythm.source, rhythm.patience))
            if once:
                tell(await sender.fly())
            else:
                await fly_for_ever(sender, rhythm.every, tell)

    try:
        asyncio.run(go())
    except KeyboardInterrupt:
        say(summary(flights))
    raise typer.Exit(EXIT_FAILED if any(map(went_wrong, flights)) else 0)


def went_wrong(flight: Flight) -> bool:
    """True where it did not come back completed, and once."""
    return flight.outcome is not Outcome.COMPLETED or flight.duplicates > 0


def summary(flights: list[Flight]) -> str:
    """All journeys in one line."""
    lost = sum(flight.outcome is Outcome.LOST for flight in flights)
    back = sorted(flight.seconds for flight in flights if flight.outcome is Outcome.COMPLETED)
    median = f", the median one after {back[len(back) // 2]:.2f} s" if back else ""
    twice = sum(flight.duplicates for flight in flights)
    return f"{len(flights)} sent, {len(back)} came back{median}; {lost} lost, {twice} duplicates"


def _show(flight: Flight, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(flight.told()) + "\n")
        sys.stdout.flush()
        return
    line = f"{flight.outcome.value}  {flight.seconds:.2f} s  {flight.campaign_id}  {flight.detail}"
    out.print(plain(line.rstrip()))
    if flight.duplicates:
        out.print(f"{flight.duplicates} facts came twice")
