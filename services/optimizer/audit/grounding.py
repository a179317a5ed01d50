"""Every figure stands in a quote, and every citation in its text; it does not judge wording."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.content import ContentItem
from contracts.envelope import Severity
from contracts.research import Finding
from services.optimizer.audit.cited import CLAIM_CHARS_MAX
from services.optimizer.audit.figures import (
    Figure,
    figures,
    fractions,
    multiples,
    ratios,
    with_words_as_digits,
)
from services.optimizer.audit.language_match import READ_WORD_BY_WORD
from services.optimizer.audit.prose import picture_parts, picture_place, plain, without_phrase
from services.optimizer.audit.rule import Rule, shortened

CITED_FINDING = Rule("citation_names_a_finding", Severity.CRITICAL)
VERBATIM_CLAIM = Rule("claim_stands_in_the_text", Severity.CRITICAL)
GROUNDED_FIGURE = Rule("figure_stands_in_a_quote", Severity.CRITICAL)
GROUNDED_CALL = Rule("call_to_action_figure_stands_in_a_quote", Severity.HIGH)
"""HIGH only: the call to action may be the team's own words, which research cannot know."""

_TITLE_JOIN = re.compile(r"\s[|\u2013\u2014\u00b7-]\s")
"""Stands between a page's title and its publisher's name."""


