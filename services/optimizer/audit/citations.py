"""Enough citations per text, each with its finding's own address; it reads no figures."""

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.rule import Rule

CITATIONS_MIN = 3
CITATIONS_MIN_SHORT = {Channel.TWITTER: 1}

ENOUGH = Rule("enough_citations", Severity.HIGH)
RIGHT_SOURCE = Rule("citation_names_its_source", Severity.HIGH)


def citations(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """At least three different cited claims per text (one in a tweet), each to its own source."""
    sources = {finding.id: finding.source_url for finding in subject.findings}
    checks: list[QualityCheck] = []
    for item in subject.items:
        needed = CITATIONS_MIN_SHORT.get(item.channel, CITATIONS_MIN)
        claims = {citation.claim for citation in item.citations if citation.finding_id in sources}
        few = (
            f"{len(claims)} different claims are cited, {needed} are needed; "
            f"support {needed - len(claims)} more with findings"
        )
        wrong = [
            f"the citation of {citation.finding_id} gives the address “{citation.source_url}”, its "
            f"finding was read at {sources[citation.finding_id]}; use that one"
            for citation in item.citations
            if sources.get(citation.finding_id, citation.source_url) != citation.source_url
        ]
        checks += ENOUGH.verdicts(item.id, [few] if len(claims) < needed else [])
        checks += RIGHT_SOURCE.verdicts(item.id, wrong)
    return tuple(checks)
