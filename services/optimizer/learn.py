"""The learn role: hands on a campaign's lessons as results and as memory."""

from datetime import datetime, timedelta
from functools import partial

from chassis.recall import memory_key
from chassis.service import Answer, Job, Role
from contracts.envelope import AppName
from contracts.learn import LESSONS_NAMESPACE, LearnLessons, LessonsLearned, MemoryItem
from contracts.plan import Phase
from services.optimizer.lessons import Learned, lessons_of
from services.optimizer.settings import OptimizerSettings


def learn_role(settings: OptimizerSettings) -> Role:
    """The worker that takes `LearnLessons`."""
    return Role(
        name=Phase.LEARN,
        app=AppName.OPTIMIZER,
        handlers={LearnLessons: partial(learn_lessons, kept_days=settings.lesson_days)},
        max_in_flight=settings.max_in_flight,
    )


async def learn_lessons(command: LearnLessons, job: Job, *, kept_days: int) -> Answer:
    """What the campaign taught, each lesson also remembered under the tenant's own key.

    Lessons fade `kept_days` after the command's deadline: a time that a redelivery repeats.
    """
    learned = lessons_of(job.campaign_id, command)
    subject = f"{command.target_audience} | {command.industry}"
    expires_at = job.call.not_after + timedelta(days=kept_days)
    items = [_memory(entry, subject, expires_at) for entry in learned]
    job.log.info("lessons_learned", lessons=len(learned))
    return Answer(
        body=LessonsLearned(lessons=tuple(entry.lesson for entry in learned)),
        also=tuple((memory_key(job.tenant_id, item), item) for item in items),
    )


def _memory(entry: Learned, subject: str, expires_at: datetime) -> MemoryItem:
    return MemoryItem(
        namespace=LESSONS_NAMESPACE,
        item_id=entry.lesson.id,
        text=entry.lesson.text,
        evidence=entry.lesson.evidence,
        subject=subject,
        importance=entry.importance,
        expires_at=expires_at,
    )
