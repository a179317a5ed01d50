// Generated from the Python models by `python -m contracts.generate`; do not edit.

/** Bytes in JSON: base64 with the URL-safe alphabet and padding (RFC 4648, section 5). */
export type Base64 = string;

/** An instant: ISO 8601 with its zone, up to microseconds. */
export type Moment = string;

/** What the catalog says about a message. */
export interface CatalogEntry {
  readonly version: number;
  readonly schemaId: number;
  readonly topic: string;
  readonly owner: AppName;
}

/** What sort of actor caused a message. */
export type ActorKind = "person" | "service" | "system";

/** The twelve applications that may be the source of a message. */
export type AppName = "edge" | "orchestrator" | "radar" | "analyst" | "visual" | "optimizer" | "upstream" | "console" | "cli" | "webhook" | "scheduler" | "plugin";

/** How an answered step ended; BLOCKED by a quality gate, HELD where an effect is in doubt. */
export type StepOutcome = "SUCCEEDED" | "DEGRADED" | "SKIPPED" | "BLOCKED" | "HELD";

/** How a source is read. */
export type SourceKind = "page" | "feed" | "file" | "sitemap" | "notion" | "search" | "memory";

/** Where a campaign may be published. */
export type Channel = "email" | "blog" | "linkedin" | "twitter" | "webhook";

/** A picture besides the channels' own, for where people post it themselves. */
export type PictureFormat = "square" | "portrait" | "story";

/** Where reviewers are told that something waits for them. */
export type NoticePlace = "github" | "slack";

/** What a reviewer may say. */
export type ReviewDecision = "APPROVE" | "REJECT" | "EDIT" | "REQUEST_CHANGES";

/** How wide a pause is: one campaign, a tenant's, every step of a phase, or everything. */
export type PauseScope = "CAMPAIGN" | "TENANT" | "PHASE" | "GLOBAL";

/** What may be said about a parked undo: try it again, or leave the effect and name it. */
export type UndoDecision = "RESUME" | "SKIP";

/** Which agent's question a finding answers. */
export type FindingKind = "TREND" | "MARKET" | "COMPETITOR";

/** What became of a source. */
export type SourceStatus = "READ" | "EMPTY" | "FAILED" | "REFUSED";

/** Whether a term is named more or less often than it was. */
export type Direction = "RISING" | "STEADY" | "FALLING";

/** Which of a picture's texts. */
export type TextRole = "brand" | "headline" | "support" | "action";

/** What a picture is for. */
export type AssetPurpose = "email_banner" | "social_post_image" | "blog_hero";

/** How bad a finding of a check is; CRITICAL alone blocks publication. */
export type Severity = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";

/** What a check, or the whole report, concludes. */
export type QualityVerdict = "PASS" | "WARN" | "BLOCK";

/** Why a step failed; `retryable` says whether asking again may help. */
export type FailureReason = "TIMEOUT" | "UNAVAILABLE" | "RATE_LIMITED" | "INVALID_INPUT" | "NOT_CONFIGURED" | "QUALITY_BLOCKED" | "BUDGET_EXCEEDED" | "REJECTED" | "CANCELLED" | "INTERNAL";

/** Where a command's field comes from: the goal, a result, many results, or the plan. */
export type InputSource = "GOAL" | "RESULT" | "COLLECTED" | "LITERAL";

/** A CALL asks a phase; a GATE waits for a person. */
export type StepKind = "CALL" | "GATE";

/** Where a campaign stands; REVIEW and those after LEARN were added to the seeds' seven. */
export type CampaignState = "IDLE" | "RADAR" | "STRATEGY" | "CONTENT_PROD" | "AUDIT" | "REVIEW" | "PUBLISH" | "LEARN" | "PAUSED" | "COMPENSATING" | "COMPLETED" | "FAILED" | "REJECTED" | "CANCELLED";

/** A step's risk: GREEN runs, YELLOW runs and is reported, RED waits, BLOCKED never runs. */
export type Lane = "GREEN" | "YELLOW" | "RED" | "BLOCKED";

/** Which of a saga's deadlines passed. */
export type DeadlineKind = "STEP" | "RETRY" | "REVIEW" | "UNDO" | "START" | "REMINDER" | "PAUSE" | "SAGA" | "SCHEDULE";

/** How a campaign that is being undone will be closed. */
export type Ending = "FAILED" | "REJECTED" | "CANCELLED";

/** What became of a parked input. */
export type UnparkAction = "REDRIVEN" | "DROPPED";

/** What somebody did with a dead letter. */
export type LetterAction = "REDRIVEN" | "DROPPED";

/** What a reader did. */
export type EngagementKind = "CLICK" | "OPEN" | "CONVERSION";

/** Who caused a message: a person's account, a service instance, or the system's clock. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
}

/**
 * The twelve facts about a message, none of them ever null.
 *
 * `causation_id` is the id of the message this one answers (its own id at the root);
 * `execution_id` is the command id of the step it concerns (its own id where there is none).
 * `traceparent` is W3C Trace Context, version 00.
 */
export interface EventEnvelope {
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly tenant_id: string;
  readonly campaign_id: string;
  readonly correlation_id: string;
  readonly causation_id: string;
  readonly execution_id: string;
  readonly source: AppName;
  readonly actor: Actor;
  readonly time: Moment;
  readonly traceparent: string;
}

/**
 * What every command carries besides its own fields.
 *
 * `effect_key` is the stable key for effects outside Kafka: it stays the same over attempts and
 * rises only with `round`. Work may start only before `not_after`. `feedback` holds the reasons
 * an earlier try failed or was sent back, oldest first.
 */
export interface StepCall {
  readonly step: string;
  readonly attempt: number;
  readonly round: number;
  readonly effect_key: string;
  readonly not_after: Moment;
  readonly language: string;
  readonly feedback: ReadonlyArray<string>;
}

/**
 * What an answer cost and which engine made it; an embedded engine costs nothing.
 *
 * `price_version` names the price table that `cost_micros` was computed with.
 */
export interface Usage {
  readonly provider: string;
  readonly model: string;
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost_micros: number;
  readonly price_version: string;
  readonly duration_ms: number;
}

/** Bytes kept outside the log: their digest within the tenant, and what they are. */
export interface ArtefactRef {
  readonly name: string;
  readonly digest: string;
  readonly media_type: string;
  readonly size_bytes: number;
}

/** One agent's share of a step, for `agent_complete` and the cost per agent. */
export interface AgentRun {
  readonly agent: string;
  readonly succeeded: boolean;
  readonly duration_ms: number;
  readonly cost_micros: number;
  readonly detail: string;
}

/** What every result carries besides its own fields. `notes` say what a person should know. */
export interface StepDone {
  readonly step: string;
  readonly attempt: number;
  readonly outcome: StepOutcome;
  readonly usage: Usage;
  readonly artefacts: ReadonlyArray<ArtefactRef>;
  readonly agents: ReadonlyArray<AgentRun>;
  readonly notes: ReadonlyArray<string>;
}

/**
 * Where a fact stands: its number in the campaign, the chain, and the input that it answers.
 *
 * `previous_hash` is SHA-256 over the stored value bytes of the campaign's record before it
 * (64 zeros for the first). `input_offset` is -1 where a deadline and no input caused the fact.
 */
export interface LogPosition {
  readonly sequence: number;
  readonly previous_hash: string;
  readonly parent_campaign_id: string | null;
  readonly input_topic: string;
  readonly input_partition: number;
  readonly input_offset: number;
}

/**
 * What research reads, by its `location`.
 *
 * The URL of a page, a feed or a sitemap; the path of a file below the allowed folder; the id of
 * a Notion database; the words to ask a search engine or the memory of earlier research for. A
 * brief that asks memory also adds to it. Of a sitemap, a database, a search or memory at most
 * `pages_max` pages are read. `render` has a browser run a page's scripts before it is read.
 */
