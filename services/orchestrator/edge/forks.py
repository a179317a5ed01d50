"""From a point of a campaign and somebody's changes to the request that forks it.

Personal fields are sealed before anything is stored; those that stay keep their seals.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple
from uuid import uuid4

from pydantic import Field, JsonValue, ValidationError

from chassis.artefacts import ArtefactMissing
from chassis.codec import Decoded
from chassis.sealing import seal
from contracts import identity
from contracts.catalog import CATALOG
from contracts.envelope import AppName, ArtefactRef, EventEnvelope, StepDone
from contracts.goal import CampaignBrief, CampaignGoal, CreateCampaign
from contracts.message import Message
from contracts.plan import StepKind
from contracts.requests import ForkCampaign, TakenOver
from services.orchestrator.edge.asking import Ask, send
from services.orchestrator.edge.bodies import refused
from services.orchestrator.edge.changes import BRIEF, Changes, changed, new_digests
from services.orchestrator.edge.context import Caller, Edge
from services.orchestrator.edge.problems import Problem, fault, invalid
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.engine.forking import may_take_over
from services.orchestrator.saga.forking import Plan, editable, untouched
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.history import Past
from services.orchestrator.view.payloads import fingerprint

CHANGES_MAX = 50
REQUEST_BYTES_MAX = 1_000_000
"""How large the request with all its results may be; Kafka's clients send no larger one."""

KEPT_ADDRESS = "kept@example.org"
"""Stands for sealed addresses while the rest of a brief is checked; it is never stored."""

_PERSONAL = ("contact_email", "recipients")


class Forking(Message):
    """After which of the campaign's facts a fork begins, and what is to be otherwise.

    A key of `changes` is `brief.FIELD`, or `STEP.PATH` into that step's result.
    """

    at: Annotated[int, Field(ge=1)]
    changes: Annotated[dict[str, JsonValue], Field(max_length=CHANGES_MAX)] = Field(
        default_factory=dict
    )


class Made(NamedTuple):
    """A fork's request, and what it will take over; `repeated` where the view shows it already."""

    ask: Ask
    wish: str
    taken_over: tuple[str, ...]
    runs: tuple[str, ...]
    repeated: bool


async def make(origin: Past, wanted: Forking, caller: Caller, edge: Edge, key: str | None) -> Made:
    """Bring a fork's request into the log: returns once it cannot be lost any more.

    Raises Problem for changes that break a rule or a key used for another wish (nothing was sent
    then), LogUnavailable.
    """
    return await _Fork(origin, wanted, caller, edge, key).send()


def same_wish(wish: str, saga: Saga) -> None:
    """Raises Problem where the fork of that key was asked for otherwise."""
    if saga.fork is None or saga.fork.wish != wish:
        raise Problem(
            "idempotency-conflict",
            409,
            f"campaign {saga.campaign_id} was forked with this key at another point or with other "
            "changes; send the same again, or take a new key",
        )


