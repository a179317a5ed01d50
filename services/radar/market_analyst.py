"""The market analyst: sizes, shares, prices and what the audience needs, always with a figure."""

from contracts.research import FindingKind
from services.radar.scouting import Agent
from services.radar.signals import (
    AUDIENCE,
    COMPARED,
    MARKET,
    MONEY,
    NEED,
    NUMBER,
    PERCENT,
    SIZE,
)


def market_signal(sentence: str) -> float:
    """0..1: a figure about people or money; without a figure it is 0."""
    if not NUMBER.search(sentence):
        return 0.0
    score = 0.2 * bool(PERCENT.search(sentence))
    score += 0.2 * bool(MONEY.search(sentence))
    score += 0.15 * bool(SIZE.search(sentence))
    score += 0.2 * bool(AUDIENCE.search(sentence))
    score += 0.2 * bool(NEED.search(sentence))
    score += 0.2 * bool(MARKET.search(sentence))
    score += 0.2 * bool(COMPARED.search(sentence))
    return min(1.0, score)


MARKET_ANALYST = Agent(name="market_analyst", kind=FindingKind.MARKET, signal=market_signal)