export interface Source {
  readonly kind: SourceKind;
  readonly location: string;
  readonly selector: string;
  readonly render: boolean;
  readonly pages_max: number;
}

/** How the brand speaks; `banned_words` never appear in published text. */
export interface BrandVoice {
  readonly tone: string;
  readonly audience_address: string;
  readonly banned_words: ReadonlyArray<string>;
  readonly signature: string;
  readonly primary_color: string;
  readonly accent_color: string;
}

/**
 * A personal field under its subject's own key (AES-256-GCM); destroying the key destroys it.
 *
 * `token` is base64url of nonce (12 bytes), ciphertext and tag. Tenant and subject are bound in.
 */
export interface SealedText {
  readonly subject_id: string;
  readonly token: string;
}

/** When one channel's texts go out. */
export interface ChannelDate {
  readonly channel: Channel;
  readonly at: Moment;
}

/** The brief as it enters a topic: personal fields sealed, everything else unchanged. */
export interface CampaignGoal {
  readonly name: string;
  readonly business_name: string;
  readonly industry: string;
  readonly target_audience: string;
  readonly goals: ReadonlyArray<string>;
  readonly sources: ReadonlyArray<Source>;
  readonly competitor_urls: ReadonlyArray<string>;
  readonly channels: ReadonlyArray<Channel>;
  readonly brand_voice_id: string;
  readonly brand_voice: BrandVoice;
  readonly logo: string;
  readonly photo: string;
  readonly picture_formats: ReadonlyArray<PictureFormat>;
  readonly call_to_action: string;
  readonly website: string;
  readonly postal_address: string;
  readonly language: string;
  readonly variants: number;
  readonly generate_video: boolean;
  readonly time_zone: string;
  readonly scheduled_at: Moment | null;
  readonly review_notices: ReadonlyArray<NoticePlace>;
  readonly budget_micros: number;
  readonly max_retries: number;
  readonly approvals_needed: number;
  readonly reviewers: ReadonlyArray<string>;
  readonly session_id: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contact_email: SealedText;
  readonly recipients: ReadonlyArray<SealedText>;
  readonly calendar: ReadonlyArray<ChannelDate>;
}

/** Bring a campaign into being (IDLE), or straight on its way when `start` is set. */
export interface CreateCampaign {
  readonly saga: string;
  readonly start: boolean;
  readonly goal: CampaignGoal;
}

/** Take an IDLE campaign on its way; a second one changes nothing. */
export type StartCampaign = Record<string, never>;

/**
 * A reviewer's word about exactly what was shown, named by `shown_digest`.
 *
 * EDIT carries the whole new result (framed value bytes) of the step that the gate edits.
 */
export interface DecideReview {
  readonly step: string;
  readonly decision: ReviewDecision;
  readonly shown_digest: string;
  readonly reason: string;
  readonly edited: Base64;
}

/** Stop, and undo what was done. */
export interface CancelCampaign {
  readonly reason: string;
}

/** Resume a FAILED campaign at the failed step; names the failure that it answers. */
export interface RetryCampaign {
  readonly failed_sequence: number;
}

/**
 * One step's result in another campaign, as a fork is to take it over.
 *
 * `body` is the framed value of the typed result; `edited` where a person changed it.
 */
export interface TakenOver {
  readonly step: string;
  readonly outcome: StepOutcome;
  readonly notes: ReadonlyArray<string>;
  readonly artefacts: ReadonlyArray<ArtefactRef>;
  readonly body_schema_id: number;
  readonly body: Base64;
  readonly edited: boolean;
}

/**
 * Begin a campaign from where another one was after `origin_sequence`.
 *
 * `created` is the framed CreateCampaign of the new one. `wish` is the digest of all that was
 * asked for: the same key with another wish is a conflict. `results` are offered; what the new
 * plan may not take over runs again.
 */
export interface ForkCampaign {
  readonly origin_campaign_id: string;
  readonly origin_sequence: number;
  readonly wish: string;
  readonly created: Base64;
  readonly results: ReadonlyArray<TakenOver>;
}

/** Launch nothing new until somebody resumes; at `review_at` somebody must look again. */
export interface PauseCampaign {
  readonly reason: string;
  readonly review_at: Moment;
}

/** End the campaign's own pause: it goes on where it stood. */
export interface ResumeCampaign {
  readonly reason: string;
}

/**
 * Hold whatever is in the scope, now or later; one such record in every partition.
 *
 * `target` is the tenant's id or the phase's name; empty for GLOBAL. CAMPAIGN is refused here.
 */
export interface PauseWider {
  readonly scope: PauseScope;
  readonly target: string;
  readonly reason: string;
  readonly review_at: Moment;
}

/** End the pause of this scope; what was paused for another reason stays paused. */
export interface ResumeWider {
  readonly scope: PauseScope;
  readonly target: string;
  readonly reason: string;
}

/** A person's word about a step whose undo failed as often as it may. */
export interface DecideUndo {
  readonly step: string;
  readonly decision: UndoDecision;
  readonly reason: string;
}

/** Take the campaign's parked inputs in now, in their order; stop at one that still breaks. */
export interface RedriveParked {
  readonly reason: string;
}

/** Never take these parked inputs in; without any named, none of the campaign's. */
export interface DropParked {
  readonly letters: ReadonlyArray<string>;
  readonly reason: string;
}

/** Begin what waits for its date now: these steps, or all that wait where none is named. */
export interface LiftSchedule {
  readonly steps: ReadonlyArray<string>;
  readonly reason: string;
}

/** A brief as another system writes it into a topic; it is checked where it is taken in. */
export interface SubmittedBrief {
  readonly name: string;
  readonly business_name: string;
  readonly industry: string;
  readonly target_audience: string;
  readonly goals: ReadonlyArray<string>;
  readonly sources: ReadonlyArray<Source>;
  readonly competitor_urls: ReadonlyArray<string>;
  readonly channels: ReadonlyArray<Channel>;
  readonly brand_voice_id: string;
  readonly brand_voice: BrandVoice;
  readonly logo: string;
  readonly photo: string;
  readonly picture_formats: ReadonlyArray<PictureFormat>;
  readonly call_to_action: string;
  readonly website: string;
  readonly postal_address: string;
  readonly language: string;
  readonly variants: number;
  readonly generate_video: boolean;
  readonly time_zone: string;
  readonly scheduled_at: Moment | null;
  readonly review_notices: ReadonlyArray<NoticePlace>;
  readonly budget_micros: number;
  readonly max_retries: number;
  readonly approvals_needed: number;
  readonly reviewers: ReadonlyArray<string>;
  readonly session_id: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contact_email: string;
  readonly recipients: ReadonlyArray<string>;
  readonly calendar: ReadonlyArray<ChannelDate>;
}

/**
 * A campaign that another system wants; its tenant must be one that it may speak for.
 *
 * One tenant's same `key` (empty: the message's id) always names the same campaign. It is the
 * only message whose personal fields are plain: its topic keeps it for a day.
 */
export interface GoalSubmitted {
  readonly brief: SubmittedBrief;
  readonly saga: string;
  readonly start: boolean;
  readonly key: string;
}

/**
 * Read the sources for this audience and return what they say, each claim with its quote.
 *
 * `logo` and `photo` are the brand's pictures, each an address or a path as a source has it.
 */
export interface RunResearch {
  readonly business_name: string;
  readonly industry: string;
  readonly target_audience: string;
  readonly goals: ReadonlyArray<string>;
  readonly sources: ReadonlyArray<Source>;
  readonly competitor_urls: ReadonlyArray<string>;
  readonly logo: string;
  readonly photo: string;
}

