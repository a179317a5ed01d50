"""Every message: its wire name, version, schema id, topic and owner. Ids are for ever."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from contracts import topics
from contracts.analytics import (
    AnalyticsReady,
    CleanUpAnalytics,
    EngagementRecorded,
    EngagementWindow,
    SetUpAnalytics,
    VariantsCompared,
    VariantsTracked,
)
from contracts.audit import AuditContent, ContentAudited
from contracts.content import ContentWritten, DeleteContentDrafts, WriteContent
from contracts.control import (
    CampaignPaused,
    CampaignResumed,
    CompensationParked,
    CompensationResumed,
    CompensationSkipped,
    DecideUndo,
    LateAnswerReceived,
    PauseCampaign,
    PauseWider,
    ResumeCampaign,
    ResumeWider,
)
from contracts.design import DeleteDesignAssets, DesignRendered, RenderDesign
from contracts.envelope import AppName
from contracts.goal import CreateCampaign, GoalSubmitted
from contracts.learn import LearnLessons, LessonsLearned, MemoryItem
from contracts.message import Command, LogEvent, Message, Result
from contracts.parking import DropParked, InputParked, InputUnparked, RedriveParked
from contracts.plan import Phase
from contracts.publish import ContentPublished, PublishContent, RollbackPublication
from contracts.records import DeadLetter, DeadLetterClosed, SagaSnapshot, SnapshotCheckpoint
from contracts.requests import (
    CancelCampaign,
    DecideReview,
    ForkCampaign,
    LiftSchedule,
    RetryCampaign,
    StartCampaign,
)
from contracts.research import ResearchCompleted, RunResearch
from contracts.review import AnnounceReview, ReviewAnnounced, WithdrawReview
from contracts.saga import (
    AgentCompleted,
    CampaignForked,
    CancelRequested,
    CompensationCompleted,
    CompensationFailed,
    CompensationRequested,
    CompensationStarted,
    ContentEdited,
    DeadlinePassed,
    GoalReceived,
    PlanGenerated,
    RequestRefused,
    ResultTakenOver,
    RetryScheduled,
    ReviewDecided,
    ReviewReminded,
    ReviewRequested,
    ReviewVoted,
    ScheduleLifted,
    StepFailed,
    StepScheduled,
    StepSkipped,
    StepUndone,
    ToolCallFailed,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
    WorkflowRetried,
    WorkSentBack,
)
from contracts.strategy import BuildStrategy, StrategyBuilt
from contracts.video import DeleteVideo, RenderVideo, VideoRendered

NAMESPACE = "sagaline"

_HEADER_FIELDS = ((Command, "call"), (Result, "done"), (LogEvent, "log"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One message version. `schema_id` goes on the wire; the model describes the newest version."""

    model: type[Message]
    schema_id: int
    topic: str
    owner: AppName
    version: int = 1
    header_field: str = field(init=False)
    """The record field between envelope and payload: `call`, `done`, `log`, or none (empty)."""

    def __post_init__(self) -> None:
        named = (name for kind, name in _HEADER_FIELDS if issubclass(self.model, kind))
        object.__setattr__(self, "header_field", next(named, ""))

    @property
    def name(self) -> str:
        """The type's name in envelopes and headers, for example `RenderDesign`."""
        return self.model.__name__

    @property
    def wire_name(self) -> str:
        """The Avro full name."""
        return f"{NAMESPACE}.{self.name}"


class Catalog:
    """Look-ups over entries; refuses two entries that share a name or a schema id."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self.by_name = {entry.name: entry for entry in self.entries}
        self.by_id = {entry.schema_id: entry for entry in self.entries}
        if not len(self.by_name) == len(self.by_id) == len(self.entries):
            raise ValueError("two catalog entries share a name or a schema id")

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that one of the messages is written to, by name."""
        return tuple(sorted({entry.topic for entry in self.entries}))

    def entry_of(self, model: type[Message]) -> Entry:
        """The entry of `model`; KeyError where it is not a catalogued message."""
        return self.by_name[model.__name__]


def _phase(
    phase: Phase, owner: AppName, first_id: int, *models: type[Message]
) -> tuple[Entry, ...]:
    """A phase's messages: commands on its own topic, results on the one that all share."""
    return tuple(
        Entry(
            model,
            first_id + offset,
            topics.commands_of(phase) if issubclass(model, Command) else topics.RESULTS,
            AppName.ORCHESTRATOR if issubclass(model, Command) else owner,
        )
        for offset, model in enumerate(models)
    )


def _all(topic: str, owner: AppName, first_id: int, *models: type[Message]) -> tuple[Entry, ...]:
    return tuple(
        Entry(model, first_id + offset, topic, owner) for offset, model in enumerate(models)
    )


_LATER: Mapping[str, tuple[int, int]] = {
    "CreateCampaign": (4, 1_000_052),
    "GoalSubmitted": (2, 1_000_041),
    "RunResearch": (3, 1_000_107),
    "ResearchCompleted": (3, 1_000_108),
    "BuildStrategy": (3, 1_000_116),
    "WriteContent": (3, 1_000_126),
    "RenderDesign": (2, 1_000_135),
    "DesignRendered": (2, 1_000_136),
    "RenderVideo": (2, 1_000_145),
    "VideoRendered": (2, 1_000_146),
    "AuditContent": (3, 1_000_156),
    "PublishContent": (3, 1_000_167),
    "ContentPublished": (2, 1_000_166),
    "SetUpAnalytics": (2, 1_000_175),
    "AnalyticsReady": (2, 1_000_176),
    "LearnLessons": (3, 1_000_186),
    "PlanGenerated": (4, 1_000_396),
    "DeadlinePassed": (4, 1_000_397),
    "ToolCallFailed": (2, 1_000_394),
    "CompensationFailed": (2, 1_000_395),
    "DeadLetter": (2, 1_000_550),
}
"""Version and schema id of messages that are not in their first version any more."""


