"""What a tenant published is remembered, so that a later campaign does not say it again."""

from pathlib import Path

import pytest

from chassis.recall import MemoryRecall
from contracts.audit import AuditContent, QualityCheck
from contracts.content import ContentItem
from contracts.envelope import Severity
from contracts.goal import Channel
from contracts.learn import MemoryItem
from contracts.publish import RollbackPublication
from services.optimizer.audit.checks import failing
from services.optimizer.audit_handlers import audit_content
from services.optimizer.publish.handlers import channels_of, rollback_publication
from tests.optimizer.builders import CLEAN, TENANT, job
from tests.optimizer.publish.builders import BODY, OTHER_TENANT, House, campaign_of, item

BLOG = Channel.BLOG
ANOTHER = """Mills along the river open their doors in May.

Bring a jar, and the miller fills it with what the stones ground that morning. Children may turn the
small wheel by hand, and the large one starts at noon.
"""


async def remembered(root: Path) -> MemoryRecall:
    """The memory after the house has published its article."""
    house = House(root, tenant_id=TENANT)
    answer, _ = await house.publish(await house.order(BLOG))
    memory = MemoryRecall(house.clock)
    for key, body in answer.also:
        assert isinstance(body, MemoryItem)
        memory.learn(key, TENANT, body)
    return memory


async def word_on(
    root: Path, memory: MemoryRecall, body: str
) -> tuple[QualityCheck | None, list[str]]:
    text: ContentItem = item(BLOG, body_markdown=body, citations=())
    subject: AuditContent = CLEAN.model_copy(update={"items": (text,), "assets": ()})
    answer = await audit_content(subject, job(root), recall=memory)
    report = answer.body.report  # type: ignore[attr-defined]
    named = [check for check in report.checks if check.name == "text_was_not_published_before"]
    return (named[0] if named else None), [check.name for check in failing(report)]


@pytest.mark.parametrize(
    ("body", "repeats"),
    [
        (BODY, True),
        (BODY.replace("more water", "much more water").replace("usual one", "old one"), True),
        (BODY.upper(), True),
        (ANOTHER, False),
        (BODY[:300] + ANOTHER * 3, False),
    ],
    ids=["copied", "a few words changed", "in capitals", "another", "one paragraph of it"],
)
async def test_a_text_that_was_published_before_is_named(
    tmp_path: Path, body: str, repeats: bool
) -> None:
    check, failed = await word_on(tmp_path, await remembered(tmp_path), body)
    assert (check is not None and check.name in failed) is repeats
    if repeats:
        assert check is not None
        assert check.severity is Severity.MEDIUM
        assert campaign_of(1) in check.reason


async def test_a_campaign_does_not_repeat_itself(tmp_path: Path) -> None:
    house = House(tmp_path, tenant_id=TENANT)
    own = job(tmp_path).campaign_id
    answer, _ = await house.publish(await house.order(BLOG))
    memory = MemoryRecall(house.clock)
    for key, body in answer.also:
        assert isinstance(body, MemoryItem)
        mine = body.model_copy(update={"evidence": own})
        memory.learn(key, TENANT, mine)
    check, _ = await word_on(tmp_path, memory, BODY)
    assert check is None


async def test_what_was_taken_back_may_be_said_again(tmp_path: Path) -> None:
    memory = await remembered(tmp_path)
    house = House(tmp_path, tenant_id=TENANT)
    undone = await rollback_publication(
        RollbackPublication(channel=BLOG),
        house.job(BLOG, step=f"undo:publish.{BLOG}"),
        channels=channels_of(house.settings, house.door),
        clock=house.clock,
    )
    for key, body in undone.also:
        assert isinstance(body, MemoryItem)
        memory.learn(key, TENANT, body)
    check, _ = await word_on(tmp_path, memory, BODY)
    assert check is None


async def test_another_tenants_texts_are_nobodys_business(tmp_path: Path) -> None:
    house = House(tmp_path, tenant_id=OTHER_TENANT)
    answer, _ = await house.publish(await house.order(BLOG))
    memory = MemoryRecall(house.clock)
    for key, body in answer.also:
        assert isinstance(body, MemoryItem)
        assert key.startswith(f"{OTHER_TENANT}:publications:")
        memory.learn(key, OTHER_TENANT, body)
    check, _ = await word_on(tmp_path, memory, BODY)
    assert check is None
