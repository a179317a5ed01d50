"""Foreign bytes to text, a reader for each kind. Loaded in the extraction child and nowhere else.

It imports nothing of the service. A reader raises ValueError, or what its library raises, where the
bytes are not what they should be.
"""

import calendar
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.etree import _Element

TEXT_CHARS_MAX = 400_000
ENTRIES_MAX = 200
CELLS_MAX = 50_000
PAGES_MAX = 200
ADDRESSES_MAX = 5_000
LINE_SHARE = 0.6
"""A line of a PDF that is shorter than this share of its page's longest one ends a paragraph."""

HEADINGS = frozenset({"head", "h1", "h2", "h3", "h4", "h5", "h6"})
ITEMS = frozenset({"item", "li", "dd", "dt"})
CELLS = frozenset({"cell", "td", "th"})
BLOCKS = HEADINGS | ITEMS | CELLS | {"p", "quote", "blockquote", "pre", "code", "figcaption"}
DROPPED = frozenset({"script", "style", "noscript", "template", "nav", "button", "form"})
BREAKS = frozenset({"lb", "br", "div", "section", "ul", "ol", "list", "table", "row", "tr"})

DATE_PATHS = (
    "//meta[@property='article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//time[@itemprop='datePublished']/@datetime",
    "//meta[translate(@name, 'DATE', 'date')='date']/@content",
    "//meta[@name='DC.date.issued' or @name='dcterms.date' or @name='pubdate']/@content",
    "//time[@pubdate]/@datetime",
    "//article//time/@datetime",
)
BULLET = re.compile(r"[\u2022\u2023\u25aa\u25cf\u25e6]\s*")
JSON_LD_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')


def clean(text: str) -> str:
    """One line of readable characters: NFC, no control or format characters, single spaces."""
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )
    return " ".join("".join(kept).split())


def moment(text: str) -> str:
    """An ISO date or time as ISO with a zone (UTC where none is told); empty where it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return ""
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


class _Lines:
    """Collects the blocks of a tree, one line each, marked as headings, items or rows of cells."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._row: list[str] = []
        self._words: list[str] = []
        self._kind = ""

    def start(self, node: "_Element", tag: str) -> None:
        """A block begins here, or a mere part of one goes on."""
        if tag in BLOCKS | BREAKS:
            self._end_line()
            self._kind = tag if tag in BLOCKS else self._kind
        if tag:
            self._words.append(node.text or "")

    def end(self, tail: str, tag: str) -> None:
        """A node ends; what follows it belongs to whatever is around it."""
        if tag in BLOCKS | BREAKS:
            self._end_line()
            self._kind = "" if tag in BLOCKS else self._kind
        if tag in ("row", "tr", "table"):
            self.end_row()
        self._words.append(tail)

    def end_row(self) -> None:
        """Cells so far become one line."""
        self._end_line()
        if self._row:
            self.done.append(" | ".join(self._row))
            self._row.clear()

    def _end_line(self) -> None:
        line = clean("".join(self._words))
        self._words.clear()
        if line and self._kind in CELLS:
            self._row.append(line)
        elif line:
            mark = "# " if self._kind in HEADINGS else "- " if self._kind in ITEMS else ""
            self.done.append(mark + line)


def lines_of(element: "_Element") -> list[str]:
    """The blocks below an element, without scripts, navigation and forms."""
    lines = _Lines()
    for event, node in _walk(element):
        # Comments and processing instructions have a function for a tag and only a tail to keep.
        tag = node.tag if isinstance(node.tag, str) and event != "tail" else ""
        if event == "start":
            lines.start(node, tag)
        else:
            lines.end((node.tail or "") if node is not element else "", tag)
    lines.end_row()
    return lines.done


def _walk(element: "_Element") -> Iterator[tuple[str, "_Element"]]:
    """Start and end events of a tree without recursion; of a dropped element only its tail."""
    stack = [("start", element)]
    while stack:
        event, node = stack.pop()
        if event == "start" and node.tag in DROPPED:
            event = "tail"
        yield event, node
        if event == "start":
            stack.append(("end", node))
            stack.extend(("start", child) for child in reversed(node))


