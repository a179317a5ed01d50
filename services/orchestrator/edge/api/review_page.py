"""The page behind a reviewer link: what one gate shows, and the reviewer's word. No login exists.

Chat programs fetch links on their own: a GET changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from chassis.reviewlink import PLACE, NoSuchLink, Question, opened, path_of
from contracts.envelope import Actor, ActorKind
from contracts.message import DIGEST_PATTERN, UUID_PATTERN
from contracts.requests import DecideReview
from services.orchestrator.edge import asking
from services.orchestrator.edge.api import files
from services.orchestrator.edge.api.campaigns import CampaignId
from services.orchestrator.edge.bodies import raw_of
from services.orchestrator.edge.context import Caller, Edge, EdgeNow, Tenant, traceparent_of
from services.orchestrator.edge.edits import Editing, edited
from services.orchestrator.edge.pages import REVIEW_POLICY, html
from services.orchestrator.edge.problems import Problem, not_found
from services.orchestrator.edge.review_form import Word, word_of
from services.orchestrator.edge.review_links import (
    Standing,
    actor_of,
    links,
    sent_back_by,
    standing,
    successor,
)
from services.orchestrator.saga.state import Saga
from services.orchestrator.view import reports
from services.orchestrator.view.queries import CampaignView

router = APIRouter(tags=["review"])

HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
STATUS = {Standing.OPEN: 200, Standing.APPROVED: 200, Standing.IN_WORK: 200, Standing.RENEWED: 200}
"""What opens nothing any more is gone (410)."""

Id = Annotated[str, InPath(pattern=UUID_PATTERN)]
Token = Annotated[str, InPath(max_length=2_000)]
Shown = Annotated[str, InPath(pattern=DIGEST_PATTERN)]


@dataclass(frozen=True, slots=True)
class Asked:
    """An authentic link: the campaign, the question, and where it stands."""

    found: CampaignView
    question: Question
    standing: Standing
    here: str

    @property
    def saga(self) -> Saga:
        """The campaign's state."""
        return self.found.saga


@router.get("/api/v1/campaigns/{campaign_id}/review-links")
async def review_links(campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant) -> dict[str, Any]:
    """The links to the open review, one for each named reviewer; none where nothing waits.

    Whoever has a link may decide: hand it to a reviewer, and to nobody else.
    """
    found = await asking.known(edge, tenant, campaign_id)
    told = links(edge.keyring, edge.settings.public_url, found.saga)
    waiting = reports.gate(found.saga)
    until = waiting.deadline.isoformat() if waiting and waiting.deadline else None
    return {"campaign_id": campaign_id, "until": until, "links": told}


@router.get(PLACE + "/{campaign_id}/{token}", response_class=HTMLResponse)
async def look(campaign_id: Id, token: Token, edge: EdgeNow) -> Response:
    """What is shown, and the buttons; or why this link opens nothing."""
    try:
        asked = await _asked(edge, campaign_id, token)
    except NoSuchLink:
        return _page("review_over.html", {"standing": "unknown", "saga": None}, 404)
    if asked.standing is Standing.OPEN:
        return _question(edge, asked)
    return await _answered(edge, asked)


@router.post(PLACE + "/{campaign_id}/{token}", response_class=HTMLResponse)
async def decide(campaign_id: Id, token: Token, request: Request, edge: EdgeNow) -> Response:
    """Take the reviewer's word; the same form, sent twice, is one word."""
    try:
        asked = await _asked(edge, campaign_id, token)
    except NoSuchLink:
        return _page("review_over.html", {"standing": "unknown", "saga": None}, 404)
    if asked.standing is not Standing.OPEN:
        return await _answered(edge, asked)
    shown = reports.results(asked.saga, edge.codec)["content"]
    word = word_of(await raw_of(request), shown)
    if word.complaint:
        return _question(edge, asked, word, 422)
    try:
        seen = await _say(edge, asked, word, traceparent_of(request.headers))
    except Problem as refusal:
        return _question(edge, asked, word.but(_told(refusal)), refusal.status)
    if not seen:
        return _page("review_over.html", {"standing": "not_seen", "saga": asked.saga})
    return RedirectResponse(asked.here, 303, headers=HEADERS)


@router.get(PLACE + "/{campaign_id}/{token}/{digest}", response_class=FileResponse)
async def shown_file(campaign_id: Id, token: Token, digest: Shown, edge: EdgeNow) -> Response:
    """A picture or film that the open gate shows; nothing else of the tenant's."""
    try:
        asked = await _asked(edge, campaign_id, token)
    except NoSuchLink:
        raise not_found("file", digest) from None
    told = reports.results(asked.saga, edge.codec)
    if asked.standing is not Standing.OPEN or digest not in _digests(told):
        raise not_found("file", digest)
    return await files.artefact(digest, edge, asked.saga.tenant_id)


