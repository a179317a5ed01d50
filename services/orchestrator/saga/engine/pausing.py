"""Pauses of any width: what may be paused and resumed, and what follows. It tells facts."""

from datetime import timedelta

from contracts.control import (
    CampaignPaused,
    CampaignResumed,
    PauseCampaign,
    PauseScope,
    ResumeCampaign,
)
from contracts.saga import Ending, GoalReceived, RequestRefused
from services.orchestrator.saga.engine import backward, forward
from services.orchestrator.saga.engine.evolve import CONTROL
from services.orchestrator.saga.engine.inputs import Pausing, Resuming
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.state import Life, Pause, Saga

REVIEW_AFTER_MAX = timedelta(days=90)
"""A pause that nobody looks at for longer is forgotten, not held."""

CONTROL_NAME = "wider pauses of one partition"
OVER = "the wider pause is over"


def pause(story: Story, wanted: Pausing) -> None:
    """Hold the saga, or (on a control saga) a scope, until somebody resumes it."""
    refusal = _why_no_pause(story, wanted)
    if refusal:
        _refuse(story, wanted, refusal)
        return
    scope, target = _place(wanted)
    request = wanted.request
    story.tell(
        CampaignPaused(
            scope=scope,
            target=target,
            reason=request.reason,
            review_at=request.review_at,
            by=wanted.by,
        )
    )


def resume(story: Story, wanted: Resuming) -> None:
    """End exactly this pause, and go on where nothing else holds."""
    scope, target = _place(wanted)
    saga = story.saga
    if not any((one.scope, one.target) == (scope, target) for one in saga.pauses):
        _refuse(story, wanted, _why_no_resume(saga, scope, target))
        return
    story.tell(
        CampaignResumed(scope=scope, target=target, reason=wanted.request.reason, by=wanted.by)
    )
    go_on(story)


def stand(story: Story, wanted: Pausing | Resuming) -> None:
    """Bring a partition's control saga into being, and let it take the first request."""
    story.tell(GoalReceived(saga=CONTROL, name=CONTROL_NAME, goal=b""))
    if isinstance(wanted, Pausing):
        pause(story, wanted)
    else:
        resume(story, wanted)


def conforms(saga: Saga, wider: tuple[Pause, ...]) -> bool:
    """True where the saga is held by exactly the wider pauses that concern it."""
    if saga.life.ended or being_cancelled(saga):
        return True
    if not wider and not saga.pauses:
        return True
    return _own_wider(saga) == _concerning(saga, wider).keys()


def conform(story: Story) -> None:
    """Hold the saga by exactly the wider pauses that concern it; it goes on where none does."""
    saga = story.saga
    if conforms(saga, story.wider):
        return
    wanted, had = _concerning(saga, story.wider), _own_wider(saga)
    gone = [key for key in had if key not in wanted]
    for scope, target in gone:
        story.tell(CampaignResumed(scope=scope, target=target, reason=OVER, by=""))
    for key, one in wanted.items():
        if key not in had:
            story.tell(
                CampaignPaused(
                    scope=one.scope,
                    target=one.target,
                    reason=one.reason,
                    review_at=one.review_at,
                    by=one.owner,
                )
            )
    if gone:
        go_on(story)


def lift(story: Story) -> None:
    """A cancel wins over every pause: nothing holds the way back."""
    for one in story.saga.pauses:
        story.tell(
            CampaignResumed(scope=one.scope, target=one.target, reason="it is cancelled", by="")
        )


def being_cancelled(saga: Saga) -> bool:
    """True from a cancel on, and so for good: no pause holds such a saga."""
    return saga.closing is not None and saga.closing.ending is Ending.CANCELLED


def may_cancel_the_undo(saga: Saga) -> bool:
    """A saga that is being undone needs no cancel, unless a pause holds its way back."""
    return saga.life is Life.COMPENSATING and bool(saga.pauses) and not being_cancelled(saga)


def go_on(story: Story) -> None:
    """Launch what may run now, forward or back."""
    if story.saga.life is Life.RUNNING:
        forward.advance(story)
    elif story.saga.life is Life.COMPENSATING:
        backward.retreat(story)


def _place(wanted: Pausing | Resuming) -> tuple[PauseScope, str]:
    request = wanted.request
    if isinstance(request, PauseCampaign | ResumeCampaign):
        return PauseScope.CAMPAIGN, ""
    return request.scope, request.target


def _concerning(saga: Saga, wider: tuple[Pause, ...]) -> dict[tuple[PauseScope, str], Pause]:
    return {(one.scope, one.target): one for one in wider if _concerns(one, saga)}


def _own_wider(saga: Saga) -> set[tuple[PauseScope, str]]:
    wider = (one for one in saga.pauses if one.scope is not PauseScope.CAMPAIGN)
    return {(one.scope, one.target) for one in wider}


def _concerns(pause_: Pause, saga: Saga) -> bool:
    match pause_.scope:
        case PauseScope.TENANT:
            return saga.tenant_id == pause_.target
        case PauseScope.PHASE:
            return any(planned.phase == pause_.target for planned in saga.plan)
        case _:
            return True


def _why_no_pause(story: Story, wanted: Pausing) -> str:
    saga, scope = story.saga, _place(wanted)[0]
    if (saga.life is Life.STANDING) is (scope is PauseScope.CAMPAIGN):
        return "a pause of one campaign is asked of that campaign, a wider one of its partition"
    if saga.life.ended and saga.life is not Life.STANDING:
        return f"the campaign is {saga.life}; only one that is under way can be paused"
    if being_cancelled(saga):
        return "the campaign is being cancelled, and a cancel wins over a pause"
    for one in saga.pauses:
        if (one.scope, one.target) == _place(wanted):
            since = one.since.isoformat(timespec="seconds")
            return f"{one.owner} paused it at {since}; resume it first, then pause it anew"
    if not story.now < wanted.request.review_at <= story.now + REVIEW_AFTER_MAX:
        return f"review_at must be later than now, by at most {REVIEW_AFTER_MAX.days} days"
    return ""


def _why_no_resume(saga: Saga, scope: PauseScope, target: str) -> str:
    others = ", ".join(f"{one.scope} {one.target}".strip() for one in saga.pauses)
    what = "the campaign itself" if scope is PauseScope.CAMPAIGN else f"{scope} {target}".strip()
    if others:
        return f"{what} is not paused; what is paused here: {others}. Resume that"
    return f"{what} is not paused (state {saga.campaign_state})"


def _refuse(story: Story, wanted: Pausing | Resuming, reason: str) -> None:
    story.tell(RequestRefused(request=type(wanted.request).__name__, reason=reason))
