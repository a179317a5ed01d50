"""The competitor tracker: offers, prices and promises on competitors' own pages, nowhere else."""

from contracts.research import FindingKind
from services.radar.scouting import Agent
from services.radar.signals import CLAIMS, MONEY, NUMBER, OFFER


def competitor_signal(sentence: str) -> float:
    """0..1: an offer, a price or a promise; without one of them it is 0."""
    offers = len({match.lower() for match in OFFER.findall(sentence)})
    if not (offers or MONEY.search(sentence) or CLAIMS.search(sentence)):
        return 0.0
    score = min(0.4, 0.2 * offers)
    score += 0.3 * bool(MONEY.search(sentence))
    score += 0.15 * bool(NUMBER.search(sentence))
    score += 0.15 * bool(CLAIMS.search(sentence))
    return min(1.0, score)


COMPETITOR_TRACKER = Agent(
    name="competitor_tracker",
    kind=FindingKind.COMPETITOR,
    signal=competitor_signal,
    reads_competitors=True,
)
