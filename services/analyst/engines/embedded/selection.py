"""Which findings one text tells, in which order: the brief's first, seen from the text's angle."""

from collections.abc import Callable, Sequence

from contracts.content import WriteContent
from contracts.figures import values
from contracts.goal import Channel
from contracts.research import FindingKind
from services.analyst.argument import Part, answers, part_of
from services.analyst.brand_voice import Voice
from services.analyst.feedback import Wishes
from services.analyst.points import Point, points_of, ranked, subject_words
from services.analyst.ports import CannotWrite, Order

BRIEF_WEIGHT = 100.0
"""A finding the brief names goes before any that it does not, …"""
BRIEF_STEP = 2.0
"""… and in the brief's order: a place weighs more than any score."""
FOREIGN_COST = 1_000.0
"""What is in another language goes behind everything that is not."""

OPENERS_MAX = 4
BEGINS = frozenset({Part.PROBLEM, Part.WISH, Part.REMEDY, Part.CHANGE})
GOES_ON_WITHIN = 9
"""So far down the order a finding is looked for that goes on from the last one."""
GOES_ON_ANSWER = 6.0
SHARED_MAX = 3
OTHER_PART = 1.0
SAME_SOURCE_COST = 2.0
BRIEF_PLACES_MAX = 50
BLOG_RIVALS_MAX = 2
BLOG_RIVALS_AFTER = 7

_LEADING_KIND = (None, FindingKind.MARKET, FindingKind.TREND, FindingKind.MARKET)
_STEP = {Channel.EMAIL: 3, Channel.BLOG: 4, Channel.LINKEDIN: 3, Channel.WEBHOOK: 3}


def points_for(
    order: Order, channel: Channel, voice: Voice, wishes: Wishes
) -> tuple[tuple[Point, ...], tuple[str, ...]]:
    """The findings this text may use, the brief's own first, and notes on wishes not met.

    One in another language stands in the text as a quotation in that language, and behind the
    others; a text of such quotations alone is refused.
    """
    command = order.command
    usable = points_of(command.findings, voice.allows, order.language)
    if not usable:
        raise CannotWrite(
            "findings: none holds a sentence that can be used (empty, banned by "
            "brand_voice.banned_words, or a figure that its quote does not hold); add sources "
            "or allow the words"
        )
    if all(point.foreign for point in usable):
        raise CannotWrite(
            f"language: no usable finding is in the text's language ({order.language}), and the "
            "embedded writer does not translate; add sources in that language, or set "
            "language to that of the sources"
        )
    place = _places_in_brief(command, channel)
    in_order = ranked(
        usable,
        bonus=lambda p: (
            max(0.0, BRIEF_WEIGHT - BRIEF_STEP * place.get(p.id, BRIEF_PLACES_MAX))
            - (FOREIGN_COST if p.foreign else 0.0)
        ),
    )
    wanted = [p for p in in_order if not wishes.figures_out & values(p.text)]
    wanted = [p for p in wanted if p.id not in wishes.findings_out]
    notes = []
    sieves: tuple[tuple[bool, Callable[[Point], bool], str], ...] = (
        (wishes.no_rivals, lambda p: p.kind is not FindingKind.COMPETITOR, "about competitors"),
        (wishes.no_figures, lambda p: not values(p.text), "with figures"),
    )
    for is_asked, keeps, what in sieves:
        kept = [p for p in wanted if keeps(p)] if is_asked else wanted
        if not kept and wanted:
            notes.append(f"only findings {what} are left, so they stay in use")
        wanted = kept or wanted
    if not wanted:
        raise CannotWrite("findings: the feedback excludes every one of them; add sources")
    return tuple(wanted), tuple(notes)


def _places_in_brief(command: WriteContent, channel: Channel) -> dict[str, int]:
    """In which order the brief wants its findings: the channel's angle, then the messages."""
    named: list[str] = []
    for plan in command.brief.channel_plan:
        if plan.channel is channel:
            named += plan.angle.finding_ids
    for message in command.brief.key_messages:
        named += message.finding_ids
    return {finding_id: place for place, finding_id in enumerate(dict.fromkeys(named))}


def for_angle(
    points: Sequence[Point], channel: Channel, angle: int, wanted: Sequence[str]
) -> tuple[Point, ...]:
    """The points as this angle tells them: another start, another kind in front, then each the one
    that goes on best from those before it.

    What is in another language comes late, competitors last: only the article has room for
    them, or a text short of findings.
    """
    own = [p for p in points if p.kind is not FindingKind.COMPETITOR and not p.foreign]
    foreign = [p for p in points if p.kind is not FindingKind.COMPETITOR and p.foreign]
    rivals = [p for p in points if p.kind is FindingKind.COMPETITOR]
    if not own:
        own, foreign, rivals = [*rivals, *foreign], [], []
    start = angle * _STEP.get(channel, 1) % len(own)
    turned = [*own[start:], *own[:start]]
    others = [point for point in turned if point is not own[0]] if angle else turned
    opener = _opener(others or turned, _LEADING_KIND[angle])
    turned = _led_on(opener, [point for point in turned if point is not opener], wanted)
    turned += foreign
    if channel is Channel.BLOG:
        head, tail = turned[:BLOG_RIVALS_AFTER], turned[BLOG_RIVALS_AFTER:]
        return (*head, *rivals[:BLOG_RIVALS_MAX], *tail)
    return (*turned, *rivals)


def _opener(points: Sequence[Point], kind: FindingKind | None) -> Point:
    """The first point that the business can say itself; of an angle with a kind of its own, one of
    that kind, which rather begins an argument (a problem, a wish) than states how things are."""
    plain = [p for p in points if not p.quoted]
    near = [p for p in plain if p.kind is kind][:OPENERS_MAX]
    begins = [p for p in near if part_of(p) in BEGINS]
    return next(iter((*begins, *near, *plain, *points)))


def _led_on(opener: Point, points: list[Point], wanted: Sequence[str]) -> list[Point]:
    """The points so that each goes on from the one before: what answers it, what shares its
    subject, what is of another part in the argument. Where nothing does, in their order."""
    order, left = [opener], list(points)
    while left:
        near = left[:GOES_ON_WITHIN]
        costs = [place - _goes_on(order, point, wanted) for place, point in enumerate(near)]
        order.append(left.pop(costs.index(min(costs))))
    return order


def _goes_on(order: Sequence[Point], point: Point, wanted: Sequence[str]) -> float:
    before = order[-1]
    shared = subject_words(point.text) & (subject_words(before.text) | subject_words(order[0].text))
    alike = point.finding.source_url == before.finding.source_url
    return (
        GOES_ON_ANSWER * answers(before, point, wanted)
        + min(SHARED_MAX, len(shared))
        + OTHER_PART * (part_of(point) is not part_of(before))
        - SAME_SOURCE_COST * alike
    )
