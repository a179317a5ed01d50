"""The learn phase: what this campaign taught, kept for the next campaign's strategy."""

from typing import Annotated

from pydantic import Field

from contracts.audit import QualityReport
from contracts.message import Command, Line, Moment, Record, Result, Text
from contracts.publish import Publication
from contracts.research import Finding, SourceReport
from contracts.strategy import Lesson, StrategyBrief

LESSONS_NAMESPACE = "lessons"
PUBLICATIONS_NAMESPACE = "publications"


class LearnLessons(Command):
    """Look back on the campaign and keep what the next one should know."""

    campaign_name: Line
    industry: Line
    target_audience: Line
    brief: StrategyBrief
    findings: tuple[Finding, ...]
    sources: tuple[SourceReport, ...]
    report: QualityReport
    publications: tuple[Publication, ...] = ()


class LessonsLearned(Result):
    """The lessons; each is also a `MemoryItem` in the tenant's namespace `lessons`."""

    lessons: tuple[Lesson, ...]


class MemoryItem(Record):
    """One thing remembered, on the compacted topic `memory.items`."""

    namespace: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    item_id: str
    text: Text
    evidence: str = ""
    subject: str = ""
    importance: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    expires_at: Moment | None = None