async def _asked(edge: Edge, campaign_id: str, token: str) -> Asked:
    """What the link asks. Raises NoSuchLink, for an unknown campaign as for a wrong signature."""
    found = await edge.view.public_campaign(campaign_id)
    if found is None:
        raise NoSuchLink("there is no such campaign")
    question = opened(edge.keyring, found.saga.tenant_id, campaign_id, token)
    where = standing(found.saga, question, edge.clock.now())
    return Asked(found, question, where, f"{PLACE}/{campaign_id}/{token}")


async def _say(edge: Edge, asked: Asked, word: Word, traceparent: str) -> bool:
    """Bring the word into the log; True where it is seen there. Raises Problem where refused."""
    saga, question = asked.saga, asked.question
    actor = Actor(kind=ActorKind.PERSON, id=actor_of(question))
    said = f"{question.shown_digest} {actor.id} {word.digest}"
    request_id = asking.request_id_of(saga.campaign_id, "review-link", said)
    content = b""
    if word.edits:
        editing = Editing(request_id=request_id, actor=actor, at=edge.clock.now())
        framed = saga.steps[saga.planned(question.step).edits].body
        content = edited(framed, word.edits, editing, edge.codec)
    body = DecideReview(
        step=question.step,
        decision=word.decision,
        shown_digest=question.shown_digest,
        reason=word.reason,
        edited=content,
    )
    ask = asking.Ask(saga.campaign_id, request_id, saga.correlation_id, body)
    caller = Caller(saga.tenant_id, actor, traceparent)
    await asking.send(edge, caller, ask)
    return asking.taken(await asking.answer_to(edge, caller, ask))


def _question(edge: Edge, asked: Asked, word: Word | None = None, status: int = 200) -> Response:
    told = reports.detail(asked.found, edge.codec, edge.clock.now())
    planned = asked.saga.planned(asked.question.step)
    actor = actor_of(asked.question)
    values = {
        "c": told,
        "r": told["results"],
        "sources": {finding["id"]: finding for finding in told["results"]["findings"]},
        "here": asked.here,
        "reviewer": asked.question.reviewer,
        "word": word or Word(),
        "may_send_back": bool(planned.sends_back_to)
        and asked.saga.steps[planned.name].sent_back < planned.rounds_max,
        "has_approved": any(vote["actor"] == actor for vote in told["review"]["approvals"]),
        "begins": _begins(asked.saga, planned.name, (told["brief"] or {}).get("time_zone")),
    }
    return _page("review.html", values, status)


async def _answered(edge: Edge, asked: Asked) -> Response:
    """The page of a link that asks nothing any more, and where it leads on, if it does."""
    saga, question = asked.saga, asked.question
    where, following = asked.standing, None
    if where is Standing.SUPERSEDED:
        entries = await asking.facts(edge, saga.tenant_id, saga.campaign_id)
        if sent_back_by(question, entries):
            following = successor(saga, question)
            where = Standing.RENEWED if following else Standing.IN_WORK
    link = path_of(edge.keyring, saga.tenant_id, following) if following else ""
    values = {"standing": where.value, "saga": saga, "link": link}
    return _page("review_over.html", values, STATUS.get(where, 410))


def _begins(saga: Saga, gate: str, time_zone: str | None) -> list[dict[str, str]]:
    """What an approval lets out into the world, and from when on in the brief's time zone."""
    name = time_zone or "UTC"
    return [
        {"name": planned.name.rpartition(".")[2], "at": _local(planned.not_before, name)}
        for planned in saga.plan
        if planned.outside and gate in planned.after
    ]


def _local(at: datetime | None, time_zone: str) -> str:
    if at is None:
        return "at once"
    return f"{at.astimezone(ZoneInfo(time_zone)):%a %Y-%m-%d %H:%M} {time_zone}"


def _digests(told: Mapping[str, Any]) -> set[str]:
    pictures = {asset["digest"] for asset in told["assets"]}
    film = told["video"] or {}
    return pictures | {value for name, value in film.items() if name.endswith("digest")}


def _told(problem: Problem) -> str:
    faults = [f"{fault['field']}: {fault['rule']}" for fault in problem.errors]
    return "; ".join(faults) or problem.detail


def _page(template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    answer = html(template, values, policy=REVIEW_POLICY, headers=HEADERS)
    answer.status_code = status
    return answer
