"""Which verdict an announcement met, whatever order things came in."""

from collections.abc import Iterator

from contracts.requests import ReviewDecision
from services.optimizer.review.story import Decision, Entry, entry_of, verdicts
from tests.optimizer.review.newsroom import TOLD, at_the_gate
from tests.orchestrator.saga.lives import Led, led

CHANGES = ReviewDecision.REQUEST_CHANGES


def story(life: Led) -> Iterator[Entry]:
    for number, fact in enumerate(life.facts, 1):
        entry = entry_of(fact.event, number, "ana", fact.at)
        if entry is not None:
            yield entry


def met(life: Led) -> list[tuple[int, Decision]]:
    """Each decided round, and what was decided."""
    return [(one.announcement.round, one.verdict.decision) for one in verdicts(story(life))]


def test_each_round_meets_its_own_verdict() -> None:
    life = at_the_gate()
    assert met(life) == []
    life.answer("announce")
    life.decide(CHANGES)
    life.run(until="announce")
    life.decide(ReviewDecision.EDIT, edited=b"better")
    life.run(until="announce")
    life.approve()
    assert met(life) == [
        (0, Decision.CHANGES_REQUESTED),
        (1, Decision.EDITED),
        (2, Decision.APPROVED),
    ]


def test_another_attempt_at_telling_meets_the_same_verdict() -> None:
    life = at_the_gate()
    life.approve()
    life.fail("announce")
    life.wait_for_deadline()
    assert met(life) == [(0, Decision.APPROVED)]


def test_a_campaign_that_is_taken_up_again_asks_again() -> None:
    life = at_the_gate()
    life.answer("announce")
    life.approve()
    life.answer("publish.email")
    life.answer("publish.blog")
    life.fail_for_good("analytics")
    life.undo_all()
    life.retry()
    life.run(until="announce")
    assert (life.called(), life.waiting()) == (["announce"], ["review"])
    assert met(life) == [(0, Decision.APPROVED)]
    life.decide(ReviewDecision.REJECT)
    assert [decision for _, decision in met(life)] == [Decision.APPROVED, Decision.REJECTED]


def test_what_a_pause_held_back_meets_the_verdict_that_came_meanwhile() -> None:
    asked = next(one for one in story(at_the_gate()) if one.announcement is not None)
    life = at_the_gate()
    life.approve()
    before = [one for one in story(life) if one.announcement is None]
    assert [one.verdict.decision for one in verdicts([*before, asked])] == [Decision.APPROVED]


def test_the_story_of_a_campaign_that_tells_nobody_does_not_begin() -> None:
    assert [one.kind for one in story(led())] == []
    assert [one.kind for one in story(led(review_notices=TOLD))] != []
