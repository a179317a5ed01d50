"""Restate: six journalled steps in one workflow, called over HTTP through Restate's server.

In Restate's environment: `python -m benchmarks.peers.restate serve PORT` runs the workflow's app,
`… load INGRESS AT_ONCE NAME COUNT RATE` asks for sagas.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

import aiohttp
import restate
from hypercorn.config import Config
from hypercorn.run import run as serve_with

from benchmarks.outcome import Outcome
from benchmarks.peers.offered import ANSWERED, ASKED, STEPS, Offer, tell, to_tasks
from benchmarks.processes import when_input_ends

WORKERS = 2
WARM_UP = 20
SERVICE = "SixSteps"


async def six_steps(ctx: restate.WorkflowContext, text: str) -> str:
    """Six steps in a row; each answer is in the journal before the next one begins."""

    async def do_nothing() -> str:
        return ANSWERED

    for name in STEPS:
        text = await ctx.run_typed(name, do_nothing)
    return text


workflow = restate.Workflow(SERVICE)
workflow.main("run")(six_steps)
app = restate.app([workflow])


def serve(port: str) -> None:
    """Serve the workflow until the standard input ends."""
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.workers = WORKERS
    config.application_path = "benchmarks.peers.restate:app"
    config.loglevel = "WARNING"
    when_input_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))
    serve_with(config)


async def asked(ingress: str, offer: Offer, at_once: int) -> Outcome:
    """Call the workflow so often; it answers when the saga has ended."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:

        async def one(key: str) -> None:
            async with session.post(f"{ingress}/{SERVICE}/{key}/run", json=ASKED) as answer:
                await answer.read()

        return await to_tasks(one, offer, at_once)


def load(argv: Sequence[str]) -> None:
    """Measure what the arguments ask for."""
    ingress, at_once, name, count, rate = argv
    asyncio.run(asked(ingress, Offer(f"{name}-warm", WARM_UP, 0.0), WARM_UP))
    offer = Offer(name, int(count), float(rate))
    tell(lambda: asyncio.run(asked(ingress, offer, int(at_once))))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        load(sys.argv[2:])
