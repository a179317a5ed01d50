"""A saga's state: what folding its log gives. Pure data; it names no campaign and no broker."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from contracts.control import PauseScope
from contracts.envelope import FailureReason, StepOutcome, Usage
from contracts.message import Message
from contracts.plan import CampaignState, PlannedStep, StepKind
from contracts.saga import DeadlineKind, Ending

STATE_VERSION = 2
START_TIMEOUT = timedelta(days=30)
"""How long an IDLE campaign waits for its start before it is cancelled."""

ANSWERED_REQUESTS_MAX = 64
"""How many request ids are remembered, so that a repeated request changes nothing."""


class Life(StrEnum):
    """What a saga is doing as a whole; STANDING ones hold a partition's wider pauses, no work."""

    IDLE = "IDLE"
    RUNNING = "RUNNING"
    COMPENSATING = "COMPENSATING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    STANDING = "STANDING"

    @property
    def ended(self) -> bool:
        """True where nothing more happens by itself."""
        return self not in (Life.IDLE, Life.RUNNING, Life.COMPENSATING)


class StepStatus(StrEnum):
    """Where one step stands on the way forward."""

    PENDING = "PENDING"
    CALLED = "CALLED"
    RETRYING = "RETRYING"
    SCHEDULED = "SCHEDULED"
    WAITING = "WAITING"
    ANSWERED = "ANSWERED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class UndoStatus(StrEnum):
    """Where one step stands on the way back."""

    NONE = "NONE"
    CALLED = "CALLED"
    RETRYING = "RETRYING"
    UNDONE = "UNDONE"
    LEFT = "LEFT"
    PARKED = "PARKED"


class Vote(Message):
    """One account's approval of what a gate shows."""

    voter: str
    at: datetime
    reason: str


class ForkOrigin(Message):
    """Where a forked campaign comes from; `wish` is the digest of what was asked for."""

    campaign_id: str
    sequence: int
    wish: str


class StepState(Message):
    """One step: its status, the attempt in flight, what it answered, and its undo.

    `attempt` and `undo_attempt` only ever rise; `tries` starts again with each `round`. `silent`
    counts calls that nobody answered, where the plan does not count them as tries: it bounds those
    by `try_until` (`undo_silent` and `undo_until`: of the undo).
    `called_order` is the log sequence of its last call: undo runs against it; 0 where nothing
    was called since the last undo. `body` is the framed result. `sent_back` counts how often this
    step returned the work. `taken_over` says that the answer is another campaign's. `left_behind`
    is kept over retries: what stayed, stays named.
    `late_command_id` is the command whose answer came when the saga was being undone.
    """

    status: StepStatus = StepStatus.PENDING
    attempt: int = 0
    tries: int = 0
    silent: int = 0
    try_until: datetime | None = None
    round: int = 0
    command_id: str = ""
    effect_key: str = ""
    called_at: datetime | None = None
    called_order: int = 0
    answered_at: datetime | None = None
    deadline: datetime | None = None
    outcome: StepOutcome | None = None
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()
    body: bytes = b""
    feedback: tuple[str, ...] = ()
    shown_digest: str = ""
    votes: tuple[Vote, ...] = ()
    reminded_at: datetime | None = None
    taken_over: bool = False
    sent_back: int = 0
    skipped_because: str = ""
    undo: UndoStatus = UndoStatus.NONE
    undo_attempt: int = 0
    undo_tries: int = 0
    undo_silent: int = 0
    undo_until: datetime | None = None
    undo_command_id: str = ""
    undo_deadline: datetime | None = None
    left_behind: tuple[str, ...] = ()
    late_command_id: str = ""

    @property
    def settled(self) -> bool:
        """True where steps that come after may begin; an answer that was BLOCKED lets none."""
        if self.status is StepStatus.ANSWERED:
            return self.outcome is not StepOutcome.BLOCKED
        return self.status is StepStatus.SKIPPED


class Closing(Message):
    """Why a saga is being undone, and how it will end."""

    ending: Ending
    reason: FailureReason
    step: str
    message: str
    undo_plan: tuple[str, ...]


class Pause(Message):
    """Something that holds a saga; `owner` looks again at `review_at`. PHASE holds some steps."""

    scope: PauseScope
    target: str = ""
    owner: str
    reason: str
    since: datetime
    review_at: datetime

    def holds(self, phase: str) -> bool:
        """True where nothing of that phase (empty: of no phase) may be launched."""
        return self.scope is not PauseScope.PHASE or (bool(phase) and phase == self.target)


PARKED_INPUT = "parked input"
"""The target of the pause that holds a saga while inputs are parked in it."""


class ParkedInput(Message):
    """An input that waits in the saga until somebody redrives or drops it."""

    letter_id: str
    type: str
    topic: str
    partition: int
    offset: int
    value: bytes
    cause: str
    attempts: int
    since: datetime


class Deadline(NamedTuple):
    """A moment that must not pass unnoticed."""

    at: datetime
    kind: DeadlineKind
    step: str


