"""One campaign of the caller's that is asked for something, and what came of asking."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from contracts.message import Request
from services.orchestrator.edge import asking
from services.orchestrator.edge.api.campaigns import CampaignId, IdempotencyKey, links_of
from services.orchestrator.edge.context import Caller, CallerNow, Edge, EdgeNow
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.queries import CampaignView

NOT_SHOWN_YET = "safe in the log; the view does not show yet what came of it: ask `links.self`"


class Taken(BaseModel):
    """A request that is in the log, and the campaign's state after it."""

    campaign_id: str
    request_id: str
    state: str
    links: dict[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class AskedCampaign:
    """A campaign as the view shows it, and who asks it; `key` makes a repeated call one request."""

    edge: Edge
    caller: Caller
    found: CampaignView
    key: str | None

    @property
    def saga(self) -> Saga:
        """The campaign's state."""
        return self.found.saga

    def request_id(self, action: str) -> str:
        """The request's id: with a key always the same one for this action, else a new one."""
        return asking.request_id_of(self.saga.campaign_id, action, self.key)

    async def ask(self, request_id: str, body: Request) -> Taken:
        """Bring the request into the log and tell what came of it. Raises Problem (409)."""
        edge, caller, saga = self.edge, self.caller, self.saga
        asked = asking.Ask(saga.campaign_id, request_id, saga.correlation_id, body)
        await asking.send(edge, caller, asked)
        seen = asking.taken(await asking.answer_to(edge, caller, asked))
        after = await asking.shown(edge, caller.tenant_id, saga.campaign_id) or self.found
        return Taken(
            campaign_id=saga.campaign_id,
            request_id=request_id,
            state=after.line.state,
            links=links_of(edge.settings.public_url, saga.campaign_id),
            note="" if seen else NOT_SHOWN_YET,
        )


async def asked_campaign(
    campaign_id: CampaignId,
    edge: EdgeNow,
    caller: CallerNow,
    idempotency_key: IdempotencyKey = None,
) -> AskedCampaign:
    """The campaign that a call is about. Raises Problem where the caller's tenant has none."""
    found = await asking.known(edge, caller.tenant_id, campaign_id)
    return AskedCampaign(edge, caller, found, idempotency_key)


CampaignNow = Annotated[AskedCampaign, Depends(asked_campaign)]