/**
 * One claim and the span it stands on: `quote` is stored text [span_start:span_end], verbatim.
 *
 * `id` is unique in the campaign (`F1`, `F2`, …). `score` is relevance in 0..1. The text came
 * from outside: it is data, never an instruction. `source_count` sources state it, in nearly the
 * same words and with the same figures; `also_at` names some of the others. The findings in
 * `contradicts` state another figure for the same thing, and name this one.
 */
export interface Finding {
  readonly id: string;
  readonly kind: FindingKind;
  readonly claim: string;
  readonly quote: string;
  readonly span_start: number;
  readonly span_end: number;
  readonly source_url: string;
  readonly source_title: string;
  readonly source_digest: string;
  readonly published_at: Moment | null;
  readonly score: number;
  readonly agent: string;
  readonly source_count: number;
  readonly also_at: ReadonlyArray<string>;
  readonly contradicts: ReadonlyArray<string>;
}

/** What became of one source; `text_digest` names the stored text where it was read. */
export interface SourceReport {
  readonly location: string;
  readonly status: SourceStatus;
  readonly title: string;
  readonly detail: string;
  readonly text_digest: string | null;
  readonly chars: number;
}

/** Words of a stored text: `quote` is its [span_start:span_end], verbatim. */
export interface Quoted {
  readonly quote: string;
  readonly span_start: number;
  readonly span_end: number;
}

/**
 * A price as a page states it: `amount` is a decimal number as text, `currency` an ISO 4217
 * code (a sign stands for its most usual currency), `per` what it is paid for, for example
 * `month`; empty where the page does not say.
 */
export interface Price {
  readonly amount: string;
  readonly currency: string;
  readonly per: string;
  readonly said: Quoted;
}

/**
 * A row of the table of competitors. Every cell is a quote from the text `source_digest`.
 *
 * `name` comes from the page's title; `named` is where the text says it, and empty where only the
 * title or the address does. `messages` are the page's headings.
 */
export interface Competitor {
  readonly name: string;
  readonly named: ReadonlyArray<Quoted>;
  readonly source_url: string;
  readonly source_digest: string;
  readonly messages: ReadonlyArray<Quoted>;
  readonly offers: ReadonlyArray<Quoted>;
  readonly prices: ReadonlyArray<Price>;
}

/**
 * How often the dated passages name a term, and how that changes.
 *
 * `passages` of them name it, from `first_at` to `last_at`. The formula of `direction` stands in
 * services/radar/trends.py. `finding_ids` are the findings that say the term.
 */
export interface Trend {
  readonly term: string;
  readonly passages: number;
  readonly first_at: Moment;
  readonly last_at: Moment;
  readonly direction: Direction;
  readonly finding_ids: ReadonlyArray<string>;
}

/**
 * What the sources say. A source that did not answer is named, and the outcome is DEGRADED.
 *
 * The brand's pictures are stored as they came: nobody has decoded them yet.
 */
export interface ResearchCompleted {
  readonly findings: ReadonlyArray<Finding>;
  readonly sources: ReadonlyArray<SourceReport>;
  readonly competitors: ReadonlyArray<Competitor>;
  readonly trends: ReadonlyArray<Trend>;
  readonly logo_digest: string | null;
  readonly photo_digest: string | null;
}

/**
 * Decide what to say, to whom and where, from these findings and what was learned before.
 *
 * `budget_micros` is what the whole campaign may cost (0: no limit was set), `spent_micros` what
 * it cost so far; engines that are paid for spend no more than the difference.
 */
export interface BuildStrategy {
  readonly business_name: string;
  readonly industry: string;
  readonly target_audience: string;
  readonly goals: ReadonlyArray<string>;
  readonly channels: ReadonlyArray<Channel>;
  readonly call_to_action: string;
  readonly findings: ReadonlyArray<Finding>;
  readonly budget_micros: number;
  readonly spent_micros: number;
}

/** A statement and the findings that it stands on. */
export interface CitedStatement {
  readonly text: string;
  readonly finding_ids: ReadonlyArray<string>;
}

/** What one channel is to achieve, from which angle. */
export interface ChannelPlan {
  readonly channel: Channel;
  readonly angle: CitedStatement;
  readonly call_to_action: string;
}

/** What an earlier campaign taught; `evidence` says which one and what was measured. */
export interface Lesson {
  readonly id: string;
  readonly text: string;
  readonly evidence: string;
}

/** The plan that content is written from; content refuses to start without one. */
export interface StrategyBrief {
  readonly headline: string;
  readonly audience: CitedStatement;
  readonly positioning: CitedStatement;
  readonly key_messages: ReadonlyArray<CitedStatement>;
  readonly channel_plan: ReadonlyArray<ChannelPlan>;
  readonly kpis: ReadonlyArray<string>;
  readonly risks: ReadonlyArray<CitedStatement>;
  readonly lessons: ReadonlyArray<Lesson>;
}

/** The StrategyBrief, ready to write from. */
export interface StrategyBuilt {
  readonly brief: StrategyBrief;
}

/**
 * Write each channel's texts from the brief, in this voice, citing what they claim.
 *
 * `budget_micros` is what the whole campaign may cost (0: no limit was set), `spent_micros` what
 * it cost so far; engines that are paid for spend no more than the difference.
 */
export interface WriteContent {
  readonly business_name: string;
  readonly target_audience: string;
  readonly brief: StrategyBrief;
  readonly findings: ReadonlyArray<Finding>;
  readonly channels: ReadonlyArray<Channel>;
  readonly brand_voice: BrandVoice;
  readonly call_to_action: string;
  readonly website: string;
  readonly postal_address: string;
  readonly variants: number;
  readonly scheduled_at: Moment | null;
  readonly calendar: ReadonlyArray<ChannelDate>;
  readonly budget_micros: number;
  readonly spent_micros: number;
}

/** A claim in the text and the finding that carries it; `claim` occurs verbatim in the body. */
export interface Citation {
  readonly finding_id: string;
  readonly claim: string;
  readonly source_url: string;
}

/**
 * One text for one channel. `body_markdown` is the whole text; `title` is subject or headline.
 *
 * `id` is `<channel>-<variant>`, for example `email-a`.
 */
export interface ContentItem {
  readonly id: string;
  readonly channel: Channel;
  readonly variant: string;
  readonly language: string;
  readonly title: string;
  readonly preheader: string;
  readonly body_markdown: string;
  readonly call_to_action: string;
  readonly hashtags: ReadonlyArray<string>;
  readonly citations: ReadonlyArray<Citation>;
  readonly scheduled_at: Moment | null;
}

/** The texts, one item per channel and variant. */
export interface ContentWritten {
  readonly items: ReadonlyArray<ContentItem>;
}

/** Take back the drafts of a campaign that will not be published. */
export type DeleteContentDrafts = Record<string, never>;

/** Draw a picture for each channel and each further format, with the headline on it. */
export interface RenderDesign {
  readonly business_name: string;
  readonly headline: string;
  readonly channels: ReadonlyArray<Channel>;
  readonly items: ReadonlyArray<ContentItem>;
  readonly brand_voice: BrandVoice;
  readonly logo_digest: string | null;
  readonly photo_digest: string | null;
  readonly formats: ReadonlyArray<PictureFormat>;
}

/**
 * How a text stands in a picture: its letters' size in the picture's pixels, and the least
 * contrast (WCAG 2.2) to what lies behind it, rounded down.
 */
export interface ShownText {
  readonly role: TextRole;
  readonly size_px: number;
  readonly contrast: number;
}

/** One PNG: `width` x `height` pixels, stored under `digest`, showing `headline`. */
export interface Asset {
  readonly channel: Channel;
  readonly purpose: AssetPurpose;
  readonly width: number;
  readonly height: number;
  readonly digest: string;
  readonly headline: string;
  readonly alt_text: string;
  readonly texts: ReadonlyArray<ShownText>;
}

