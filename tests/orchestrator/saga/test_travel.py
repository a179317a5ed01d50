"""The travel saga on the campaign's engine: which therefore knows no campaign (SAGA-08)."""

import re
from pathlib import Path

import pytest

import services.orchestrator.saga.engine as engine
from contracts.envelope import EventEnvelope, FailureReason, StepCall, StepDone, StepOutcome, Usage
from contracts.message import Message
from contracts.plan import CampaignState, Phase
from contracts.saga import (
    AgentCompleted,
    CompensationRequested,
    CompensationStarted,
    Ending,
    GoalReceived,
    RetryScheduled,
    ToolCallFailed,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowCompleted,
    WorkflowFailed,
)
from services.orchestrator.saga.commands import Commands
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.state import Life, StepState, StepStatus, UndoStatus
from tests.contracts.examples import envelope_of
from tests.orchestrator.saga.lives import GOOD_RUN, Led, grammar, led
from tests.orchestrator.saga.travel import (
    TRAVEL,
    TRAVEL_CATALOG,
    BookFlight,
    BookTrip,
    CancelFlight,
    CancelHotel,
    ChargePayment,
    FlightBooked,
    HotelReserved,
    PaymentCharged,
    RefundPayment,
    ReserveHotel,
    Trip,
    travel_codec,
)
from tests.specification import given

PLAN = TRAVEL.plan({})
CODEC = travel_codec()
TRIP = Trip(traveller="Ada", origin="VLC", destination="Oslo", nights=3, card="4242")
RESULTS: dict[str, Message] = {
    "flight": FlightBooked(seat="12A", price_micros=90),
    "hotel": HotelReserved(room="7", price_micros=60),
    "payment": PaymentCharged(receipt="R-1"),
}


def test_a_trip_is_booked_step_after_step() -> None:
    journey = led(PLAN)
    assert [call.step for call in journey.events(ToolCallRequested)] == [
        "flight",
        "hotel",
        "payment",
    ]
    assert journey.saga.life is Life.COMPLETED
    assert journey.saga.progress == 100
    assert GOOD_RUN.fullmatch(grammar(journey))


def test_the_flight_being_booked_the_hotel_is_asked() -> None:
    journey = led(PLAN, until="flight")
    given(*journey.facts).when(journey.answer_of("flight")).then(
        ToolResultReceived, AgentCompleted, ToolCallRequested
    ).leaving(Life.RUNNING, flight=StepStatus.ANSWERED, hotel=StepStatus.CALLED)


def test_the_payment_being_charged_the_trip_is_complete() -> None:
    journey = led(PLAN, until="payment")
    given(*journey.facts).when(journey.answer_of("payment")).then(
        ToolResultReceived, AgentCompleted, WorkflowCompleted(degraded=())
    ).leaving(Life.COMPLETED)


def test_a_payment_that_fails_for_good_starts_the_way_back_and_says_its_whole_plan() -> None:
    journey = led(PLAN, until="payment")
    events = journey.fail("payment", FailureReason.INVALID_INPUT, "the card is stolen")
    assert [type(event) for event in events] == [
        ToolCallFailed,
        CompensationStarted,
        CompensationRequested,
    ]
    assert events[1] == CompensationStarted(
        ending=Ending.FAILED,
        reason=FailureReason.INVALID_INPUT,
        step="payment",
        message="the card is stolen",
        undo_plan=("payment", "hotel", "flight"),
    )


def test_refund_then_hotel_then_flight_are_undone_in_that_order_and_the_trip_has_failed() -> None:
    journey = led(PLAN, until="payment")
    journey.fail_for_good("payment")
    assert journey.undo_all() == ["payment", "hotel", "flight"]
    undone = [event.command for event in journey.events(CompensationRequested)]
    assert undone == ["RefundPayment", "CancelHotel", "CancelFlight"]
    assert journey.saga.life is Life.FAILED
    assert journey.events(WorkflowFailed) == [
        WorkflowFailed(
            reason=FailureReason.INVALID_INPUT, step="payment", message="it broke", left_behind=()
        )
    ]
    assert all(state.undo is UndoStatus.UNDONE for state in journey.saga.steps.values())


def test_a_payment_that_fails_by_accident_is_tried_again_before_anything_is_undone() -> None:
    journey = led(PLAN, until="payment")
    events = journey.fail("payment", FailureReason.UNAVAILABLE)
    assert [type(event) for event in events] == [ToolCallFailed, RetryScheduled]
    assert journey.saga.life is Life.RUNNING


def _envelope(model: type[Message]) -> EventEnvelope:
    return envelope_of(TRAVEL_CATALOG.entry_of(model))


def _framed(step: str, state: StepState) -> bytes:
    done = StepDone(step=step, attempt=1, outcome=StepOutcome.SUCCEEDED, usage=Usage())
    return CODEC.encode(_envelope(type(RESULTS[step])), done, RESULTS[step])


def _booked_trip() -> Led:
    journey = Led(PLAN, _framed)
    journey.create(goal=CODEC.encode(_envelope(BookTrip), None, BookTrip(goal=TRIP)))
    journey.run(until="payment")
    return journey


def test_every_travel_command_is_made_from_the_trip_and_the_results_before_it() -> None:
    journey = _booked_trip()
    made = [
        Commands(CODEC).forward(journey.saga, call) for call in journey.events(ToolCallRequested)
    ]
    assert [command for _, command in made] == [
        BookFlight(traveller="Ada", origin="VLC", destination="Oslo"),
        ReserveHotel(traveller="Ada", city="Oslo", nights=3, arriving_on="12A"),
        ChargePayment(card="4242", flight_micros=90, hotel_micros=60),
    ]
    assert all(isinstance(call, StepCall) for call, _ in made)


def test_every_travel_undo_is_made_too() -> None:
    journey = _booked_trip()
    journey.fail_for_good("payment")
    journey.undo_all()
    made = [
        Commands(CODEC).backward(journey.saga, undo)[1]
        for undo in journey.events(CompensationRequested)
    ]
    assert made == [RefundPayment(card="4242"), CancelHotel(), CancelFlight(traveller="Ada")]


def test_the_log_keeps_the_trip_as_it_was_asked_for() -> None:
    journey = _booked_trip()
    (goal,) = journey.events(GoalReceived)
    assert CODEC.decode(goal.goal).body == BookTrip(goal=TRIP)


ENGINE = Path(engine.__file__).parent


def _words_of_the_campaign() -> set[str]:
    steps = [template.step for one in DEFINITIONS.values() for template in one.steps]
    named = {name for step in steps for name in (step.name, step.phase, step.command, step.undo)}
    stages = {stage.value for stage in CampaignState} - {life.value for life in Life}
    return (named | stages | {phase.value for phase in Phase}) - {""} - ENGINES_OWN


ENGINES_OWN = {"review", "REVIEW"}
"""A gate's deadline is a REVIEW in any saga."""


@pytest.mark.parametrize("module", sorted(ENGINE.glob("*.py")), ids=lambda path: path.name)
def test_no_word_of_the_campaign_occurs_in_the_engine(module: Path) -> None:
    text = module.read_text()
    assert not set(re.findall(r"\w+", text)) & _words_of_the_campaign()
    assert "CampaignState" not in text
    assert "saga.definitions" not in text
