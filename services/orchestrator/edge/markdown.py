"""A campaign's Markdown as a reviewer reads it: a few marks, no raw HTML, no address that runs.

It shows what people check: words, headings, lists, links. How a channel dresses it is its own.
"""

import re

from markupsafe import Markup, escape

from services.orchestrator.edge.addresses import web_address

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)$")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
_TABLE = re.compile(r"^\s*\|.*\n\s*\|[\s:|-]+(?:\n|$)")
_INLINE = re.compile(
    r"(?P<image>!\[(?P<alt>[^\]]*)\]\([^)]*\))"
    r"|\[(?P<words>[^\]]+)\]\(<?(?P<address>[^)\s>]+)>?[^)]*\)"
    r"|(?P<bare>https?://[^\s<>()\"]*[^\s<>()\".,;:!?])"
    r"|(?:\*\*|__)(?P<strong>\S(?:.*?\S)?)(?:\*\*|__)"
    r"|(?<![\w*])[*_](?P<em>[^\s*_](?:[^*_\n]*[^\s*_])?)[*_](?![\w*])"
)


def readable(text: str, title: str = "") -> Markup:
    """The text as HTML; every character that is not one of the marks is shown as it stands.

    A first heading that only repeats the title is left out.
    """
    first, _, rest = text.lstrip().partition("\n")
    heading = _HEADING.match(first)
    if heading and heading[2].casefold() == title.strip().casefold():
        text = rest
    blocks = re.split(r"\n\s*\n", text.strip())
    return Markup("\n").join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> Markup:
    """One paragraph, heading or list; a heading may have lines right below it."""
    lines = block.splitlines()
    if _RULE.match(block):
        return Markup("<hr>")
    if block.lstrip().startswith(">"):
        return _quote(block)
    if _TABLE.match(block):
        return _table(block)
    heading = _HEADING.match(lines[0])
    if heading:
        level = min(6, 2 + len(heading[1]))
        first = Markup("<h{0}>{1}</h{0}>").format(level, _inline(heading[2]))
        rest = "\n".join(lines[1:])
        return first + (_block(rest) if rest.strip() else Markup())
    begins = next((n for n, line in enumerate(lines) if _ITEM.match(line)), None)
    if begins is None:
        return _paragraph(lines)
    before = _paragraph(lines[:begins]) if begins else Markup()
    items: list[str] = []
    for line in lines[begins:]:
        item = _ITEM.match(line)
        if item:
            items.append(item[1])
        else:
            items[-1] += f" {line.strip()}"
    listed = Markup().join(Markup("<li>{}</li>").format(_inline(item)) for item in items)
    return before + Markup("<ul>{}</ul>").format(listed)


def _quote(block: str) -> Markup:
    inside = "\n".join(re.sub(r"^\s*> ?", "", line) for line in block.splitlines())
    blocks = (_block(part) for part in re.split(r"\n\s*\n", inside) if part.strip())
    return Markup("<blockquote>{}</blockquote>").format(Markup().join(blocks))


def _table(block: str) -> Markup:
    head, _, *rows = (line.strip().strip("|").split("|") for line in block.strip().splitlines())
    body = Markup().join(_row(row, "td") for row in rows)
    return Markup("<table>{}{}</table>").format(_row(head, "th"), body)


def _row(cells: list[str], tag: str) -> Markup:
    told = (Markup("<{0}>{1}</{0}>").format(tag, _inline(cell.strip())) for cell in cells)
    return Markup("<tr>{}</tr>").format(Markup().join(told))


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line) for line in lines))


def _inline(text: str) -> Markup:
    parts, last = Markup(), 0
    for mark in _INLINE.finditer(text):
        parts += escape(text[last : mark.start()]) + _marked(mark)
        last = mark.end()
    return parts + escape(text[last:])


def _marked(mark: re.Match[str]) -> Markup:
    if mark["image"]:
        return escape(mark["alt"])
    if mark["strong"]:
        return Markup("<strong>{}</strong>").format(_inline(mark["strong"]))
    if mark["em"]:
        return Markup("<em>{}</em>").format(_inline(mark["em"]))
    address, words = mark["address"] or mark["bare"], mark["words"] or mark["bare"]
    if not address.startswith(("http://", "https://")) or not web_address(address):
        return escape(mark[0])
    link = Markup('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>')
    return link.format(address, words)
