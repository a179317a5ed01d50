"""Markdown as safe HTML or plain text: no raw HTML, no link that runs. It knows no template."""

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.optimizer.publish.selection import clean, one_line, web_address

if TYPE_CHECKING:
    from markdown import Markdown

_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_ABSOLUTE = re.compile(r"^(https?://|www\.)", re.IGNORECASE)
_MARK = re.compile(r"\[(F[0-9]{1,4})\](?![(\[:])")
_HEADINGS = {"h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
_PLAIN = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\(<?([^)\s>]+)>?[^)]*\)"), r"\1: \2"),
    (re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE), r"\1\n"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])[*_](?=\S)([^*_\n]+?)(?<=\S)[*_](?![\w*])"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
    (re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$", re.MULTILINE), ""),
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is shown.

    `styles` are inline styles by tag; `marks` turns a finding's id into (label, link); a paragraph
    that is nothing but a link reading `button` becomes the button.
    """

    styles: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    button: str = ""
    pictures: bool = True


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML, and whether the text brought its own button."""

    html: str
    has_button: bool


def led_by(text: str, website: str, link: str) -> str:
    """The text with the website's address, wherever it stands alone, replaced by the link."""
    if not (website and link):
        return text
    alone = re.escape(website.rstrip("/")) + r"/?(?=[\s)>\]]|[.,;:!?](?:\s|$)|$)"
    return re.sub(alone, lambda _: link, text)


def to_html(text: str, manner: Manner) -> Rendered:
    """The Markdown text as HTML. Raw HTML in it is shown as text, never obeyed."""
    from markdown import Markdown

    parser = Markdown(extensions=["tables", "fenced_code", "sane_lists"], output_format="html")
    parser.preprocessors.deregister("html_block")
    parser.inlinePatterns.deregister("html")
    parser.inlinePatterns.deregister("automail")
    dresser = _dresser(parser, manner)
    return Rendered(html=parser.convert(clean(text)), has_button=bool(dresser.buttons))


def to_text(text: str) -> str:
    """The Markdown text as people write plain mail: link addresses in full, no marks."""
    for pattern, replacement in _PLAIN:
        text = pattern.sub(replacement, text)
    return re.sub(r"\n{3,}", "\n\n", clean(text)).strip()


def without_title(text: str, title: str) -> str:
    """The text without a first heading that only repeats the title."""
    first, _, rest = text.lstrip().partition("\n")
    heading = one_line(first.lstrip("#")) if first.startswith("#") else ""
    return rest.lstrip() if heading.casefold() == one_line(title).casefold() else text


def with_marks(text: str, claims: Mapping[str, str]) -> str:
    """Each claim (finding id by claim) followed by `[F1]`, unless the text has such marks."""
    if _MARK.search(text):
        return text
    for claim, finding_id in claims.items():
        at = text.find(claim)
        end = at + len(claim)
        while end < len(text) and text[end] in "*_.,;!?\"')":
            end += 1
        if at >= 0 and text[end : end + 1] not in {"]", "`", "["}:
            text = f"{text[:end]}[{finding_id}]{text[end:]}"
    return text


def with_numbers(text: str, numbers: Mapping[str, str]) -> str:
    """The text with `[F1]` turned into the source's number, ` [1]`; unknown marks stay."""
    return _MARK.sub(lambda m: f" [{numbers[m[1]]}]" if m[1] in numbers else m[0], text)


def opening(text: str, chars_max: int) -> str:
    """The first paragraph in plain words, cut at a word; for descriptions and feeds."""
    for block in re.split(r"\n\s*\n", text.strip()):
        if not block.startswith(("#", "!", ">", "|", "```")):
            words = one_line(_MARK.sub("", to_text(block)))
            cut = words[:chars_max].rsplit(" ", 1)[0]
            return words if len(words) <= chars_max else f"{cut.rstrip('.,;:')}…"
    return ""


def safe_link(address: str) -> str:
    """A link that may stand in a page: http, https, mailto or a place in it; else empty."""
    decoded = _INVISIBLE.sub("", html.unescape(address))
    if re.match(r"^(mailto:[^<>\"]+@|#[\w-]+$)", decoded, re.IGNORECASE):
        return decoded
    return web_address(decoded) if _ABSOLUTE.match(decoded) else ""


class _Dresser:
    """Goes over the parsed text: safe links only, inline styles, one level of headings down."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self.buttons = 0

    def run(self, root: ET.Element) -> None:
        for parent in list(root.iter()):
            self._maybe_button(parent)
            for element in list(parent):
                self._dress(element)

    def _dress(self, element: ET.Element) -> None:
        element.tag = _HEADINGS.get(element.tag, element.tag)
        if element.tag == "a":
            self._link(element)
        elif element.tag == "img":
            self._picture(element)
        key = "button" if element.get("class") == "button" else element.tag
        if key in self._manner.styles:
            element.set("style", self._manner.styles[key])

    def _link(self, element: ET.Element) -> None:
        address = safe_link(element.get("href", ""))
        if not address:
            element.attrib.clear()
            element.tag = "span"
            return
        element.set("href", address)
        if not address.startswith("#"):
            element.set("rel", "noopener")

    def _picture(self, element: ET.Element) -> None:
        address = web_address(html.unescape(element.get("src", "")))
        alt = element.get("alt", "")
        element.attrib.clear()
        if not address or not self._manner.pictures:
            element.tag, element.text = "span", alt
            return
        for name, value in (("src", address), ("alt", alt), ("loading", "lazy")):
            element.set(name, value)

    def _maybe_button(self, element: ET.Element) -> None:
        if element.tag != "p" or len(element) != 1 or (element.text or "").strip():
            return
        link = element[0]
        if link.tag in {"strong", "em"} and len(link) == 1 and not (link.text or "").strip():
            link = link[0]
        if link.tag != "a" or (link.tail or "").strip() or (element[0].tail or "").strip():
            return
        words = one_line("".join(link.itertext())).rstrip("→ »").casefold()
        if words and words == self._manner.button.casefold() and safe_link(link.get("href", "")):
            link.set("class", "button")
            self.buttons += 1


def _dresser(parser: "Markdown", manner: Manner) -> _Dresser:
    from markdown.inlinepatterns import InlineProcessor
    from markdown.treeprocessors import Treeprocessor

    dresser = _Dresser(manner)

    class Dress(Treeprocessor):
        def run(self, root: ET.Element) -> None:
            dresser.run(root)

    class Mark(InlineProcessor):
        def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name and shape)
            self, m: re.Match[str], data: str
        ) -> tuple[ET.Element | str | None, int | None, int | None]:
            if m.group(1) not in manner.marks:
                return None, None, None
            label, address = manner.marks[m.group(1)]
            raised = ET.Element("sup")
            link = ET.SubElement(raised, "a", {"href": address})
            link.text = label
            return raised, m.start(0), m.end(0)

    parser.treeprocessors.register(Dress(parser), "dress", -1)
    parser.inlinePatterns.register(Mark(_MARK.pattern, parser), "mark", 175)
    return dresser
