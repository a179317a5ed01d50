"""A saga led through its life input by input; every input is held against what always holds."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.control import (
    CompensationResumed,
    DecideUndo,
    PauseCampaign,
    PauseScope,
    ResumeCampaign,
    UndoDecision,
)
from contracts.envelope import AgentRun, FailureReason, StepDone, StepOutcome, Usage
from contracts.message import LogEvent
from contracts.plan import CampaignState
from contracts.requests import CancelCampaign, DecideReview, RetryCampaign, ReviewDecision
from contracts.saga import (
    CompensationCompleted,
    CompensationRequested,
    CompensationStarted,
    PlanGenerated,
    RequestRefused,
    ToolCallRequested,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
    WorkflowRetried,
)
from services.orchestrator.saga.definitions.campaign import CAMPAIGN
from services.orchestrator.saga.engine import Fact, Owner, decide
from services.orchestrator.saga.engine.inputs import (
    Answered,
    Create,
    Failed,
    Input,
    Pausing,
    Resuming,
    Review,
    TimePassed,
    Undone,
)
from services.orchestrator.saga.stages import may_follow
from services.orchestrator.saga.state import (
    Life,
    Pause,
    Saga,
    StepState,
    StepStatus,
    UndoStatus,
)
from tests.specification import CAMPAIGN_ID, CORRELATION_ID, MORNING, TENANT_ID, folded

ENDS = (WorkflowCompleted, WorkflowFailed, WorkflowRejected, WorkflowCancelled)
BLOCKED = StepOutcome.BLOCKED

BodyOf = Callable[[str, StepState], bytes]


def campaign_plan(**goal: Any) -> PlanGenerated:
    """The campaign's plan; two channels and no film where the goal says nothing else."""
    wishes = {"channels": ["email", "blog"], "generate_video": False, "max_retries": 2}
    return CAMPAIGN.plan({**wishes, **goal})


def plain_body(step: str, state: StepState) -> bytes:
    return f"{step} {state.attempt}".encode()


