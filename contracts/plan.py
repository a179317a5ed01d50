"""A saga's plan as data: steps, their order, inputs, undo and limits. It names no campaign."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.message import AccountId, Line, Message, Millis, Moment, StepName


class CampaignState(StrEnum):
    """Where a campaign stands; REVIEW and those after LEARN were added to the seeds' seven."""

    IDLE = "IDLE"
    RADAR = "RADAR"
    STRATEGY = "STRATEGY"
    CONTENT_PROD = "CONTENT_PROD"
    AUDIT = "AUDIT"
    REVIEW = "REVIEW"
    PUBLISH = "PUBLISH"
    LEARN = "LEARN"
    PAUSED = "PAUSED"
    COMPENSATING = "COMPENSATING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class Phase(StrEnum):
    """The nine phases; each has its own command topic and worker role."""

    RESEARCH = "research"
    STRATEGY = "strategy"
    CONTENT = "content"
    DESIGN = "design"
    VIDEO = "video"
    AUDIT = "audit"
    PUBLISH = "publish"
    ANALYTICS = "analytics"
    LEARN = "learn"


class Lane(StrEnum):
    """A step's risk: GREEN runs, YELLOW runs and is reported, RED waits, BLOCKED never runs."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    BLOCKED = "BLOCKED"


class InputSource(StrEnum):
    """Where a command's field comes from: the goal, a result, many results, or the plan."""

    GOAL = "GOAL"
    RESULT = "RESULT"
    COLLECTED = "COLLECTED"
    LITERAL = "LITERAL"


class InputBinding(Message):
    """Fill `field` of the command. `path` is dotted into the goal or the result of `step`.

    COLLECTED joins the lists at `path` of every answered step whose name begins with `step`.
    LITERAL takes `path` itself. A step that was skipped leaves the field to its default.
    """

    field: Line
    source: InputSource
    step: str = ""
    path: str


class RetryPolicy(Message):
    """How often and how far apart a step is tried: backoff doubles up to its cap.

    With a `budget_ms`, silence until a command's lease is over counts as no attempt (it expired in
    a queue, or its worker died): calls go on for so long after the first, and in any case until
    there were `attempts_max`. 0 stands in plans of before: there every call counts.
    """

    attempts_max: Annotated[int, Field(ge=1, le=20)] = 3
    backoff_ms: Millis = 1_000
    backoff_ms_max: Millis = 60_000
    budget_ms: Millis = 0


UNDO_RETRY = RetryPolicy(attempts_max=5, backoff_ms=1_000, backoff_ms_max=30_000)
"""How an undo is tried where its step's plan says nothing of it."""


class StepKind(StrEnum):
    """A CALL asks a phase; a GATE waits for a person."""

    CALL = "CALL"
    GATE = "GATE"


class PlannedStep(Message):
    """One node of a plan.

    The step may begin once every step in `after` is answered or skipped. A GATE shows the results
    of `shows`; an edit there replaces the result of `edits` and runs `reruns` again. An outcome
    BLOCKED, or changes requested at a gate, sends the work back to `sends_back_to`, at most
    `rounds_max` times. `undo` names the command that takes the effect back. `weight` is the
    step's share of progress; `stage` is the CampaignState shown while it is under way. `retry` is
    the step's own policy, `undo_retry` that of its undo.

    A GATE opens once `approvals_needed` different accounts have approved, only those in `reviewers`
    where it names any; it reminds `remind_before_ms` before its time is over (0: never). What
    `outside` did is not of this saga alone, so no fork takes it over. A result that is `evidence`
    is proof for others: nobody may edit it. A step whose turn comes before `not_before` waits.
    """

    name: StepName
    kind: StepKind = StepKind.CALL
    stage: CampaignState
    phase: str = ""
    command: str = ""
    undo: str = ""
    after: tuple[StepName, ...] = ()
    inputs: tuple[InputBinding, ...] = ()
    timeout_ms: Millis
    retry: RetryPolicy = RetryPolicy()
    optional: bool = False
    lane: Lane = Lane.GREEN
    weight: Annotated[int, Field(ge=0)] = 1
    shows: tuple[StepName, ...] = ()
    edits: str = ""
    reruns: tuple[StepName, ...] = ()
    sends_back_to: str = ""
    rounds_max: Annotated[int, Field(ge=0)] = 0
    approvals_needed: Annotated[int, Field(ge=1)] = 1
    reviewers: tuple[AccountId, ...] = ()
    remind_before_ms: Millis = 0
    outside: bool = False
    evidence: bool = False
    undo_retry: RetryPolicy = UNDO_RETRY
    not_before: Moment | None = None
