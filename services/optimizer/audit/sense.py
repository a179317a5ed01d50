"""A claim denies nothing that its quote says, and turns nothing round; synonyms it cannot know.

A fault is sure where claim and quote are nearly the same words, plainly said; then it blocks. Where
the claim is put in other words, on a condition or with an exception, its sense may be the same: the
fault is HIGH, for the rewrite and for the person at the gate.
"""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.cited import Fault, Pair, weighed
from services.optimizer.audit.figures import figures
from services.optimizer.audit.rule import Rule
from services.optimizer.audit.wording import (
    asserted,
    clauses,
    content,
    denied,
    negative,
    opposite,
    swapped,
)

KEEPS_NEGATION = Rule("claim_keeps_its_negation", Severity.CRITICAL)
MAY_DENY = Rule("claim_keeps_its_negation", Severity.HIGH)
KEEPS_DIRECTION = Rule("claim_keeps_its_direction", Severity.CRITICAL)
MAY_TURN = Rule("claim_keeps_its_direction", Severity.HIGH)

SURE_SHARE = 0.5
"""So much of a clause's words must stand in the clause beside it, for a fault to be sure."""

SURE_WORDS_MIN = 2
"""A clause of fewer words of content leaves out what it speaks of (`but flats may not`)."""

_ON_CONDITION = re.compile(
    r"\b(?:if|unless|except|otherwise|without|nobody|any ?more|would|should"
    r"|si|salvo|excepto|menos en|sin|nadie|a no ser|de lo contrario)\b",
    re.IGNORECASE,
)


def sense(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Both rules, for every claim beside its quote."""
    return (
        *weighed(KEEPS_NEGATION, MAY_DENY, subject, _denials),
        *weighed(KEEPS_DIRECTION, MAY_TURN, subject, _turns),
    )


def _denials(pair: Pair) -> list[Fault]:
    """What one denies and the other says, clause by clause; where both deny, nobody can tell.

    What a claim says on a condition (`if the roof leaks`) it does not say.
    """
    language = pair.language
    for clause in clauses(pair.claim):
        beside = _most_alike(clause, pair)
        if not asserted(clause, language):
            continue
        if negative(clause, language) and negative(beside, language):
            continue
        if denied(clause, language) & set(content(beside, language)):
            reason = f"{pair.told} denies what its quote says; {pair.advice}"
            return [Fault(reason, _sure(clause, beside, pair))]
        if denied(beside, language) & set(content(clause, language)):
            reason = f"{pair.told} says what its quote denies; {pair.advice}"
            return [Fault(reason, _sure(clause, beside, pair))]
    return []


def _turns(pair: Pair) -> list[Fault]:
    """A clause that says the contrary (up for down) of the quote's clause that is most like it."""
    for clause in clauses(pair.claim):
        beside = _most_alike(clause, pair)
        name = opposite(clause, beside, pair.language)
        if name and not swapped(clause, beside, pair.language):
            reason = f"{pair.told} says the contrary of its quote ({name}); {pair.advice}"
            return [Fault(reason, _sure(clause, beside, pair))]
    return []


def _sure(clause: str, beside: str, pair: Pair) -> bool:
    """True where the clause is nearly in the quote's words, and on no condition that only one of
    the two knows."""
    if _conditions(pair.claim) != _conditions(pair.quote) and _conditions(f"{clause} {beside}"):
        return False
    said = _marks(clause, pair.language)
    held = _marks(beside, pair.language)
    return len(said) >= SURE_WORDS_MIN and len(said & held) >= SURE_SHARE * len(said)


def _conditions(text: str) -> set[str]:
    return {found.lower() for found in _ON_CONDITION.findall(text)}


def _most_alike(clause: str, pair: Pair) -> str:
    """The clause of the quote with the most words and figures of `clause`."""
    said = _marks(clause, pair.language)
    return max(
        clauses(pair.quote), key=lambda other: len(said & _marks(other, pair.language)), default=""
    )


def _marks(text: str, language: str) -> set[object]:
    values = (value for figure in figures(text, language) for value in figure.values)
    return {*content(text, language), *values}