class Led:
    """One saga and its log so far. Methods return the events that the input brought about."""

    def __init__(self, plan: PlanGenerated, body_of: BodyOf = plain_body) -> None:
        self._plan = plan
        self._body_of = body_of
        self._inputs = 0
        self.now = MORNING
        self.facts: list[Fact] = []
        self.held: Saga | None = None
        self.wider: tuple[Pause, ...] = ()

    @property
    def saga(self) -> Saga:
        assert self.held is not None
        return self.held

    @property
    def names(self) -> list[str]:
        """The whole log by its events' names."""
        return [type(fact.event).__name__ for fact in self.facts]

    def events(self, *kinds: type[LogEvent]) -> list[Any]:
        """The log's events of these kinds."""
        return [fact.event for fact in self.facts if isinstance(fact.event, kinds)]

    def called(self) -> list[str]:
        return self._with(StepStatus.CALLED)

    def waiting(self) -> list[str]:
        return self._with(StepStatus.WAITING)

    def undoing(self) -> list[str]:
        steps = self.saga.steps.items()
        return [name for name, state in steps if state.undo is UndoStatus.CALLED]

    def tell(self, message: Input, *, by: str = "") -> list[LogEvent]:
        """Give the engine an input, and hold what it decides against what always holds."""
        self._inputs += 1
        owner = Owner(CAMPAIGN_ID, TENANT_ID, CORRELATION_ID, by or f"input {self._inputs}")
        before = self.held
        decision = decide(before, message, owner, self.now, self.wider)
        assert folded(decision.facts, before) == decision.saga
        check_each_fact(before, decision.facts)
        self.facts.extend(decision.facts)
        self.held = decision.saga
        if decision.facts:
            check_saga(self.saga)
            check_log(self.facts)
        return [fact.event for fact in decision.facts]

    def create(self, *, start: bool = True, goal: bytes = b"a goal") -> list[LogEvent]:
        plan = self._plan if start else None
        return self.tell(Create("a type", "a name", goal, plan), by="the creation")

    def answer(
        self,
        step: str,
        outcome: StepOutcome = StepOutcome.SUCCEEDED,
        *,
        notes: tuple[str, ...] = (),
    ) -> list[LogEvent]:
        """The step's phase answers the command in flight."""
        return self.tell(self.answer_of(step, outcome, notes))

    def answer_of(
        self, step: str, outcome: StepOutcome = StepOutcome.SUCCEEDED, notes: tuple[str, ...] = ()
    ) -> Answered:
        """The answer itself, to be given now, later, or twice."""
        state = self.saga.steps[step]
        done = StepDone(
            step=step,
            attempt=max(1, state.attempt),
            outcome=outcome,
            usage=Usage(cost_micros=5, tokens_in=2),
            agents=(AgentRun(agent="one", succeeded=True, duration_ms=3),),
            notes=notes,
        )
        return Answered(state.command_id, done, 1, self._body_of(step, state))

    def fail(
        self,
        step: str,
        reason: FailureReason = FailureReason.UNAVAILABLE,
        message: str = "it broke",
    ) -> list[LogEvent]:
        return self.tell(Failed(self.saga.steps[step].command_id, step, reason, message))

    def fail_for_good(self, step: str) -> list[LogEvent]:
        return self.fail(step, FailureReason.INVALID_INPUT)

    def undone(self, step: str, *left_behind: str) -> list[LogEvent]:
        command_id = self.saga.steps[step].undo_command_id
        return self.tell(Undone(command_id, step, "gone", left_behind))

    def undo_fails(self, step: str) -> list[LogEvent]:
        command_id = self.saga.steps[step].undo_command_id
        return self.tell(Failed(command_id, step, FailureReason.UNAVAILABLE, "it holds on"))

    def decide(
        self,
        decision: ReviewDecision,
        *,
        reason: str = "",
        edited: bytes = b"",
        shown: str = "",
        gate: str = "review",
        actor: str = "ana",
    ) -> list[LogEvent]:
        """A reviewer's word about what is shown now, unless `shown` says otherwise."""
        state = self.saga.steps.get(gate)
        digest = shown or (state.shown_digest if state and state.shown_digest else "0" * 64)
        request = DecideReview(
            step=gate, decision=decision, shown_digest=digest, reason=reason, edited=edited
        )
        return self.tell(Review(request, 1 if edited else 0, actor))

    def approve(self) -> list[LogEvent]:
        return self.decide(ReviewDecision.APPROVE)

    def cancel(self, reason: str = "changed our mind") -> list[LogEvent]:
        return self.tell(CancelCampaign(reason=reason))

    def retry(self, failed_sequence: int = 0) -> list[LogEvent]:
        named = failed_sequence or self.saga.failed_sequence or 1
        return self.tell(RetryCampaign(failed_sequence=named))

    def pause(self, *, days: float = 7) -> list[LogEvent]:
        review_at = self.now + timedelta(days=days)
        return self.tell(Pausing(PauseCampaign(reason="wait", review_at=review_at), "ana"))

    def resume(self) -> list[LogEvent]:
        return self.tell(Resuming(ResumeCampaign(reason="go on"), "ben"))

    def parked(self) -> list[str]:
        steps = self.saga.steps.items()
        return [name for name, state in steps if state.undo is UndoStatus.PARKED]

    def decide_undo(self, step: str, decision: UndoDecision, reason: str = "") -> list[LogEvent]:
        return self.tell(DecideUndo(step=step, decision=decision, reason=reason))

    def undo_fails_for_good(self, step: str) -> list[LogEvent]:
        """Let the undo fail as often as it may; what the last failure brought about."""
        while True:
            events = self.undo_fails(step)
            if step in self.parked():
                return events
            self.wait_for_deadline()

    def widen(self, scope: PauseScope, target: str = "") -> list[LogEvent]:
        """A wider pause stands from now on, and the saga is told."""
        since, review_at = self.now, self.now + timedelta(days=7)
        pause = Pause(
            scope=scope, target=target, owner="ops", reason="", since=since, review_at=review_at
        )
        self.wider = (*self.wider, pause)
        return self.tell(TimePassed())

    def narrow(self, scope: PauseScope) -> list[LogEvent]:
        """The wider pause is over, and the saga is told."""
        self.wider = tuple(one for one in self.wider if one.scope is not scope)
        return self.tell(TimePassed())

    def wait(self, duration: timedelta) -> list[LogEvent]:
        """Time passes, and is looked at."""
        self.now += duration
        return self.tell(TimePassed())

    def wait_for_deadline(self) -> list[LogEvent]:
        """Wait exactly until the next deadline."""
        return self.wait(max(timedelta(), self.next_deadline - self.now))

    @property
    def next_deadline(self) -> datetime:
        return min(deadline.at for deadline in self.saga.deadlines)

    def run(self, *, until: str = "") -> None:
        """Answer all that is called, until nothing is, or the step `until` is."""
        while (called := self.called()) and until not in called:
            self.answer(called[0])

    def undo_all(self) -> list[str]:
        """Let every undo succeed; the steps in the order in which they were asked."""
        order: list[str] = []
        while asked := self.undoing():
            order.append(asked[0])
            self.undone(asked[0])
        return order

    def _with(self, status: StepStatus) -> list[str]:
        if self.held is None or self.saga.life is not Life.RUNNING:
            return []
        return [name for name, state in self.saga.steps.items() if state.status is status]