class _Fork:
    """One fork in the making."""

    def __init__(
        self, origin: Past, wanted: Forking, caller: Caller, edge: Edge, key: str | None
    ) -> None:
        self._origin = origin.saga
        self._sequence = origin.entry.sequence
        self._changes = Changes(wanted.changes, tuple(origin.saga.steps))
        self._caller = caller
        self._edge = edge
        self.campaign_id = identity.fork_id(
            caller.tenant_id, origin.saga.campaign_id, key or str(uuid4())
        )
        self._request_id = identity.derived(identity.FORWARDS, self.campaign_id, "fork")

    async def send(self) -> Made:
        created = CreateCampaign(saga=self._origin.saga, start=True, goal=await self._goal())
        framed = self._framed(created)
        plan = self._plan(framed)
        results = await self._results(plan, framed)
        names = may_take_over(plan, results)
        wish = self._wish(created)
        body = ForkCampaign(
            origin_campaign_id=self._origin.campaign_id,
            origin_sequence=self._sequence,
            wish=wish,
            created=framed.value,
            results=tuple(results[name] for name in names),
        )
        calls = (one.name for one in plan if one.kind is StepKind.CALL)
        runs = tuple(name for name in calls if name not in names)
        ask = Ask(self.campaign_id, self._request_id, self._request_id, body)
        before = await self._edge.view.campaign(self._caller.tenant_id, self.campaign_id)
        if before is not None:
            same_wish(wish, before.saga)
            return Made(ask, wish, names, runs, repeated=True)
        self._fits(body)
        await self._refer(body.results)
        await send(self._edge, self._caller, ask)
        return Made(ask, wish, names, runs, repeated=False)

    async def _goal(self) -> CampaignGoal:
        """The origin's goal with the changes in it, checked as a brief is."""
        before = self._edge.codec.decode(self._origin.goal).body
        if not isinstance(before, CreateCampaign):
            raise Problem("refused", 409, "this saga was not begun by a brief; it has no fork")
        own = before.goal.model_dump(mode="json", exclude=set(_PERSONAL))
        blank = {"contact_email": KEPT_ADDRESS, "recipients": []}
        wanted = changed({**own, **blank}, self._changes.of(BRIEF), BRIEF)
        brief = _checked(CampaignBrief, wanted, f"changes.{BRIEF}")
        touched = {path.partition(".")[0] for path in self._changes.of(BRIEF)}
        sealed = await asyncio.to_thread(self._sealed, brief, before.goal, touched)
        return CampaignGoal(**{name: v for name, v in brief if name not in _PERSONAL}, **sealed)

    def _sealed(
        self, brief: CampaignBrief, before: CampaignGoal, touched: set[str]
    ) -> dict[str, Any]:
        """The personal fields, those that were changed under new seals. Reads and writes keys."""
        keyring, tenant = self._edge.keyring, self._caller.tenant_id
        kept: dict[str, Any] = {name: getattr(before, name) for name in _PERSONAL}
        if "contact_email" in touched:
            kept["contact_email"] = seal(keyring, tenant, brief.contact_email)
        if "recipients" in touched:
            kept["recipients"] = tuple(seal(keyring, tenant, one) for one in brief.recipients)
        return kept

    def _framed(self, created: CreateCampaign) -> Decoded:
        """The goal as it will stand in the new campaign's log."""
        entry = CATALOG.entry_of(CreateCampaign)
        envelope = EventEnvelope(
            id=identity.derived(identity.FORWARDS, self._request_id, "created"),
            type=entry.name,
            schema_version=entry.version,
            tenant_id=self._caller.tenant_id,
            campaign_id=self.campaign_id,
            correlation_id=self._request_id,
            causation_id=self._request_id,
            execution_id=self._request_id,
            source=AppName.EDGE,
            actor=self._caller.actor,
            time=self._edge.clock.now(),
            traceparent=self._caller.traceparent,
        )
        codec = self._edge.codec
        return codec.decode(codec.encode(envelope, None, created))

    def _plan(self, created: Decoded) -> Plan:
        definition = DEFINITIONS.get(self._origin.saga)
        if definition is None:
            raise Problem("refused", 409, f"there is no saga type `{self._origin.saga}` any more")
        return definition.plan(created.record["goal"]).steps

    async def _results(self, plan: Plan, created: Decoded) -> dict[str, TakenOver]:
        """What may be taken over, with the changes in it. Raises Problem for a change without use.

        A result whose bytes are gone is left out: its step runs again.
        """
        edited = self._changes.steps
        for step in edited:
            why = editable(self._origin, plan, step)
            if why:
                raise invalid(fault(f"changes.{step}", why, f"{BRIEF}.target_audience"))
        before = self._edge.codec.decode(self._origin.goal, validate=False).record["goal"]
        names = untouched(self._origin, plan, (before, created.record["goal"]), edited)
        found = {name: self._taken_over(name) for name in names}
        kept = {name: one for name, one in found.items() if await self._are_there(one.artefacts)}
        useless = set(edited) - set(may_take_over(plan, kept))
        if useless:
            rule = "it runs again in this fork, because something before it does"
            raise invalid(*(fault(f"changes.{step}", rule, "") for step in sorted(useless)))
        return kept

    def _taken_over(self, step: str) -> TakenOver:
        state = self._origin.steps[step]
        result = self._edge.codec.decode(state.body)
        changes = self._changes.of(step)
        done, outcome = result.header, state.outcome
        if not isinstance(done, StepDone) or outcome is None:
            raise AssertionError(f"{step} was answered by a {result.entry.name}")
        return TakenOver(
            step=step,
            outcome=outcome,
            notes=state.notes,
            artefacts=done.artefacts,
            body_schema_id=result.entry.schema_id if changes else result.schema_id,
            body=self._edited(step, result, changes) if changes else state.body,
            edited=bool(changes) or result.envelope.source is AppName.EDGE,
        )

    def _edited(self, step: str, result: Decoded, changes: Mapping[str, JsonValue]) -> bytes:
        """The framed result with the changes in it, said by who changed it."""
        document = result.body.model_dump(mode="json")
        after = changed(document, changes, step)
        strange = new_digests(document, after)
        if strange:
            rule = "it names bytes that the result did not name before"
            raise invalid(fault(f"changes.{step}", rule, "leave digests as they are"))
        body = _checked(type(result.body), after, f"changes.{step}")
        envelope = result.envelope.model_copy(
            update={
                "id": identity.derived(identity.FORWARDS, self._request_id, "edited", step),
                "type": result.entry.name,
                "schema_version": result.entry.version,
                "causation_id": self._request_id,
                "source": AppName.EDGE,
                "actor": self._caller.actor,
                "time": self._edge.clock.now(),
            }
        )
        return self._edge.codec.encode(envelope, result.header, body)

    async def _are_there(self, artefacts: tuple[ArtefactRef, ...]) -> bool:
        try:
            for ref in artefacts:
                await self._edge.artefacts.file(self._caller.tenant_id, ref.digest)
        except ArtefactMissing:
            return False
        return True

    async def _refer(self, results: tuple[TakenOver, ...]) -> None:
        """The bytes of what is taken over stay, also when the origin gives them up."""
        for one in results:
            for ref in one.artefacts:
                await self._edge.artefacts.refer(
                    self._caller.tenant_id, self.campaign_id, one.step, ref
                )

    def _fits(self, body: ForkCampaign) -> None:
        size = len(body.created) + sum(len(one.body) for one in body.results)
        if size > REQUEST_BYTES_MAX:
            raise Problem(
                "too-large",
                413,
                f"the results up to {self._sequence} have {size} bytes, more than the "
                f"{REQUEST_BYTES_MAX} that fit into one request; fork from an earlier sequence",
            )

    def _wish(self, created: CreateCampaign) -> str:
        """The same for the same wish: personal fields count by whom they are about."""
        edits = {step: dict(self._changes.of(step)) for step in self._changes.steps}
        told = [self._origin.campaign_id, self._sequence, fingerprint(created), edits]
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _checked(model: type[Any], document: object, prefix: str) -> Any:  # noqa: ANN401 - the model's
    try:
        return model.model_validate_json(json.dumps(document))
    except ValidationError as cause:
        raise refused(cause, model, prefix) from cause
