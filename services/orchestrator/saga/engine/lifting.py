"""Beginning now what waits for its date: a person's word, and a cancel still wins over it."""

from contracts.requests import LiftSchedule
from contracts.saga import RequestRefused, ScheduleLifted
from services.orchestrator.saga.engine import forward
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.state import Life, Saga, StepStatus


def lift(story: Story, request: LiftSchedule) -> None:
    """Launch what waits for a date now; in a pause, once that is over."""
    waiting = _waiting(story.saga)
    wanted = tuple(dict.fromkeys(request.steps)) or waiting
    strange = [name for name in wanted if name not in waiting]
    if strange or not wanted:
        reason = _why_not(waiting, strange)
        story.tell(RequestRefused(request=LiftSchedule.__name__, reason=reason))
        return
    story.tell(ScheduleLifted(steps=wanted, reason=request.reason))
    forward.advance(story)


def _waiting(saga: Saga) -> tuple[str, ...]:
    if saga.life is not Life.RUNNING:
        return ()
    states = saga.steps.items()
    return tuple(name for name, state in states if state.status is StepStatus.SCHEDULED)


def _why_not(waiting: tuple[str, ...], strange: list[str]) -> str:
    if not waiting:
        return "nothing waits for its date"
    return f"`{strange[0]}` waits for no date; these do: {', '.join(waiting)}"