def led(plan: PlanGenerated | None = None, *, until: str = "", **goal: Any) -> Led:
    """A campaign (or the plan's saga) on its way, every step answered until `until` is called."""
    life = Led(plan or campaign_plan(**goal))
    life.create()
    life.run(until=until)
    return life


def in_review(**goal: Any) -> Led:
    life = led(**goal)
    assert life.waiting() == ["review"]
    return life


def check_each_fact(saga: Saga | None, facts: tuple[Fact, ...]) -> None:
    """Progress never falls, the state goes only where it may, and after an end nothing comes."""
    for fact in facts:
        after = folded((fact,), saga)
        assert after is not None
        if saga is not None:
            assert after.progress >= saga.progress
            assert after.sequence == saga.sequence + 1
            assert may_follow(saga.campaign_state, after.campaign_state), (
                f"{saga.campaign_state} -> {after.campaign_state} by {type(fact.event).__name__}"
            )
            if saga.life.ended:
                retried = isinstance(fact.event, WorkflowRetried) and saga.life is Life.FAILED
                assert retried or isinstance(fact.event, RequestRefused)
        else:
            assert after.campaign_state is CampaignState.IDLE
        saga = after


def check_saga(saga: Saga) -> None:
    """An open saga has an obligation, and 100 % is the end and nothing else."""
    assert bool(saga.obligations) is not saga.life.ended
    assert (saga.progress == 100) is (saga.life is Life.COMPLETED)


def check_log(facts: list[Fact]) -> None:
    """No command id twice; undo last in, first out; the plan before the first call."""
    ids = [
        fact.event.command_id
        for fact in facts
        if isinstance(fact.event, ToolCallRequested | CompensationRequested)
    ]
    assert len(ids) == len(set(ids))
    done: list[str] = []
    asked: list[str] = []
    resumed: set[str] = set()
    for fact in facts:
        match fact.event:
            case ToolCallRequested(step=step, undo=undo) if undo:
                done = [*(name for name in done if name != step), step]
            case CompensationStarted(undo_plan=plan):
                assert list(plan) == done[::-1]
                asked, resumed = list(plan), set()
            case CompensationResumed(step=step):
                resumed.add(step)
            case CompensationRequested(step=step) if step not in resumed:
                while asked[0] != step:  # an undo that is over is never asked for again
                    asked.pop(0)
            case CompensationCompleted(step=step):
                done.remove(step)


_LETTERS: Mapping[str, str] = {
    "GoalReceived": "G",
    "PlanGenerated": "P",
    "ToolCallRequested": "c",
    "ToolResultReceived": "r",
    "ToolCallFailed": "f",
    "RetryScheduled": "a",
    "StepSkipped": "s",
    "CompensationStarted": "S",
    "CompensationRequested": "u",
    "CompensationCompleted": "d",
    "CompensationFailed": "x",
    "WorkflowCompleted": "W",
    "WorkflowFailed": "F",
}
GOOD_RUN = re.compile(r"GP(c|r)+W")
FAILED_RUN = re.compile(r"GP[crfas]*f(S(u(d|x))+)?F")


def grammar(life: Led) -> str:
    """The log in the letters of SAGA-03; what only tells the story is left out."""
    return "".join(_LETTERS.get(name, "") for name in life.names)


def folded_again(facts: list[Fact], saga: Saga | None = None) -> Saga:
    """The saga that these facts give, or make of `saga`."""
    found = folded(tuple(facts), saga)
    assert found is not None
    return found


def refusal(events: Sequence[object]) -> str:
    """Why the request was refused."""
    (refused,) = events
    assert isinstance(refused, RequestRefused)
    return refused.reason


def called_in(events: Sequence[object]) -> list[str]:
    """The steps that were asked to do, or to undo, something."""
    asked = ToolCallRequested | CompensationRequested
    return [one.step for one in events if isinstance(one, asked)]


def types(events: Sequence[object]) -> list[type]:
    return [type(event) for event in events]