/** One PNG in a format that no channel publishes by itself. */
export interface FurtherPicture {
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  readonly digest: string;
  readonly alt_text: string;
  readonly texts: ReadonlyArray<ShownText>;
}

/** The pictures exist. */
export interface DesignRendered {
  readonly assets: ReadonlyArray<Asset>;
  readonly further: ReadonlyArray<FurtherPicture>;
}

/** Drop the campaign's reference to its pictures; shared bytes stay for those who share them. */
export type DeleteDesignAssets = Record<string, never>;

/**
 * Film the headline, the key messages and the call to action, in that order.
 *
 * Where `formats` has the story, the film is made a second time, upright.
 */
export interface RenderVideo {
  readonly business_name: string;
  readonly headline: string;
  readonly brief: StrategyBrief;
  readonly call_to_action: string;
  readonly website: string;
  readonly brand_voice: BrandVoice;
  readonly logo_digest: string | null;
  readonly photo_digest: string | null;
  readonly formats: ReadonlyArray<PictureFormat>;
}

/** The same scenes in 9:16, for stories; captions and length are the film's own. */
export interface UprightFilm {
  readonly digest: string;
  readonly poster_digest: string;
  readonly width: number;
  readonly height: number;
}

/**
 * The film exists: H.264 in MP4, with a poster (PNG) and captions (WebVTT).
 *
 * `upright` is empty, or the same film once more.
 */
export interface VideoRendered {
  readonly digest: string;
  readonly poster_digest: string;
  readonly captions_digest: string;
  readonly duration_ms: number;
  readonly width: number;
  readonly height: number;
  readonly frames_per_second: number;
  readonly scenes: ReadonlyArray<string>;
  readonly upright: ReadonlyArray<UprightFilm>;
}

/** Drop the campaign's reference to its film. */
export type DeleteVideo = Record<string, never>;

/** Check texts and pictures against findings, voice and channel rules. */
export interface AuditContent {
  readonly business_name: string;
  readonly items: ReadonlyArray<ContentItem>;
  readonly assets: ReadonlyArray<Asset>;
  readonly findings: ReadonlyArray<Finding>;
  readonly brand_voice: BrandVoice;
  readonly postal_address: string;
  readonly website: string;
}

/** One check's word on one place, for example `email-a`; `reason` says what to change. */
export interface QualityCheck {
  readonly name: string;
  readonly place: string;
  readonly severity: Severity;
  readonly verdict: QualityVerdict;
  readonly reason: string;
}

/** Every check's word, and the verdict that follows from them. */
export interface QualityReport {
  readonly verdict: QualityVerdict;
  readonly checks: ReadonlyArray<QualityCheck>;
  readonly content_digest: string;
}

/** The report. The step's outcome is BLOCKED exactly when the verdict is BLOCK. */
export interface ContentAudited {
  readonly report: QualityReport;
}

/**
 * Publish this campaign on one channel: the item of that channel, with its picture.
 *
 * `items` holds all texts: the channel's own is chosen by variant, others may be linked.
 */
export interface PublishContent {
  readonly channel: Channel;
  readonly campaign_name: string;
  readonly business_name: string;
  readonly items: ReadonlyArray<ContentItem>;
  readonly assets: ReadonlyArray<Asset>;
  readonly video_digest: string | null;
  readonly findings: ReadonlyArray<Finding>;
  readonly brand_voice: BrandVoice;
  readonly contact_email: SealedText;
  readonly recipients: ReadonlyArray<SealedText>;
  readonly website: string;
  readonly postal_address: string;
  readonly scheduled_at: Moment | null;
}

/**
 * One thing the outside world now has: where, under which key, since when.
 *
 * `sent` counts the people it was sent to (0: it waits for whoever comes). Its tracked link leads
 * to `leads_to`, or to `location` where that is empty. `traits` say how its text is made, in
 * words of ours, so that variants can be compared by more than their letters.
 */
export interface Publication {
  readonly channel: Channel;
  readonly item_id: string;
  readonly location: string;
  readonly effect_key: string;
  readonly published_at: Moment;
  readonly sent: number;
  readonly leads_to: string;
  readonly traits: ReadonlyArray<string>;
}

/** What was published; empty where everybody opted out. Not configured is a StepFailed. */
export interface ContentPublished {
  readonly channel: Channel;
  readonly publications: ReadonlyArray<Publication>;
}

/** Take a channel's publications back where the channel can; what cannot be is named. */
export interface RollbackPublication {
  readonly channel: Channel;
}

/** Prepare counting for these publications. */
export interface SetUpAnalytics {
  readonly campaign_name: string;
  readonly publications: ReadonlyArray<Publication>;
  readonly kpis: ReadonlyArray<string>;
}

/**
 * A link whose clicks are counted: `path` on the edge leads to `target`.
 *
 * `item_id` names the text that it belongs to, and so the variant, for example `email-b`.
 */
export interface TrackedLink {
  readonly id: string;
  readonly channel: Channel;
  readonly path: string;
  readonly target: string;
  readonly item_id: string;
}

/** Counting is on; `view_path` is the campaign's page of figures on the edge. */
export interface AnalyticsReady {
  readonly links: ReadonlyArray<TrackedLink>;
  readonly view_path: string;
}

/** Stop counting for a campaign and drop its view. */
export type CleanUpAnalytics = Record<string, never>;

/**
 * Tell reviewers in these places what `gate` shows them, and where they decide.
 *
 * `shown_digest` is the hash of what it shows now. Where `reviewers` are named, each has a link
 * of their own, and none of these is told in a place that others read.
 */
export interface AnnounceReview {
  readonly notices: ReadonlyArray<NoticePlace>;
  readonly gate: string;
  readonly shown_digest: string;
  readonly campaign_name: string;
  readonly business_name: string;
  readonly items: ReadonlyArray<ContentItem>;
  readonly assets: ReadonlyArray<Asset>;
  readonly report: QualityReport;
  readonly reviewers: ReadonlyArray<string>;
}

/** Where reviewers were told: a pull request's page, or a channel's message. */
export interface Notice {
  readonly place: NoticePlace;
  readonly location: string;
}

/** Reviewers were told there; a place that is missing stands in the notes. */
export interface ReviewAnnounced {
  readonly told: ReadonlyArray<Notice>;
}

/** Close what was opened, and say where it was told that nobody is to decide any more. */
export interface WithdrawReview {
  readonly notices: ReadonlyArray<NoticePlace>;
  readonly campaign_name: string;
}

/** Look back on the campaign and keep what the next one should know. */
export interface LearnLessons {
  readonly campaign_name: string;
  readonly industry: string;
  readonly target_audience: string;
  readonly brief: StrategyBrief;
  readonly findings: ReadonlyArray<Finding>;
  readonly sources: ReadonlyArray<SourceReport>;
  readonly report: QualityReport;
  readonly publications: ReadonlyArray<Publication>;
}

/** The lessons; each is also a `MemoryItem` in the tenant's namespace `lessons`. */
export interface LessonsLearned {
  readonly lessons: ReadonlyArray<Lesson>;
}

/**
 * The step has no result; `feedback` tells the next try what to do better.
 *
 * On the wire its `StepDone` says DEGRADED and carries the usage spent in vain.
 */
export interface StepFailed {
  readonly reason: FailureReason;
  readonly message: string;
  readonly feedback: ReadonlyArray<string>;
}

/** The undo is done; `detail` names what was removed and what could not be. */
export interface StepUndone {
  readonly detail: string;
  readonly left_behind: ReadonlyArray<string>;
}

