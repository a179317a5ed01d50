"""What every text must keep, whoever wrote it: its claims, its figures, its words. Pure.

The same promises are kept by the embedded writer as it composes; here they are checked.
"""

import re
from collections.abc import Iterable, Sequence

from contracts.content import ContentItem, WriteContent
from contracts.figures import values
from contracts.research import Finding, FindingKind
from services.analyst.brand_voice import Voice
from services.analyst.points import Point, subject_words
from services.analyst.sentences import ORDERS_A_MACHINE

CLAIM_SHARE_MIN = 0.6
"""So much of a claim's words must stand in its finding."""

SHOWN_CHARS_MAX = 80

ADDRESS = re.compile(
    r"https?:|www\.|\]\(|\S@\S|\b[a-z0-9-]+\.(?:com|net|org|io|example|info|biz|ru|cn|top)\b",
    re.IGNORECASE,
)
_LEFTOVER = re.compile(r"[{}⟦⟧<>]|\bTODO\b|\bas an ai\b|\blorem ipsum\b", re.IGNORECASE)
_LINKED = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_URL = re.compile(r"https?://[^\s)]+")
_NUMBER_MARK = re.compile(r"\(\[\d+\]\([^()\s]*\)\)|^- \[\d+\]\([^()\s]*\).*$", re.MULTILINE)
_SHARE_IN_WORDS = re.compile(
    r"\b(?:ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|half|third|quarters?"
    r"|diez|veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien)"
    r"(?:[- ][a-z]+)? (?:percent|per cent|por ciento)\b",
    re.IGNORECASE,
)


def faults_of_words(said: str, voice: Voice) -> list[str]:
    """What nobody may write: an address, a leftover, an order to a machine, a banned word."""
    faults = []
    if found := ADDRESS.search(said):
        faults.append(f"it holds an address ({_shown(found[0])}); write none, links are added")
    if found := _LEFTOVER.search(said):
        faults.append(f"it holds “{_shown(found[0])}”; write only what a reader should see")
    if found := ORDERS_A_MACHINE.search(said):
        faults.append(f"it speaks to a machine (“{_shown(found[0])}”); write for the reader")
    if offences := voice.offences(said):
        faults.append(f"it uses banned words: {', '.join(offences)}")
    return faults


def faults_of_draft(said: str, points: Sequence[Point], voice: Voice) -> tuple[str, ...]:
    """What is wrong with a writer's own words, before sources and call are set into them."""
    faults = faults_of_words(said, voice)
    rivals = [p.label(voice.allows) for p in points if p.kind is FindingKind.COMPETITOR]
    outside = _without(said, (p.finding.quote for p in points))
    faults += [
        f"it names {_shown(name)} outside a finding's own words; leave that out"
        for name in dict.fromkeys(rivals)
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", outside)
    ]
    return tuple(faults)


def faults_of(item: ContentItem, command: WriteContent) -> tuple[str, ...]:
    """What is wrong with a finished text: citations, claims and figures. Empty: nothing."""
    findings = {finding.id: finding for finding in command.findings}
    faults = []
    for citation in item.citations:
        finding = findings.get(citation.finding_id)
        if finding is None:
            faults.append(f"{citation.finding_id} is no finding that was given; cite one that is")
            continue
        shown = _shown(citation.claim)
        if citation.claim not in item.body_markdown:
            faults.append(f"the claim “{shown}” does not stand in the body word for word")
        if _share(citation.claim, finding) < CLAIM_SHARE_MIN:
            faults.append(f"“{shown}” is not what {finding.id} says; keep to its quote")
        if not values(citation.claim) <= values(finding.quote):
            faults.append(f"“{shown}” states a figure that the quote of {finding.id} does not hold")
    return tuple(dict.fromkeys((*faults, *_figures(item, command, findings))))


def _figures(
    item: ContentItem, command: WriteContent, findings: dict[str, Finding]
) -> tuple[str, ...]:
    cited = [findings[c.finding_id] for c in item.citations if c.finding_id in findings]
    quotes = " ".join(finding.quote for finding in cited)
    said = _own_words(item, command, cited)
    return tuple(
        f"“{_shown(f)}” stands in no quote cited here; leave it out"
        for f in strange_figures(said, quotes)
    )


def strange_figures(said: str, quotes: str) -> list[str]:
    """The figures of `said`, and shares in words, that `quotes` do not hold."""
    strange = sorted(values(said) - values(quotes))
    return strange + [w for w in _SHARE_IN_WORDS.findall(said) if w.lower() not in quotes.lower()]


def _own_words(item: ContentItem, command: WriteContent, cited: Sequence[Finding]) -> str:
    """Title, preheader and body without what is not the writer's: links' marks and targets, source
    titles, the call, the sender."""
    body = _URL.sub(" ", _LINKED.sub(r"\1", _NUMBER_MARK.sub(" ", item.body_markdown)))
    text = f"{item.title}\n{item.preheader}\n{body}"
    given = (command.postal_address, item.call_to_action, command.business_name)
    voice = (command.brand_voice.signature, command.brand_voice.audience_address)
    return _without(text, (*given, *voice, *(finding.source_title for finding in cited)))


def _without(text: str, phrases: Iterable[str]) -> str:
    for phrase in phrases:
        bare = phrase.strip(" .")
        text = text.replace(bare, " ") if bare else text
    return text


def _share(claim: str, finding: Finding) -> float:
    about = subject_words(claim)
    held = subject_words(f"{finding.quote} {finding.claim}")
    return len(about & held) / len(about) if about else 1.0


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[: SHOWN_CHARS_MAX - 1]}…"
