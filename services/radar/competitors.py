"""Competitors in a table: names, messages, offers and prices, each with the span it stands on.

It reads the stored text of a competitor's page and nothing else; what the page does not say stays
empty. It compares no prices and converts none.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from contracts.message import Digest
from contracts.research import QUOTE_CHARS_MAX, Competitor, Price, Quoted
from services.radar.competitor_tracker import competitor_signal
from services.radar.findings import Stated, is_same, stated
from services.radar.ports import ReadSource
from services.radar.scouting import SIGNAL_MIN
from services.radar.sentences import Sentence, is_furniture, sentences

MESSAGES_MAX, OFFERS_MAX, PRICES_MAX = 10, 10, 20
NAME_CHARS_MAX = 100
PRICE_CHARS_MAX = 25

CURRENCIES = {
    "£": "GBP",
    "€": "EUR",
    "$": "USD",
    "¥": "JPY",
    "pound": "GBP",
    "euro": "EUR",
    "dollar": "USD",
}

_PRICE = re.compile(
    r"(?:(?P<sign>[£€$¥])\s?(?P<amount>\d+(?:[.,]\d+)*)"
    r"|(?<![\d.,])(?P<figure>\d+(?:[.,]\d+)*)\s?"
    r"(?P<unit>€|£|(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN)\b|(?:euro|pound|dollar)s?\b))"
    r"(?!\s?(?:thousand|million|billion|bn|m|k)\b)"
)
_TIMES = "day|week|month|quarter|year|night"
_THINGS = (
    "megawatt hour|kilowatt hour|MWh|kWh|hour|user|seat|person|head|team|site|bag|box|cup|"
    "kilogram|kg|litre|unit|order|visit|machine|plant"
)
_LAPSES = {
    "día": "day",
    "semana": "week",
    "mes": "month",
    "trimestre": "quarter",
    "año": "year",
    "noche": "night",
}
_PER = re.compile(
    rf"(?:/\s*|\b(?:per|an?|each|every)\s+)(?P<time>{_TIMES})\b"
    rf"|\b(?P<adverb>dai|week|month|year)ly\b"
    r"|(?:/\s*|\b(?:al|por|cada)\s+)(?P<lapse>día|semana|mes|trimestre|año|noche)\b"
    r"|\bpor (?:cada )?(?P<each>usuario|persona|factura|hora|pedido|unidad|caja|kilo|equipo)\b"
    rf"|(?:/\s*|\b(?:per|an?|each|every)\s+)(?P<thing>{_THINGS})\b(?=\s*(?:[^\s\w]|and\b|or\b|under\b|$))",
    re.IGNORECASE,
)
"""A thing counts where no other noun follows it: `€4,800 for a plant survey` buys no plant."""
_TITLE_PARTS = re.compile(r"\s+[|\u2013\u2014\u00b7-]\s+")


def table_of(sources: Iterable[tuple[ReadSource, Digest]]) -> tuple[Competitor, ...]:
    """A row for each competitor's page, in the order of the sources."""
    return tuple(row(source, digest) for source, digest in sources if source.competitor)


def row(source: ReadSource, digest: Digest) -> Competitor:
    """What the page says of itself; `digest` names its stored text."""
    text = source.content.text
    said = [one for one in sentences(text) if len(one.text) <= QUOTE_CHARS_MAX]
    name = _name(source)
    at = text.find(name)
    return Competitor(
        name=name,
        named=(Quoted(quote=name, span_start=at, span_end=at + len(name)),) if at >= 0 else (),
        source_url=source.location,
        source_digest=digest,
        messages=tuple(_headings(text))[:MESSAGES_MAX],
        offers=tuple(_offers(said))[:OFFERS_MAX],
        prices=tuple(price for one in said for price in _prices(one))[:PRICES_MAX],
    )


def _name(source: ReadSource) -> str:
    """The part of the title that the text says most often; the last one where it says none."""
    parts = [part.strip() for part in _TITLE_PARTS.split(source.content.title) if part.strip()]
    body = "\n".join(x for x in source.content.text.splitlines() if not x.startswith("# "))
    if not parts:
        return (urlsplit(source.location).hostname or source.location)[:NAME_CHARS_MAX]
    name: str = max(reversed(parts), key=body.count)
    return name[:NAME_CHARS_MAX]


def _headings(text: str) -> Iterator[Quoted]:
    at = 0
    for line in text.splitlines(keepends=True):
        words = line.strip()
        if words.startswith("# ") and 2 < len(words) <= QUOTE_CHARS_MAX:
            start = at + line.index("# ") + 2
            yield Quoted(quote=words[2:], span_start=start, span_end=start + len(words) - 2)
        at += len(line)


def _offers(said: Iterable[Sentence]) -> Iterator[Quoted]:
    """Sentences with an offer, a price or a promise; of near-duplicates only the first."""
    kept: list[Stated] = []
    for one in said:
        claim = stated(one.text)
        if is_furniture(one.text) or competitor_signal(one.text) < SIGNAL_MIN:
            continue
        if not any(is_same(claim, other) for other in kept):
            kept.append(claim)
            yield _quoted(one)


def _prices(one: Sentence) -> Iterator[Price]:
    found = list(_PRICE.finditer(one.text))
    ends = [*(match.start() for match in found[1:]), len(one.text)]
    for match, end in zip(found, ends, strict=False):
        rest = one.text[match.end() : end]
        unit = match["sign"] or match["unit"]
        if len(match[0]) > PRICE_CHARS_MAX:
            continue
        yield Price(
            amount=_amount(match["amount"] or match["figure"]),
            currency=CURRENCIES.get(unit.lower().removesuffix("s"), unit),
            per=_per(rest),
            said=_quoted(one),
        )


def _per(rest: str) -> str:
    match = _PER.search(rest)
    if match is None:
        return ""
    if match["adverb"]:
        return match["adverb"].lower().replace("dai", "day")
    if match["lapse"]:
        return _LAPSES[match["lapse"].lower()]
    if match["each"]:
        return match["each"].lower()
    return match["time"].lower() if match["time"] else match["thing"]


def _amount(figure: str) -> str:
    """`1,250.50` and `1.250,50` as `1250.50`: three digits after a mark are thousands."""
    whole, mark, cents = figure, "", ""
    if match := re.fullmatch(r"(.*)[.,](\d{1,2}|\d{4,})", figure):
        whole, mark, cents = match[1], ".", match[2]
    return re.sub(r"[.,]", "", whole) + mark + cents


def _quoted(one: Sentence) -> Quoted:
    return Quoted(quote=one.text, span_start=one.start, span_end=one.end)
