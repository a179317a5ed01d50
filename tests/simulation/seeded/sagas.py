"""The two sagas of a simulated life: a trip (all must be booked) and a show (with a gate).

The trip is the travel fixture on the goal that every saga begins with; the show has what a
campaign has: parallel and optional steps, a check that sends back, a person, channels, lessons.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chassis.codec import Codec
from contracts import topics
from contracts.catalog import Catalog, Entry
from contracts.envelope import AppName
from contracts.goal import CampaignGoal, Channel, SealedText
from contracts.message import Command, Line, Message, Result, Undo
from contracts.plan import (
    CampaignState,
    InputBinding,
    InputSource,
    PlannedStep,
    RetryPolicy,
    StepKind,
)
from services.orchestrator.saga.definitions.definition import (
    SagaDefinition,
    StepTemplate,
    call,
    from_goal,
    from_result,
)
from tests.orchestrator.saga.travel import TRAVEL, TRAVEL_CATALOG

FIRST_ID: Final = 2_100_000
LEASE_MS: Final = 30_000
GATE_MS: Final = 120_000
STUDIO: Final = "studio"
POST: Final = "post"
TRIP_PHASES: Final = ("flight", "hotel", "payment")
SHOW_PHASES: Final = (STUDIO, POST)
MAIL: Final = Channel.EMAIL
"""The channel that cannot tell a repeated effect from a new one; the others can."""


class WriteScript(Command):
    title: Line


class ScriptWritten(Result):
    text: Line


class DropScript(Undo):
    pass


class DrawPoster(Command):
    text: Line


class PosterDrawn(Result):
    digest: Line


class DropPoster(Undo):
    pass


class CheckShow(Command):
    text: Line


class ShowChecked(Result):
    verdict: Line


class PostShow(Command):
    channel: Channel
    text: Line


class ShowPosted(Result):
    place: Line


class TakeDown(Undo):
    channel: Channel


class CountSeats(Command):
    title: Line


class SeatsCounted(Result):
    seats: int


_MODELS: Final[dict[str, tuple[type[Message], ...]]] = {
    STUDIO: (
        *(WriteScript, ScriptWritten, DropScript, DrawPoster, PosterDrawn, DropPoster),
        *(CheckShow, ShowChecked, CountSeats, SeatsCounted),
    ),
    POST: (PostShow, ShowPosted, TakeDown),
}


def _entries() -> tuple[Entry, ...]:
    found: list[Entry] = []
    for phase, models in _MODELS.items():
        for model in models:
            topic = topics.RESULTS if issubclass(model, Result) else topics.commands_of(phase)
            found.append(Entry(model, FIRST_ID + len(found), topic, AppName.PLUGIN))
    return tuple(found)


CATALOG = Catalog((*TRAVEL_CATALOG.entries, *_entries()))
CODEC = Codec(CATALOG)

_AGAIN = RetryPolicy(attempts_max=3, backoff_ms=500, backoff_ms_max=4_000, budget_ms=4 * LEASE_MS)
_BACK = RetryPolicy(attempts_max=5, backoff_ms=500, backoff_ms_max=30_000, budget_ms=10 * LEASE_MS)


def _studio(
    name: str, command: type[Command], undo: type[Command] | None = None, **rest: object
) -> StepTemplate:
    stage = CampaignState.CONTENT_PROD
    own = {
        "phase": STUDIO,
        "stage": stage,
        "timeout_ms": LEASE_MS,
        "retry": _AGAIN,
        "undo_retry": _BACK,
    }
    return StepTemplate(call(name, command, undo, **{**own, **rest}))


SHOW = SagaDefinition(
    name="show",
    version=1,
    finish_within=timedelta(minutes=10),
    steps=(
        _studio("script", WriteScript, DropScript, inputs=from_goal(title="name")),
        _studio(
            "poster",
            DrawPoster,
            DropPoster,
            after=("script",),
            optional=True,
            inputs=from_result("script", "text"),
        ),
        _studio(
            "extra", DrawPoster, DropPoster, after=("script",), inputs=from_result("script", "text")
        ),
        _studio(
            "check",
            CheckShow,
            after=("poster", "extra"),
            stage=CampaignState.AUDIT,
            sends_back_to="script",
            rounds_max=2,
            inputs=from_result("script", "text"),
        ),
        StepTemplate(
            PlannedStep(
                name="gate",
                kind=StepKind.GATE,
                stage=CampaignState.REVIEW,
                after=("check",),
                timeout_ms=GATE_MS,
                weight=0,
                shows=("script", "poster", "check"),
                edits="script",
                reruns=("check",),
                sends_back_to="script",
                rounds_max=2,
            )
        ),
        StepTemplate(
            call(
                "post",
                PostShow,
                TakeDown,
                phase=POST,
                stage=CampaignState.PUBLISH,
                after=("gate",),
                timeout_ms=LEASE_MS,
                optional=True,
                retry=_AGAIN,
                undo_retry=_BACK,
                inputs=from_result("script", "text"),
            ),
            for_each="channels",
            each="channel",
            begins_at="scheduled_at",
        ),
        _studio(
            "seats",
            CountSeats,
            after=("post",),
            stage=CampaignState.LEARN,
            inputs=from_goal(title="name"),
        ),
    ),
)

_FROM_GOAL: Final = {
    "traveller": "name",
    "origin": "business_name",
    "destination": "industry",
    "card": "target_audience",
}


def _bound(binding: InputBinding) -> InputBinding:
    """The trip's fields are taken from fields that every goal has."""
    if binding.source is not InputSource.GOAL:
        return binding
    if binding.path == "nights":
        return InputBinding(field=binding.field, source=InputSource.LITERAL, path="3")
    return binding.model_copy(update={"path": _FROM_GOAL[binding.path]})


TRIP = replace(
    TRAVEL,
    name="trip",
    steps=tuple(
        StepTemplate(one.step.model_copy(update={"inputs": tuple(map(_bound, one.step.inputs))}))
        for one in TRAVEL.steps
    ),
)
DEFINITIONS: Final = {one.name: one for one in (SHOW, TRIP)}


def goal_of(
    name: str, channels: tuple[Channel, ...], scheduled_at: datetime | None = None
) -> CampaignGoal:
    """A goal with what a saga of ours needs; a show goes out at its date, where it has one."""
    return CampaignGoal(
        name=name,
        business_name="Valencia",
        industry="Oslo",
        target_audience="4242",
        goals=("go",),
        channels=channels,
        scheduled_at=scheduled_at,
        max_retries=2,
        metadata={},
        contact_email=SealedText(subject_id="11111111-1111-4111-8111-111111111111", token="sealed"),
    )
