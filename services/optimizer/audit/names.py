"""Names in a claim stand in its quote or its source's title; it reads capitals, and no sense."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.cited import Pair, judged
from services.optimizer.audit.prose import plain
from services.optimizer.audit.rule import Rule

KIN_CHARS = 4
"""`German` and `Germany` share that many letters at least, and are taken for one name."""

BEFORE_CHARS = 6

NAMES = Rule("names_stand_in_the_quote", Severity.CRITICAL)

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_INNER_CAPITAL = re.compile(r"^[^\W\d_]+[A-ZÀ-Þ]")
_OWNER = re.compile(r"\b([^\W\d_a-zà-ÿ][^\W\d_]*)['\u2019]s? ([^\W\d_]+)")
_NOT_NAMES = frozenset({"i", "i'm", "i\u2019m"})


def names(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """One word on each text whose claims can be compared with their quotes."""
    voice = subject.brand_voice
    own = _words(f"{subject.business_name} {voice.signature} {subject.postal_address}")
    known = {
        name.casefold()
        for finding in subject.findings
        for name in _inner_names(plain(finding.quote))
    }

    def strangers(pair: Pair) -> list[str]:
        held = _words(f"{pair.quote} {pair.finding.source_title} {pair.finding.source_url}")
        return [
            f"{pair.told} names “{name}”, which its quote does not; {pair.advice}"
            for name in dict.fromkeys((*_names(pair.claim, known), *_owners(pair)))
            if _bare(name.casefold()) not in own
            and not any(_kin(name.casefold(), word) for word in held)
        ]

    return judged(NAMES, subject, strangers)


def _names(text: str, known: set[str]) -> list[str]:
    """What looks like a name; the first word of a sentence only where it cannot be another."""
    return [
        match.group()
        for match in _WORD.finditer(text)
        if match.group()[0].isupper()
        and match.group().casefold() not in _NOT_NAMES
        and (
            not _begins(text, match.start())
            or _INNER_CAPITAL.search(match.group())
            or match.group().casefold() in known
        )
    ]


def _owners(pair: Pair) -> list[str]:
    """Owners (`Solara's warranty`) of what the quote says is another's (`Sunvale's warranty`)."""
    owned = {match.group(2).casefold() for match in _OWNER.finditer(pair.quote)}
    return [
        match.group(1)
        for match in _OWNER.finditer(pair.claim)
        if match.group(2).casefold() in owned
    ]


def _inner_names(text: str) -> list[str]:
    return [
        match.group()
        for match in _WORD.finditer(text)
        if match.group()[0].isupper() and not _begins(text, match.start())
    ]


def _begins(text: str, start: int) -> bool:
    """True where a sentence, a line or a quotation begins at `start`."""
    before = text[max(0, start - BEFORE_CHARS) : start].rstrip(" \t")
    return start == 0 or before[-1:] in ("", *'.!?:…\n"“«(¿¡')


def _words(text: str) -> set[str]:
    return {_bare(word.casefold()) for word in _WORD.findall(text)}


def _kin(one: str, other: str) -> bool:
    short, long = sorted((_bare(one), other), key=len)
    return short == long or (len(short) >= KIN_CHARS and long.startswith(short))


def _bare(name: str) -> str:
    return re.sub(r"['\u2019]s?$", "", name)