/** A campaign exists. `goal` is the framed value of the request that brought it. */
export interface GoalReceived {
  readonly saga: string;
  readonly name: string;
  readonly goal: Base64;
}

/**
 * Fill `field` of the command. `path` is dotted into the goal or the result of `step`.
 *
 * COLLECTED joins the lists at `path` of every answered step whose name begins with `step`.
 * LITERAL takes `path` itself. A step that was skipped leaves the field to its default.
 */
export interface InputBinding {
  readonly field: string;
  readonly source: InputSource;
  readonly step: string;
  readonly path: string;
}

/**
 * How often and how far apart a step is tried: backoff doubles up to its cap.
 *
 * With a `budget_ms`, silence until a command's lease is over counts as no attempt (it expired in
 * a queue, or its worker died): calls go on for so long after the first, and in any case until
 * there were `attempts_max`. 0 stands in plans of before: there every call counts.
 */
export interface RetryPolicy {
  readonly attempts_max: number;
  readonly backoff_ms: number;
  readonly backoff_ms_max: number;
  readonly budget_ms: number;
}

/**
 * One node of a plan.
 *
 * The step may begin once every step in `after` is answered or skipped. A GATE shows the results
 * of `shows`; an edit there replaces the result of `edits` and runs `reruns` again. An outcome
 * BLOCKED, or changes requested at a gate, sends the work back to `sends_back_to`, at most
 * `rounds_max` times. `undo` names the command that takes the effect back. `weight` is the
 * step's share of progress; `stage` is the CampaignState shown while it is under way. `retry` is
 * the step's own policy, `undo_retry` that of its undo.
 *
 * A GATE opens once `approvals_needed` different accounts have approved, only those in `reviewers`
 * where it names any; it reminds `remind_before_ms` before its time is over (0: never). What
 * `outside` did is not of this saga alone, so no fork takes it over. A result that is `evidence`
 * is proof for others: nobody may edit it. A step whose turn comes before `not_before` waits.
 */
export interface PlannedStep {
  readonly name: string;
  readonly kind: StepKind;
  readonly stage: CampaignState;
  readonly phase: string;
  readonly command: string;
  readonly undo: string;
  readonly after: ReadonlyArray<string>;
  readonly inputs: ReadonlyArray<InputBinding>;
  readonly timeout_ms: number;
  readonly retry: RetryPolicy;
  readonly optional: boolean;
  readonly lane: Lane;
  readonly weight: number;
  readonly shows: ReadonlyArray<string>;
  readonly edits: string;
  readonly reruns: ReadonlyArray<string>;
  readonly sends_back_to: string;
  readonly rounds_max: number;
  readonly approvals_needed: number;
  readonly reviewers: ReadonlyArray<string>;
  readonly remind_before_ms: number;
  readonly outside: boolean;
  readonly evidence: boolean;
  readonly undo_retry: RetryPolicy;
  readonly not_before: Moment | null;
}

/**
 * The whole instantiated graph with its undo plan; running sagas keep it under any build.
 *
 * A saga that has not ended `finish_within_ms` after it began (0: no bound) fails, and is undone.
 */
export interface PlanGenerated {
  readonly definition: string;
  readonly definition_version: number;
  readonly max_retries: number;
  readonly steps: ReadonlyArray<PlannedStep>;
  readonly finish_within_ms: number;
}

/** The step will not run, and why. */
export interface StepSkipped {
  readonly step: string;
  readonly reason: string;
}

/** A step's command was sent, in the same transaction as this record; its undo is registered. */
export interface ToolCallRequested {
  readonly step: string;
  readonly attempt: number;
  readonly round: number;
  readonly phase: string;
  readonly command: string;
  readonly command_id: string;
  readonly effect_key: string;
  readonly undo: string;
  readonly lane: Lane;
  readonly deadline: Moment;
}

/** A step was answered. `body` is the framed value of the phase's typed result, unchanged. */
export interface ToolResultReceived {
  readonly step: string;
  readonly attempt: number;
  readonly outcome: StepOutcome;
  readonly usage: Usage;
  readonly artefacts: ReadonlyArray<ArtefactRef>;
  readonly agents: ReadonlyArray<AgentRun>;
  readonly notes: ReadonlyArray<string>;
  readonly body_schema_id: number;
  readonly body: Base64;
}

/** One agent's share of a step that was answered. */
export interface AgentCompleted {
  readonly step: string;
  readonly agent: string;
  readonly succeeded: boolean;
  readonly duration_ms: number;
  readonly cost_micros: number;
  readonly detail: string;
}

/**
 * An attempt failed; what happens next is another fact.
 *
 * `unanswered`: nobody said so. Its lease passed in silence, which counts as no attempt.
 */
export interface ToolCallFailed {
  readonly step: string;
  readonly attempt: number;
  readonly reason: FailureReason;
  readonly message: string;
  readonly feedback: ReadonlyArray<string>;
  readonly usage: Usage;
  readonly unanswered: boolean;
}

/** The step will be tried again when `due` has passed. */
export interface RetryScheduled {
  readonly step: string;
  readonly attempt: number;
  readonly due: Moment;
}

/** A gate or an audit wants it better: `step` and what follows it run again with `feedback`. */
export interface WorkSentBack {
  readonly step: string;
  readonly by: string;
  readonly round: number;
  readonly feedback: ReadonlyArray<string>;
}

/** A person is asked to decide about `shown_digest` until `deadline`. */
export interface ReviewRequested {
  readonly step: string;
  readonly shown_digest: string;
  readonly shows: ReadonlyArray<string>;
  readonly deadline: Moment;
}

/** The gate is answered; who decided is the envelope's actor. */
export interface ReviewDecided {
  readonly step: string;
  readonly decision: ReviewDecision;
  readonly shown_digest: string;
  readonly reason: string;
}

/** A reviewer replaced a step's result; approval of what was shown before is void. */
export interface ContentEdited {
  readonly step: string;
  readonly by: string;
  readonly body_schema_id: number;
  readonly body: Base64;
}

/** Time entered the saga: this deadline was in the past when it was looked at. */
export interface DeadlinePassed {
  readonly kind: DeadlineKind;
  readonly step: string;
  readonly deadline: Moment;
}

/** Somebody wants the campaign stopped; everything done is undone. */
export interface CancelRequested {
  readonly reason: string;
}

/** An undo was sent, in the same transaction as this record. */
export interface CompensationRequested {
  readonly step: string;
  readonly attempt: number;
  readonly phase: string;
  readonly command: string;
  readonly command_id: string;
  readonly effect_key: string;
  readonly deadline: Moment;
}

/** The step's effect is taken back, except what `left_behind` names. */
export interface CompensationCompleted {
  readonly step: string;
  readonly attempt: number;
  readonly detail: string;
  readonly left_behind: ReadonlyArray<string>;
}

/**
 * An undo attempt failed and is tried again when `due`; after the last one it is parked.
 *
 * `final` stands in old logs only: there the effect stayed and was named at once. `unanswered`:
 * its time passed in silence, which counts as no attempt.
 */
export interface CompensationFailed {
  readonly step: string;
  readonly attempt: number;
  readonly message: string;
  readonly final: boolean;
  readonly due: Moment | null;
  readonly unanswered: boolean;
}

/** The road's end. `degraded` names steps that answered less than asked or were given up. */
export interface WorkflowCompleted {
  readonly degraded: ReadonlyArray<string>;
}

/** The campaign failed and is undone, except what `left_behind` names. */
export interface WorkflowFailed {
  readonly reason: FailureReason;
  readonly step: string;
  readonly message: string;
  readonly left_behind: ReadonlyArray<string>;
}

/** A reviewer said no (or nobody answered in time) and what was done is undone. */
export interface WorkflowRejected {
  readonly reason: string;
  readonly left_behind: ReadonlyArray<string>;
}

