"""The campaign's whole road as data."""

from datetime import timedelta
from functools import partial

from contracts.analytics import CleanUpAnalytics, SetUpAnalytics
from contracts.audit import AuditContent
from contracts.content import DeleteContentDrafts, WriteContent
from contracts.design import DeleteDesignAssets, RenderDesign
from contracts.learn import LearnLessons
from contracts.plan import (
    CampaignState,
    InputBinding,
    InputSource,
    Lane,
    PlannedStep,
    RetryPolicy,
    StepKind,
)
from contracts.publish import PublishContent, RollbackPublication
from contracts.research import RunResearch
from contracts.review import AnnounceReview, WithdrawReview
from contracts.strategy import BuildStrategy
from contracts.video import DeleteVideo, RenderVideo
from services.orchestrator.saga.definitions.definition import (
    SagaDefinition,
    StepTemplate,
    call,
    collected,
    from_goal,
    from_result,
)

MINUTE_MS = 60_000
REVIEW_TIMEOUT_MS = 24 * 60 * MINUTE_MS
REVIEW_REMINDER_MS = REVIEW_TIMEOUT_MS // 4
"""How long before the end of a review's time it reminds."""

AUDIT_ROUNDS_MAX = 2
REVIEW_ROUNDS_MAX = 3

HOUR_MS = 60 * MINUTE_MS
_USUAL = RetryPolicy(budget_ms=2 * HOUR_MS)
_PERSISTENT = RetryPolicy(
    attempts_max=5, backoff_ms=1_000, backoff_ms_max=60_000, budget_ms=6 * HOUR_MS
)
_UNDO = RetryPolicy(
    attempts_max=5, backoff_ms=1_000, backoff_ms_max=15 * MINUTE_MS, budget_ms=6 * HOUR_MS
)
"""An undo that nobody answers is asked for again for hours; then a person is needed."""

_call = partial(call, retry=_USUAL, undo_retry=_UNDO)

FINISH_WITHIN = timedelta(days=14)
"""A campaign that has not ended by then fails, and is undone."""

RESEARCH = _call(
    "research",
    RunResearch,
    phase="research",
    stage=CampaignState.RADAR,
    timeout_ms=5 * MINUTE_MS,
    weight=15,
    evidence=True,
    inputs=from_goal(
        "business_name",
        "industry",
        "target_audience",
        "goals",
        "sources",
        "competitor_urls",
        "logo",
        "photo",
    ),
)
STRATEGY = _call(
    "strategy",
    BuildStrategy,
    phase="strategy",
    stage=CampaignState.STRATEGY,
    after=("research",),
    timeout_ms=2 * MINUTE_MS,
    weight=10,
    inputs=(
        *from_goal(
            "business_name",
            "industry",
            "target_audience",
            "goals",
            "channels",
            "call_to_action",
            "budget_micros",
        ),
        *from_result("research", "findings"),
    ),
)
CONTENT = _call(
    "content",
    WriteContent,
    DeleteContentDrafts,
    phase="content",
    stage=CampaignState.CONTENT_PROD,
    after=("strategy",),
    timeout_ms=15 * MINUTE_MS,
    weight=20,
    inputs=(
        *from_goal(
            "business_name",
            "target_audience",
            "channels",
            "brand_voice",
            "call_to_action",
            "website",
            "postal_address",
            "variants",
            "scheduled_at",
            "calendar",
            "budget_micros",
        ),
        *from_result("strategy", "brief"),
        *from_result("research", "findings"),
    ),
)
DESIGN = _call(
    "design",
    RenderDesign,
    DeleteDesignAssets,
    phase="design",
    stage=CampaignState.CONTENT_PROD,
    after=("content",),
    timeout_ms=5 * MINUTE_MS,
    weight=15,
    inputs=(
        *from_goal("business_name", "channels", "brand_voice", formats="picture_formats"),
        *from_result("research", "logo_digest", "photo_digest"),
        *from_result("strategy", headline="brief.headline"),
        *from_result("content", "items"),
    ),
)
VIDEO = _call(
    "video",
    RenderVideo,
    DeleteVideo,
    phase="video",
    stage=CampaignState.CONTENT_PROD,
    after=("content",),
    timeout_ms=15 * MINUTE_MS,
    weight=10,
    optional=True,
    inputs=(
        *from_goal(
            "business_name",
            "call_to_action",
            "website",
            "brand_voice",
            formats="picture_formats",
        ),
        *from_result("research", "logo_digest", "photo_digest"),
        *from_result("strategy", "brief", headline="brief.headline"),
    ),
)
AUDIT = _call(
    "audit",
    AuditContent,
    phase="audit",
    stage=CampaignState.AUDIT,
    after=("design", "video"),
    timeout_ms=5 * MINUTE_MS,
    weight=10,
    sends_back_to="content",
    rounds_max=AUDIT_ROUNDS_MAX,
    evidence=True,
    inputs=(
        *from_goal("business_name", "brand_voice", "postal_address", "website"),
        *from_result("content", "items"),
        *from_result("design", "assets"),
        *from_result("research", "findings"),
    ),
)
ANNOUNCE = _call(
    "announce",
    AnnounceReview,
    WithdrawReview,
    phase="publish",
    stage=CampaignState.REVIEW,
    after=("audit",),
    timeout_ms=5 * MINUTE_MS,
    weight=0,
    optional=True,
    lane=Lane.YELLOW,
    outside=True,
    inputs=(
        *from_goal(
            "business_name",
            "reviewers",
            campaign_name="name",
            notices="review_notices",
        ),
        *from_result("content", "items"),
        *from_result("design", "assets"),
        *from_result("audit", "report"),
        InputBinding(field="gate", source=InputSource.LITERAL, path="review"),
    ),
)
"""Runs beside the gate that it tells of: nobody waits for it."""

