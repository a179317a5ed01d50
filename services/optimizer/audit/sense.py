"""A claim denies nothing that its quote says, and turns nothing round; synonyms it cannot know."""

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.cited import Pair, judged
from services.optimizer.audit.figures import figures
from services.optimizer.audit.rule import Rule
from services.optimizer.audit.wording import clauses, content, denied, negative, opposite, swapped

KEEPS_NEGATION = Rule("claim_keeps_its_negation", Severity.CRITICAL)
KEEPS_DIRECTION = Rule("claim_keeps_its_direction", Severity.CRITICAL)


def sense(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Both rules, for every claim beside its quote."""
    return (
        *judged(KEEPS_NEGATION, subject, _denials),
        *judged(KEEPS_DIRECTION, subject, _turns),
    )


def _denials(pair: Pair) -> list[str]:
    """What one denies and the other says, clause by clause; where both deny, nobody can tell."""
    language = pair.language
    for clause in clauses(pair.claim):
        beside = _most_alike(clause, pair)
        if negative(clause, language) and negative(beside, language):
            continue
        if denied(clause, language) & set(content(beside, language)):
            return [f"{pair.told} denies what its quote says; {pair.advice}"]
        if denied(beside, language) & set(content(clause, language)):
            return [f"{pair.told} says what its quote denies; {pair.advice}"]
    return []


def _turns(pair: Pair) -> list[str]:
    """A clause that says the contrary (up for down) of the quote's clause that is most like it."""
    for clause in clauses(pair.claim):
        beside = _most_alike(clause, pair)
        name = opposite(clause, beside, pair.language)
        if name and not swapped(clause, beside, pair.language):
            return [f"{pair.told} says the contrary of its quote ({name}); {pair.advice}"]
    return []


def _most_alike(clause: str, pair: Pair) -> str:
    """The clause of the quote with the most words and figures of `clause`."""
    said = _marks(clause, pair.language)
    return max(
        clauses(pair.quote), key=lambda other: len(said & _marks(other, pair.language)), default=""
    )


def _marks(text: str, language: str) -> set[object]:
    values = (value for figure in figures(text, language) for value in figure.values)
    return {*content(text, language), *values}
