"""The gate: whose word counts, how many approvals open it, and the reminder before its time ends.

One rejection decides at once. An edit, or changes requested, voids the approvals given so far:
they were about something else.
"""

from contracts.plan import PlannedStep
from contracts.requests import DecideReview, ReviewDecision
from contracts.saga import (
    ContentEdited,
    DeadlineKind,
    DeadlinePassed,
    RequestRefused,
    ReviewDecided,
    ReviewReminded,
    ReviewVoted,
)
from services.orchestrator.saga.engine import backward, forward
from services.orchestrator.saga.engine.inputs import Review
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.state import Deadline, Life, Saga, StepStatus


def review(story: Story, message: Review) -> None:
    """Take in a reviewer's word, or say why it changes nothing."""
    request = message.request
    refusal = _why_not(story.saga, request, message.actor)
    if refusal:
        story.tell(RequestRefused(request="DecideReview", reason=refusal))
        return
    gate = story.saga.planned(request.step)
    match request.decision:
        case ReviewDecision.APPROVE:
            _approve(story, gate, message)
        case ReviewDecision.REJECT:
            _decided(story, request)
            backward.reject(story, gate.name, request.reason or "the reviewer rejected it")
        case ReviewDecision.REQUEST_CHANGES:
            _decided(story, request)
            forward.send_back(story, gate, (request.reason,) if request.reason else ())
        case ReviewDecision.EDIT:
            _edit(story, gate, message)
    forward.advance(story)


def remind(story: Story, deadline: Deadline) -> None:
    """Say that the gate's time is soon over; where it is over already, that alone is said."""
    state = story.saga.steps[deadline.step]
    if state.deadline is None or state.deadline <= story.now:
        return
    step = deadline.step
    story.tell(DeadlinePassed(kind=DeadlineKind.REMINDER, step=step, deadline=deadline.at))
    story.tell(
        ReviewReminded(
            step=step,
            shown_digest=state.shown_digest,
            votes=len(state.votes),
            needed=story.saga.planned(step).approvals_needed,
            deadline=state.deadline,
        )
    )


def _why_not(saga: Saga, request: DecideReview, actor: str) -> str:
    state = saga.steps.get(request.step)
    if state is None or state.status is not StepStatus.WAITING or saga.life is not Life.RUNNING:
        return f"nothing waits for a decision at `{request.step}`"
    if request.shown_digest != state.shown_digest:
        return "the decision is about an older version; look at the present one and decide again"
    gate = saga.planned(request.step)
    if gate.reviewers and actor not in gate.reviewers:
        named = ", ".join(gate.reviewers)
        return f"`{actor}` is not among the reviewers of `{request.step}`: {named}"
    if request.decision is ReviewDecision.APPROVE and actor in {v.voter for v in state.votes}:
        there = f"{len(state.votes)} of {gate.approvals_needed} approvals are there"
        return f"`{actor}` has approved this already; {there}, somebody else's is needed"
    if request.decision is ReviewDecision.EDIT and not request.edited:
        return "an edit needs the edited result"
    if request.decision is ReviewDecision.EDIT and not gate.edits:
        return f"`{request.step}` allows no edits"
    changes = request.decision is ReviewDecision.REQUEST_CHANGES
    if changes and not forward.may_send_back(saga, gate):
        return f"all {gate.rounds_max} rounds of changes are used; edit, approve or reject"
    return ""


def _approve(story: Story, gate: PlannedStep, message: Review) -> None:
    """Count the vote where more than one is needed; the last one that is needed decides."""
    request = message.request
    if gate.approvals_needed > 1:
        votes = len(story.saga.steps[gate.name].votes) + 1
        story.tell(
            ReviewVoted(
                step=gate.name,
                voter=message.actor,
                shown_digest=request.shown_digest,
                reason=request.reason,
                votes=votes,
                needed=gate.approvals_needed,
            )
        )
        if votes < gate.approvals_needed:
            return
    _decided(story, request)


def _edit(story: Story, gate: PlannedStep, message: Review) -> None:
    _decided(story, message.request)
    story.tell(
        ContentEdited(
            step=gate.edits,
            by=gate.name,
            body_schema_id=message.edited_schema_id,
            body=message.request.edited,
        )
    )


def _decided(story: Story, request: DecideReview) -> None:
    story.tell(
        ReviewDecided(
            step=request.step,
            decision=request.decision,
            shown_digest=request.shown_digest,
            reason=request.reason,
        )
    )
