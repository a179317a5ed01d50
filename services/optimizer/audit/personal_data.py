"""No e-mail address, phone or card number of a person; the brand's own may stand.

Reasons show only the first characters: a report must not spread what it found.
"""

import re
from collections.abc import Iterator

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.prose import cleaned, places
from services.optimizer.audit.rule import Rule

NO_EMAIL = Rule("no_email_address", Severity.HIGH)
NO_PHONE = Rule("no_phone_number", Severity.HIGH)
NO_CARD = Rule("no_card_number", Severity.CRITICAL)

PHONE_DIGITS = (9, 15)
CARD_DIGITS = (13, 19)
SHOWN_CHARS = 3

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_URL = re.compile(r"https?://[^\s<>()\[\]]+")
_DIGITS = re.compile(r"(?<![\w.,])(?:\+|\(\+?)?\d(?:[ ().-]{0,3}\d){8,24}(?![\w])")
_DATE = re.compile(r"\b(?:19|20)\d\d-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])\b")
_GROUPED = re.compile(r"\d{1,3}(?: \d{3}){2,}|(?:(?:19|20)\d\d[ -]*)+|\d{1,3}(?:\.\d{3}){2,}")


def personal_data(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Addresses and numbers that look like a person's, at every place that shows text."""
    own = f"{subject.postal_address} {subject.brand_voice.signature}".casefold()
    checks: list[QualityCheck] = []
    for place, _, parts in places(subject):
        text = cleaned(" \n ".join(part for _, part in parts))
        emails = [e for e in _EMAIL.findall(text) if e.casefold() not in own]
        checks += NO_EMAIL.verdicts(place, _reasons("e-mail address", emails))
        numbers = [number for number in _numbers(text) if _bare(number) not in _bare(own)]
        cards = [number for number in numbers if _is_card(_bare(number))]
        phones = [number for number in numbers if number not in cards and _is_phone(number)]
        checks += NO_PHONE.verdicts(place, _reasons("phone number", phones))
        checks += NO_CARD.verdicts(place, _reasons("card number", cards))
    return tuple(checks)


def _reasons(what: str, found: list[str]) -> list[str]:
    return [
        f"there is what looks like a person's {what} (“{text[:SHOWN_CHARS]}…”, {len(text)} "
        "characters); take it out"
        for text in dict.fromkeys(found)
    ]


def _numbers(text: str) -> Iterator[str]:
    for match in _DIGITS.finditer(_DATE.sub(" # ", _URL.sub(" ", text))):
        if not _GROUPED.fullmatch(match.group().strip()):
            yield match.group()


def _is_phone(number: str) -> bool:
    low, high = PHONE_DIGITS
    return low <= len(_bare(number)) <= high


def _is_card(digits: str) -> bool:
    """True where the length is a card's and the Luhn sum (ISO/IEC 7812-1) is right."""
    low, high = CARD_DIGITS
    if not low <= len(digits) <= high or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _bare(text: str) -> str:
    return re.sub(r"\D", "", text)
