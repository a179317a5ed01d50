"""Gates that need several people, remind before their time ends, and outlive every deploy."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from chassis import telemetry
from chassis.clock import SystemClock
from chassis.memory import MemoryBroker
from contracts import topics
from contracts.envelope import Actor, ActorKind
from contracts.goal import CampaignBrief
from contracts.plan import CampaignState, StepKind
from contracts.requests import DecideReview, ReviewDecision
from contracts.saga import (
    CompensationRequested,
    CompensationStarted,
    DeadlineKind,
    DeadlinePassed,
    RequestRefused,
    ReviewDecided,
    ReviewReminded,
    ReviewRequested,
    ReviewVoted,
    ToolCallRequested,
)
from services.orchestrator.edge.examples import BRIEF
from services.orchestrator.saga.engine.inputs import Review, TimePassed
from services.orchestrator.saga.processor import CHECKPOINT_EVERY
from services.orchestrator.saga.role import saga_loop
from services.orchestrator.saga.state import Life, StepStatus
from services.orchestrator.saga.store import Held, Store
from services.orchestrator.saga.writing import Writer
from services.orchestrator.settings import OrchestratorSettings
from tests.contracts.examples import uuid_of
from tests.orchestrator.saga.desk import CODEC, PARTITION, Desk, campaign, commands_in
from tests.orchestrator.saga.lives import Led, campaign_plan, in_review
from tests.specification import given

APPROVE, REJECT = ReviewDecision.APPROVE, ReviewDecision.REJECT
EDIT, CHANGES = ReviewDecision.EDIT, ReviewDecision.REQUEST_CHANGES
DAY, REMINDED_AFTER = timedelta(hours=24), timedelta(hours=18)
MANY = 1_000
LOOK_EVERY_S, READY_S_MAX = 0.01, 60.0


def two_needed(**goal: Any) -> Led:
    """A campaign in review that two accounts must approve."""
    return in_review(approvals_needed=2, **goal)


def word(life: Led, decision: ReviewDecision, actor: str, **changes: Any) -> Review:
    """What `actor` says about what is shown now."""
    fields = {
        "step": "review",
        "decision": decision,
        "shown_digest": life.saga.steps["review"].shown_digest,
        "edited": b"a new text" if decision is EDIT else b"",
        **changes,
    }
    return Review(DecideReview.model_validate(fields), 1 if decision is EDIT else 0, actor)


def voters(life: Led) -> list[str]:
    return [vote.voter for vote in life.saga.steps["review"].votes]


def test_the_goal_says_how_many_approvals_its_gate_needs_and_whose() -> None:
    wishes = {"approvals_needed": 2, "reviewers": ["ana", "bo", "cy"]}
    (gate,) = [one for one in campaign_plan(**wishes).steps if one.kind is StepKind.GATE]
    assert (gate.approvals_needed, gate.reviewers) == (2, ("ana", "bo", "cy"))
    (alone,) = [one for one in campaign_plan().steps if one.kind is StepKind.GATE]
    assert (alone.approvals_needed, alone.reviewers) == (1, ())


def test_more_approvals_than_there_are_reviewers_are_refused_with_the_brief() -> None:
    wishes = {"approvals_needed": 2, "reviewers": ["ana", "ana"]}
    with pytest.raises(ValidationError, match="more than there are reviewers"):
        CampaignBrief.model_validate_json(json.dumps({**BRIEF, **wishes}))


def test_the_first_of_two_approvals_is_counted_and_publishes_nothing() -> None:
    life = two_needed()
    shown = life.saga.steps["review"].shown_digest
    vote = ReviewVoted(
        step="review", voter="ana", shown_digest=shown, reason="fine", votes=1, needed=2
    )
    given(*life.facts).when(word(life, APPROVE, "ana", reason="fine")).then(vote).leaving(
        Life.RUNNING, review=StepStatus.WAITING
    )


def test_the_second_of_two_approvals_opens_the_gate() -> None:
    life = two_needed()
    life.tell(word(life, APPROVE, "ana"))
    given(*life.facts).when(word(life, APPROVE, "bo")).then(
        ReviewVoted, ReviewDecided, ToolCallRequested, ToolCallRequested
    ).leaving(Life.RUNNING, review=StepStatus.ANSWERED)
    life.tell(word(life, APPROVE, "bo"))
    assert voters(life) == ["ana", "bo"]


def test_the_same_account_counts_once_however_often_it_approves() -> None:
    life = two_needed()
    life.tell(word(life, APPROVE, "ana"))
    refusal = RequestRefused(
        request="DecideReview",
        reason="`ana` has approved this already; 1 of 2 approvals are there, somebody else's is "
        "needed",
    )
    for _ in range(3):
        given(*life.facts).when(word(life, APPROVE, "ana")).then(refusal).leaving(
            Life.RUNNING, review=StepStatus.WAITING
        )
        life.tell(word(life, APPROVE, "ana"))
    assert voters(life) == ["ana"]


def test_a_vote_that_is_delivered_twice_is_one_vote() -> None:
    life = two_needed()
    life.tell(word(life, APPROVE, "ana"), by="one click")
    assert life.tell(word(life, APPROVE, "ana"), by="one click") == []


def test_one_rejection_decides_at_once_also_of_somebody_who_approved_before() -> None:
    life = two_needed()
    life.tell(word(life, APPROVE, "ana"))
    for actor in ("ana", "bo"):
        given(*life.facts).when(word(life, REJECT, actor)).then(
            ReviewDecided, CompensationStarted, CompensationRequested
        ).leaving(Life.COMPENSATING)


@pytest.mark.parametrize("decision", [EDIT, CHANGES])
def test_an_edit_or_changes_requested_void_the_approvals_there_are(
    decision: ReviewDecision,
) -> None:
    life = two_needed()
    life.tell(word(life, APPROVE, "ana"))
    stale = word(life, APPROVE, "bo")
    life.tell(word(life, decision, "bo", reason="shorter"))
    life.run()
    assert life.waiting() == ["review"]
    assert voters(life) == []
    given(*life.facts).when(stale).then(RequestRefused).leaving(Life.RUNNING)
    life.tell(word(life, APPROVE, "ana"))
    assert life.waiting() == ["review"]
    life.tell(word(life, APPROVE, "bo"))
    assert life.called() == ["publish.email", "publish.blog"]


@pytest.mark.parametrize("decision", list(ReviewDecision))
def test_only_named_reviewers_decide(decision: ReviewDecision) -> None:
    life = in_review(reviewers=["ana", "bo"])
    given(*life.facts).when(word(life, decision, "eve")).then(
        RequestRefused(
            request="DecideReview",
            reason="`eve` is not among the reviewers of `review`: ana, bo",
        )
    ).leaving(Life.RUNNING, review=StepStatus.WAITING)
    assert not isinstance(life.tell(word(life, decision, "bo"))[0], RequestRefused)


def test_three_quarters_into_its_time_a_gate_reminds_once() -> None:
    life = two_needed()
    life.tell(word(life, APPROVE, "ana"))
    asked = life.now
    given(*life.facts).when(TimePassed(), after=REMINDED_AFTER - timedelta(seconds=1)).then()
    assert life.wait(REMINDED_AFTER) == [
        DeadlinePassed(kind=DeadlineKind.REMINDER, step="review", deadline=asked + REMINDED_AFTER),
        ReviewReminded(
            step="review",
            shown_digest=life.saga.steps["review"].shown_digest,
            votes=1,
            needed=2,
            deadline=asked + DAY,
        ),
    ]
    assert life.wait(timedelta(hours=1)) == []
    assert life.next_deadline == asked + DAY
    assert voters(life) == ["ana"]


def test_a_gate_that_nobody_looked_at_for_a_day_is_rejected_without_a_late_reminder() -> None:
    life = in_review()
    given(*life.facts).when(TimePassed(), after=DAY).then(
        DeadlinePassed, CompensationStarted, CompensationRequested
    ).leaving(Life.COMPENSATING)


def test_too_few_approvals_in_time_are_a_rejection() -> None:
    life = two_needed()
    life.tell(word(life, APPROVE, "ana"))
    life.wait(REMINDED_AFTER)
    life.wait(DAY - REMINDED_AFTER)
    life.undo_all()
    assert life.saga.life is Life.REJECTED
    assert not any(call.step.startswith("publish") for call in life.events(ToolCallRequested))


def test_each_question_reminds_for_itself() -> None:
    life = in_review()
    life.wait(REMINDED_AFTER)
    life.decide(CHANGES, reason="shorter")
    life.run()
    assert len(life.events(ReviewRequested)) == 2
    life.wait(REMINDED_AFTER)
    assert len(life.events(ReviewReminded)) == 2


def said_by(desk: Desk, actor: str) -> list[str]:
    """Let `actor` approve what is shown; what the role wrote."""
    shown = desk.saga.steps["review"].shown_digest
    body = DecideReview(step="review", decision=APPROVE, shown_digest=shown)
    written = desk.ask(body, actor=Actor(kind=ActorKind.PERSON, id=actor))
    return [step for step, _ in commands_in(written)]


async def test_the_log_says_who_voted() -> None:
    desk = await campaign(until="", approvals_needed=2)
    said_by(desk, "ana")
    fact = CODEC.decode(desk.shelf.of(topics.LOG)[-1].value)
    assert isinstance(fact.body, ReviewVoted)
    assert (fact.body.voter, fact.envelope.actor.id) == ("ana", "ana")


@pytest.mark.parametrize("snapshot", [False, True])
async def test_a_gate_and_its_votes_outlive_a_deploy_that_knows_other_sagas(
    snapshot: bool,
) -> None:
    desk = await campaign(until="", approvals_needed=2)
    said_by(desk, "ana")
    if snapshot:
        await desk.wait(CHECKPOINT_EVERY)
    newer = await Desk(desk.shelf, definitions={}).open()
    newer.now = desk.now
    assert newer.saga == desk.saga
    assert newer.saga.campaign_state is CampaignState.REVIEW
    assert said_by(newer, "ana") == []
    assert said_by(newer, "bo") == ["publish.email", "publish.blog"]


async def test_a_reminder_that_fell_due_while_nobody_ran_is_told_after_the_restart() -> None:
    desk = await campaign(until="")
    newer = await Desk(desk.shelf).open()
    newer.now = desk.now
    written = await newer.wait(REMINDED_AFTER)
    assert "ReviewReminded" in [message.entry.name for message in written]


async def tasks_of_a_role_with(waiting: int, held: Held) -> int:
    """How many tasks there are while a saga role holds so many campaigns that wait for a person."""
    broker, writer = MemoryBroker(), Writer(CODEC, "saga-1")
    for spec in topics.TOPICS:
        broker.create(spec.name, spec.partitions)
    names = [uuid_of(f"waiting {number}") for number in range(waiting)]
    made = [writer.snapshot(_another(held, name), 0) for name in names]
    producer = broker.producer()
    await producer.send([replace(one, partition=PARTITION) for one in made])
    await producer.close()
    settings = OrchestratorSettings(use_in_memory_store=True)
    loop = saga_loop(settings, broker, SystemClock(), CODEC)
    running = asyncio.create_task(loop.run())
    async with asyncio.timeout(READY_S_MAX):
        while not loop.vitals.ready:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(LOOK_EVERY_S)
    assert telemetry.SAGAS_OPEN._value.get() == waiting
    tasks = len(asyncio.all_tasks())
    loop.stop()
    await running
    return tasks


async def test_a_thousand_waiting_campaigns_cost_no_task() -> None:
    held = (await campaign(until="")).held
    assert await tasks_of_a_role_with(MANY, held) == await tasks_of_a_role_with(1, held)


class Watched(list[Any]):
    """A list that counts how often an entry of it is looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return super().__getitem__(place)

    def __iter__(self) -> Any:
        self.looks += len(self)
        return super().__iter__()


@pytest.mark.parametrize("waiting", [10, MANY, 10 * MANY])
async def test_what_waits_is_not_looked_at_to_find_what_is_due(waiting: int) -> None:
    desk = await campaign(until="")
    due = [uuid_of(f"due {number}") for number in range(3)]
    early = desk.held.saga.steps["review"].model_copy(update={"deadline": desk.now})
    ripe = {one: _another(desk.held, one, review=early) for one in due}
    store = Store()
    names = map(uuid_of, (f"waiting {number}" for number in range(waiting)))
    store.replace(PARTITION, {**_waiting(desk.held, names), **ripe})
    watched = store._due = Watched(store._due)
    assert store.next_due() is not None
    found = store.due(desk.now, 500)
    assert found is not None
    assert set(found[1]) == set(due)
    assert watched.looks < 40


def _waiting(held: Held, names: Iterable[str]) -> dict[str, Held]:
    return {name: _another(held, name) for name in names}


def _another(held: Held, campaign_id: str, **steps: Any) -> Held:
    """The same campaign under another id, some steps' states changed."""
    changes = {"campaign_id": campaign_id, "steps": {**held.saga.steps, **steps}}
    return Held(held.saga.model_copy(update=changes), held.head_hash)
