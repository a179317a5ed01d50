"""Points: findings as sentences a text may use. It ranks and compares, and invents nothing.

A point's `text` is the finding's own sentence, trimmed; every figure in it stands in the quote.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from contracts.contradictions import clash
from contracts.figures import Figure, figures, values
from contracts.research import Finding, FindingKind
from services.analyst import sentences
from services.analyst.languages import language_of
from services.analyst.natures import Nature, nature_of, people_of, thing_of
from services.analyst.shares import share_of

TEXT_CHARS_MAX = 240
TEXT_CHARS_MIN = 24
LABEL_CHARS_MAX = 60
STANDING_ENOUGH = 3
ELLIPSIS = " …"
TEXTS_KEPT = 512
"""One campaign's sentences are compared with each other: what is read off a text is kept."""
FIGURE_BONUS = 0.15
QUOTED_MALUS = 0.25
SAME_SOURCE_MALUS = 0.2

_STOPWORDS_LINE = (
    "a about after all almost also among an and any are as at average be been before being "
    "between both but by can could did do does each every fewer for from had has have how if in "
    "into is it its just last less many may more most much new no not now of on once one only or "
    "other over own per percent report reported said say says should since so some such survey "
    "than that the their them then there these they this those through to twice two under up use "
    "used very was we were what when where which while who will with within without would year "
    "years you your month months week weeks day days time "
    "el la los las un una unos unas de del al que en con por para según y o sin sobre su sus se "
    "es son fue ha han más menos casi cada entre desde cuando como lo año años mes meses semana "
    "semanas día días antes después además entonces"
)
STOPWORDS = frozenset(_STOPWORDS_LINE.split())

_SIDE_CLAUSE = re.compile(r"[,;:(|]| [\u2013\u2014-] ")
"""Where a title's first words end, which often name the page without its dates and figures."""