/** The cancel is confirmed: nothing is published after this. */
export interface WorkflowCancelled {
  readonly reason: string;
  readonly left_behind: ReadonlyArray<string>;
}

/** A failed campaign goes on at its failed step; steps that were undone run again. */
export interface WorkflowRetried {
  readonly failed_sequence: number;
  readonly retry: number;
}

/** A request was read and changes nothing; `reason` says why and what would work. */
export interface RequestRefused {
  readonly request: string;
  readonly reason: string;
}

/** What was done is taken back, in this order (last done first), and then the campaign ends. */
export interface CompensationStarted {
  readonly ending: Ending;
  readonly reason: FailureReason;
  readonly step: string;
  readonly message: string;
  readonly undo_plan: ReadonlyArray<string>;
}

/** One of several approvals that a gate needs; `votes` counts this one, too. */
export interface ReviewVoted {
  readonly step: string;
  readonly voter: string;
  readonly shown_digest: string;
  readonly reason: string;
  readonly votes: number;
  readonly needed: number;
}

/** A gate still waits, and its time is soon over: nobody deciding until `deadline` rejects. */
export interface ReviewReminded {
  readonly step: string;
  readonly shown_digest: string;
  readonly votes: number;
  readonly needed: number;
  readonly deadline: Moment;
}

/**
 * This campaign begins where another one was after `origin_sequence`; the origin goes its way.
 *
 * Results of `taken_over` follow as facts; every other step runs here.
 */
export interface CampaignForked {
  readonly origin_campaign_id: string;
  readonly origin_sequence: number;
  readonly wish: string;
  readonly taken_over: ReadonlyArray<string>;
}

/** The origin's answer counts here as well; whatever it did outside stays the origin's. */
export interface ResultTakenOver {
  readonly step: string;
  readonly outcome: StepOutcome;
  readonly notes: ReadonlyArray<string>;
  readonly artefacts: ReadonlyArray<ArtefactRef>;
  readonly edited: boolean;
  readonly body_schema_id: number;
  readonly body: Base64;
}

/** From now on nothing new is launched; `by` answers for it and looks again at `review_at`. */
export interface CampaignPaused {
  readonly scope: PauseScope;
  readonly target: string;
  readonly reason: string;
  readonly review_at: Moment;
  readonly by: string;
}

/** This pause is over; what it alone held has its deadlines moved by the pause's length. */
export interface CampaignResumed {
  readonly scope: PauseScope;
  readonly target: string;
  readonly reason: string;
  readonly by: string;
}

/** An undo failed as often as it may: a person may resume or skip it; at `until` it is left. */
export interface CompensationParked {
  readonly step: string;
  readonly attempt: number;
  readonly message: string;
  readonly until: Moment;
}

/** A parked undo is tried again, with all its tries. */
export interface CompensationResumed {
  readonly step: string;
  readonly reason: string;
}

/** A parked undo is given up: the effect stays, and `reason` is named among what was left. */
export interface CompensationSkipped {
  readonly step: string;
  readonly reason: string;
}

/**
 * A step answered while the campaign was being undone: its result counts for nothing.
 *
 * What it cost counts. The step's undo takes back whatever it did; `detail` says why it failed.
 */
export interface LateAnswerReceived {
  readonly step: string;
  readonly attempt: number;
  readonly command_id: string;
  readonly succeeded: boolean;
  readonly detail: string;
  readonly usage: Usage;
  readonly artefacts: ReadonlyArray<ArtefactRef>;
  readonly notes: ReadonlyArray<string>;
}

/**
 * An input broke the fold, or came behind one that did (`behind`); the saga waits with it.
 *
 * `value` is the input's framed value, `topic`, `partition` and `offset` are where it stood;
 * empty, and -1, where the look at the clock broke it. `letter_id` names its dead letter. The
 * same `letter_id` again: it was tried once more and still breaks.
 */
export interface InputParked {
  readonly letter_id: string;
  readonly type: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: Base64;
  readonly cause: string;
  readonly behind: boolean;
}

/** A parked input leaves the queue; the facts of one that is redriven follow this one. */
export interface InputUnparked {
  readonly letter_id: string;
  readonly action: UnparkAction;
  readonly reason: string;
}

/**
 * The step's turn has come before its time: it begins when `due` has passed.
 *
 * The campaign's own time begins anew then, so that a late date fails nobody.
 */
export interface StepScheduled {
  readonly step: string;
  readonly due: Moment;
}

/** Somebody wants these steps begun now: from here on they wait for no date. */
export interface ScheduleLifted {
  readonly steps: ReadonlyArray<string>;
  readonly reason: string;
}

/**
 * One campaign's state after `sequence`; the log decides where the two differ.
 *
 * `log_offset` is the offset of an early enough log record: reading from there misses nothing.
 */
export interface SagaSnapshot {
  readonly sequence: number;
  readonly head_hash: string;
  readonly log_offset: number;
  readonly state_version: number;
  readonly closed: boolean;
  readonly state: Base64;
}

/** Before `log_offset` of this log partition every open saga has its snapshot. */
export interface SnapshotCheckpoint {
  readonly log_offset: number;
}

/**
 * A record nobody could work on, whole, with where it came from and why.
 *
 * One that is `parked` waits in its campaign's log, and goes on from there when it is redriven.
 */
export interface DeadLetter {
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Base64;
  readonly value: Base64;
  readonly headers: Readonly<Record<string, Base64>>;
  readonly seen_by: string;
  readonly parked: boolean;
}

/**
 * A dead letter is dealt with: put back on its topic, or dropped for `reason`.
 *
 * Who did it and when is the envelope's to say; `letter_id` is the id of the letter's envelope.
 * Written in one transaction with the record that was put back, or with the facts it brought.
 */
export interface DeadLetterClosed {
  readonly letter_id: string;
  readonly action: LetterAction;
  readonly reason: string;
}

/** A reader did something; `reader_id` is sealed, a pseudonym or empty. */
export interface EngagementRecorded {
  readonly kind: EngagementKind;
  readonly channel: Channel;
  readonly link_id: string;
  readonly reader_id: string;
  readonly happened_at: Moment;
}

/** A text that readers got: how many it was sent to (0: whoever came), and how it is made. */
export interface TrackedVariant {
  readonly link_id: string;
  readonly channel: Channel;
  readonly item_id: string;
  readonly sent: number;
  readonly traits: ReadonlyArray<string>;
}

/**
 * What of a campaign is compared from now on; beside what readers do, on the same topic.
 *
 * `subject` says whom the campaign was for: under it what comes of the comparison is remembered.
 */
export interface VariantsTracked {
  readonly campaign_name: string;
  readonly subject: string;
  readonly variants: ReadonlyArray<TrackedVariant>;
}

/**
 * What was done with a link from `begins_at` on, for `size_s` seconds; a later one replaces it.
 *
 * Windows tumble: each begins at a multiple of its size since 1970 in UTC. An event counts once,
 * by its id, where it happened and not where it was read.
 */
export interface EngagementWindow {
  readonly size_s: number;
  readonly begins_at: Moment;
  readonly channel: Channel;
  readonly link_id: string;
  readonly item_id: string;
  readonly clicks: number;
  readonly opens: number;
  readonly conversions: number;
}

/**
 * How one variant does: events, the readers behind them, and how likely it is the best.
 *
 * `trials` is what `sent` is, or the readers who opened it where it was sent to nobody.
 */
export interface VariantStanding {
  readonly link_id: string;
  readonly item_id: string;
  readonly sent: number;
  readonly trials: number;
  readonly openers: number;
  readonly clickers: number;
  readonly converters: number;
  readonly opens: number;
  readonly clicks: number;
  readonly conversions: number;
  readonly probability_best: number;
  readonly traits: ReadonlyArray<string>;
}

