"""A text must not be one that this tenant published before; what was published, it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.audit import AuditContent, QualityCheck
from contracts.content import ContentItem
from contracts.envelope import Severity
from services.optimizer.audit.duplicate_text import ALIKE_MAX, likeness, runs_of
from services.optimizer.audit.prose import plain, without_phrase
from services.optimizer.audit.rule import Rule

TEXT_CHARS_MAX = 1_200
"""So much of a text, from its beginning, is remembered and compared: each role that recalls holds
it in memory, with its words."""

IS_NEW = Rule("text_was_not_published_before", Severity.MEDIUM)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A text that was published before, as `told_text` made it, and whose campaign it was."""

    campaign_id: str
    text: str


def told_text(item: ContentItem, postal_address: str) -> str:
    """What a reader sees of the text, without the footer's address; never empty."""
    shown = " ".join(without_phrase(plain(item.body_markdown), postal_address).split())
    return shown[:TEXT_CHARS_MAX] or item.title


def earlier_texts(
    subject: AuditContent, found: Mapping[str, Sequence[Earlier]]
) -> tuple[QualityCheck, ...]:
    """One word on each text for which something was `found`; two texts count as one from the same
    share of common three-word runs as variants do."""
    return tuple(
        check
        for item in subject.items
        if found.get(item.id)
        for check in IS_NEW.verdicts(item.id, _repeats(item, subject, found[item.id]))
    )


def _repeats(item: ContentItem, subject: AuditContent, found: Sequence[Earlier]) -> list[str]:
    own = runs_of(told_text(item, subject.postal_address))
    alike = [(likeness(own, runs_of(earlier.text)), earlier.campaign_id) for earlier in found]
    share, campaign_id = max(alike)
    if share < ALIKE_MAX:
        return []
    told = f"the text is nearly one that campaign {campaign_id} published ({share:.0%} of it)"
    return [f"{told}; tell it from another finding or another angle"]
