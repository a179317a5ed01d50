"""From findings, goals and lessons to a StrategyBrief. It asks nobody and reads no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.figures import figures
from contracts.goal import Channel
from contracts.research import FindingKind
from contracts.strategy import BuildStrategy, ChannelPlan, CitedStatement, Lesson, StrategyBrief
from services.analyst import lessons as learned
from services.analyst.argument import Part, part_of, subject_of
from services.analyst.clauses import clause_of
from services.analyst.engines.embedded.topics import inside
from services.analyst.points import (
    Point,
    points_of,
    ranked,
    subject_words,
)
from services.analyst.risks import risks_of
from services.analyst.sentences import clipped
from services.analyst.strategy_words import ENGLISH, WORDS, StrategyWords

HEADLINE_CHARS_MAX = 80
HEADLINE_PLACES_MAX = 16
"""Further down the ranking a finding says too little about the campaign to stand over it."""

MESSAGES_MAX = 5
MESSAGE_CHARS_MAX = 200
SUPPORT_MAX = 2
RELEVANCE_PER_WORD = 0.05
RELEVANCE_MAX = 0.2
SUBJECT_PER_WORD = 0.15
SUBJECT_MAX = 0.45
"""A finding on a subject that a goal names in the same words carries that goal."""
PART_WORTH = {Part.PROBLEM: 0.2, Part.WISH: 0.15, Part.REMEDY: 0.1, Part.CHANGE: 0.1}
"""What an argument can begin with, before what only states how things are."""
LINE_CHARS_MAX = 300
NAME_CHARS_MAX = 120
AUDIENCE_CHARS_MAX = 160
LESSON_CHARS_MAX = 300

_LEAD_PLACES = {Channel.LINKEDIN: 1, Channel.TWITTER: 2}
"""Which of the strongest findings a channel opens with, of those that an argument can begin with;
the others share the very strongest."""


class NothingToSay(ValueError):
    """No finding holds a sentence that could be used."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The brief, what a person should know about how it came about, and what it could rest on."""

    brief: StrategyBrief
    notes: tuple[str, ...]
    points: tuple[Point, ...]


def build(
    command: BuildStrategy, lessons: Sequence[Lesson], now: datetime, language: str = "en"
) -> Plan:
    """The brief for this command, in English or Spanish. The same arguments give the same brief.

    Raises NothingToSay where no finding is usable.
    """
    words = WORDS.get(language, ENGLISH)
    usable = points_of(command.findings, lambda _: True, language)
    points = ranked(usable, bonus=lambda point: _bonus(command, lessons, point))
    if not points:
        raise NothingToSay
    messages = _messages(points)
    brief = StrategyBrief(
        headline=_headline(command, points, words),
        audience=_audience(command, points, words),
        positioning=_positioning(command, points, words),
        key_messages=messages,
        channel_plan=_channel_plan(command, points, lessons, words),
        kpis=tuple(_kpi(goal, words) for goal in command.goals),
        risks=(
            *risks_of(usable, now, words.risks),
            *_lesson_risks(learned.applied_nowhere(lessons, points, command.channels), words),
        ),
        lessons=tuple(lessons),
    )
    return Plan(brief, _notes(command, usable, lessons), points)


def field_of(brief: StrategyBrief) -> str:
    """The industry as the brief names it; empty where a reviewer rewrote that sentence."""
    joins = "|".join(re.escape(words.interested_in) for words in WORDS.values())
    match = re.search(rf"(?:{joins})([^.]{{2,120}})\. ", brief.audience.text)
    return match[1] if match else ""


def goals_of(brief: StrategyBrief) -> tuple[str, ...]:
    """The campaign's goals as the brief measures them, each without its measure."""
    measures = [
        measure
        for words in WORDS.values()
        for measure in (*(text for _, text in words.measures), words.any_measure)
    ]
    tail = re.compile(rf": (?:{'|'.join(map(re.escape, measures))}).*$")
    return tuple(tail.sub("", kpi) for kpi in brief.kpis)


def _bonus(command: BuildStrategy, lessons: Sequence[Lesson], point: Point) -> float:
    wanted = subject_words(
        " ".join((command.goals[0] if command.goals else "", command.target_audience))
    ) | subject_words(command.industry)
    common = len(wanted & subject_words(point.text))
    named = len(subject_words(subject_of(command.goals, point)))
    return (
        min(RELEVANCE_MAX, RELEVANCE_PER_WORD * common)
        + min(SUBJECT_MAX, SUBJECT_PER_WORD * named)
        + PART_WORTH.get(part_of(point), 0.0)
        + learned.weight(point, lessons)
    )


def _own_voice_first(points: Sequence[Point]) -> list[Point]:
    """What the business can say itself first; quotations and competitors after it."""
    return sorted(points, key=lambda p: (p.kind is FindingKind.COMPETITOR, p.quoted))


def _headline(command: BuildStrategy, points: Sequence[Point], words: StrategyWords) -> str:
    """The strongest finding that is short enough as a complete clause; else an invitation."""
    for point in points[:HEADLINE_PLACES_MAX]:
        if not point.quoted and point.kind is not FindingKind.COMPETITOR:
            short = clause_of(point.text, HEADLINE_CHARS_MAX)
            if short:
                return short
    call = command.call_to_action.strip() or _default_call(command, words)
    options = (words.invitation.format(industry=inside(command.industry)), call)
    fitting = [text for text in options if len(text) <= HEADLINE_CHARS_MAX]
    return fitting[0] if fitting else clipped(call, HEADLINE_CHARS_MAX)


