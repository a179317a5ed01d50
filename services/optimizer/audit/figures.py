"""Reads figures out of prose and compares them; it does not know who claims them or why."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

_NUMBER = re.compile(
    r"(?<!\d)(?<!\d[.,])"
    r"(?:\d{1,3}(?:[ '\u2019]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
)
_CURRENCIES = {
    "$": "$", "us$": "$", "usd": "$", "dollar": "$", "dollars": "$", "dólar": "$", "dólares": "$",
    "€": "€", "eur": "€", "euro": "€", "euros": "€",
    "£": "£", "gbp": "£", "pound": "£", "pounds": "£", "libra": "£", "libras": "£",
    "¥": "¥", "jpy": "¥", "yen": "¥",
}  # fmt: skip
_CURRENCY_BEFORE = re.compile(r"(US\$|[$€£¥]|\b(?:USD|EUR|GBP|JPY)) ?$", re.IGNORECASE)
_CURRENCY_AFTER = re.compile(
    r"\s?([$€£¥]|(?:USD|EUR|GBP|JPY|dollars?|dólar(?:es)?|euros?|pounds?|libras?|yen)\b)",
    re.IGNORECASE,
)
_OF_WORD = re.compile(r"\s+(?:of|de)\b", re.IGNORECASE)
_PERCENT_AFTER = re.compile(
    r"\s?(?:%|(?:percentage points?|per ?cent|percent|pct|por ciento|puntos porcentuales)\b)",
    re.IGNORECASE,
)
MULTIPLE = "x"
_MULTIPLE_AFTER = re.compile(r"(?:-| )?fold\b|[x\u00d7](?![\w\u00d7])", re.IGNORECASE)
_MULTIPLE_WORD = re.compile(
    r"\b(?:(?P<two>doubl\w+|twice|twofold|dobl[eó]\w*|duplic\w+)"
    r"|(?P<three>tripl\w+|thrice|threefold)|(?P<four>quadrupl\w+|fourfold|cuádrupl\w+))",
    re.IGNORECASE,
)
_PARTS = {
    "half": 2, "halves": 2, "mitad": 2, "third": 3, "tercio": 3, "tercer": 3, "quarter": 4,
    "cuarto": 4, "cuarta": 4, "fifth": 5, "quint": 5, "tenth": 10, "décim": 10,
}  # fmt: skip
_FRACTION = re.compile(
    r"\b(?:(?:an?|one|(two|three|four|dos|tres|cuatro)|un|una|la)[ -])?"
    r"(half|mitad|(?<=[ -])(?:thirds?|quarters?|fifths?|tenths?|tercios?|tercera parte"
    r"|cuartos?|cuarta parte|quint[oa]s?|décim[oa]s?))\b",
    re.IGNORECASE,
)
_MULTIPLES = {"two": Decimal(2), "three": Decimal(3), "four": Decimal(4)}
_SCALES = {
    "thousand": 3, "k": 3, "mil": 3, "million": 6, "mn": 6, "mm": 6, "m": 6, "millón": 6,
    "millon": 6, "millones": 6, "mil millones": 9, "billion": 9, "bn": 9, "b": 9, "trillion": 12,
    "tn": 12,
}  # fmt: skip
_SCALE_AFTER = re.compile(
    r"[\s-]?(mil millones|thousand|million|billion|trillion|mill[oó]n|millones|mil|bn|mn|tn)\b"
    r"|(mm|[kmb])\b",
    re.IGNORECASE,
)
_RANGE_JOIN = re.compile(r"\s?(?:-|\u2012|\u2013|\u2014|to|a|hasta)\s?", re.IGNORECASE)
_NAME_BEFORE = re.compile(r"(?:[^\W\d]|[A-Z]-)$")
_NAME_AFTER = re.compile(r"[DG]\b")
_BARE_POINT = re.compile(r"(?<!\w)\.\Z")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\s?(?:©\s?)?\d{4}", re.IGNORECASE)
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
    "diez": 10, "once": 11, "doce": 12, "quince": 15, "veinte": 20, "treinta": 30,
    "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
}  # fmt: skip
_FEW = "two|three|four|five|six|seven|eight|nine|ten|dos|tres|cuatro|cinco|seis|diez|[2-9]|10"
_RATIO = re.compile(
    rf"\b(one|un[oa]?|{_FEW}|1) (?:in|out of|of every|de cada) (?:every )?({_FEW})\b", re.IGNORECASE
)
_SPANISH_ONLY = frozenset({"once"})
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as written, what it may be worth, and its unit: `%`, `x`, a currency, or none.

    `powers` are the powers of ten that words behind it scale it by; `values` hold them already.
    """

    text: str
    values: frozenset[Decimal]
    unit: str = ""
    powers: tuple[int, ...] = field(default=(), compare=False)

    def stands_on(self, other: "Figure") -> bool:
        """True where `other` says the same; a figure without unit may leave the other's out.

        A multiple (`3x`) stands on the number that a quote writes in other words (`three times`).
        """
        spelled = self.unit == MULTIPLE and not other.unit
        return bool(self.values & other.values) and (self.unit in ("", other.unit) or spelled)


_Placed = tuple[int, int, Figure]


def figures(text: str, language: str) -> tuple[Figure, ...]:
    """The figures of plain `text`, in order: numbers, shares, prices, years.

    `language` decides what a lone comma or point before three digits means; where it is not
    English, both readings count. Names such as `B2B`, `GPT-4` or `3D` hold no figure.
    """
    shown = _COPYRIGHT.sub(" ", text)
    found: list[_Placed] = []
    for match in _NUMBER.finditer(shown):
        found.extend(_read(shown, match.start(), match.end(), language))
    return tuple(figure for _, _, figure in _share_units(shown, found))


