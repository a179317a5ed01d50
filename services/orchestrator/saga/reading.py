"""From a decoded record to what the engine takes in; a request to start gets its plan here."""

from collections.abc import Mapping
from typing import Any, cast

from chassis.codec import Codec, Decoded
from chassis.errors import Rejected, Undecodable
from contracts.envelope import StepDone
from contracts.goal import CreateCampaign
from contracts.message import Result
from contracts.requests import CancelCampaign, DecideReview, RetryCampaign, StartCampaign
from contracts.saga import PlanGenerated, StepFailed, StepUndone
from services.orchestrator.saga.definitions import SagaDefinition
from services.orchestrator.saga.engine.inputs import (
    Answered,
    Create,
    Failed,
    Input,
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
        if isinstance(body, CreateCampaign):
            return self._create(message, body)
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
                return self._review(body, saga)
            case CancelCampaign() | RetryCampaign():
                return body
            case _:
                raise Rejected(f"{message.entry.name} is no input of a saga")

    def _create(self, message: Decoded, body: CreateCampaign) -> Create:
        plan = self._plan(body.saga, message.record["goal"])
        return Create(body.saga, body.goal.name, message.value, plan if body.start else None)

    def _plan(self, saga: str, goal: Mapping[str, Any]) -> PlanGenerated:
        definition = self._definitions.get(saga)
        if definition is None:
            known = ", ".join(sorted(self._definitions))
            raise Rejected(f"there is no saga type `{saga}`; there are: {known}")
        return definition.plan(goal)

    def _review(self, body: DecideReview, saga: Saga) -> Review:
        if not body.edited:
            return Review(body)
        edited = self._codec.decode(body.edited)
        gate = next((planned for planned in saga.plan if planned.name == body.step), None)
        before = saga.steps.get(gate.edits) if gate else None
        if before is not None and before.body:
            expected = self._codec.decode(before.body, validate=False).entry
            if edited.entry is not expected:
                raise Undecodable(f"an edit must be a {expected.name}, not a {edited.entry.name}")
        return Review(body, edited.entry.schema_id)


def _answer(message: Decoded, body: Result) -> Input:
    done = cast("StepDone", message.header)
    command_id = message.envelope.execution_id
    if isinstance(body, StepFailed):
        return Failed(command_id, done.step, body.reason, body.message, body.feedback, done.usage)
    if isinstance(body, StepUndone):
        return Undone(command_id, done.step, body.detail, body.left_behind)
    return Answered(command_id, done, message.entry.schema_id, message.value)