def _audience(
    command: BuildStrategy, points: Sequence[Point], words: StrategyWords
) -> CitedStatement:
    about = subject_words(command.target_audience)
    near = max(points, key=lambda p: len(about & subject_words(p.text)))
    known = words.audience.format(finding=_said(near))
    return CitedStatement(text=audience_in(command, words, known), finding_ids=(near.id,))


def audience_in(command: BuildStrategy, words: StrategyWords, known: str) -> str:
    """Who the audience is, with its field as `field_of` finds it, and what is known about it."""
    who = clipped(command.target_audience, AUDIENCE_CHARS_MAX)
    field = clipped(command.industry, NAME_CHARS_MAX)
    return f"{_capital(who)}{words.interested_in}{field}. {known}"


def _positioning(
    command: BuildStrategy, points: Sequence[Point], words: StrategyWords
) -> CitedStatement:
    name = clipped(command.business_name, NAME_CHARS_MAX)
    lead = _own_voice_first(points)[0]
    rivals = [p for p in points if p.kind is FindingKind.COMPETITOR and p is not lead][:2]
    if lead.kind is FindingKind.COMPETITOR:
        known = [lead, *rivals]
        others = " ".join(_said(rival) for rival in known)
        text = words.only_rivals.format(others=others, name=name)
        return CitedStatement(text=text, finding_ids=tuple(rival.id for rival in known))
    if not rivals:
        text = words.untested.format(name=name, finding=_said(lead))
        return CitedStatement(text=text, finding_ids=(lead.id,))
    others = " ".join(_said(rival) for rival in rivals)
    text = words.position.format(others=others, name=name, finding=_said(lead))
    return CitedStatement(text=text, finding_ids=(lead.id, *(rival.id for rival in rivals)))


def _messages(points: Sequence[Point]) -> tuple[CitedStatement, ...]:
    leads = _own_voice_first(points)
    rivals = [p for p in leads if p.kind is FindingKind.COMPETITOR]
    own = [p for p in leads if p.kind is not FindingKind.COMPETITOR]
    chosen = [*own[: MESSAGES_MAX - min(1, len(rivals))], *rivals][:MESSAGES_MAX]
    taken = {point.id for point in chosen}
    messages = []
    for point in chosen:
        support = [p.id for p in _nearest(point, points) if p.id not in taken][:SUPPORT_MAX]
        taken.update(support)
        messages.append(CitedStatement(text=_said(point), finding_ids=(point.id, *support)))
    return tuple(messages)


def _nearest(point: Point, points: Sequence[Point]) -> list[Point]:
    """Findings of the same kind that share its subject, closest first."""
    about = subject_words(point.text)
    near = [(len(about & subject_words(p.text)), p) for p in points if p is not point]
    close = [(common, p) for common, p in near if common >= 2 and p.kind is point.kind]
    return [p for _, p in sorted(close, key=lambda pair: -pair[0])]


def _channel_plan(
    command: BuildStrategy,
    points: Sequence[Point],
    lessons: Sequence[Lesson],
    words: StrategyWords,
) -> tuple[ChannelPlan, ...]:
    own = [p for p in points if p.kind is not FindingKind.COMPETITOR] or list(points)
    leads = sorted(own, key=lambda point: part_of(point) not in PART_WORTH)
    plans = []
    for channel in dict.fromkeys(command.channels):
        lead = leads[_LEAD_PLACES.get(channel, 0) % len(leads)]
        text = words.angles[channel].format(finding=_said(lead))
        for lesson in learned.of_channel(channel, lessons):
            text += words.learned.format(lesson=clipped(lesson.text, LESSON_CHARS_MAX))
        call = command.call_to_action.strip() or _default_call(command, words)
        plans.append(
            ChannelPlan(
                channel=channel,
                angle=CitedStatement(text=text, finding_ids=(lead.id,)),
                call_to_action=clipped(call, LINE_CHARS_MAX),
            )
        )
    return tuple(plans)


def _default_call(command: BuildStrategy, words: StrategyWords) -> str:
    return words.find_out.format(name=clipped(command.business_name, NAME_CHARS_MAX))


def _kpi(goal: str, words: StrategyWords) -> str:
    fitting = (text for pattern, text in words.measures if pattern.search(goal))
    measure = next(fitting, words.any_measure)
    target = "" if figures(goal) else words.no_target
    tail = f": {measure}{target}"
    return clipped(goal.rstrip(" ."), LINE_CHARS_MAX - len(tail)) + tail


def _lesson_risks(lessons: Sequence[Lesson], words: StrategyWords) -> tuple[CitedStatement, ...]:
    return tuple(
        CitedStatement(
            text=words.lesson.format(lesson=clipped(lesson.text, LESSON_CHARS_MAX)),
            finding_ids=(),
        )
        for lesson in lessons
    )


def _notes(
    command: BuildStrategy, usable: Sequence[Point], lessons: Sequence[Lesson]
) -> tuple[str, ...]:
    notes = []
    kept = {point.id for point in usable}
    unused = [finding.id for finding in command.findings if finding.id not in kept]
    if unused:
        notes.append(f"No usable sentence in {', '.join(unused)}; the plan does without.")
    if lessons:
        notes.append(f"{len(lessons)} earlier lessons were weighed.")
    return tuple(notes)


def _said(point: Point) -> str:
    return f"“{point.text}.”" if point.quoted else f"{point.text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
