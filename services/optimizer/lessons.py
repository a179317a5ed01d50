"""What a campaign teaches, counted from its own records; it knows no memory and no clock.

A lesson is in our own words, with addresses, names of rules and counts: no text from a source or
a report goes into it, so nothing from outside can speak through memory to a later campaign.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.audit import QualityCheck, QualityVerdict
from contracts.identity import FACTS, derived
from contracts.learn import LearnLessons
from contracts.research import Finding, FindingKind, SourceReport, SourceStatus
from contracts.strategy import Lesson, StrategyBrief

NAMED_MAX = 5
"""How many addresses a lesson's text names; its evidence counts them all."""
ADDRESS_CHARS_MAX = 200

_TOPICS = {
    FindingKind.TREND: "trend reports",
    FindingKind.MARKET: "market studies",
    FindingKind.COMPETITOR: "competitor pages",
}
_SOURCE_ADVICE = {
    SourceStatus.FAILED: "Check or replace before the next campaign, for reading failed: {which}.",
    SourceStatus.REFUSED: "Replace, or ask for leave to read, for access was refused: {which}.",
    SourceStatus.EMPTY: "Replace, for there was no readable text: {which}.",
    SourceStatus.READ: "Replace by something closer to the audience, for it was read and gave no "
    "finding: {which}.",
}
_RULE_ADVICE = {
    "enough_citations": "plan more key messages that cite findings",
    "citation_names_its_source": "cite each finding at the address it was read from",
    "email_subject_length": "keep subject lines within 60 characters",
    "email_preheader_length": "keep preheaders within 150 characters",
    "linkedin_length": "keep posts within 1,300 characters",
    "tweet_length_with_hashtags": "leave room for the hashtags",
    "blog_length": "plan between 300 and 1,200 words",
    "reads_easily": "choose shorter words and sentences",
    "variants_differ": "give each variant its own angle and finding",
    "text_is_in_its_language": "research and write in the campaign's language",
    "channel_has_a_picture": "have a picture drawn",
    "picture_fits_its_channel": "have pictures drawn at the channel's size",
    "picture_has_alt_text": "describe each picture",
    "picture_can_be_read": "keep letters large and their ground calm",
    "no_email_address": "keep people's addresses out",
    "no_phone_number": "keep people's telephone lines out",
    "call_to_action_figure_stands_in_a_quote": "make offers that can be shown to be real",
}


@dataclass(frozen=True, slots=True)
class Learned:
    """A lesson, and how much it matters: 0..1."""

    lesson: Lesson
    importance: float


@dataclass(frozen=True, slots=True)
class _Campaign:
    """The campaign that teaches: makes lessons whose id and evidence name it."""

    campaign_id: str
    name: str

    def taught(self, kind: str, text: str, evidence: str, importance: float) -> Learned:
        lesson_id = derived(FACTS, self.campaign_id, "lesson", kind)
        named = f"campaign “{self.name}” ({self.campaign_id}): {evidence}"
        return Learned(Lesson(id=lesson_id, text=text, evidence=named), importance)


def lessons_of(campaign_id: str, command: LearnLessons) -> tuple[Learned, ...]:
    """The lessons of a finished campaign; the same command gives the same, in the same order."""
    campaign = _Campaign(campaign_id, command.campaign_name)
    cited = cited_ids(command.brief)
    return (
        *_about_use(campaign, command.findings, cited),
        *_about_best(campaign, command.findings, cited),
        *_about_sources(campaign, command),
        *_about_audit(campaign, command.report.checks),
        *_about_channels(campaign, command),
    )


def cited_ids(brief: StrategyBrief) -> frozenset[str]:
    """The findings that any statement of the brief cites."""
    statements = (
        brief.audience,
        brief.positioning,
        *brief.key_messages,
        *(plan.angle for plan in brief.channel_plan),
        *brief.risks,
    )
    return frozenset(finding_id for said in statements for finding_id in said.finding_ids)


def _about_use(
    campaign: _Campaign, findings: tuple[Finding, ...], cited: frozenset[str]
) -> tuple[Learned, ...]:
    if not findings:
        text = "Give the next campaign sources that speak of this audience: these had none."
        return (campaign.taught("use", text, "0 findings", 0.9),)
    used = sum(finding.id in cited for finding in findings)
    evidence = f"{used} of {len(findings)} findings cited by the strategy"
    if 2 * used < len(findings):
        text = (
            f"Choose sources closer to the goals: the strategy cited {used} of {len(findings)} "
            "findings and left the rest."
        )
        return (campaign.taught("use", text, evidence, 0.6),)
    text = (
        f"Keep this mix of sources: the strategy cited {used} of {len(findings)} findings from it."
    )
    return (campaign.taught("use", text, evidence, 0.4),)


