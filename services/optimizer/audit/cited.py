"""Each claim beside the quote that it cites; it judges neither.

Only pairs that can be compared word by word: both in English, or both in Spanish.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contracts.audit import AuditContent, QualityCheck
from contracts.research import Finding
from services.optimizer.audit.language_match import READ_WORD_BY_WORD, SMALL_WORDS
from services.optimizer.audit.prose import plain, words
from services.optimizer.audit.rule import Rule, shortened

CLAIM_CHARS_MAX = 1_200
"""What of a claim is compared: twice a quote's length; the rest says more than any quote."""
CLAIM_CHARS_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim as its reader sees it, and the plain quote of the finding that it cites."""

    place: str
    language: str
    claim: str
    quote: str
    finding: Finding

    @property
    def told(self) -> str:
        """The claim as a reason names it."""
        return f"the claim “{shortened(' '.join(self.claim.split()), CLAIM_CHARS_SHOWN)}”"

    @property
    def advice(self) -> str:
        """What to change; it names the finding, so that a writer may choose another one."""
        return f"say it as the quote does, or leave {self.finding.id} out"


def pairs(subject: AuditContent) -> Iterator[Pair]:
    """Every comparable pair, in the order of the texts; unknown findings are left out."""
    findings = {finding.id: finding for finding in subject.findings}
    for item in subject.items:
        for citation in item.citations:
            finding = findings.get(citation.finding_id)
            if finding is not None and _comparable(item.language, finding.quote):
                claim = plain(citation.claim[:CLAIM_CHARS_MAX])
                quote = plain(finding.quote)
                yield Pair(item.id, item.language, claim, quote, finding)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a claim; not `sure` where its sentence may say the same another way."""

    reason: str
    sure: bool


def weighed(
    rule: Rule, unsure: Rule, subject: AuditContent, judge: Callable[[Pair], list[Fault]]
) -> tuple[QualityCheck, ...]:
    """As `judged`, a doubtful fault under the lighter rule `unsure`."""
    found: dict[str, list[Fault]] = {}
    for pair in pairs(subject):
        found.setdefault(pair.place, []).extend(judge(pair))
    checks: list[QualityCheck] = []
    for place, faults in found.items():
        sure = list(dict.fromkeys(fault.reason for fault in faults if fault.sure))
        doubtful = list(dict.fromkeys(fault.reason for fault in faults if not fault.sure))
        if sure or not doubtful:
            checks += rule.verdicts(place, sure)
        if doubtful:
            checks += unsure.verdicts(place, doubtful)
    return tuple(checks)


def judged(
    rule: Rule, subject: AuditContent, judge: Callable[[Pair], list[str]]
) -> tuple[QualityCheck, ...]:
    """One word per text on all its pairs; a text without comparable ones is not judged."""
    reasons: dict[str, list[str]] = {}
    for pair in pairs(subject):
        reasons.setdefault(pair.place, []).extend(judge(pair))
    return tuple(
        check
        for place, found in reasons.items()
        for check in rule.verdicts(place, list(dict.fromkeys(found)))
    )


def _comparable(language: str, quote: str) -> bool:
    """True where `quote` reads as being in `language`, one of those whose words are known."""
    if language not in READ_WORD_BY_WORD:
        return False
    found = words(plain(quote))
    shares = {name: sum(word in small for word in found) for name, small in SMALL_WORDS.items()}
    return shares[language] == max(shares.values())
