"""The analyst as the chassis sees it: commands in, answers out, drafts kept and taken back."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chassis.artefacts import FolderArtefacts
from chassis.clock import ManualClock
from chassis.errors import StepError
from chassis.service import Answer, Job, Wiring
from contracts.content import ContentWritten, DeleteContentDrafts, WriteContent
from contracts.envelope import AppName, FailureReason, StepOutcome
from contracts.message import Command
from contracts.saga import StepUndone
from contracts.strategy import BuildStrategy, StrategyBuilt
from services.analyst.roles import roles
from services.analyst.settings import AnalystSettings
from tests.analyst.builders import (
    NOW,
    TENANT,
    RememberedLessons,
    coffee,
    content_command,
    job,
    lesson,
    strategy_command,
)


@pytest.fixture
def memory() -> RememberedLessons:
    return RememberedLessons(lesson("L1", "E-mails with a question in the subject did best"))


Handle = Callable[[Command, Job], Awaitable[Answer]]


@pytest.fixture
def handle(tmp_path: Path, memory: RememberedLessons) -> Handle:
    wiring = Wiring(FolderArtefacts(tmp_path), memory, ManualClock(NOW))
    made = roles(AnalystSettings(use_in_memory_store=True), wiring)
    assert [(role.name, role.app) for role in made] == [
        ("strategy", AppName.ANALYST),
        ("content", AppName.ANALYST),
    ]
    handlers = {command: handler for role in made for command, handler in role.handlers.items()}
    assert set(handlers) == {BuildStrategy, WriteContent, DeleteContentDrafts}
    return lambda command, job: handlers[type(command)](command, job)


async def test_a_strategy_recalls_lessons_for_audience_and_industry(
    handle: Handle, tmp_path: Path, memory: RememberedLessons
) -> None:
    command = strategy_command("coffee")
    answer = await handle(command, job(tmp_path, step="strategy"))
    assert isinstance(answer.body, StrategyBuilt)
    assert answer.usage.provider == "embedded"
    query = f"{command.target_audience} {command.industry}"
    assert memory.asked == [(TENANT, "lessons", query, 5)]
    (known,) = answer.body.brief.lessons
    assert known.evidence == "campaign spring: 214 clicks"


async def test_each_text_is_kept_under_its_items_id(handle: Handle, tmp_path: Path) -> None:
    work = job(tmp_path)
    answer = await handle(content_command("coffee"), work)
    assert isinstance(answer.body, ContentWritten)
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert {ref.name for ref in answer.artefacts} == {item.id for item in answer.body.items}
    for item, ref in zip(answer.body.items, answer.artefacts, strict=True):
        assert ref.media_type == "text/markdown"
        assert (await work.artefacts.get(ref.digest)).decode() == item.body_markdown


async def test_a_redelivered_command_gives_the_same_answer(handle: Handle, tmp_path: Path) -> None:
    command, work = content_command("heat"), job(tmp_path)
    assert await handle(command, work) == await handle(command, work)


async def test_deleting_drafts_releases_them_and_says_how_many(
    handle: Handle, tmp_path: Path
) -> None:
    work = job(tmp_path)
    await handle(content_command("coffee"), work)
    answer = await handle(DeleteContentDrafts(), work)
    assert answer.body == StepUndone(detail="10 draft(s) released")
    assert await work.artefacts.references() == ()
    again = await handle(DeleteContentDrafts(), work)
    assert again.body == StepUndone(detail="there were no drafts to release")


@pytest.mark.parametrize("make", [strategy_command, content_command])
async def test_no_findings_is_an_error_that_says_what_to_do(
    handle: Handle, tmp_path: Path, make: Callable[..., Command]
) -> None:
    command = make("coffee").model_copy(update={"findings": ()})
    with pytest.raises(StepError, match=r"findings: there is none.*add sources") as failure:
        await handle(command, job(tmp_path))
    assert failure.value.reason is FailureReason.INVALID_INPUT


async def test_a_language_that_cannot_be_written_is_refused(handle: Handle, tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"“fr”.*it can write: en"):
        await handle(content_command("coffee"), job(tmp_path, language="fr"))


async def test_too_few_findings_degrade_the_answer_and_are_named(
    handle: Handle, tmp_path: Path
) -> None:
    answer = await handle(content_command("coffee", findings=coffee()[:1]), job(tmp_path))
    assert answer.outcome is StepOutcome.DEGRADED
    assert any("cites 1 finding" in note for note in answer.notes)


async def test_feedback_reaches_the_writer(handle: Handle, tmp_path: Path) -> None:
    work = job(tmp_path, feedback=("email-a: banned word 'roast'",))
    answer = await handle(content_command("coffee"), work)
    assert isinstance(answer.body, ContentWritten)
    assert "roast date" not in answer.body.items[0].body_markdown


async def test_a_banned_word_no_text_can_avoid_is_an_input_error(
    handle: Handle, tmp_path: Path
) -> None:
    work = job(tmp_path, feedback=("banned word 'unsubscribe_url'", "banned word 'the'"))
    with pytest.raises(StepError, match=r"brand_voice\.banned_words") as failure:
        await handle(content_command("coffee"), work)
    assert failure.value.reason is FailureReason.INVALID_INPUT
