"""From a saga's state to a typed command: its inputs filled from the goal and earlier results."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from chassis.codec import Codec, Decoded
from contracts.envelope import StepCall
from contracts.message import Command
from contracts.plan import InputBinding, InputSource
from contracts.saga import CompensationRequested, ToolCallRequested
from services.orchestrator.saga.definitions.definition import value_at
from services.orchestrator.saga.engine.forward import shown_digest
from services.orchestrator.saga.state import Saga, StepStatus

FEEDBACK_MAX = 20
RECORDS_KEPT = 512
"""Decoded bodies kept: the many bindings of one command read the same few."""

SPENT = "spent_micros"
"""A command with this field is told what its campaign cost so far."""

DATE = "scheduled_at"
"""A command with this field is told its step's own date, where that has one."""

SHOWN, GATE = "shown_digest", "gate"
"""A command with these fields is told the hash of what the gate that it names shows now."""

Asked = ToolCallRequested | CompensationRequested
"""The two facts that ask for a command."""


class CommandCannotBeMade(ValueError):
    """The goal and the results do not give what the command needs; says which field."""


class Commands:
    """Builds commands from sagas; it decodes bodies, and knows no campaign."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._records: dict[bytes, Mapping[str, Any]] = {}

    def learn(self, message: Decoded) -> None:
        """A command may want a value of this message soon: it need not be decoded again."""
        if message.value not in self._records:
            self._keep(message.value, message.record)

    def of(self, saga: Saga, request: Asked) -> tuple[StepCall, Command]:
        """The command that was just requested. Raises CommandCannotBeMade."""
        if isinstance(request, ToolCallRequested):
            return self.forward(saga, request)
        return self.backward(saga, request)

    def forward(self, saga: Saga, request: ToolCallRequested) -> tuple[StepCall, Command]:
        """The command of a step that was just requested. Raises CommandCannotBeMade."""
        state = saga.steps[request.step]
        call = StepCall(
            step=request.step,
            attempt=request.attempt,
            round=request.round,
            effect_key=request.effect_key,
            not_after=request.deadline,
            language=str(self._goal(saga).get("language", "en")),
            feedback=state.feedback[-FEEDBACK_MAX:],
        )
        return call, self._made(saga, request.step, request.command)

    def backward(self, saga: Saga, request: CompensationRequested) -> tuple[StepCall, Command]:
        """The undo that was just requested. Raises CommandCannotBeMade."""
        call = StepCall(
            step=request.step,
            attempt=request.attempt,
            round=saga.steps[request.step].round,
            effect_key=request.effect_key,
            not_after=request.deadline,
        )
        return call, self._made(saga, request.step, request.command)

    def _made(self, saga: Saga, step: str, command: str) -> Command:
        model = cast("type[Command]", self._codec.catalog.by_name[command].model)
        fields: dict[str, Any] = {}
        for binding in saga.planned(step).inputs:
            if binding.field in model.model_fields:
                self._fill(fields, saga, binding)
        known = model.model_fields
        if SPENT in known:
            fields[SPENT] = saga.usage.cost_micros
        if DATE in known and (date := saga.planned(step).not_before) is not None:
            fields[DATE] = date
        if SHOWN in known and GATE in fields:
            fields[SHOWN] = shown_digest(saga, saga.planned(fields[GATE]))
        try:
            return model.model_validate(fields, strict=False)
        except ValidationError as refusal:
            first = refusal.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise CommandCannotBeMade(f"{command}.{where}: {first['msg']}") from refusal

    def _fill(self, fields: dict[str, Any], saga: Saga, binding: InputBinding) -> None:
        match binding.source:
            case InputSource.LITERAL:
                fields[binding.field] = binding.path
            case InputSource.GOAL:
                _put(fields, binding.field, self._goal(saga), binding.path)
            case InputSource.RESULT:
                state = saga.steps.get(binding.step)
                if state is not None and state.body:
                    _put(fields, binding.field, self._record(state.body), binding.path)
            case InputSource.COLLECTED:
                fields[binding.field] = [
                    item
                    for name, state in saga.steps.items()
                    if name.startswith(binding.step)
                    and state.status is StepStatus.ANSWERED
                    and state.body
                    for item in value_at(self._record(state.body), binding.path)
                ]

    def _goal(self, saga: Saga) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self._record(saga.goal)["goal"])

    def _record(self, framed: bytes) -> Mapping[str, Any]:
        record = self._records.get(framed)
        if record is None:
            record = self._codec.decode(framed, validate=False).record
            self._keep(framed, record)
        return record

    def _keep(self, framed: bytes, record: Mapping[str, Any]) -> None:
        if len(self._records) >= RECORDS_KEPT:
            del self._records[next(iter(self._records))]
        self._records[framed] = record


def _put(fields: dict[str, Any], field: str, record: Mapping[str, Any], path: str) -> None:
    try:
        fields[field] = value_at(record, path)
    except (KeyError, TypeError):
        raise CommandCannotBeMade(f"`{field}`: nothing at `{path}`") from None
