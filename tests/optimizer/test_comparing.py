"""A comparison says who won only when it is sure, and what it taught reaches the next strategy."""

from datetime import timedelta
from pathlib import Path

import pytest

from chassis.adapters.catalogue import unconfigured
from chassis.broker import Outgoing
from chassis.clock import ManualClock
from chassis.recall import MemoryRecall
from contracts import topics
from contracts.analytics import EngagementKind, VariantsCompared
from contracts.goal import Channel
from contracts.learn import MemoryItem
from contracts.strategy import StrategyBuilt
from services.analyst.engines.llm.strategist import Strategist
from services.analyst.handlers import Memory, build_strategy
from services.optimizer.comparing import PROBABILITY_MIN, TRIALS_MIN
from services.optimizer.reckoning import Reckoning
from tests.analyst.builders import job as analyst_job
from tests.analyst.builders import strategy_command
from tests.optimizer.readers import CODEC, KEPT, START, SUBJECT, TENANT, crowd, did, said, tracked

CLICK = EngagementKind.CLICK


def clicks(a: int, b: int, sent: int = 200, subject: str = SUBJECT) -> list[Outgoing]:
    """So many readers of either variant click, of so many that each was sent to."""
    return [
        said("test", tracked("test", sent, subject), "tracked", START),
        *(did("test", "email-a", CLICK, reader) for reader in range(a)),
        *(did("test", "email-b", CLICK, reader) for reader in range(b)),
    ]


def told(records: list[Outgoing]) -> list[Outgoing]:
    counted = Reckoning(CODEC, KEPT)
    for one in records:
        counted.take(CODEC.decode(one.value))
    return counted.tell()


def compared(records: list[Outgoing]) -> VariantsCompared:
    bodies = [CODEC.decode(one.value).body for one in told(records) if one.value]
    (found,) = [body for body in bodies if isinstance(body, VariantsCompared)]
    return found


def lessons(records: list[Outgoing]) -> list[tuple[str, MemoryItem | None]]:
    """What the memory is told, under which key; None takes back."""
    found = []
    for one in told(records):
        if one.topic == topics.MEMORY:
            body = CODEC.decode(one.value).body if one.value else None
            assert body is None or isinstance(body, MemoryItem)
            found.append(((one.key or b"").decode(), body))
    return found


def test_a_clear_difference_has_a_winner_and_its_probability() -> None:
    found = compared(clicks(10, 40))
    assert (found.channel, found.winner, found.why) == (Channel.EMAIL, "email-b", "")
    assert found.probability > 0.99
    shown = {s.item_id: (s.sent, s.trials, s.clickers) for s in found.standings}
    assert shown == {"email-a": (200, 200, 10), "email-b": (200, 200, 40)}
    assert sum(s.probability_best for s in found.standings) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("a", "b", "sent", "lacks"),
    [
        (2, 20, TRIALS_MIN - 1, "readers it needs"),
        (0, 9, 200, "have clicked"),
        (20, 24, 200, str(PROBABILITY_MIN)),
    ],
)
def test_where_the_evidence_is_not_enough_it_says_what_is_lacking(
    a: int, b: int, sent: int, lacks: str
) -> None:
    found = compared(clicks(a, b, sent))
    assert found.winner == ""
    assert found.why.startswith("not enough evidence: ")
    assert lacks in found.why
    assert [lesson for _, lesson in lessons(clicks(a, b, sent))] == [None]


def test_no_more_readers_click_than_were_written_to() -> None:
    found = compared(clicks(10, 250, 200))
    assert {s.item_id: s.clickers for s in found.standings}["email-b"] == 250
    assert found.winner == "email-b"


def test_where_nobody_was_written_to_those_who_came_are_counted() -> None:
    visitors = [did("test", "email-a", EngagementKind.OPEN, reader) for reader in range(50)]
    visitors += [did("test", "email-b", EngagementKind.OPEN, reader) for reader in range(60)]
    found = compared([*clicks(2, 30, sent=0), *visitors])
    assert [s.trials for s in found.standings] == [50, 60]
    assert found.winner == "email-b"


def test_two_alike_are_seldom_told_apart() -> None:
    """Of 60 tests of two equal variants a few are decided by chance: that is what 0.95 means."""
    found = [compared(crowd(f"null-{n}", seed=2 * n)) for n in range(60)]
    decided = [one for one in found if one.winner]
    assert len(decided) <= 12
    assert {one.winner for one in decided} <= {"email-a", "email-b"}


def test_the_lesson_has_counts_probability_and_traits_and_nobody_elses_words() -> None:
    ((_, lesson),) = lessons(clicks(10, 40))
    assert lesson is not None
    assert lesson.text.startswith("For email: write more like the variant that won")
    assert "asks a question" in lesson.text
    assert "makes a statement" not in lesson.text
    assert "20.0 %" in lesson.text
    assert "5.0 %" in lesson.text
    assert "email-b 40 of 200, email-a 10 of 200" in lesson.evidence
    assert "probability of 1.000" in lesson.evidence or "probability of 0.99" in lesson.evidence
    assert lesson.subject == SUBJECT
    assert lesson.expires_at == START + timedelta(days=365)


def test_a_lesson_that_more_evidence_takes_back_is_forgotten() -> None:
    counted = Reckoning(CODEC, KEPT)
    for one in clicks(2, 14):
        counted.take(CODEC.decode(one.value))
    (first,) = [r for r in counted.tell() if r.topic == topics.MEMORY]
    for reader in range(2, 14):
        counted.take(CODEC.decode(did("test", "email-a", CLICK, reader).value))
    (second,) = [r for r in counted.tell() if r.topic == topics.MEMORY]
    assert first.value is not None
    assert (second.key, second.value) == (first.key, None)
    counted.take(CODEC.decode(did("test", "email-a", CLICK, 14).value))
    assert [r for r in counted.tell() if r.topic == topics.MEMORY] == [], "forgotten once"


async def test_the_next_strategy_for_the_audience_cites_what_won(tmp_path: Path) -> None:
    """From clicks to the plan of the next campaign, over the records that Kafka carries."""
    command = strategy_command("coffee")
    subject = f"{command.target_audience} | {command.industry}"
    memory = MemoryRecall(ManualClock(START))
    for key, lesson in lessons(clicks(10, 40, subject=subject)):
        memory.learn(key, TENANT, lesson)
    answer = await build_strategy(
        command,
        analyst_job(tmp_path, step="strategy"),
        memory=Memory(memory, 5),
        clock=ManualClock(START),
        strategist=Strategist(unconfigured(), (), count=len),
    )
    assert isinstance(answer.body, StrategyBuilt)
    brief = answer.body.brief
    (learned,) = brief.lessons
    assert "email-b 40 of 200, email-a 10 of 200" in learned.evidence
    assert "probability of" in learned.evidence
    (mail,) = [plan for plan in brief.channel_plan if plan.channel is Channel.EMAIL]
    assert "Learned before: For email: write more like the variant that won" in mail.angle.text
    assert all("Learned before" not in p.angle.text for p in brief.channel_plan if p is not mail)