/**
 * A channel's variants side by side; the newest counts.
 *
 * `winner` is an item's id, or empty: then `why` says what the evidence lacks. `as_of` is when
 * the last event that counts happened.
 */
export interface VariantsCompared {
  readonly channel: Channel;
  readonly standings: ReadonlyArray<VariantStanding>;
  readonly winner: string;
  readonly probability: number;
  readonly why: string;
  readonly as_of: Moment;
}

/** One thing remembered, on the compacted topic `memory.items`. */
export interface MemoryItem {
  readonly namespace: string;
  readonly item_id: string;
  readonly text: string;
  readonly evidence: string;
  readonly subject: string;
  readonly importance: number;
  readonly expires_at: Moment | null;
}

/** Each message's own fields, by its wire name. */
export interface Payloads {
  "sagaline.CreateCampaign": CreateCampaign;
  "sagaline.StartCampaign": StartCampaign;
  "sagaline.DecideReview": DecideReview;
  "sagaline.CancelCampaign": CancelCampaign;
  "sagaline.RetryCampaign": RetryCampaign;
  "sagaline.ForkCampaign": ForkCampaign;
  "sagaline.PauseCampaign": PauseCampaign;
  "sagaline.ResumeCampaign": ResumeCampaign;
  "sagaline.PauseWider": PauseWider;
  "sagaline.ResumeWider": ResumeWider;
  "sagaline.DecideUndo": DecideUndo;
  "sagaline.RedriveParked": RedriveParked;
  "sagaline.DropParked": DropParked;
  "sagaline.LiftSchedule": LiftSchedule;
  "sagaline.GoalSubmitted": GoalSubmitted;
  "sagaline.RunResearch": RunResearch;
  "sagaline.ResearchCompleted": ResearchCompleted;
  "sagaline.BuildStrategy": BuildStrategy;
  "sagaline.StrategyBuilt": StrategyBuilt;
  "sagaline.WriteContent": WriteContent;
  "sagaline.ContentWritten": ContentWritten;
  "sagaline.DeleteContentDrafts": DeleteContentDrafts;
  "sagaline.RenderDesign": RenderDesign;
  "sagaline.DesignRendered": DesignRendered;
  "sagaline.DeleteDesignAssets": DeleteDesignAssets;
  "sagaline.RenderVideo": RenderVideo;
  "sagaline.VideoRendered": VideoRendered;
  "sagaline.DeleteVideo": DeleteVideo;
  "sagaline.AuditContent": AuditContent;
  "sagaline.ContentAudited": ContentAudited;
  "sagaline.PublishContent": PublishContent;
  "sagaline.ContentPublished": ContentPublished;
  "sagaline.RollbackPublication": RollbackPublication;
  "sagaline.SetUpAnalytics": SetUpAnalytics;
  "sagaline.AnalyticsReady": AnalyticsReady;
  "sagaline.CleanUpAnalytics": CleanUpAnalytics;
  "sagaline.AnnounceReview": AnnounceReview;
  "sagaline.ReviewAnnounced": ReviewAnnounced;
  "sagaline.WithdrawReview": WithdrawReview;
  "sagaline.LearnLessons": LearnLessons;
  "sagaline.LessonsLearned": LessonsLearned;
  "sagaline.StepFailed": StepFailed;
  "sagaline.StepUndone": StepUndone;
  "sagaline.GoalReceived": GoalReceived;
  "sagaline.PlanGenerated": PlanGenerated;
  "sagaline.StepSkipped": StepSkipped;
  "sagaline.ToolCallRequested": ToolCallRequested;
  "sagaline.ToolResultReceived": ToolResultReceived;
  "sagaline.AgentCompleted": AgentCompleted;
  "sagaline.ToolCallFailed": ToolCallFailed;
  "sagaline.RetryScheduled": RetryScheduled;
  "sagaline.WorkSentBack": WorkSentBack;
  "sagaline.ReviewRequested": ReviewRequested;
  "sagaline.ReviewDecided": ReviewDecided;
  "sagaline.ContentEdited": ContentEdited;
  "sagaline.DeadlinePassed": DeadlinePassed;
  "sagaline.CancelRequested": CancelRequested;
  "sagaline.CompensationRequested": CompensationRequested;
  "sagaline.CompensationCompleted": CompensationCompleted;
  "sagaline.CompensationFailed": CompensationFailed;
  "sagaline.WorkflowCompleted": WorkflowCompleted;
  "sagaline.WorkflowFailed": WorkflowFailed;
  "sagaline.WorkflowRejected": WorkflowRejected;
  "sagaline.WorkflowCancelled": WorkflowCancelled;
  "sagaline.WorkflowRetried": WorkflowRetried;
  "sagaline.RequestRefused": RequestRefused;
  "sagaline.CompensationStarted": CompensationStarted;
  "sagaline.ReviewVoted": ReviewVoted;
  "sagaline.ReviewReminded": ReviewReminded;
  "sagaline.CampaignForked": CampaignForked;
  "sagaline.ResultTakenOver": ResultTakenOver;
  "sagaline.CampaignPaused": CampaignPaused;
  "sagaline.CampaignResumed": CampaignResumed;
  "sagaline.CompensationParked": CompensationParked;
  "sagaline.CompensationResumed": CompensationResumed;
  "sagaline.CompensationSkipped": CompensationSkipped;
  "sagaline.LateAnswerReceived": LateAnswerReceived;
  "sagaline.InputParked": InputParked;
  "sagaline.InputUnparked": InputUnparked;
  "sagaline.StepScheduled": StepScheduled;
  "sagaline.ScheduleLifted": ScheduleLifted;
  "sagaline.SagaSnapshot": SagaSnapshot;
  "sagaline.SnapshotCheckpoint": SnapshotCheckpoint;
  "sagaline.DeadLetter": DeadLetter;
  "sagaline.DeadLetterClosed": DeadLetterClosed;
  "sagaline.EngagementRecorded": EngagementRecorded;
  "sagaline.VariantsTracked": VariantsTracked;
  "sagaline.EngagementWindow": EngagementWindow;
  "sagaline.VariantsCompared": VariantsCompared;
  "sagaline.MemoryItem": MemoryItem;
}

