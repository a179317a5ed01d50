"""The intake role: what other systems write to `campaign.intake` is taken in like a posted brief.

A goal's personal fields are sealed before it goes on into `campaign.requests`; the group's position
moves only behind what is in the log there, so a goal may come twice and makes one campaign. What
cannot be taken in becomes a dead letter without the value: in it they would stay in plain.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import structlog
from pydantic import ValidationError

from chassis import telemetry
from chassis.broker import (
    Broker,
    Consumer,
    Incoming,
    Position,
    Subscription,
    TopicPartition,
)
from chassis.dead_letter import DeadLetters
from chassis.errors import ChassisError, Retryable, Undecodable
from chassis.pace import Pace
from chassis.telemetry import Vitals
from contracts import topics
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope
from contracts.goal import CampaignBrief, GoalSubmitted
from services.orchestrator.edge import intake
from services.orchestrator.edge.bodies import refused
from services.orchestrator.edge.context import Caller, Edge
from services.orchestrator.edge.log import LogUnavailable
from services.orchestrator.edge.problems import Problem
from services.orchestrator.view.database import ViewUnavailable

GROUP = "intake"
POLL_RECORDS = 20
POLL_S = 0.5
BACKLOG_EVERY_S = 5.0
WAIT_S = 1.0
"""How long it rests where the log or the view does not answer."""

STANDS_THERE = "the value may hold personal data in plain and stands only there, for a day"

log = structlog.get_logger(GROUP)

_NOT_NOW = (LogUnavailable, ViewUnavailable, Retryable)


class Intake:
    """One copy of the intake role; it lives beside an edge and uses its parts."""

    def __init__(self, edge: Edge, broker: Broker) -> None:
        settings = edge.settings
        self._edge = edge
        self._broker = broker
        self._instance = f"{GROUP}-{settings.instance}"
        self._tenants = settings.tenants_of_intake
        self._letters = DeadLetters(edge.codec, AppName.EDGE, self._instance)
        self._stopping = False
        self._again: dict[TopicPartition, int] = {}
        self.vitals = Vitals(GROUP)
        self._pace = Pace(GROUP, self.vitals)
        self._next_backlog = 0.0

    def stop(self) -> None:
        """Make `run` return after the goal in hand."""
        self._stopping = True

    async def run(self) -> None:
        """Take goals in until stopped; waits for a broker that is not there yet."""
        consumer = self._broker.consumer(
            Subscription(
                group=GROUP,
                topics=(topics.INTAKE,),
                instance_id=self._instance,
                session_timeout_ms=self._edge.settings.session_timeout_ms,
            )
        )
        try:
            while not self._stopping:
                await self._turn(consumer)
        finally:
            await consumer.close()

    async def _turn(self, consumer: Consumer) -> None:
        self.vitals.turned()
        try:
            batch = await consumer.poll(records_max=POLL_RECORDS, timeout_s=POLL_S)
        except Retryable as hindrance:
            self.vitals.waits(str(hindrance))
            log.warning("broker_not_there", reason=str(hindrance))
            await asyncio.sleep(WAIT_S)
            return
        self.vitals.works()  # also without a partition: there may be more copies of the edge
        for lost in batch.lost:
            self._again.pop(lost, None)
        records = [record for record in batch.records if record.source not in self._again]
        await self._go_back(consumer)
        await self._take_all(consumer, records)
        await self._report(consumer)

    async def _report(self, consumer: Consumer) -> None:
        if self._again or time.monotonic() < self._next_backlog:
            return
        self._next_backlog = time.monotonic() + BACKLOG_EVERY_S
        try:
            waiting = sum((await consumer.backlog()).values())
        except Retryable as hindrance:
            log.debug("backlog_unknown", reason=str(hindrance))
            self._pace.unknown()
        else:
            self._pace.report(waiting, owed=waiting)

    async def _go_back(self, consumer: Consumer) -> None:
        """Have what could not go on come again; until that is asked for, nothing behind it goes."""
        if not self._again:
            return
        try:
            await consumer.seek(self._again)
        except Retryable as hindrance:
            log.warning("goals_wait", reason=str(hindrance))
            return
        self._again.clear()

    async def _take_all(self, consumer: Consumer, records: Sequence[Incoming]) -> None:
        """Take the records in, in their order, and store how far that came."""
        done: dict[TopicPartition, Position] = {}
        for place, record in enumerate(records):
            telemetry.RECORDS_CONSUMED.labels(GROUP).inc()
            self._pace.took()
            try:
                await self._take(record)
            except _NOT_NOW as hindrance:
                self.vitals.waits(str(hindrance))
                self._pace.unknown()
                log.warning("goal_waits", offset=record.offset, reason=str(hindrance))
                for later in records[place:]:
                    self._again.setdefault(later.source, later.offset)
                await asyncio.sleep(WAIT_S)
                break
            done[record.source] = Position(record.offset + 1)
            self._pace.done()
        if done:
            try:
                await consumer.commit(done)
            except ChassisError as hindrance:  # it comes again, and changes nothing then
                log.warning("position_not_stored", reason=str(hindrance))

    async def _take(self, record: Incoming) -> None:
        """Bring one goal into the log, or its letter. Raises what `_NOT_NOW` names."""
        try:
            envelope, goal = self._goal_in(record)
            await self._accepted(envelope, goal)
        except Undecodable as reason:
            await self._bury(record, str(reason))
        except Problem as reason:
            faults = "; ".join(f"{one['field']}: {one['rule']}" for one in reason.errors)
            await self._bury(record, faults or str(reason))
        except _NOT_NOW:
            raise
        except Exception as bug:  # the rim: one poisoned goal stops no other
            log.error("goal_breaks_the_intake", offset=record.offset, exc_info=bug)
            await self._bury(record, f"the intake failed on it: {type(bug).__name__}")

    def _goal_in(self, record: Incoming) -> tuple[EventEnvelope, GoalSubmitted]:
        message = self._edge.codec.decode(record.value)
        if not isinstance(message.body, GoalSubmitted):
            raise Undecodable(f"{message.entry.name} is no GoalSubmitted")
        return message.envelope, message.body

    async def _accepted(self, envelope: EventEnvelope, goal: GoalSubmitted) -> None:
        if envelope.tenant_id not in self._tenants:
            raise Undecodable(
                f"tenant {envelope.tenant_id} is not among INTAKE_TENANTS: add it there, where the "
                "writers of this topic may speak for it"
            )
        try:
            brief = CampaignBrief.model_validate(dict(goal.brief), strict=False)
        except ValidationError as cause:
            raise refused(cause, CampaignBrief, "brief") from cause
        wish = intake.Wish(goal.key or envelope.id, goal.saga, start=goal.start)
        actor = Actor(kind=ActorKind.SERVICE, id=envelope.actor.id)
        caller = Caller(envelope.tenant_id, actor, envelope.traceparent)
        accepted = await intake.accept(brief, wish, caller, self._edge)
        log.info("goal_taken_in", workflow_id=accepted.ask.campaign_id, repeated=accepted.repeated)

    async def _bury(self, record: Incoming, reason: str) -> None:
        log.warning("dead_letter", topic=record.topic, offset=record.offset, reason=reason)
        bare = replace(record, value=None)
        letter = self._letters.letter(bare, reason, STANDS_THERE, self._edge.clock.now())
        await self._edge.log.send(letter)
        telemetry.DEAD_LETTERS.labels(GROUP).inc()
