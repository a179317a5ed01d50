"""Following campaigns over their event stream, over lost connections too, up to the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from deploy.cli.board import Board
from deploy.cli.edge import (
    NOT_FOUND,
    PATIENCE_S,
    Edge,
    EdgeRefused,
    EdgeUnavailable,
    Event,
    StreamOver,
)

PAUSE_S = 0.5
PAUSE_S_MAX = 5.0
GIVE_UP_S = 180.0
ASKING = ("ReviewRequested", "ReviewReminded")
"""Facts that say: somebody is to decide."""

OnReview = Callable[[str, Event], Awaitable[None]]


async def events_of(
    edge: Edge, campaign_id: str, lost: Callable[[str], None]
) -> AsyncIterator[Event]:
    """Every fact of the campaign once and in order, from the first to the last.

    A lost connection is told to `lost` and made again. Raises EdgeUnavailable where that has
    not helped for three minutes, EdgeRefused where there is no such campaign.
    """
    last, pause, answered = 0, PAUSE_S, time.monotonic()
    while True:
        try:
            async for event in edge.stream(campaign_id, last):
                last, pause, answered = event.sequence, PAUSE_S, time.monotonic()
                yield event
        except StreamOver:
            return
        except EdgeUnavailable as failure:
            if time.monotonic() - answered > GIVE_UP_S:
                raise
            lost(str(failure))
        except EdgeRefused as refusal:
            # A campaign that was made a moment ago may not be in the view yet.
            young = not last and time.monotonic() - answered < PATIENCE_S
            if refusal.status != NOT_FOUND or not young:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSE_S_MAX)


async def follow(edge: Edge, campaign_id: str, board: Board, on_review: OnReview) -> str:
    """Show the campaign until it ends, let its reviews be decided; the state it ended in."""
    async for event in events_of(edge, campaign_id, lambda why: board.note(campaign_id, why)):
        board.show(campaign_id, event)
        if event.type in ASKING:
            await on_review(campaign_id, event)
    found = await edge.campaign(campaign_id)
    return str(found["state"])
