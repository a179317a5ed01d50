"""The strategy phase: from findings and lessons to a brief in which every statement cites."""

from typing import Annotated

from pydantic import Field

from contracts.goal import Channel
from contracts.message import Command, Line, Message, Micros, Result, Text
from contracts.research import Finding, FindingId


class BuildStrategy(Command):
    """Decide what to say, to whom and where, from these findings and what was learned before.

    `budget_micros` is what the whole campaign may cost (0: no limit was set), `spent_micros` what
    it cost so far; engines that are paid for spend no more than the difference.
    """

    business_name: Line
    industry: Line
    target_audience: Line
    goals: tuple[Line, ...]
    channels: tuple[Channel, ...]
    call_to_action: str = ""
    findings: tuple[Finding, ...]
    budget_micros: Micros = 0
    spent_micros: Micros = 0


class CitedStatement(Message):
    """A statement and the findings that it stands on."""

    text: Text
    finding_ids: tuple[FindingId, ...]


class ChannelPlan(Message):
    """What one channel is to achieve, from which angle."""

    channel: Channel
    angle: CitedStatement
    call_to_action: Line


class Lesson(Message):
    """What an earlier campaign taught; `evidence` says which one and what was measured."""

    id: str
    text: Text
    evidence: str


class StrategyBrief(Message):
    """The plan that content is written from; content refuses to start without one."""

    headline: Line
    audience: CitedStatement
    positioning: CitedStatement
    key_messages: Annotated[tuple[CitedStatement, ...], Field(min_length=1)]
    channel_plan: tuple[ChannelPlan, ...]
    kpis: tuple[Line, ...]
    risks: tuple[CitedStatement, ...] = ()
    lessons: tuple[Lesson, ...] = ()


class StrategyBuilt(Result):
    """The StrategyBrief, ready to write from."""

    brief: StrategyBrief
