"""Campaigns as their log tells them: real requests and results, decided by the real engine.

It stands where the saga role stands, without Kafka: what it is told it answers with log records.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from chassis.broker import Incoming
from chassis.clock import ManualClock
from chassis.codec import Codec
from chassis.messages import Conversation, Speaker
from chassis.sealing import FileKeyring, seal
from contracts import identity, topics
from contracts.analytics import AnalyticsReady, TrackedLink
from contracts.audit import (
    ContentAudited,
    QualityCheck,
    QualityReport,
    QualityVerdict,
)
from contracts.catalog import CATALOG
from contracts.content import Citation, ContentItem, ContentWritten
from contracts.design import Asset, AssetPurpose, DesignRendered
from contracts.envelope import (
    Actor,
    ActorKind,
    AgentRun,
    ArtefactRef,
    EventEnvelope,
    FailureReason,
    Severity,
    StepDone,
    StepOutcome,
    Usage,
)
from contracts.goal import CampaignGoal, Channel, CreateCampaign, NoticePlace
from contracts.learn import LessonsLearned
from contracts.message import Message, Request, Result
from contracts.publish import ContentPublished, Publication
from contracts.research import Finding, FindingKind, ResearchCompleted, SourceReport, SourceStatus
from contracts.review import Notice, ReviewAnnounced
from contracts.saga import StepFailed, StepUndone
from contracts.strategy import ChannelPlan, CitedStatement, Lesson, StrategyBrief, StrategyBuilt
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.engine import Owner, decide
from services.orchestrator.saga.engine.inputs import Input, TimePassed
from services.orchestrator.saga.reading import Inputs
from services.orchestrator.saga.state import Saga, StepStatus, UndoStatus
from services.orchestrator.saga.writing import Head, Writer

TENANT = "00000000-0000-4000-8000-000000000001"
OTHER_TENANT = "99999999-9999-4999-8999-999999999999"
START = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
EMAIL, RECIPIENT = "maria.lopez@example.org", "jo.reader@example.org"
PICTURE = b"\x89PNG\r\n\x1a\n a picture"
PICTURE_DIGEST = hashlib.sha256(PICTURE).hexdigest()
LINK_ID = "8f14e45f-ceea-567f-a9c4-1d2b3c4d5e6f"
TARGET = "https://example.org/spring"


def goal_of(keyring_root: Path, tenant: str = TENANT, **changes: object) -> CampaignGoal:
    """A goal with its personal fields sealed."""
    keyring = FileKeyring(keyring_root)
    fields = {
        "name": "Spring launch",
        "business_name": "Harbour Coffee",
        "industry": "specialty coffee",
        "target_audience": "small offices",
        "goals": ("win 200 trial orders",),
        "channels": (Channel.EMAIL, Channel.BLOG),
        "contact_email": seal(keyring, tenant, EMAIL),
        "recipients": (seal(keyring, tenant, RECIPIENT),),
        **changes,
    }
    return CampaignGoal.model_validate(fields)


class Desk:
    """The saga role of one log: takes requests and answers, and writes facts behind one another."""

    def __init__(self, codec: Codec, clock: ManualClock | None = None) -> None:
        self.codec = codec
        self.clock = clock or ManualClock(START)
        self.log: list[Incoming] = []
        self.sagas: dict[str, Saga] = {}
        self._heads: dict[str, Head] = {}
        self._inputs = Inputs(codec, DEFINITIONS)
        self._writer = Writer(codec, "saga-0")

    def create(
        self, campaign: str, goal: CampaignGoal, *, tenant: str = TENANT, start: bool = True
    ) -> None:
        """Bring a campaign in, as the edge does."""
        request_id = identity.derived(identity.FORWARDS, campaign, "create")
        body = CreateCampaign(start=start, goal=goal)
        envelope = _envelope(body, campaign, tenant, request_id, self.clock.now())
        self.take(self.codec.encode(envelope, None, body))

    def ask(self, campaign: str, body: Request, request_id: str | None = None) -> None:
        """Ask something of a campaign that is there."""
        own = request_id or identity.derived(identity.FORWARDS, campaign, body, len(self.log))
        tenant = self.sagas[campaign].tenant_id
        envelope = _envelope(body, campaign, tenant, own, self.clock.now())
        self.take(self.codec.encode(envelope, None, body))

    def take(self, value: bytes) -> None:
        """Take in one record of a topic that the saga role reads."""
        decoded = self.codec.decode(value)
        message = self._inputs.input_of(decoded, self.sagas.get(decoded.envelope.campaign_id))
        self._decide(message, decoded.envelope, decoded.entry.topic)

    def wait(self, campaign: str, seconds: float) -> None:
        """Time passes, and the campaign looks at the clock."""
        self.clock.advance(seconds)
        saga = self.sagas[campaign]
        now = self.clock.now()
        cause = self._writer.own(campaign, saga.tenant_id, "TimePassed", now)
        self._decide(TimePassed(), cause, topics.REQUESTS)

    def _decide(self, message: Input, cause: EventEnvelope, topic: str) -> None:
        owner = Owner(cause.campaign_id, cause.tenant_id, cause.correlation_id, cause.id)
        decision = decide(self.sagas.get(cause.campaign_id), message, owner, self.clock.now())
        for fact in decision.facts:
            origin = (topic, 0, len(self.log))
            before = self._heads.get(cause.campaign_id, Head())
            written, head = self._writer.fact(fact, cause, origin, before)
            self._heads[cause.campaign_id] = head
            self.log.append(
                Incoming(topics.LOG, 0, len(self.log), written.key, written.value, written.headers)
            )
        if decision.saga is not None:
            self.sagas[cause.campaign_id] = decision.saga
        self.clock.advance(0.25)

    def answer(self, campaign: str, step: str, body: Result, **done: object) -> None:
        """A phase's result for the step's command in flight."""
        state = self.sagas[campaign].steps[step]
        header = {
            "step": step,
            "attempt": max(1, state.attempt),
            "outcome": StepOutcome.SUCCEEDED,
            "usage": Usage(cost_micros=1_500, tokens_in=10, duration_ms=40),
            **done,
        }
        self._result(campaign, state.command_id, StepDone.model_validate(header), body)

    def fail(self, campaign: str, step: str, reason: FailureReason) -> None:
        """A phase's failure for the step's command in flight."""
        body = StepFailed(reason=reason, message="the engine said no")
        self.answer(campaign, step, body, outcome=StepOutcome.DEGRADED)

    def _result(self, campaign: str, command_id: str, header: StepDone, body: Result) -> None:
        tenant = self.sagas[campaign].tenant_id
        result_id = identity.derived(identity.FACTS, command_id, "result")
        envelope = _envelope(body, campaign, tenant, result_id, self.clock.now())
        envelope = envelope.model_copy(update={"execution_id": command_id})
        self.take(self.codec.encode(envelope, header, body))

    def undo_all(self, campaign: str) -> None:
        """Every undo that is asked for is done."""
        while True:
            steps = self.sagas[campaign].steps
            asked = [name for name, state in steps.items() if state.undo is UndoStatus.CALLED]
            if not asked:
                return
            header = StepDone(
                step=asked[0], attempt=1, outcome=StepOutcome.SUCCEEDED, usage=Usage()
            )
            command_id = steps[asked[0]].undo_command_id
            self._result(campaign, command_id, header, StepUndone(detail="gone"))

    def run(self, campaign: str, *, until: str = "") -> None:
        """Answer whatever is called, until nothing is, or the step `until` is called."""
        while True:
            saga = self.sagas[campaign]
            called = [n for n, s in saga.steps.items() if s.status is StepStatus.CALLED]
            if not called or until in called:
                return
            self.answer(campaign, called[0], _result(called[0], saga), **_done(called[0]))


def _envelope(
    body: Message, campaign: str, tenant: str, message_id: str, at: datetime
) -> EventEnvelope:
    entry = CATALOG.entry_of(type(body))
    speaker = Speaker(entry.owner, Actor(kind=ActorKind.PERSON, id="maria"))
    return speaker.first(entry, message_id, Conversation(tenant, campaign), at=at)


def _done(step: str) -> dict[str, object]:
    if step == "research":
        runs = tuple(
            AgentRun(agent=name, succeeded=True, duration_ms=12, cost_micros=500)
            for name in ("trend_scout", "market_analyst")
        )
        return {"agents": runs}
    if step == "strategy":
        return {"usage": Usage(provider="openai", model="gpt-x", cost_micros=1_500)}
    if step == "design":
        ref = ArtefactRef(
            name="banner.png",
            digest=PICTURE_DIGEST,
            media_type="image/png",
            size_bytes=len(PICTURE),
        )
        return {"artefacts": (ref,)}
    return {}


def _result(step: str, saga: Saga) -> Result:
    channel = step.partition(".")[2]
    match step.partition(".")[0]:
        case "research":
            return _research()
        case "strategy":
            return _strategy()
        case "content":
            return _content()
        case "design":
            return _design()
        case "audit":
            return _audit()
        case "announce":
            notice = Notice(place=NoticePlace.SLACK, location="slack:C12345678/1700.1")
            return ReviewAnnounced(told=(notice,))
        case "publish":
            return _published(Channel(channel), saga)
        case "analytics":
            return _analytics()
        case "learn":
            lesson = Lesson(id="L1", text="Questions in subject lines work.", evidence="Spring")
            return LessonsLearned(lessons=(lesson,))
    raise AssertionError(step)


CLAIM = "Offices that brew their own spend 40 % less."


def _finding(number: int, kind: FindingKind) -> Finding:
    return Finding(
        id=f"F{number}",
        kind=kind,
        claim=CLAIM,
        quote=CLAIM,
        span_start=0,
        span_end=len(CLAIM),
        source_url="https://example.org/coffee-report",
        source_title="The office coffee report <2026>",
        source_digest="a" * 64,
        score=0.9,
        agent="market_analyst",
    )


def _research() -> ResearchCompleted:
    report = SourceReport(
        location="https://example.org/coffee-report", status=SourceStatus.READ, title="Report"
    )
    findings = (_finding(1, FindingKind.TREND), _finding(2, FindingKind.MARKET))
    return ResearchCompleted(findings=findings, sources=(report,))


def _strategy() -> StrategyBuilt:
    said = CitedStatement(text=CLAIM, finding_ids=("F1",))
    plan = ChannelPlan(channel=Channel.EMAIL, angle=said, call_to_action="Order a trial bag")
    return StrategyBuilt(
        brief=StrategyBrief(
            headline="A better cup at work",
            audience=said,
            positioning=said,
            key_messages=(said,),
            channel_plan=(plan,),
            kpis=("trial orders",),
        )
    )


def _content() -> ContentWritten:
    def item(channel: Channel) -> ContentItem:
        return ContentItem(
            id=f"{channel.value}-a",
            channel=channel,
            variant="a",
            language="en",
            title="A better cup at work",
            body_markdown=f"Hello,\n\n{CLAIM}\n\nOrder a trial bag.",
            call_to_action="Order a trial bag",
            citations=(Citation(finding_id="F1", claim=CLAIM, source_url="https://example.org"),),
        )

    return ContentWritten(items=(item(Channel.EMAIL), item(Channel.BLOG)))


def _design() -> DesignRendered:
    asset = Asset(
        channel=Channel.EMAIL,
        purpose=AssetPurpose.EMAIL_BANNER,
        width=1200,
        height=400,
        digest=PICTURE_DIGEST,
        headline="A better cup at work",
        alt_text="A cup of coffee",
    )
    return DesignRendered(assets=(asset,))


def _audit() -> ContentAudited:
    check = QualityCheck(name="citations", severity=Severity.LOW, verdict=QualityVerdict.PASS)
    return ContentAudited(
        report=QualityReport(verdict=QualityVerdict.PASS, checks=(check,), content_digest="b" * 64)
    )


def _published(channel: Channel, saga: Saga) -> ContentPublished:
    made = Publication(
        channel=channel,
        item_id=f"{channel.value}-a",
        location=f"https://example.org/{channel.value}",
        effect_key=identity.effect_key(saga.campaign_id, f"publish.{channel.value}", 0),
        published_at=START,
    )
    return ContentPublished(channel=channel, publications=(made,))


def _analytics() -> AnalyticsReady:
    link = TrackedLink(id=LINK_ID, channel=Channel.EMAIL, path=f"/t/x/{LINK_ID}", target=TARGET)
    return AnalyticsReady(links=(link,), view_path="/campaigns/x/figures")
