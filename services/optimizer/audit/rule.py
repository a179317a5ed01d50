"""A rule's name and weight, and how it says yes or no; it does not know what is checked."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.audit import AuditContent, QualityCheck, QualityVerdict
from contracts.envelope import Severity

REASON_CHARS_MAX = 2_000
REASONS_MAX = 20
"""Reasons that one rule gives at one place; a text with more faults is to be written anew."""

Check = Callable[[AuditContent], tuple[QualityCheck, ...]]
"""A pure function: the same subject always gives the same words, in the same order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is asked of a place, and how bad it is when the answer is no."""

    name: str
    severity: Severity

    def passed(self, place: str) -> QualityCheck:
        """The rule holds at `place`."""
        return QualityCheck(
            name=self.name, place=place, severity=self.severity, verdict=QualityVerdict.PASS
        )

    def failed(self, place: str, reason: str) -> QualityCheck:
        """The rule is broken at `place`; `reason` names the words and says what to change."""
        blocks = self.severity is Severity.CRITICAL
        return QualityCheck(
            name=self.name,
            place=place,
            severity=self.severity,
            verdict=QualityVerdict.BLOCK if blocks else QualityVerdict.WARN,
            reason=shortened(" ".join(reason.split()), REASON_CHARS_MAX),
        )

    def verdicts(self, place: str, reasons: list[str]) -> tuple[QualityCheck, ...]:
        """One failed check per reason, the first ones only, or the passed one without reasons."""
        if not reasons:
            return (self.passed(place),)
        told = reasons[:REASONS_MAX]
        if left := len(reasons) - len(told):
            told[-1] = f"{told[-1]}; and {left} more of this kind"
        return tuple(self.failed(place, reason) for reason in told)


def shortened(text: str, limit: int) -> str:
    """`text` within `limit` characters, with an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
