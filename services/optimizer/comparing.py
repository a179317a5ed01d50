"""From counts to a comparison of a channel's variants, and to the lesson that it teaches. Pure.

A variant is judged by the readers who followed its link, of those it was sent to; where it was
sent to nobody, of those who opened it. Mail programs open and follow links on their own; they do
so for either variant alike, so they blur a difference and do not make one.
"""

from datetime import datetime, timedelta

from contracts.analytics import EngagementKind, TrackedVariant, VariantsCompared, VariantStanding
from contracts.goal import Channel
from contracts.identity import FACTS, derived
from contracts.learn import LESSONS_NAMESPACE, MemoryItem
from services.optimizer.bandit import Arm, probabilities_best
from services.optimizer.windows import SIZES_S, CampaignCounts, Deeds, begin_of

PROBABILITY_MIN = 0.95
TRIALS_MIN = 30
"""Readers that each variant must have had."""

SUCCESSES_MIN = 10
"""Clicks that all variants together must have got."""

LESSON_IMPORTANCE = 0.9


def compared(campaign_id: str, counts: CampaignCounts, channel: Channel) -> VariantsCompared | None:
    """The channel's variants side by side; None where there are not two, or nothing happened.

    The draws are seeded by campaign, channel and the hour of the last event: told again, the same
    counts give the same probabilities.
    """
    variants = counts.variants(channel)
    if len(variants) < 2 or not counts.deeds:
        return None
    hour = begin_of(counts.as_of, SIZES_S[-1]).isoformat()
    deeds = [counts.deeds.get(variant.link_id, Deeds(channel)) for variant in variants]
    arms = [_arm(v, d) for v, d in zip(variants, deeds, strict=True)]
    chances = probabilities_best(arms, f"{campaign_id}/{channel}/{hour}")
    standings = tuple(
        _standing(variant, done, chance, arm.trials)
        for variant, done, chance, arm in zip(variants, deeds, chances, arms, strict=True)
    )
    best = max(standings, key=lambda standing: standing.probability_best)
    why = _lacks(arms, best.probability_best)
    return VariantsCompared(
        channel=channel,
        standings=standings,
        winner="" if why else best.item_id,
        probability=best.probability_best,
        why=why,
        as_of=counts.as_of,
    )


def lesson_id(campaign_id: str, channel: Channel) -> str:
    """Under which a comparison's lesson is remembered; a later one of the campaign replaces it."""
    return derived(FACTS, campaign_id, "lesson", "variants", channel)


def lesson_of(
    campaign_id: str, counts: CampaignCounts, found: VariantsCompared, kept: timedelta
) -> MemoryItem | None:
    """What the next campaign should know of this comparison; None while nothing is sure.

    It is in our own words: traits and counts, none of either text.
    """
    tracked = counts.tracked
    if tracked is None or not found.winner:
        return None
    best = next(s for s in found.standings if s.item_id == found.winner)
    others = [s for s in found.standings if s is not best]
    results = ", ".join(f"{s.item_id} {s.clickers} of {s.trials}" for s in (best, *others))
    apart = [t for t in best.traits if any(t not in other.traits for other in others)]
    made = "; ".join(apart) or "in its length, title and citations it is made like the others"
    evidence = (
        f"campaign “{tracked.campaign_name}” ({campaign_id}): readers who clicked: {results}; "
        f"{best.item_id} is the best with a probability of {found.probability:.3f} (Thompson "
        f"sampling, {_day(found.as_of)})"
    )
    return MemoryItem(
        namespace=LESSONS_NAMESPACE,
        item_id=lesson_id(campaign_id, found.channel),
        text=f"For {found.channel}: write more like the variant that won the last test: {made}. "
        f"It got {_share(best)} of its readers to click, against {_shares(others)}.",
        evidence=evidence,
        subject=tracked.subject,
        importance=LESSON_IMPORTANCE,
        expires_at=found.as_of + kept,
    )


def _arm(variant: TrackedVariant, done: Deeds) -> Arm:
    clickers = done.people(EngagementKind.CLICK)
    trials = variant.sent or max(done.people(EngagementKind.OPEN), clickers)
    return Arm(trials, min(clickers, trials))


def _standing(variant: TrackedVariant, done: Deeds, chance: float, trials: int) -> VariantStanding:
    return VariantStanding(
        link_id=variant.link_id,
        item_id=variant.item_id,
        sent=variant.sent,
        trials=trials,
        openers=done.people(EngagementKind.OPEN),
        clickers=done.people(EngagementKind.CLICK),
        converters=done.people(EngagementKind.CONVERSION),
        opens=done.times.get(EngagementKind.OPEN, 0),
        clicks=done.times.get(EngagementKind.CLICK, 0),
        conversions=done.times.get(EngagementKind.CONVERSION, 0),
        probability_best=chance,
        traits=variant.traits,
    )


def _lacks(arms: list[Arm], probability: float) -> str:
    """What the evidence lacks; empty where it is enough."""
    fewest, clicks = min(arm.trials for arm in arms), sum(arm.successes for arm in arms)
    if fewest < TRIALS_MIN:
        return f"not enough evidence: a variant has {fewest} of the {TRIALS_MIN} readers it needs"
    if clicks < SUCCESSES_MIN:
        return f"not enough evidence: {clicks} of the {SUCCESSES_MIN} readers needed have clicked"
    if probability < PROBABILITY_MIN:
        return (
            f"not enough evidence: the best is best with a probability of {probability:.2f}, and "
            f"{PROBABILITY_MIN} is asked"
        )
    return ""


def _share(standing: VariantStanding) -> str:
    return f"{100 * standing.clickers / max(1, standing.trials):.1f} %"


def _shares(standings: list[VariantStanding]) -> str:
    return " and ".join(_share(standing) for standing in standings)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