def grounding(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Citations name findings, claims occur verbatim, and no figure is invented."""
    findings = {finding.id: finding for finding in subject.findings}
    checks: list[QualityCheck] = []
    for item in subject.items:
        checks += CITED_FINDING.verdicts(item.id, _unknown(item, findings))
        checks += VERBATIM_CLAIM.verdicts(item.id, _not_verbatim(item))
        checks += GROUNDED_FIGURE.verdicts(item.id, _invented(item, subject, findings))
        checks += GROUNDED_CALL.verdicts(item.id, _invented_in_call(item, subject, findings))
    for asset in subject.assets:
        shown = " \n ".join(text for _, text in picture_parts(asset))
        language = subject.items[0].language if subject.items else "en"
        missing = _ungrounded(_own_words(shown, subject), language, subject.findings)
        reasons = [
            f"the picture shows the figure “{figure.text}”, which no finding's quote holds; "
            "take it out of the headline"
            for figure in missing
        ]
        checks += GROUNDED_FIGURE.verdicts(picture_place(asset), reasons)
    return tuple(checks)


def _unknown(item: ContentItem, findings: dict[str, Finding]) -> list[str]:
    return [
        f"the citation of “{shortened(citation.claim, 120)}” names {citation.finding_id}, which is "
        "no finding of this campaign; cite one that is, or leave the claim out"
        for citation in item.citations
        if citation.finding_id not in findings
    ]


def _not_verbatim(item: ContentItem) -> list[str]:
    return [
        f"the claim cited to {citation.finding_id} does not stand in the text word for word: "
        f"“{shortened(citation.claim, 200)}”; write it so, or change the citation"
        for citation in item.citations
        if citation.claim not in item.body_markdown
    ]


def _invented(item: ContentItem, subject: AuditContent, findings: dict[str, Finding]) -> list[str]:
    cited = _cited(item, findings)
    lines = (item.title, item.preheader, item.body_markdown)
    shown = plain("\n".join(_without_source_titles(text, cited) for text in lines))
    shown = without_phrase(_own_words(shown, subject), plain(item.call_to_action))
    held = [_quoted(item.language, finding) for finding in subject.findings]
    missing = (*_ungrounded(shown, item.language, cited), *_invented_in_words(item, findings))
    return [_advice(figure, held) for figure in missing]


def _invented_in_words(item: ContentItem, findings: dict[str, Finding]) -> list[Figure]:
    """Numbers and multiples that a claim spells (`two`, `doubled`), and its quote does not hold."""
    missing: list[Figure] = []
    for citation in item.citations:
        finding = findings.get(citation.finding_id)
        if finding is None or item.language not in READ_WORD_BY_WORD:
            continue
        held = dict.fromkeys(_quoted(item.language, finding))
        claim = plain(citation.claim[:CLAIM_CHARS_MAX])
        claim = _without_held_ratios(claim, plain(finding.quote))
        written = {figure.text for figure in figures(claim, item.language)}
        spelled = figures(with_words_as_digits(claim, item.language), item.language)
        missing += [
            figure
            for figure in dict.fromkeys((*spelled, *multiples(claim)))
            if figure.text not in written and not any(figure.stands_on(other) for other in held)
        ]
        missing += _other_fractions(claim, plain(finding.quote))
    return list(dict.fromkeys(missing))


def _without_held_ratios(claim: str, quote: str) -> str:
    """`claim` without what its quote says as another fraction: `two in three` for `two thirds`."""
    held = fractions(quote)
    for ratio in ratios(claim):
        if any(ratio.stands_on(other) for other in held):
            claim = claim.replace(ratio.text, " ")
    return claim


def _other_fractions(claim: str, quote: str) -> list[Figure]:
    """Fractions of a claim whose quote has fractions, and others; shares may be told as one."""
    held = fractions(quote)
    return [
        figure
        for figure in fractions(claim)
        if held and not any(figure.stands_on(other) for other in held)
    ]


def _invented_in_call(
    item: ContentItem, subject: AuditContent, findings: dict[str, Finding]
) -> list[str]:
    shown = _own_words(plain(item.call_to_action), subject)
    return [
        f"the call to action promises “{figure.text}”, which no cited quote holds; make sure that "
        "the offer is real, or leave the figure out"
        for figure in _ungrounded(shown, item.language, _cited(item, findings))
    ]


def _cited(item: ContentItem, findings: dict[str, Finding]) -> tuple[Finding, ...]:
    ids = dict.fromkeys(citation.finding_id for citation in item.citations)
    return tuple(findings[finding_id] for finding_id in ids if finding_id in findings)


def _own_words(text: str, subject: AuditContent) -> str:
    """Plain `text` without the brand's name, address and signature, whole or in their parts."""
    phrases = (subject.business_name, subject.postal_address, subject.brand_voice.signature)
    for phrase in phrases:
        for part in (phrase, *re.split(r"[,;|\n]", phrase)):
            text = without_phrase(text, plain(part))
    return text


def _without_source_titles(text: str, cited: tuple[Finding, ...]) -> str:
    """`text` without the titles of cited sources, or their parts, on lines with their address."""
    return "\n".join(_without_titles(line, cited) for line in text.splitlines())


def _without_titles(line: str, cited: tuple[Finding, ...]) -> str:
    titles = [finding.source_title for finding in cited if finding.source_url in line]
    shown = plain(line) if titles else line
    for title in titles:
        for part in (title, *_TITLE_JOIN.split(title)):
            shown = without_phrase(shown, part)
    return shown


def _ungrounded(text: str, language: str, findings: tuple[Finding, ...]) -> list[Figure]:
    quoted = dict.fromkeys(figure for finding in findings for figure in _quoted(language, finding))
    return [
        figure
        for figure in dict.fromkeys(figures(text, language))
        if not any(figure.stands_on(other) for other in quoted)
    ]


def _quoted(language: str, finding: Finding) -> tuple[Figure, ...]:
    """The figures of the finding's quote; number words and multiples count as figures there."""
    text = plain(finding.quote)
    spelled = with_words_as_digits(text, language)
    return (*figures(text, language), *figures(spelled, language), *multiples(text))


def _advice(figure: Figure, held: list[tuple[Figure, ...]]) -> str:
    """What to change. It names no finding: a writer may take a named one for the culprit."""
    elsewhere = any(figure.stands_on(other) for quoted in held for other in quoted)
    hint = "cite the finding whose quote holds it, or leave it out" if elsewhere else "leave it out"
    return f"the figure “{figure.text}” stands in no quote of the findings cited here; {hint}"