def _about_best(
    campaign: _Campaign, findings: tuple[Finding, ...], cited: frozenset[str]
) -> tuple[Learned, ...]:
    """Which source and which kind of finding gave most of what was cited."""
    used = [finding for finding in findings if finding.id in cited]
    if not used:
        return ()
    source, source_count = _most(finding.source_url for finding in used)
    kind, kind_count = _most(finding.kind for finding in used)
    total = len(used)
    by_source = (
        f"Begin research at {_short(source)}: it gave {source_count} of {total} cited findings."
    )
    by_kind = f"Look at {_TOPICS[FindingKind(kind)]} first: they gave {kind_count} of {total}."
    return (
        campaign.taught("source", by_source, f"{source_count} of {total} cited findings", 0.7),
        campaign.taught("kind", by_kind, f"{kind_count} of {total} cited findings are {kind}", 0.5),
    )


def _about_sources(campaign: _Campaign, command: LearnLessons) -> tuple[Learned, ...]:
    learned = []
    barren = _barren(command.sources, command.findings)
    for status, advice in _SOURCE_ADVICE.items():
        reports = [report for report in command.sources if report.status is status]
        if status is SourceStatus.READ:
            reports = barren
        if reports:
            named = ", ".join(_short(report.location) for report in reports[:NAMED_MAX])
            more = f" and {len(reports) - NAMED_MAX} more" if len(reports) > NAMED_MAX else ""
            evidence = f"{len(reports)} of {len(command.sources)} sources"
            text = advice.format(which=named + more)
            learned.append(campaign.taught(f"sources.{status}", text, evidence, 0.6))
    return tuple(learned)


def _barren(sources: tuple[SourceReport, ...], findings: tuple[Finding, ...]) -> list[SourceReport]:
    """Sources that were read and gave no finding.

    A feed's entries stand at other addresses than the feed; where a finding cannot be traced to a
    source, no source is called barren.
    """
    fruitful: set[str] = set()
    for finding in findings:
        origins = {report.location for report in sources if _gave(report, finding)}
        if not origins:
            return []
        fruitful |= origins
    return [
        report
        for report in sources
        if report.status is SourceStatus.READ and report.location not in fruitful
    ]


def _gave(report: SourceReport, finding: Finding) -> bool:
    if report.location == finding.source_url or report.text_digest == finding.source_digest:
        return True
    host = urlsplit(report.location).netloc
    return bool(host) and host == urlsplit(finding.source_url).netloc


def _about_audit(campaign: _Campaign, checks: tuple[QualityCheck, ...]) -> tuple[Learned, ...]:
    failing = [check for check in checks if check.verdict is not QualityVerdict.PASS]
    learned = []
    for name in dict.fromkeys(check.name for check in failing):
        places = list(dict.fromkeys(check.place for check in failing if check.name == name))
        asked = len({check.place for check in checks if check.name == name})
        advice = _RULE_ADVICE.get(name, f"heed the audit's rule {name.replace('_', ' ')}")
        where = ", ".join(dict.fromkeys(_channel(place) for place in places))
        text = f"For {where or 'all texts'}: {advice}; the audit found fault with it."
        evidence = f"rule {name} failed at {len(places)} of {asked} places: {', '.join(places)}"
        learned.append(campaign.taught(f"audit.{name}", text, evidence, 0.7))
    return tuple(learned)


def _about_channels(campaign: _Campaign, command: LearnLessons) -> tuple[Learned, ...]:
    planned = list(dict.fromkeys(plan.channel.value for plan in command.brief.channel_plan))
    reached = {made.channel.value for made in command.publications}
    evidence = f"{len(reached)} of {len(planned)} planned channels published"
    return tuple(
        campaign.taught(
            f"channel.{channel}",
            f"Set up {channel}, or leave it out of the brief: it was planned and nothing was "
            "published there, for it was not configured or failed.",
            evidence,
            0.8,
        )
        for channel in planned
        if channel not in reached
    )


def _channel(place: str) -> str:
    """The channel of a place such as `email-a` or `picture-email`; else the place itself."""
    return place.removeprefix("picture-").partition("-")[0]


def _most(names: Iterable[str]) -> tuple[str, int]:
    """The most frequent name and its count; of equals, the first in the alphabet."""
    counts = Counter(str(name) for name in names)
    return min(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def _short(address: str) -> str:
    cut = len(address) > ADDRESS_CHARS_MAX
    return address[: ADDRESS_CHARS_MAX - 1] + "…" if cut else address