REVIEW = PlannedStep(
    name="review",
    kind=StepKind.GATE,
    stage=CampaignState.REVIEW,
    after=("audit",),
    timeout_ms=REVIEW_TIMEOUT_MS,
    remind_before_ms=REVIEW_REMINDER_MS,
    weight=0,
    shows=("content", "design", "video", "audit"),
    edits="content",
    reruns=("audit",),
    sends_back_to="content",
    rounds_max=REVIEW_ROUNDS_MAX,
)
PUBLISH = _call(
    "publish",
    PublishContent,
    RollbackPublication,
    phase="publish",
    stage=CampaignState.PUBLISH,
    after=("review",),
    timeout_ms=5 * MINUTE_MS,
    weight=5,
    optional=True,
    lane=Lane.YELLOW,
    outside=True,
    retry=_PERSISTENT,
    inputs=(
        *from_goal(
            "business_name",
            "brand_voice",
            "contact_email",
            "recipients",
            "website",
            "postal_address",
            "scheduled_at",
            campaign_name="name",
        ),
        *from_result("content", "items"),
        *from_result("design", "assets"),
        *from_result("video", video_digest="digest"),
        *from_result("research", "findings"),
    ),
)
ANALYTICS = _call(
    "analytics",
    SetUpAnalytics,
    CleanUpAnalytics,
    phase="analytics",
    stage=CampaignState.LEARN,
    after=("publish",),
    timeout_ms=2 * MINUTE_MS,
    weight=5,
    inputs=(
        *from_goal(campaign_name="name"),
        *from_result("strategy", kpis="brief.kpis"),
        *collected("publications", "publish."),
    ),
)
LEARN = _call(
    "learn",
    LearnLessons,
    phase="learn",
    stage=CampaignState.LEARN,
    after=("analytics",),
    timeout_ms=2 * MINUTE_MS,
    weight=5,
    inputs=(
        *from_goal("industry", "target_audience", campaign_name="name"),
        *from_result("strategy", "brief"),
        *from_result("research", "findings", "sources"),
        *from_result("audit", "report"),
        *collected("publications", "publish."),
    ),
)

REVIEW_WISHES = ("approvals_needed", "reviewers")

CAMPAIGN = SagaDefinition(
    name="campaign",
    version=5,
    finish_within=FINISH_WITHIN,
    steps=(
        StepTemplate(RESEARCH),
        StepTemplate(STRATEGY),
        StepTemplate(CONTENT),
        StepTemplate(DESIGN),
        StepTemplate(VIDEO, when="generate_video"),
        StepTemplate(AUDIT),
        StepTemplate(ANNOUNCE, when="review_notices"),
        StepTemplate(REVIEW, wishes=REVIEW_WISHES),
        StepTemplate(
            PUBLISH,
            for_each="channels",
            each="channel",
            begins_at="scheduled_at",
            dates="calendar",
        ),
        StepTemplate(ANALYTICS),
        StepTemplate(LEARN),
    ),
)