def page(raw: bytes, hints: dict[str, str]) -> dict[str, Any]:
    """A web page's main text, or the text of what its selector names."""
    import trafilatura

    tree = trafilatura.load_html(_decoded(raw, hints["charset"]))
    if tree is None:
        return {"title": "", "text": "", "passages": []}
    title = _title(tree)
    published = _date(tree)
    if hints["selector"]:
        lines = [one for body in _selected(tree, hints["selector"]) for one in lines_of(body)]
    else:
        headline = _headline(tree)
        found = trafilatura.bare_extraction(
            tree, include_comments=False, include_tables=True, with_metadata=False
        )
        body = getattr(found, "body", None)
        lines = [] if body is None else lines_of(body)
        if headline and lines and headline not in lines:
            lines.insert(0, headline)
    text = "\n".join(lines)[:TEXT_CHARS_MAX]
    return {"title": title, "text": text, "passages": [[0, len(text), title, published]]}


def _decoded(raw: bytes, charset: str) -> bytes | str:
    """Text where the server named a charset we know; else bytes, for the page to say."""
    try:
        return raw.decode(charset, errors="replace") if charset else raw
    except LookupError:
        return raw


def _selected(tree: "_Element", selector: str) -> "list[_Element]":
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector

    try:
        found = CSSSelector(selector, translator="html")(tree)
    except SelectorError as error:
        raise ValueError(f"the selector {selector!r} is not valid CSS: {error}") from None
    chosen = set(found)
    return [node for node in found if not any(above in chosen for above in node.iterancestors())]


def _title(tree: "_Element") -> str:
    for path in ("//meta[@property='og:title']/@content", "//title/text()", "//h1//text()"):
        for found in tree.xpath(path):
            if title := clean(str(found)):
                return title[:300]
    return ""


def _headline(tree: "_Element") -> str:
    """The page's first h1 as a line; it may stand outside of what is taken for the main text."""
    words = (clean("".join(found.itertext())) for found in tree.iter("h1"))
    return next((f"# {one[:300]}" for one in words if one), "")


def _date(tree: "_Element") -> str:
    for path in DATE_PATHS:
        for found in tree.xpath(path):
            if told := moment(str(found)):
                return told
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        if told := moment(match[1]) if (match := JSON_LD_DATE.search(str(script))) else "":
            return told
    return ""


def feed(raw: bytes, hints: dict[str, str]) -> dict[str, Any]:
    """A feed's entries, each a heading and its text, with its own date."""
    import feedparser
    from lxml import html

    headers = {"content-type": f"application/xml; charset={hints['charset']}"}
    # A stream, never a string: feedparser takes a string for an address or a file to open.
    parsed = feedparser.parse(io.BytesIO(raw), response_headers=headers if hints["charset"] else {})
    if not parsed.entries and parsed.bozo:
        raise ValueError(f"this is not a feed: {parsed.get('bozo_exception')}")
    parts: list[str] = []
    passages: list[list[Any]] = []
    at = 0
    for entry in parsed.entries[:ENTRIES_MAX]:
        title = clean(entry.get("title", ""))[:300]
        bodies = [entry.get("summary", ""), *(part.value for part in entry.get("content", []))]
        body = max(bodies, key=len)
        lines = list(lines_of(html.fragment_fromstring(body, create_parent="div"))) if body else []
        block = "\n".join([f"# {title}", *lines]) + "\n"
        if at + len(block) > TEXT_CHARS_MAX:
            break
        passages.append([at, at + len(block), title, _entry_date(entry)])
        parts.append(block)
        at += len(block)
    title = clean(parsed.feed.get("title", ""))[:300]
    return {"title": title, "text": "".join(parts), "passages": passages}


def _entry_date(entry: Mapping[str, Any]) -> str:
    told = entry.get("published_parsed") or entry.get("updated_parsed")
    return datetime.fromtimestamp(calendar.timegm(told), UTC).isoformat() if told else ""