class Saga(Message):
    """One campaign after `sequence` facts. Equal logs give equal states, and so equal hashes."""

    campaign_id: str
    tenant_id: str
    correlation_id: str
    saga: str
    name: str
    goal: bytes
    life: Life = Life.IDLE
    sequence: int = 0
    created_at: datetime
    updated_at: datetime
    definition: str = ""
    definition_version: int = 0
    max_retries: int = 0
    retries: int = 0
    plan: tuple[PlannedStep, ...] = ()
    steps: dict[str, StepState] = {}  # noqa: RUF012 - pydantic copies it; evolve replaces it
    closing: Closing | None = None
    failed_sequence: int = 0
    progress: int = 0
    usage: Usage = Usage()
    answered_requests: tuple[str, ...] = ()
    fork: ForkOrigin | None = None
    pauses: tuple[Pause, ...] = ()
    start_by: datetime | None = None
    finish_within_ms: int = 0
    finish_by: datetime | None = None
    parked: tuple[ParkedInput, ...] = ()

    def planned(self, step: str) -> PlannedStep:
        """The plan's node of that name; KeyError where the plan has none."""
        for planned in self.plan:
            if planned.name == step:
                return planned
        raise KeyError(step)

    @property
    def campaign_state(self) -> CampaignState:
        """Where the campaign stands as people see it."""
        if self.paused:
            return CampaignState.PAUSED
        if self.life is Life.STANDING:
            return CampaignState.IDLE
        if self.life is not Life.RUNNING:
            return CampaignState(self.life.value)
        for planned in self.plan:
            if not self.steps[planned.name].settled:
                return planned.stage
        return self.plan[-1].stage

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Every moment at which something is to be done about this saga.

        What a pause holds waits for nothing but the pause's review.
        """
        if self.life.ended and self.life is not Life.STANDING:
            return ()
        if not self.pauses:
            return self._own_deadlines
        reviews = (Deadline(one.review_at, DeadlineKind.PAUSE, "") for one in self.pauses)
        free = (one for one in self._own_deadlines if self.held_since(one.step) is None)
        return (*reviews, *free)

    @property
    def obligations(self) -> tuple[Deadline, ...]:
        """What this saga waits for; an open one waits for something, and not just for its end."""
        return obligations_of(self.deadlines)

    @property
    def _own_deadlines(self) -> tuple[Deadline, ...]:
        if self.life is Life.IDLE:
            at = self.start_by or self.created_at + START_TIMEOUT
            return (Deadline(at, DeadlineKind.START, ""),)
        if self.life is Life.RUNNING:
            whole = Deadline(self.finish_by, DeadlineKind.SAGA, "") if self.finish_by else None
            of_steps = (
                deadline
                for name, state in self.steps.items()
                if state.deadline is not None
                for deadline in _deadlines_of(state, state.deadline, self.planned(name))
            )
            return (*of_steps, *filter(None, (whole,)))
        if self.life is Life.COMPENSATING:
            return tuple(
                Deadline(state.undo_deadline, DeadlineKind.UNDO, name)
                for name, state in self.steps.items()
                if state.undo_deadline is not None
            )
        return ()

    def held_since(self, step: str = "") -> datetime | None:
        """Since when nothing may be launched at `step` (empty: anywhere); None where it may."""
        if not self.pauses:
            return None
        phase = self.planned(step).phase if step else ""
        return min((one.since for one in self.pauses if one.holds(phase)), default=None)

    @property
    def paused(self) -> bool:
        """True where nothing goes on until a pause is over; parked inputs are no pause of ours."""
        if all(one.target == PARKED_INPUT for one in self.pauses):
            return False
        if self.life.ended and self.life is not Life.STANDING:
            return False
        return all(one.kind is DeadlineKind.PAUSE for one in self.obligations)

    @property
    def problem(self) -> str:
        """Why the saga waits for a person although nobody paused it; empty where it does not."""
        if not self.parked:
            return ""
        first = self.parked[0]
        return f"{len(self.parked)} inputs are parked; the first is {first.type}: {first.cause}"

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What could not be taken back, by step."""
        return tuple(
            f"{name}: {left}" for name, state in self.steps.items() for left in state.left_behind
        )


def obligations_of(deadlines: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
    """Those of a saga's deadlines that are more than the end of its own time."""
    return tuple(one for one in deadlines if one.kind is not DeadlineKind.SAGA)


def _deadlines_of(state: StepState, until: datetime, planned: PlannedStep) -> tuple[Deadline, ...]:
    """When the step's time is over, and when its gate reminds of that."""
    own = Deadline(until, _kind_of(state, planned), planned.name)
    waits = state.status is StepStatus.WAITING and planned.remind_before_ms > 0
    if not waits or state.reminded_at is not None:
        return (own,)
    early = until - timedelta(milliseconds=planned.remind_before_ms)
    return (Deadline(early, DeadlineKind.REMINDER, planned.name), own)


def _kind_of(state: StepState, planned: PlannedStep) -> DeadlineKind:
    if state.status is StepStatus.RETRYING:
        return DeadlineKind.RETRY
    if state.status is StepStatus.SCHEDULED:
        return DeadlineKind.SCHEDULE
    return DeadlineKind.REVIEW if planned.kind is StepKind.GATE else DeadlineKind.STEP
