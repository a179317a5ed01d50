"""`sagaline gate`: may this tree be deployed over the sagas that run there?"""

import asyncio
from typing import Annotated

import typer

from chassis.codec import Codec
from chassis.settings import ChassisSettings
from deploy.cli.places import Json, mean_the_stack_here
from deploy.cli.running_log import reader_of
from deploy.cli.talk import EXIT_FAILED, out, plain, put_json, say
from services.orchestrator.saga.against import Compared
from services.orchestrator.saga.against import against as compare

AGAINST = 100


def gate(
    against: Annotated[
        int, typer.Option("--against", min=1, help="how many sagas: those written to last")
    ] = AGAINST,
    as_json: Json = False,
) -> None:
    """Fold and decide the last sagas of the running log with this tree's code, read-only.

    Exits with 1 at the first difference from what the running build has logged, and where there is
    no saga to compare.
    """
    found = asyncio.run(_compared(against))
    if as_json:
        put_json(found.as_data())
    else:
        out.print(f"{found.sagas} sagas, {found.facts} facts, {len(found.schemas)} schemas read")
        out.print(f"{found.decided} decisions made again, {found.snapshots} snapshots compared")
        if found.inputs_gone:
            say(f"{found.inputs_gone} inputs are not kept any more: folded, not decided again")
        if found.difference:
            out.print(plain(f"DIFFERENCE {found.difference}"))
        elif found.sagas:
            out.print("no difference: this tree goes on where the running build is")
    if not found.sagas:
        say("there is no saga in that log: nothing was compared")
    raise typer.Exit(0 if found.sagas and not found.difference else EXIT_FAILED)


async def _compared(count: int) -> Compared:
    mean_the_stack_here()
    async with reader_of(ChassisSettings()) as reader:
        return await compare(reader, Codec(), count)
