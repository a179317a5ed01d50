"""Saga types as data, and how a goal turns one into a plan. Pure; it runs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contracts.message import Command
from contracts.plan import InputBinding, InputSource, Lane, PlannedStep, StepKind
from contracts.saga import PlanGenerated


@dataclass(frozen=True, slots=True)
class StepTemplate:
    """A step before the goal is known.

    With `when`, the step is planned only where that field of the goal is true. With `for_each`,
    one step per value of that list is planned, named `<name>.<value>`, its field `each` set to it.
    `wishes` are fields of the step itself that the goal sets where it has them. The step begins no
    earlier than the moment in the goal's field `begins_at`, where there is one; the goal's list
    `dates` may give a value of `for_each` a moment of its own (`at`).
    """

    step: PlannedStep
    when: str = ""
    for_each: str = ""
    each: str = ""
    wishes: tuple[str, ...] = ()
    begins_at: str = ""
    dates: str = ""


@dataclass(frozen=True, slots=True)
class SagaDefinition:
    """A versioned graph of steps. A running saga keeps the version it began with.

    A saga that has not ended `finish_within` fails (None: it may take for ever).
    """

    name: str
    version: int
    steps: tuple[StepTemplate, ...]
    finish_within: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse a graph that could not run, or whose work could not go back.

        A step comes after earlier ones only, a RED one after a gate. Work goes back, and an edit
        goes, only to a step that the sender waits for. A gate reminds after it has asked.
        """
        before: dict[str, set[str]] = {}
        gated = False
        for template in self.steps:
            step = template.step
            where = f"{self.name}.{step.name}"
            if step.name in before:
                raise ValueError(f"{where} is there twice")
            unknown = set(step.after) - set(before)
            if unknown:
                raise ValueError(f"{where} comes after unknown {sorted(unknown)}")
            if step.lane is Lane.RED and not gated:
                raise ValueError(f"{where} is RED: it needs a gate before it")
            if step.remind_before_ms >= step.timeout_ms:
                raise ValueError(f"{where} would remind before it has asked")
            before[step.name] = {*step.after, *(n for one in step.after for n in before[one])}
            back = {name for name in (step.sends_back_to, step.edits, *step.reruns) if name}
            if back - before[step.name]:
                strange = sorted(back - before[step.name])
                raise ValueError(f"{where} goes back to {strange}, which it does not come after")
            gated = gated or step.kind is StepKind.GATE

    def plan(self, goal: Mapping[str, Any]) -> PlanGenerated:
        """The whole graph for this goal, in topological order."""
        names: dict[str, tuple[str, ...]] = {}
        steps: list[PlannedStep] = []
        for template in self.steps:
            after = tuple(n for before in template.step.after for n in names[before])
            if template.when and not goal.get(template.when):
                names[template.step.name] = after
                continue
            planned = _instances(template, goal, after)
            names[template.step.name] = tuple(step.name for step in planned)
            steps.extend(planned)
        return PlanGenerated(
            definition=self.name,
            definition_version=self.version,
            max_retries=int(goal.get("max_retries", 3)),
            steps=tuple(steps),
            finish_within_ms=round((self.finish_within or timedelta()) / timedelta(milliseconds=1)),
        )


def call(
    name: str, command: type[Command], undo: type[Command] | None = None, **rest: object
) -> PlannedStep:
    """A step that asks a phase: `command` to do it, `undo` to take it back."""
    undoing = undo.__name__ if undo else ""
    return PlannedStep.model_validate(
        {"name": name, "command": command.__name__, "undo": undoing, **rest}
    )


def from_goal(*fields: str, **renamed: str) -> tuple[InputBinding, ...]:
    """Fields taken from the goal, under their own or another name (`field="path"`)."""
    pairs = [(field, field) for field in fields] + list(renamed.items())
    return tuple(
        InputBinding(field=field, source=InputSource.GOAL, path=path) for field, path in pairs
    )


def from_result(step: str, *fields: str, **renamed: str) -> tuple[InputBinding, ...]:
    """Fields taken from a step's result, under their own or another name."""
    pairs = [(field, field) for field in fields] + list(renamed.items())
    return tuple(
        InputBinding(field=field, source=InputSource.RESULT, step=step, path=path)
        for field, path in pairs
    )


def collected(field: str, prefix: str) -> tuple[InputBinding, ...]:
    """The lists `field` of every answered step whose name begins with `prefix`, joined."""
    return (InputBinding(field=field, source=InputSource.COLLECTED, step=prefix, path=field),)


def value_at(record: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - any field's value
    """The value at a dotted path; KeyError where there is none."""
    value: Any = record
    for part in path.split("."):
        value = value[part]
    return value


def _instances(
    template: StepTemplate, goal: Mapping[str, Any], after: tuple[str, ...]
) -> list[PlannedStep]:
    wished = {name: goal[name] for name in template.wishes if name in goal}
    own = {name: tuple(v) if isinstance(v, list) else v for name, v in wished.items()}
    if template.begins_at:
        own["not_before"] = goal.get(template.begins_at)
    step = template.step.model_copy(update={"after": tuple(dict.fromkeys(after)), **own})
    if not template.for_each:
        return [step]
    dates = {str(one[template.each]): one["at"] for one in goal.get(template.dates, ())}
    return [
        step.model_copy(
            update={
                "name": f"{step.name}.{value}",
                "not_before": dates.get(str(value), step.not_before),
                "inputs": (
                    *step.inputs,
                    InputBinding(field=template.each, source=InputSource.LITERAL, path=str(value)),
                ),
            }
        )
        for value in dict.fromkeys(value_at(goal, template.for_each))
    ]
