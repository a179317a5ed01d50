"""What a composer hands back, and the terms every text of one order shares."""

import re
from dataclasses import dataclass

from contracts.figures import values
from services.analyst.engines.embedded.desk import Claim, Desk
from services.analyst.points import Point

_TAKES_ARTICLE = re.compile(
    r"\b(?:Agency|Association|Institute|Ministry|Office|Federation|Council|Bureau|Journal|Society"
    r"|Union|Guild|Chamber|Commission|Department)$"
)
_TAKES_EL = re.compile(
    r"(?:Observatorio|Instituto|Ministerio|Colegio|Ayuntamiento|Consejo|Banco|Museo|Centro|Gremio"
    r"|Boletín|Diario)\b"
)
_TAKES_LA = re.compile(
    r"(?:Cámara|Asociación|Federación|Confederación|Agencia|Universidad|Oficina|Fundación|Unión"
    r"|Revista|Red|Sociedad)\b"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The step a reader is asked to take, where it leads, and who signs the footer.

    `cap` is a size asked for in feedback, in the unit of the channel; 0 means the usual one.
    """

    call: str
    website: str
    postal_address: str
    headline: str
    hashtags: tuple[str, ...]
    cap: int = 0

    def most(self, usual: int) -> int:
        """The upper limit in force."""
        return min(usual, self.cap) if self.cap else usual

    def headline_over(self, lead: Point) -> str:
        """The brief's headline over a text led by this finding; empty where a figure in it is
        not this finding's."""
        return self.headline if values(self.headline) <= values(lead.finding.quote) else ""

    def button(self) -> str:
        """The call to action in Markdown: a link where there is somewhere to go."""
        return f"**[{self.call}]({self.website})**" if self.website else f"**{self.call}**"

    def line(self) -> str:
        """The call to action in plain text."""
        return f"{self.call}: {self.website}" if self.website else f"{self.call}."


@dataclass(frozen=True, slots=True)
class Piece:
    """One finished text. `size` is in `unit` and belongs between `least` and `most`."""

    title: str
    body: str
    claims: tuple[Claim, ...]
    size: int
    least: int
    most: int
    unit: str
    preheader: str = ""
    hashtags: tuple[str, ...] = ()


def _article(label: str, language: str) -> str:
    if language == "es":
        return "el " if _TAKES_EL.match(label) else "la " if _TAKES_LA.match(label) else ""
    return "the " if _TAKES_ARTICLE.search(label) and not label.startswith("The ") else ""


def label_of(desk: Desk, point: Point, *, title: bool = False) -> str:
    """The source's name; of one without a name, the word for source."""
    return point.label(desk.voice.allows, title=title) or desk.book.words.source


def linked(desk: Desk, point: Point) -> str:
    """The source's name, linked where it is a web page."""
    label = label_of(desk, point)
    return f"[{label}]({point.link})" if point.link else label


def named(desk: Desk, point: Point, *, link: bool = False) -> str:
    """The source's name in a sentence; a nameless one is `one source`."""
    label = label_of(desk, point)
    if label == desk.book.words.source:
        return desk.book.words.nameless
    article = _article(label, desk.book.language)
    return article + (linked(desk, point) if link else label)
