"""What a person may do about parked inputs: redrive them or drop them. It tells facts."""

from contracts.parking import DropParked, InputParked, InputUnparked, RedriveParked, UnparkAction
from contracts.requests import CancelCampaign
from contracts.saga import RequestRefused
from services.orchestrator.saga.engine import pausing
from services.orchestrator.saga.engine.inputs import Park, Unpark
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.state import Saga

PASSING = (CancelCampaign, RedriveParked, DropParked)
"""What is taken in although inputs are parked: the ways out."""


def take_in(story: Story, message: Park | Unpark | RedriveParked | DropParked) -> None:
    """Queue an input, let one go, or answer a person's word about those that are queued."""
    match message:
        case Park():
            story.tell(InputParked(**message._asdict()))
        case Unpark():
            story.tell(InputUnparked(**message._asdict()))
            _go_on(story)
        case RedriveParked():  # where something is parked, the inputs themselves are taken in
            if story.cause not in story.saga.answered_requests:
                refusal = "nothing is parked"
                story.tell(RequestRefused(request="RedriveParked", reason=refusal))
        case DropParked():
            if story.cause not in story.saga.answered_requests:
                _drop(story, message)


def _drop(story: Story, wanted: DropParked) -> None:
    """Let parked inputs go without taking them in; refused where one that is named is not there."""
    there = [one.letter_id for one in story.saga.parked]
    names = wanted.letters or tuple(there)
    strange = [name for name in names if name not in there]
    if strange or not names:
        told = f"not parked here: {', '.join(strange)}" if strange else "nothing is parked"
        story.tell(RequestRefused(request="DropParked", reason=told))
        return
    for name in there:
        if name in names:
            story.tell(
                InputUnparked(letter_id=name, action=UnparkAction.DROPPED, reason=wanted.reason)
            )
    _go_on(story)


def drop_all(story: Story, reason: str) -> None:
    """The saga goes another way: nothing that is parked counts any more."""
    for one in story.saga.parked:
        story.tell(
            InputUnparked(letter_id=one.letter_id, action=UnparkAction.DROPPED, reason=reason)
        )


def passes(saga: Saga, message: object) -> bool:
    """True where the message is taken in although inputs of the saga are parked."""
    return not saga.parked or isinstance(message, PASSING)


def _go_on(story: Story) -> None:
    if not story.saga.parked:
        pausing.go_on(story)