def multiples(text: str) -> tuple[Figure, ...]:
    """The multiples that are words of their own: `doubled`, `twice`, `el triple`."""
    return tuple(
        Figure(match.group(), frozenset({_MULTIPLES[match.lastgroup or ""]}))
        for match in _MULTIPLE_WORD.finditer(text)
    )


def fractions(text: str) -> tuple[Figure, ...]:
    """The fractions that are words: `a third`, `two in five`, `la mitad`; thirds are rounded."""
    named = (
        Figure(match.group(), frozenset({_fraction(match.group(1), match.group(2))}))
        for match in _FRACTION.finditer(text)
    )
    return (*named, *ratios(text))


def ratios(text: str) -> tuple[Figure, ...]:
    """The fractions that are told as people: `one in four`, `two out of three`, `una de cada 5`."""
    return tuple(
        Figure(match.group(), frozenset({round(_counted(match[1]) / _counted(match[2]), 3)}))
        for match in _RATIO.finditer(text)
    )


def _counted(word: str) -> Decimal:
    return Decimal(word) if word.isdecimal() else Decimal(_NUMBER_WORDS.get(word.casefold(), 1))


def _fraction(count: str | None, part: str) -> Decimal:
    of = next(parts for word, parts in _PARTS.items() if part.casefold().startswith(word))
    many = _NUMBER_WORDS.get((count or "").casefold(), 1)
    return round(Decimal(many) / of, 3)


def with_words_as_digits(text: str, language: str) -> str:
    """`text` with small number words as digits; `one` stays, for it mostly is no figure."""

    def digits(match: re.Match[str]) -> str:
        word = match.group().casefold()
        if language != "es" and word in _SPANISH_ONLY:
            return match.group()
        return str(_NUMBER_WORDS[word])

    return _NUMBER_WORD.sub(digits, text)


def _read(text: str, start: int, end: int, language: str) -> list[_Placed]:
    before, token = text[max(0, start - 4) : start], text[start:end]
    powers, scaled_to = _scale(text, end)
    unit, stop = _unit(before, text, scaled_to, of=bool(powers))
    if not unit and (_NAME_BEFORE.search(before) or _NAME_AFTER.match(text, end)):
        return []
    values = _values(token, language)
    if not values:
        pieces = re.split(r"[.,]", token)
        return [(start, end, Figure(piece, frozenset({Decimal(piece)}))) for piece in pieces]
    if _BARE_POINT.search(before) and token.isdecimal():
        values = {Decimal(f"0.{token}")}
    worth = frozenset(value.scaleb(power) for value in values for power in (powers or (0,)))
    prefix = _CURRENCY_BEFORE.search(before)
    first = start - len(prefix.group()) if prefix else start
    return [(first, stop, Figure(text[first:stop].strip(), worth, unit, powers))]


def _scale(text: str, end: int) -> tuple[tuple[int, ...], int]:
    """The powers of ten of the scale written at `end`, and where it ends."""
    match = _SCALE_AFTER.match(text, end)
    if match is None:
        return (), end
    written = match.group(1) or match.group(2)
    power = _SCALES[written.casefold()]
    return ((0, power) if written == "m" else (power,)), match.end()


def _unit(before: str, text: str, end: int, *, of: bool) -> tuple[str, int]:
    """The unit round a number that ends at `end`, and where the figure ends.

    With `of`, the currency may stand behind a preposition, as in `2 millones de euros`.
    """
    if match := _PERCENT_AFTER.match(text, end):
        return "%", match.end()
    if match := _MULTIPLE_AFTER.match(text, end):
        return MULTIPLE, match.end()
    if match := _CURRENCY_BEFORE.search(before):
        return _CURRENCIES[match.group(1).casefold()], end
    linked = _OF_WORD.match(text, end) if of else None
    if match := _CURRENCY_AFTER.match(text, linked.end() if linked else end):
        return _CURRENCIES[match.group(1).casefold()], match.end()
    return "", end


def _values(token: str, language: str) -> set[Decimal]:
    """What a number may be worth; empty where it is several numbers, as in `12.05.2025`."""
    digits = re.sub(r"[ '\u2019]", "", token)
    marks = re.findall(r"[.,]", digits)
    groups = re.split(r"[.,]", digits)
    whole, last = "".join(groups[:-1]), groups[-1]
    if not marks:
        return {Decimal(digits)}
    if len(marks) > 1:
        if not all(len(group) == 3 for group in groups[1:-1]):
            return set()
        if marks[-1] not in marks[:-1]:
            return {Decimal(f"{whole}.{last}")}
        return {Decimal(whole + last)} if len(set(marks)) == 1 and len(last) == 3 else set()
    if len(last) != 3 or len(whole) > 3 or whole == "0" or digits != token:
        return {Decimal(f"{whole}.{last}")}
    if language == "en":
        return {Decimal(whole + last) if marks[0] == "," else Decimal(f"{whole}.{last}")}
    return {Decimal(whole + last), Decimal(f"{whole}.{last}")}


def _share_units(text: str, found: list[_Placed]) -> list[_Placed]:
    """In `30-40 %`, `$30-40` and `3 to 4 million` both ends have the unit and may be scaled."""
    shared = list(found)
    for index in range(len(shared) - 1):
        (start, end, low), (next_start, next_end, high) = shared[index], shared[index + 1]
        if not _RANGE_JOIN.fullmatch(text, end, next_start):
            continue
        powers = () if low.powers else high.powers
        scaled = {value.scaleb(power) for value in low.values for power in powers}
        low_unit, high_unit = low.unit or high.unit, high.unit or low.unit
        shared[index] = (start, end, replace(low, unit=low_unit, values=low.values | scaled))
        shared[index + 1] = (next_start, next_end, replace(high, unit=high_unit))
    return shared
