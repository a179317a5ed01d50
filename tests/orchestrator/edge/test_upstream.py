"""Goals that other systems write to `campaign.intake`: each makes one campaign, or a letter."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from chassis.broker import Outgoing
from chassis.memory import Fault, MemoryBroker
from chassis.messages import Conversation, Speaker, record
from contracts import identity, topics
from contracts.envelope import Actor, ActorKind, AppName
from contracts.goal import GoalSubmitted
from contracts.records import DeadLetter
from contracts.requests import CancelCampaign
from services.orchestrator.edge.examples import BRIEF
from services.orchestrator.edge.upstream import Intake
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import OTHER_TENANT, TENANT

SHOP = Speaker(AppName.UPSTREAM, Actor(kind=ActorKind.SERVICE, id="web-shop"))
PATIENCE_S = 10.0


class Writers:
    """Other systems, and a copy of the intake role that reads what they write."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.broker = MemoryBroker()
        self.broker.create(topics.INTAKE, topics.PARTITIONS)

    async def write(self, *records: Outgoing) -> None:
        await self.broker.producer().send(records)

    async def intake_until(self, done: Callable[[], bool]) -> None:
        """Let a copy of the role work until that is so."""
        role = Intake(self.stand.edge(), self.broker)
        running = asyncio.create_task(role.run())
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while not done():  # noqa: ASYNC110 - a broker in memory has nothing to wait for
                    await asyncio.sleep(0.01)
        role.stop()
        await running
        assert done(), f"not so after {PATIENCE_S:.0f} s"

    @property
    def sent(self) -> list[Outgoing]:
        return self.stand.log.sent

    def letters(self) -> list[DeadLetter]:
        found = [one.value for one in self.sent if one.topic == topics.DEAD_LETTERS]
        bodies = [CODEC.decode(value).body for value in found]
        return [body for body in bodies if isinstance(body, DeadLetter)]


def goal(key: str = "", tenant: str = TENANT, **changes: Any) -> Outgoing:
    message_id = str(uuid4())
    entry = CODEC.catalog.entry_of(GoalSubmitted)
    envelope = SHOP.first(entry, message_id, Conversation(tenant, message_id), at=datetime.now(UTC))
    body = GoalSubmitted.model_validate(
        {"brief": {**BRIEF, **changes}, "key": key, "start": False}, strict=False
    )
    made = record(entry.topic, envelope, CODEC.encode(envelope, None, body))
    return replace(made, partition=0)


async def test_a_goal_of_another_system_becomes_a_campaign(stand: Stand) -> None:
    writers = Writers(stand)
    await writers.write(goal("order-17"))
    await writers.intake_until(lambda: bool(writers.sent))
    saga = stand.desk.sagas[identity.campaign_id(TENANT, "order-17")]
    assert (saga.name, saga.tenant_id) == (BRIEF["name"], TENANT)
    (request,) = writers.sent
    told = CODEC.decode(request.value).envelope
    assert (told.source, told.actor.id) == (AppName.EDGE, "web-shop")


async def test_addresses_are_sealed_before_they_enter_another_topic(stand: Stand) -> None:
    writers = Writers(stand)
    await writers.write(goal(), goal(contact_email="ana.fuchs@example.org "), goal(name=" "))
    await writers.intake_until(lambda: len(writers.sent) >= 2)
    assert b"@example.org" not in stand.stored_bytes()


async def test_a_goal_that_comes_twice_makes_one_campaign(stand: Stand) -> None:
    writers = Writers(stand)
    writers.broker.fail_next(Fault.COMMIT)
    one = goal("order-17")
    await writers.write(one, one, goal("the next"))
    await writers.intake_until(lambda: len(stand.desk.sagas) == 2)
    assert len(writers.sent) == 2


async def test_a_key_that_was_used_for_another_goal_is_a_letter(stand: Stand) -> None:
    writers = Writers(stand)
    await writers.write(goal("order-17"), goal("order-17", name="Something else"))
    await writers.intake_until(lambda: bool(writers.letters()))
    (letter,) = writers.letters()
    assert "was made with this key from another body" in letter.reason


async def test_who_writes_there_speaks_for_the_named_tenants_only(tmp_path: Path) -> None:
    stand = Stand(tmp_path, intake_tenants=f"{OTHER_TENANT}, {uuid4()}")
    writers = Writers(stand)
    await writers.write(goal("a", tenant=OTHER_TENANT), goal("b", tenant=TENANT))
    await writers.intake_until(lambda: len(writers.sent) == 2)
    assert list(stand.desk.sagas) == [identity.campaign_id(OTHER_TENANT, "a")]
    (letter,) = writers.letters()
    assert "INTAKE_TENANTS" in letter.reason
    stand.close()


async def test_a_goal_that_breaks_a_rule_is_a_letter_that_names_the_place_and_not_the_value(
    stand: Stand,
) -> None:
    writers = Writers(stand)
    await writers.write(goal(contact_email="ana.fuchs.example.org"))
    await writers.intake_until(lambda: bool(writers.letters()))
    (letter,) = writers.letters()
    assert letter.reason.startswith("brief.contact_email: ")
    assert (letter.topic, letter.value) == (topics.INTAKE, b"")
    assert b"ana.fuchs" not in stand.stored_bytes()


async def test_what_is_no_goal_is_a_letter_and_the_others_go_on(stand: Stand) -> None:
    writers = Writers(stand)
    entry = CODEC.catalog.entry_of(CancelCampaign)
    within = Conversation(TENANT, str(uuid4()))
    envelope = SHOP.first(entry, str(uuid4()), within, at=datetime.now(UTC))
    cancel = CODEC.encode(envelope, None, CancelCampaign(reason="no goal"))
    await writers.write(
        Outgoing(topics.INTAKE, None, b"{}", partition=0),
        Outgoing(topics.INTAKE, b"k", cancel, partition=0),
        goal("order-17"),
    )
    await writers.intake_until(lambda: len(writers.sent) == 3)
    assert identity.campaign_id(TENANT, "order-17") in stand.desk.sagas
    assert len(writers.letters()) == 2


async def test_a_log_that_does_not_answer_loses_no_goal(stand: Stand) -> None:
    writers = Writers(stand)
    writers.broker.fail_next(Fault.SEEK)
    stand.log.reachable = False
    await writers.write(goal("one"), goal("two"))
    running = asyncio.create_task(writers.intake_until(lambda: len(writers.sent) == 2))
    await asyncio.sleep(0.3)
    stand.log.reachable = True
    await running
    assert len(stand.desk.sagas) == 2


async def test_a_copy_that_comes_after_another_takes_what_that_one_left(stand: Stand) -> None:
    writers = Writers(stand)
    await writers.write(goal("one"))
    await writers.intake_until(lambda: len(writers.sent) == 1)
    await writers.write(goal("two"))
    await writers.intake_until(lambda: len(writers.sent) == 2)
    assert len(stand.desk.sagas) == 2
