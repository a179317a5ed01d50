"""From a decoded record to what the engine takes in; a request to start gets its plan here."""

import re
from collections.abc import Mapping
from typing import Any, cast

from chassis.codec import Codec, Decoded
from chassis.errors import Rejected, Undecodable
from contracts.control import (
    DecideUndo,
    PauseCampaign,
    PauseScope,
    PauseWider,
    ResumeCampaign,
    ResumeWider,
)
from contracts.envelope import StepDone
from contracts.goal import CreateCampaign
from contracts.message import UUID_PATTERN, Result
from contracts.parking import DropParked, RedriveParked
from contracts.plan import Phase
from contracts.requests import (
    CancelCampaign,
    DecideReview,
    ForkCampaign,
    LiftSchedule,
    RetryCampaign,
    StartCampaign,
)
from contracts.saga import PlanGenerated, StepFailed, StepUndone
from services.orchestrator.saga.definitions import SagaDefinition
from services.orchestrator.saga.engine.inputs import (
    Answered,
    Create,
    Failed,
    Fork,
    Input,
    Pausing,
    Resuming,
    Review,
    Start,
    Undone,
)
from services.orchestrator.saga.state import Life, Saga


class Inputs:
    """Turns messages into the engine's inputs; it knows the saga types by name only."""

    def __init__(self, codec: Codec, definitions: Mapping[str, SagaDefinition]) -> None:
        self._codec = codec
        self._definitions = definitions

    def input_of(self, message: Decoded, saga: Saga | None) -> Input:
        """What the message asks or answers. Raises Rejected where nobody could ever act on it."""
        body = message.body
        if (first := self._first(message)) is not None:
            return first
        if saga is None:
            raise Rejected(f"{message.entry.name} names a campaign that does not exist")
        if isinstance(body, Result):
            return _answer(message, body)
        match body:
            case StartCampaign() if saga.life is not Life.IDLE:
                return Start(None)
            case StartCampaign():
                goal = self._codec.decode(saga.goal, validate=False).record["goal"]
                return Start(self._plan(saga.saga, goal))
            case DecideReview():
                return self._review(body, saga, message.envelope.actor.id)
            case PauseCampaign() | ResumeCampaign():
                return _pause(message, body)
            case CancelCampaign() | RetryCampaign() | LiftSchedule() | DecideUndo():
                return body
            case RedriveParked() | DropParked():
                return body
            case _:
                raise Rejected(f"{message.entry.name} is no input of a saga")

    def _first(self, message: Decoded) -> Input | None:
        """What may be said before there is a saga."""
        match message.body:
            case CreateCampaign() as body:
                return self._create(message, body)
            case ForkCampaign() as body:
                return self._fork(message, body)
            case PauseWider() | ResumeWider() as body:
                return _wider(message, body)
        return None

    def _create(self, message: Decoded, body: CreateCampaign) -> Create:
        plan = self._plan(body.saga, message.record["goal"])
        return Create(body.saga, body.goal.name, message.value, plan if body.start else None)

    def _plan(self, saga: str, goal: Mapping[str, Any]) -> PlanGenerated:
        definition = self._definitions.get(saga)
        if definition is None:
            known = ", ".join(sorted(self._definitions))
            raise Rejected(f"there is no saga type `{saga}`; there are: {known}")
        return definition.plan(goal)

    def _review(self, body: DecideReview, saga: Saga, actor: str) -> Review:
        if not body.edited:
            return Review(body, actor=actor)
        edited = self._codec.decode(body.edited)
        gate = next((planned for planned in saga.plan if planned.name == body.step), None)
        before = saga.steps.get(gate.edits) if gate else None
        if before is not None and before.body:
            expected = self._codec.decode(before.body, validate=False).entry
            if edited.entry is not expected:
                raise Undecodable(f"an edit must be a {expected.name}, not a {edited.entry.name}")
        return Review(body, edited.schema_id, actor)

    def _fork(self, message: Decoded, body: ForkCampaign) -> Fork:
        created = self._codec.decode(body.created)
        wanted = created.body
        if not isinstance(wanted, CreateCampaign):
            raise Rejected(f"a fork creates a campaign, not a {created.entry.name}")
        theirs, ours = created.envelope, message.envelope
        if (theirs.tenant_id, theirs.campaign_id) != (ours.tenant_id, ours.campaign_id):
            raise Rejected("the fork and the goal in it are not of one tenant and campaign")
        plan = self._plan(wanted.saga, created.record["goal"])
        return Fork(wanted.saga, wanted.goal.name, plan, body)


def _wider(message: Decoded, body: PauseWider | ResumeWider) -> Input:
    """A tenant's pause names a tenant, a phase's a phase; another target would hold nothing."""
    is_phase = body.target in {phase.value for phase in Phase}
    fits = {
        PauseScope.TENANT: re.fullmatch(UUID_PATTERN, body.target) is not None,
        PauseScope.PHASE: is_phase,
        PauseScope.GLOBAL: not body.target,
    }
    if not fits.get(body.scope, False):
        raise Rejected(f"`{body.target}` is no target of a pause with the scope {body.scope}")
    return _pause(message, body)


def _pause(
    message: Decoded, body: PauseCampaign | PauseWider | ResumeCampaign | ResumeWider
) -> Input:
    by = message.envelope.actor.id
    if isinstance(body, PauseCampaign | PauseWider):
        return Pausing(body, by)
    return Resuming(body, by)


def _answer(message: Decoded, body: Result) -> Input:
    done = cast("StepDone", message.header)
    command_id = message.envelope.execution_id
    if isinstance(body, StepFailed):
        return Failed(command_id, done.step, body.reason, body.message, body.feedback, done.usage)
    if isinstance(body, StepUndone):
        return Undone(command_id, done.step, body.detail, body.left_behind)
    return Answered(command_id, done, message.schema_id, message.value)
