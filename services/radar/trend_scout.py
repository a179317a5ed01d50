"""The trend scout: what is changing, since when and how fast; it reads no competitor's page."""

from contracts.research import FindingKind
from services.radar.scouting import Agent
from services.radar.signals import AHEAD, CHANGE, COMPARED, DATE, NUMBER, PERCENT


def trend_signal(sentence: str) -> float:
    """0..1: a change that is dated, measured or forecast; without a change it is 0."""
    changes = bool(CHANGE.search(sentence))
    ahead = bool(AHEAD.search(sentence)) and bool(DATE.search(sentence))
    if not (changes or ahead):
        return 0.0
    score = 0.25 * changes + 0.25 * ahead
    score += 0.2 * bool(DATE.search(sentence))
    score += 0.2 * bool(COMPARED.search(sentence))
    score += 0.15 * bool(PERCENT.search(sentence))
    score += 0.1 * bool(NUMBER.search(sentence))
    return min(1.0, score)


TREND_SCOUT = Agent(name="trend_scout", kind=FindingKind.TREND, signal=trend_signal)
