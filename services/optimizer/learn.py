"""The learn role: hands on a campaign's lessons as results and as memory."""

from datetime import datetime, timedelta
from functools import partial

from chassis.recall import memory_key
from chassis.service import Answer, Job, Role
from contracts.analytics import TrackedVariant, VariantsTracked, link_id
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

    Lessons fade `kept_days` after the command's deadline: a time that a redelivery repeats. What
    readers will do with the variants is learned later, by the windows, which are told here what
    there is to compare.
    """
    learned = lessons_of(job.campaign_id, command)
    subject = f"{command.target_audience} | {command.industry}"
    tracked = _tracked(job.campaign_id, command, subject)
    expires_at = job.call.not_after + timedelta(days=kept_days)
    items = [_memory(entry, subject, expires_at) for entry in learned]
    job.log.info("lessons_learned", lessons=len(learned))
    return Answer(
        body=LessonsLearned(lessons=tuple(entry.lesson for entry in learned)),
        also=(
            *((memory_key(job.tenant_id, item), item) for item in items),
            *(((job.campaign_id, tracked),) if tracked.variants else ()),
        ),
    )


def _tracked(campaign_id: str, command: LearnLessons, subject: str) -> VariantsTracked:
    variants = tuple(
        TrackedVariant(
            link_id=link_id(campaign_id, made.channel, made.item_id, made.effect_key),
            channel=made.channel,
            item_id=made.item_id,
            sent=made.sent,
            traits=made.traits,
        )
        for made in command.publications
    )
    return VariantsTracked(campaign_name=command.campaign_name, subject=subject, variants=variants)


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