/** The catalog, by wire name. */
export const MESSAGES = {
  "sagaline.CreateCampaign": { version: 4, schemaId: 1000052, topic: "campaign.requests", owner: "edge" },
  "sagaline.StartCampaign": { version: 1, schemaId: 1000001, topic: "campaign.requests", owner: "edge" },
  "sagaline.DecideReview": { version: 1, schemaId: 1000002, topic: "campaign.requests", owner: "edge" },
  "sagaline.CancelCampaign": { version: 1, schemaId: 1000003, topic: "campaign.requests", owner: "edge" },
  "sagaline.RetryCampaign": { version: 1, schemaId: 1000004, topic: "campaign.requests", owner: "edge" },
  "sagaline.ForkCampaign": { version: 1, schemaId: 1000005, topic: "campaign.requests", owner: "edge" },
  "sagaline.PauseCampaign": { version: 1, schemaId: 1000020, topic: "campaign.requests", owner: "edge" },
  "sagaline.ResumeCampaign": { version: 1, schemaId: 1000021, topic: "campaign.requests", owner: "edge" },
  "sagaline.PauseWider": { version: 1, schemaId: 1000022, topic: "campaign.requests", owner: "edge" },
  "sagaline.ResumeWider": { version: 1, schemaId: 1000023, topic: "campaign.requests", owner: "edge" },
  "sagaline.DecideUndo": { version: 1, schemaId: 1000024, topic: "campaign.requests", owner: "edge" },
  "sagaline.RedriveParked": { version: 1, schemaId: 1000030, topic: "campaign.requests", owner: "edge" },
  "sagaline.DropParked": { version: 1, schemaId: 1000031, topic: "campaign.requests", owner: "edge" },
  "sagaline.LiftSchedule": { version: 1, schemaId: 1000034, topic: "campaign.requests", owner: "edge" },
  "sagaline.GoalSubmitted": { version: 2, schemaId: 1000041, topic: "campaign.intake", owner: "upstream" },
  "sagaline.RunResearch": { version: 3, schemaId: 1000107, topic: "research.commands", owner: "orchestrator" },
  "sagaline.ResearchCompleted": { version: 3, schemaId: 1000108, topic: "campaign.results", owner: "radar" },
  "sagaline.BuildStrategy": { version: 3, schemaId: 1000116, topic: "strategy.commands", owner: "orchestrator" },
  "sagaline.StrategyBuilt": { version: 1, schemaId: 1000111, topic: "campaign.results", owner: "analyst" },
  "sagaline.WriteContent": { version: 3, schemaId: 1000126, topic: "content.commands", owner: "orchestrator" },
  "sagaline.ContentWritten": { version: 1, schemaId: 1000121, topic: "campaign.results", owner: "analyst" },
  "sagaline.DeleteContentDrafts": { version: 1, schemaId: 1000122, topic: "content.commands", owner: "orchestrator" },
  "sagaline.RenderDesign": { version: 2, schemaId: 1000135, topic: "design.commands", owner: "orchestrator" },
  "sagaline.DesignRendered": { version: 2, schemaId: 1000136, topic: "campaign.results", owner: "visual" },
  "sagaline.DeleteDesignAssets": { version: 1, schemaId: 1000132, topic: "design.commands", owner: "orchestrator" },
  "sagaline.RenderVideo": { version: 2, schemaId: 1000145, topic: "video.commands", owner: "orchestrator" },
  "sagaline.VideoRendered": { version: 2, schemaId: 1000146, topic: "campaign.results", owner: "visual" },
  "sagaline.DeleteVideo": { version: 1, schemaId: 1000142, topic: "video.commands", owner: "orchestrator" },
  "sagaline.AuditContent": { version: 3, schemaId: 1000156, topic: "audit.commands", owner: "orchestrator" },
  "sagaline.ContentAudited": { version: 1, schemaId: 1000151, topic: "campaign.results", owner: "optimizer" },
  "sagaline.PublishContent": { version: 3, schemaId: 1000167, topic: "publish.commands", owner: "orchestrator" },
  "sagaline.ContentPublished": { version: 2, schemaId: 1000166, topic: "campaign.results", owner: "optimizer" },
  "sagaline.RollbackPublication": { version: 1, schemaId: 1000162, topic: "publish.commands", owner: "orchestrator" },
  "sagaline.SetUpAnalytics": { version: 2, schemaId: 1000175, topic: "analytics.commands", owner: "orchestrator" },
  "sagaline.AnalyticsReady": { version: 2, schemaId: 1000176, topic: "campaign.results", owner: "optimizer" },
  "sagaline.CleanUpAnalytics": { version: 1, schemaId: 1000172, topic: "analytics.commands", owner: "orchestrator" },
  "sagaline.AnnounceReview": { version: 1, schemaId: 1000190, topic: "publish.commands", owner: "orchestrator" },
  "sagaline.ReviewAnnounced": { version: 1, schemaId: 1000191, topic: "campaign.results", owner: "optimizer" },
  "sagaline.WithdrawReview": { version: 1, schemaId: 1000192, topic: "publish.commands", owner: "orchestrator" },
  "sagaline.LearnLessons": { version: 3, schemaId: 1000186, topic: "learn.commands", owner: "orchestrator" },
  "sagaline.LessonsLearned": { version: 1, schemaId: 1000181, topic: "campaign.results", owner: "optimizer" },
  "sagaline.StepFailed": { version: 1, schemaId: 1000200, topic: "campaign.results", owner: "plugin" },
  "sagaline.StepUndone": { version: 1, schemaId: 1000201, topic: "campaign.results", owner: "plugin" },
  "sagaline.GoalReceived": { version: 1, schemaId: 1000300, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.PlanGenerated": { version: 4, schemaId: 1000396, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.StepSkipped": { version: 1, schemaId: 1000302, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ToolCallRequested": { version: 1, schemaId: 1000303, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ToolResultReceived": { version: 1, schemaId: 1000304, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.AgentCompleted": { version: 1, schemaId: 1000305, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ToolCallFailed": { version: 2, schemaId: 1000394, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.RetryScheduled": { version: 1, schemaId: 1000307, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.WorkSentBack": { version: 1, schemaId: 1000308, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ReviewRequested": { version: 1, schemaId: 1000309, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ReviewDecided": { version: 1, schemaId: 1000310, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ContentEdited": { version: 1, schemaId: 1000311, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.DeadlinePassed": { version: 4, schemaId: 1000397, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CancelRequested": { version: 1, schemaId: 1000313, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CompensationRequested": { version: 1, schemaId: 1000314, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CompensationCompleted": { version: 1, schemaId: 1000315, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CompensationFailed": { version: 2, schemaId: 1000395, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.WorkflowCompleted": { version: 1, schemaId: 1000317, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.WorkflowFailed": { version: 1, schemaId: 1000318, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.WorkflowRejected": { version: 1, schemaId: 1000319, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.WorkflowCancelled": { version: 1, schemaId: 1000320, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.WorkflowRetried": { version: 1, schemaId: 1000321, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.RequestRefused": { version: 1, schemaId: 1000322, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CompensationStarted": { version: 1, schemaId: 1000323, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ReviewVoted": { version: 1, schemaId: 1000324, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ReviewReminded": { version: 1, schemaId: 1000325, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CampaignForked": { version: 1, schemaId: 1000326, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ResultTakenOver": { version: 1, schemaId: 1000327, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CampaignPaused": { version: 1, schemaId: 1000350, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CampaignResumed": { version: 1, schemaId: 1000351, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CompensationParked": { version: 1, schemaId: 1000352, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CompensationResumed": { version: 1, schemaId: 1000353, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.CompensationSkipped": { version: 1, schemaId: 1000354, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.LateAnswerReceived": { version: 1, schemaId: 1000355, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.InputParked": { version: 1, schemaId: 1000370, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.InputUnparked": { version: 1, schemaId: 1000371, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.StepScheduled": { version: 1, schemaId: 1000372, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.ScheduleLifted": { version: 1, schemaId: 1000380, topic: "campaign.log", owner: "orchestrator" },
  "sagaline.SagaSnapshot": { version: 1, schemaId: 1000400, topic: "campaign.snapshots", owner: "orchestrator" },
  "sagaline.SnapshotCheckpoint": { version: 1, schemaId: 1000401, topic: "campaign.snapshots", owner: "orchestrator" },
  "sagaline.DeadLetter": { version: 2, schemaId: 1000550, topic: "dead.letters", owner: "plugin" },
  "sagaline.DeadLetterClosed": { version: 1, schemaId: 1000501, topic: "dead.letters", owner: "plugin" },
  "sagaline.EngagementRecorded": { version: 1, schemaId: 1000600, topic: "engagement.events", owner: "edge" },
  "sagaline.VariantsTracked": { version: 1, schemaId: 1000601, topic: "engagement.events", owner: "optimizer" },
  "sagaline.EngagementWindow": { version: 1, schemaId: 1000610, topic: "engagement.windows", owner: "optimizer" },
  "sagaline.VariantsCompared": { version: 1, schemaId: 1000611, topic: "engagement.windows", owner: "optimizer" },
  "sagaline.MemoryItem": { version: 1, schemaId: 1000700, topic: "memory.items", owner: "optimizer" },
} as const satisfies Record<keyof Payloads, CatalogEntry>;
