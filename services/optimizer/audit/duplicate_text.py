"""Two variants must differ, or choosing between them means nothing; it ranks neither."""

from itertools import combinations

from contracts.audit import AuditContent, QualityCheck
from contracts.content import ContentItem
from contracts.envelope import Severity
from services.optimizer.audit.prose import plain, without_phrase, words
from services.optimizer.audit.rule import Rule

ALIKE_MAX = 0.8
"""Share of common three-word runs from which two texts count as nearly equal."""
RUN_WORDS = 3

VARIANTS_DIFFER = Rule("variants_differ", Severity.MEDIUM)


def duplicate_text(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Each text against the earlier ones of its channel; one without any is not judged."""
    runs = {item.id: _runs(item, subject.postal_address) for item in subject.items}
    reasons: dict[str, list[str]] = {}
    for first, second in combinations(subject.items, 2):
        if first.channel is second.channel:
            alike = likeness(runs[first.id], runs[second.id])
            found = reasons.setdefault(second.id, [])
            if alike >= ALIKE_MAX:
                found.append(
                    f"the text is nearly that of {first.id} ({alike:.0%} of it); tell it from "
                    "another finding or another angle"
                )
    return tuple(
        check
        for place, found in reasons.items()
        for check in VARIANTS_DIFFER.verdicts(place, found)
    )


def likeness(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> float:
    """The Jaccard index of two sets of word runs; 1.0 where both are empty."""
    together = first | second
    return len(first & second) / len(together) if together else 1.0


def _runs(item: ContentItem, postal_address: str) -> frozenset[tuple[str, ...]]:
    return runs_of(without_phrase(plain(item.body_markdown), postal_address))


def runs_of(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of three words in plain `text`; of a shorter one, all of it."""
    found = words(text)
    if len(found) < RUN_WORDS:
        return frozenset({tuple(found)})
    return frozenset(zip(*(found[offset:] for offset in range(RUN_WORDS)), strict=False))