_GENERIC = re.compile(
    r"(?:home|about(?: us)?|products?|pricing|prices|plans|blog|news|features|press|services?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Point:
    """What one finding lets a text say; `quoted` means in quotation marks only, as does `foreign`:
    it is in another language than the text."""

    finding: Finding
    text: str
    quoted: bool
    shared: str
    foreign: bool = False

    @property
    def id(self) -> str:
        """The finding's id."""
        return self.finding.id

    @property
    def kind(self) -> FindingKind:
        """Which question it answers."""
        return self.finding.kind

    @property
    def stated(self) -> tuple[Figure, ...]:
        """The figures it states, years left out."""
        return tuple(figure for figure in figures(self.text) if not figure.is_year)

    @property
    def nature(self) -> Nature:
        """What sort of sentence it is."""
        return nature_of(self.text)

    @property
    def names(self) -> dict[str, str]:
        """Short phrases taken from it: a share of people, what it is about, what changes."""
        thing = "" if self.quoted else thing_of(self.text)
        change = thing if self.nature is Nature.CHANGE else ""
        return {"people": people_of(self.shared), "thing": thing, "change": change}

    @property
    def site(self) -> str:
        """Whose word it is: the host of the source, or the source itself where it is a file."""
        return urlsplit(self.finding.source_url).hostname or self.finding.source_url

    @property
    def link(self) -> str:
        """The address to link to; empty where the source is no web page or its address is huge."""
        url = self.finding.source_url.strip()
        if not re.match(r"https?://[^\s]{1,500}$", url):
            return ""
        return url.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")

    def label(self, allows: Callable[[str], bool], *, title: bool = False) -> str:
        """How the source is named in prose: publisher or title, or its host; empty: nameless.

        A name with a figure that the quote does not hold is passed over, a banned one too.
        """
        grounded = values(self.finding.quote)
        page, publisher = _title_parts(self.finding.source_title)
        host = self.site.removeprefix("www.") if self.link else ""
        both = f"{publisher}: {page}" if page and publisher and page != publisher else page
        plain: str = _SIDE_CLAUSE.split(page, maxsplit=1)[0].strip()
        named = (both, page, publisher, host) if title else (publisher, host, page)
        options: tuple[str, ...] = (*named, plain)
        for option in options:
            fits = 2 <= len(option) <= (200 if title else LABEL_CHARS_MAX)
            if fits and values(option) <= grounded and allows(option):
                return option
        return ""


def points_of(
    findings: Iterable[Finding], allows: Callable[[str], bool], language: str = "en"
) -> tuple[Point, ...]:
    """The usable points of `findings`, in their order; a finding nothing can be said from is out.

    One that needs the sentence before it, or has no subject, is used only where there is little
    else.

    `allows` is the brand's veto on words; it also covers the address a reader would see. A finding
    that is not in `language` may only be quoted.
    """
    found = []
    for finding in findings:
        point = _point(finding, allows, language)
        if point is not None and allows(point.link):
            found.append(point)
    standing = [
        point
        for point in found
        if not (sentences.LEANS_BACK.match(point.text) or sentences.NO_SUBJECT.match(point.text))
    ]
    return tuple(standing if len(standing) >= STANDING_ENOUGH else found)


def strength(point: Point) -> float:
    """How much a point carries: relevance, a figure to hold on to, and standing on its own."""
    bonus = FIGURE_BONUS if point.stated else 0.0
    return point.finding.score + bonus - (QUOTED_MALUS if point.quoted else 0.0)


def ranked(points: Sequence[Point], *, bonus: Callable[[Point], float]) -> tuple[Point, ...]:
    """Strongest first, each further point of one site counting for less; ties by finding id.

    Of two points that contradict each other only the stronger one is kept.
    """
    left = sorted(points, key=lambda point: (int(point.id[1:]), point.text))
    worth = {(point.id, point.text): strength(point) + bonus(point) for point in left}
    chosen: list[Point] = []
    sites: dict[str, int] = {}
    while left:
        best = max(left, key=lambda p: worth[p.id, p.text] - _crowding(sites, p))
        left.remove(best)
        if any(disagree(best, other) or best.text == other.text for other in chosen):
            continue
        chosen.append(best)
        sites[best.site] = sites.get(best.site, 0) + 1
    return tuple(chosen)


def disagree(one: Point, other: Point) -> bool:
    """True where two sources state different figures for the very same thing."""
    return one.finding.source_url != other.finding.source_url and clash(one.text, other.text)


@lru_cache(maxsize=TEXTS_KEPT)
def subject_words(text: str) -> frozenset[str]:
    """The words that say what `text` is about: lower case, singular, no figures."""
    found = re.findall(r"[^\W\d_][\w'\u2019]*", text.lower())
    return frozenset(singular(word) for word in found if word not in STOPWORDS and len(word) > 2)


def singular(word: str) -> str:
    """A rough singular, good enough to compare words by."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _crowding(sites: dict[str, int], point: Point) -> float:
    return SAME_SOURCE_MALUS * sites.get(point.site, 0)


def _point(finding: Finding, allows: Callable[[str], bool], language: str) -> Point | None:
    foreign = language_of(finding.quote) not in {"", language}
    said = [_said(sentence, only_quoted=foreign) for sentence in _sentences(finding)]
    candidates = [(text, quoted) for text, quoted in said if text and allows(text)]
    grounded = values(finding.quote)
    verbatim = _single_marks(sentences.tidy(finding.quote))
    candidates = [
        (text, quoted)
        for text, quoted in candidates
        if values(text) <= grounded and (not quoted or text.removesuffix(ELLIPSIS) in verbatim)
    ]
    if not candidates:
        return None
    text, quoted = max(candidates, key=_usefulness)
    return Point(finding, text, quoted, share_of(text), foreign)


def _sentences(finding: Finding) -> tuple[str, ...]:
    claim, quote = sentences.tidy(finding.claim), sentences.tidy(finding.quote)
    return tuple(dict.fromkeys((*sentences.split(claim), *sentences.split(quote))))


def _said(sentence: str, *, only_quoted: bool) -> tuple[str, bool]:
    """What can be said of a sentence, and whether only in quotation marks; empty: nothing."""
    if sentences.ORDERS_A_MACHINE.search(sentence) or sentence.rstrip('"”\u2019').endswith("?"):
        return "", False
    quoted = only_quoted or bool(sentences.SPEAKS_FOR_ITSELF.search(sentence))
    quoted = quoted or bool(sentences.LEANS_BACK.match(sentence))
    text = sentence.strip().rstrip(" .!…") if quoted else sentences.statement(sentence)
    if len(text) > TEXT_CHARS_MAX:
        text = sentences.shortened(text, TEXT_CHARS_MAX) or ""
    if not text:
        text, quoted = sentences.clipped(sentence.strip(), TEXT_CHARS_MAX - 2) + ELLIPSIS, True
    text = _single_marks(text) if quoted else text
    return (text if re.search(r"[^\W_]", text) else ""), quoted


def _single_marks(text: str) -> str:
    """Quotation marks inside a quotation are single ones."""
    return re.sub(r"[“”\"]", "'", text)


def _usefulness(candidate: tuple[str, bool]) -> tuple[bool, bool, bool]:
    text, quoted = candidate
    return len(text) >= TEXT_CHARS_MIN, not quoted, any(not f.is_year for f in figures(text))


def _title_parts(title: str) -> tuple[str, str]:
    """A page title as page and publisher: `Roast dates | Daily Grind` is both."""
    parts = [part.strip() for part in re.split(r"\s[|\u2013—·-]\s", sentences.tidy_title(title))]
    parts = [part for part in parts if part]
    if len(parts) == 1 and _reads_as_name(parts[0]):
        return parts[0], parts[0]
    if len(parts) < 2:
        return (parts[0] if parts else ""), ""
    first, last = parts[0], parts[-1]
    return (last, first) if _GENERIC.match(last) else (first, last)


_JOINING = frozenset(["de", "del", "la", "las", "los", "el", "y", "of", "the", "and", "for"])


def _reads_as_name(title: str) -> bool:
    words = title.split()
    told = [word for word in words if word not in _JOINING]
    return 2 <= len(words) <= 6 and words[0] in told and all(w[:1].isupper() for w in told)