def _newest(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        version, schema_id = _LATER.get(entry.name, (entry.version, entry.schema_id))
        yield replace(entry, version=version, schema_id=schema_id)


_RADAR, _ANALYST, _VISUAL = AppName.RADAR, AppName.ANALYST, AppName.VISUAL
_OPTIMIZER, _ORCHESTRATOR, _EDGE = AppName.OPTIMIZER, AppName.ORCHESTRATOR, AppName.EDGE

CATALOG = Catalog(
    _newest(
        (
            *_all(
                topics.REQUESTS,
                _EDGE,
                1_000_000,
                CreateCampaign,
                StartCampaign,
                DecideReview,
                CancelCampaign,
                RetryCampaign,
                ForkCampaign,
            ),
            *_all(
                topics.REQUESTS,
                _EDGE,
                1_000_020,
                PauseCampaign,
                ResumeCampaign,
                PauseWider,
                ResumeWider,
                DecideUndo,
            ),
            *_all(topics.REQUESTS, _EDGE, 1_000_030, RedriveParked, DropParked),
            *_all(topics.REQUESTS, _EDGE, 1_000_034, LiftSchedule),
            *_all(topics.INTAKE, AppName.UPSTREAM, 1_000_040, GoalSubmitted),
            *_phase(Phase.RESEARCH, _RADAR, 1_000_100, RunResearch, ResearchCompleted),
            *_phase(Phase.STRATEGY, _ANALYST, 1_000_110, BuildStrategy, StrategyBuilt),
            *_phase(
                Phase.CONTENT,
                _ANALYST,
                1_000_120,
                WriteContent,
                ContentWritten,
                DeleteContentDrafts,
            ),
            *_phase(
                Phase.DESIGN, _VISUAL, 1_000_130, RenderDesign, DesignRendered, DeleteDesignAssets
            ),
            *_phase(Phase.VIDEO, _VISUAL, 1_000_140, RenderVideo, VideoRendered, DeleteVideo),
            *_phase(Phase.AUDIT, _OPTIMIZER, 1_000_150, AuditContent, ContentAudited),
            *_phase(
                Phase.PUBLISH,
                _OPTIMIZER,
                1_000_160,
                PublishContent,
                ContentPublished,
                RollbackPublication,
            ),
            *_phase(
                Phase.ANALYTICS,
                _OPTIMIZER,
                1_000_170,
                SetUpAnalytics,
                AnalyticsReady,
                CleanUpAnalytics,
            ),
            *_phase(
                Phase.PUBLISH,
                _OPTIMIZER,
                1_000_190,
                AnnounceReview,
                ReviewAnnounced,
                WithdrawReview,
            ),
            *_phase(Phase.LEARN, _OPTIMIZER, 1_000_180, LearnLessons, LessonsLearned),
            *_all(topics.RESULTS, AppName.PLUGIN, 1_000_200, StepFailed, StepUndone),
            *_all(
                topics.LOG,
                _ORCHESTRATOR,
                1_000_300,
                GoalReceived,
                PlanGenerated,
                StepSkipped,
                ToolCallRequested,
                ToolResultReceived,
                AgentCompleted,
                ToolCallFailed,
                RetryScheduled,
                WorkSentBack,
                ReviewRequested,
                ReviewDecided,
                ContentEdited,
                DeadlinePassed,
                CancelRequested,
                CompensationRequested,
                CompensationCompleted,
                CompensationFailed,
                WorkflowCompleted,
                WorkflowFailed,
                WorkflowRejected,
                WorkflowCancelled,
                WorkflowRetried,
                RequestRefused,
                CompensationStarted,
                ReviewVoted,
                ReviewReminded,
                CampaignForked,
                ResultTakenOver,
            ),
            *_all(
                topics.LOG,
                _ORCHESTRATOR,
                1_000_350,
                CampaignPaused,
                CampaignResumed,
                CompensationParked,
                CompensationResumed,
                CompensationSkipped,
                LateAnswerReceived,
            ),
            *_all(topics.LOG, _ORCHESTRATOR, 1_000_370, InputParked, InputUnparked, StepScheduled),
            *_all(topics.LOG, _ORCHESTRATOR, 1_000_380, ScheduleLifted),
            *_all(topics.SNAPSHOTS, _ORCHESTRATOR, 1_000_400, SagaSnapshot, SnapshotCheckpoint),
            *_all(topics.DEAD_LETTERS, AppName.PLUGIN, 1_000_500, DeadLetter, DeadLetterClosed),
            *_all(topics.ENGAGEMENT, _EDGE, 1_000_600, EngagementRecorded),
            *_all(topics.ENGAGEMENT, _OPTIMIZER, 1_000_601, VariantsTracked),
            *_all(topics.WINDOWS, _OPTIMIZER, 1_000_610, EngagementWindow, VariantsCompared),
            *_all(topics.MEMORY, _OPTIMIZER, 1_000_700, MemoryItem),
        )
    )
)