def plain(raw: bytes, hints: dict[str, str]) -> dict[str, Any]:
    """Plain text or Markdown: paragraphs are joined to one line each."""
    decoded = raw.decode(hints["charset"] or "utf-8-sig", errors="replace")
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*decoded.splitlines(), ""]:
        marked = re.match(r"\s*(#{1,6}|[-*+]|\d+[.)])\s+(.*)", line)
        if (marked or not line.strip()) and paragraph:
            lines.append(clean(" ".join(paragraph)))
            paragraph = []
        if marked and marked[1].startswith("#"):
            lines.append(f"# {clean(marked[2])}")
        elif marked:
            paragraph = [f"- {marked[2]}"]
        elif line.strip():
            paragraph.append(line)
    text = "\n".join(filter(None, lines))[:TEXT_CHARS_MAX]
    title = next((line[2:] for line in lines if line.startswith("# ")), "")[:300]
    return {"title": title, "text": text, "passages": [[0, len(text), title, ""]]}


def table(raw: bytes, hints: dict[str, str]) -> dict[str, Any]:
    """A CSV file: one line a row, the header left out; only cells with sentences say anything."""
    decoded = raw.decode(hints["charset"] or "utf-8-sig", errors="replace")
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(decoded[:4_096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    lines: list[str] = []
    cells = 0
    for number, row in enumerate(csv.reader(io.StringIO(decoded), dialect)):
        cells += len(row)
        if cells > CELLS_MAX:
            raise ValueError(f"the table has more than {CELLS_MAX} cells; give a smaller one")
        if number and (line := " | ".join(filter(None, (clean(cell) for cell in row)))):
            lines.append(line)
    text = "\n".join(lines)[:TEXT_CHARS_MAX]
    return {"title": "", "text": text, "passages": [[0, len(text), "", ""]]}


def pdf(raw: bytes, hints: dict[str, str]) -> dict[str, Any]:
    """A PDF's pages, a passage each, its lines joined to paragraphs."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("the PDF is encrypted; give it without a password")
        title = clean(reader.metadata.title or "")[:300] if reader.metadata else ""
        pages = [page.extract_text() for page in reader.pages[:PAGES_MAX]]
    except PyPdfError as error:
        raise ValueError(f"this is not a PDF that can be read: {error}") from None
    blocks = ["\n".join(paragraphs(page)) + "\n" for page in pages]
    passages: list[list[Any]] = []
    at = 0
    for block in blocks:
        end = min(at + len(block), TEXT_CHARS_MAX)
        passages.append([at, end, title, ""])
        at = end
    return {"title": title, "text": "".join(blocks)[:TEXT_CHARS_MAX], "passages": passages}


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of lines as they are set: one ends at an empty or at a clearly short line.

    Bullets begin items. A line that is only a number is the page's, and left out.
    """
    rows = [row for row in map(clean, text.splitlines()) if not row.isdecimal()]
    enough = LINE_SHARE * max(map(len, rows), default=0)
    paragraph = ""
    for row in [*rows, ""]:
        if item := BULLET.match(row):
            if paragraph:
                yield paragraph
            paragraph = f"- {row[item.end() :]}"
        elif paragraph.endswith("-") and row[:1].islower():
            paragraph = paragraph[:-1] + row
        else:
            paragraph = f"{paragraph} {row}".strip()
        if paragraph and len(row) < enough:
            yield paragraph
            paragraph = ""


def sitemap(raw: bytes, hints: dict[str, str]) -> dict[str, Any]:
    """The addresses that a sitemap names, a line each, with the day it last changed as the date."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(raw, parser)
    kind = etree.QName(root).localname
    if kind not in ("urlset", "sitemapindex"):
        raise ValueError(f"this is not a sitemap, it begins with <{kind}>")
    lines: list[str] = []
    passages: list[list[Any]] = []
    at = 0
    for entry in root[:ADDRESSES_MAX]:
        address = clean(entry.findtext("{*}loc") or "")
        if address:
            lines.append(address + "\n")
            changed = moment(entry.findtext("{*}lastmod") or "")
            passages.append([at, at + len(address), "", changed])
            at += len(address) + 1
    return {"title": kind, "text": "".join(lines), "passages": passages}


READERS = {
    "page": page,
    "feed": feed,
    "text": plain,
    "table": table,
    "pdf": pdf,
    "sitemap": sitemap,
}
