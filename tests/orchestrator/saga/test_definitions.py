"""Saga types as data: which graphs are refused, and how a goal turns one into a plan."""

from typing import Any

import pytest

from contracts.plan import CampaignState, InputSource, Lane, PlannedStep, StepKind
from services.orchestrator.saga.definitions.definition import SagaDefinition, StepTemplate
from tests.orchestrator.saga.lives import campaign_plan


def step(name: str, **fields: Any) -> StepTemplate:
    values = {"name": name, "stage": CampaignState.RADAR, "timeout_ms": 1_000, **fields}
    return StepTemplate(PlannedStep.model_validate(values))


def defined(*steps: StepTemplate) -> SagaDefinition:
    return SagaDefinition(name="odd", version=1, steps=steps)


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ([step("a", after=("b",)), step("b")], r"odd\.a comes after unknown \['b'\]"),
        ([step("a"), step("a")], r"odd\.a is there twice"),
        ([step("a", lane=Lane.RED)], r"odd\.a is RED: it needs a gate"),
        ([step("a"), step("b", sends_back_to="a")], r"odd\.b goes back to \['a'\]"),
        ([step("a"), step("b", edits="a")], r"odd\.b goes back to \['a'\]"),
        ([step("a", remind_before_ms=1_000)], r"odd\.a would remind before it has asked"),
        ([step("a", reruns=("a",))], r"odd\.a goes back to \['a'\]"),
    ],
)
def test_a_graph_that_could_not_run_is_refused(steps: list[StepTemplate], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        defined(*steps)


def test_work_may_go_back_over_several_steps() -> None:
    definition = defined(
        step("a"),
        step("b", after=("a",)),
        step("c", after=("b",), kind=StepKind.GATE, sends_back_to="a", edits="a", reruns=("b",)),
        step("d", after=("c",), lane=Lane.RED),
    )
    assert [one.name for one in definition.plan({}).steps] == ["a", "b", "c", "d"]


def test_a_step_that_is_not_wished_is_not_planned_and_nobody_waits_for_it() -> None:
    plan = {one.name: one for one in campaign_plan(generate_video=False).steps}
    assert "video" not in plan
    assert plan["audit"].after == ("design", "content")


def test_one_step_is_planned_per_channel_and_the_next_waits_for_all() -> None:
    plan = {one.name: one for one in campaign_plan(channels=["email", "blog"]).steps}
    assert plan["analytics"].after == ("publish.email", "publish.blog")
    channels = [one for one in plan["publish.blog"].inputs if one.field == "channel"]
    assert [(one.source, one.path) for one in channels] == [(InputSource.LITERAL, "blog")]
