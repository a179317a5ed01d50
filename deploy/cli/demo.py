"""The example campaigns, both industries, from an empty machine to published."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from deploy.cli import outcome, review
from deploy.cli.board import Board
from deploy.cli.briefs import read_brief
from deploy.cli.campaign_commands import COMPLETED
from deploy.cli.edge import Edge
from deploy.cli.following import follow
from deploy.cli.places import Json, state_dir
from deploy.cli.stack_commands import bring_up
from deploy.cli.talk import EXIT_FAILED, CommandFailed, can_ask, put_json, say
from deploy.stack.plan import ROOT
from deploy.stack.record import StackRecord

BRIEFS = ROOT / "examples" / "briefs"
TIMEOUT_S = 1_800.0
BY_FLAG = "because of --approve"
NOBODY_TO_ASK = "because of --approve, which demo sets itself where no terminal can be asked"


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether reviews are approved unasked, and why."""

    approve: bool
    because: str


def demo(
    approve: Annotated[
        bool,
        typer.Option(
            "--approve/--ask", "--yes/ ", help="approve unasked; the default without a terminal"
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Start everything and take the example briefs to COMPLETED, with live progress."""
    consent = Consent(approve, BY_FLAG) if approve or can_ask() else Consent(True, NOBODY_TO_ASK)
    record, _ = bring_up()
    if not record.site:
        raise CommandFailed(
            "the running stack serves no example site (EXAMPLE_SITE=false); sagaline down, then "
            "run it again without that setting"
        )
    ended = asyncio.run(_both(record, consent))
    if as_json:
        put_json(ended)
    for places in ended:
        if not as_json:
            outcome.show(places)
    done = sum(places["state"] == COMPLETED for places in ended)
    say(f"{done} of {len(ended)} campaigns COMPLETED; the stack runs on, sagaline down ends it")
    raise typer.Exit(0 if done == len(ended) else EXIT_FAILED)


def example_briefs() -> list[Path]:
    """The bundled briefs, in order."""
    found = sorted(BRIEFS.glob("*.yaml"))
    if not found:
        raise CommandFailed(f"there are no briefs in {BRIEFS}; demo needs a whole checkout")
    return found


async def _both(record: StackRecord, consent: Consent) -> list[dict[str, Any]]:
    briefs = [read_brief(path, record.site) for path in example_briefs()]
    async with Edge(record.edge_url) as edge:
        made = [
            (await edge.create(brief, start=True, saga="campaign", key=str(uuid4())), brief.name)
            for brief in briefs
        ]
        with Board() as board:
            for campaign_id, name in made:
                board.add(campaign_id, name)
            lock = asyncio.Lock()
            gate = review.Gate(edge, board, state_dir(), consent.approve, consent.because, lock)
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await asyncio.gather(*(follow(edge, one, board, gate) for one, _ in made))
            except TimeoutError:
                say(f"not all campaigns ended within {TIMEOUT_S / 60:.0f} minutes")
        return [await outcome.places_of(edge, one, state_dir()) for one, _ in made]
