"""What a reader sees of a Markdown text, and where texts stand; it judges nothing."""

import html
import re
import unicodedata

from contracts.audit import AuditContent
from contracts.content import ContentItem
from contracts.design import Asset
from contracts.goal import Channel

TELEPHONE_DIGITS_MIN = 9

_AUTOLINK = re.compile(r"<(?:https?://|mailto:)[^<>\s]{1,2000}>")
_TARGET = r"\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"\n]*\")?\)"
_LINK = re.compile(rf"!?\[([^\[\]]*)\]{_TARGET}")
_NOTE_LINK = re.compile(rf"\[\^?\d{{1,3}}\]{_TARGET}(?!\s?%)")
"""A link that is nothing but a number is a note's mark."""
_REFERENCE_LINK = re.compile(r"!?\[([^\[\]]+)\]\[[^\[\]]*\]")
_REFERENCE_TARGET = re.compile(
    r"^ {0,3}\[(?!\^)[^\[\]\n]+\]:[ \t]*\S+[ \t]*(?:\"[^\"\n]*\")?[ \t]*$", re.MULTILINE
)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,20}\]:?|\[F?\d{1,3}\](?!\s?%)")
_SUPERSCRIPT_NOTE = re.compile(r"(?<=[^\W\d]|[.,;:!?»”\")])[¹²³⁰⁴-⁹]{1,2}(?!\s?%)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+", re.IGNORECASE)
_LINE_MARK = re.compile(
    r"^[ \t]*(?:>[ \t]*)*(?:#{1,6}[ \t]+|[-*+][ \t]+|\d{1,3}[.)][ \t]+)?", re.MULTILINE
)
_RULE_LINE = re.compile(r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$", re.MULTILINE)
_EMPHASIS = re.compile(r"\*+|`+|~~|(?<!\w)_+|_+(?!\w)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


def cleaned(text: str) -> str:
    """`text` with compatibility forms folded (NFKC) and invisible characters taken out."""
    folded = unicodedata.normalize("NFKC", html.unescape(text))
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


def plain(markdown: str) -> str:
    """The words a reader sees: no markup, link targets, list marks or footnote marks.

    Raw HTML stays, for the channels show it as text.
    """
    text = _AUTOLINK.sub(" ", _SUPERSCRIPT_NOTE.sub("", markdown))
    text = _REFERENCE_TARGET.sub("", text)
    text = _LINK.sub(r"\1", _NOTE_LINK.sub("", text))
    text = _REFERENCE_LINK.sub(r"\1", text)
    text = _FOOTNOTE.sub("", text)
    text = _RULE_LINE.sub("", text)
    text = _EMPHASIS.sub("", _LINE_MARK.sub("", text))
    return cleaned(_ESCAPE.sub(r"\1", _URL.sub(" ", text)))


def words(text: str) -> list[str]:
    """The words of plain `text`, in lower case, in order."""
    return [word.casefold() for word in _WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """The sentences of plain `text`; a new line ends one, as headings and list items do."""
    return [part for part in _SENTENCE_END.split(text) if _WORD.search(part)]


def without_phrase(text: str, phrase: str) -> str:
    """Plain `text` without `phrase`, however its words are spaced or broken into lines.

    A phrase of figures alone is taken out only where it is as long as a telephone number: a
    shorter one would hide a claim.
    """
    tokens = re.findall(r"\w+", cleaned(phrase))
    together = "".join(tokens)
    if len(together) < TELEPHONE_DIGITS_MIN and not any(char.isalpha() for char in together):
        return text
    pattern = r"\W{1,6}".join(re.escape(token) for token in tokens)
    return re.sub(rf"(?<!\w){pattern}(?!\w)", "\n", text, flags=re.IGNORECASE)


def parts_of(item: ContentItem) -> tuple[tuple[str, str], ...]:
    """The texts of `item` that are published, each with its name; empty ones are left out."""
    parts = (
        ("title", item.title),
        ("preheader", item.preheader),
        ("body", item.body_markdown),
        ("call to action", item.call_to_action),
        ("hashtags", " ".join(item.hashtags)),
    )
    return tuple((name, text) for name, text in parts if text)


def places(subject: AuditContent) -> tuple[tuple[str, Channel, tuple[tuple[str, str], ...]], ...]:
    """Every place that shows text: its name, its channel, its named texts."""
    items = [(item.id, item.channel, parts_of(item)) for item in subject.items]
    pictures = [
        (picture_place(asset), asset.channel, picture_parts(asset)) for asset in subject.assets
    ]
    return (*items, *pictures)


def picture_place(asset: Asset) -> str:
    """How a report names a picture, for example `picture-email`."""
    return f"picture-{asset.channel.value}"


def picture_parts(asset: Asset) -> tuple[tuple[str, str], ...]:
    """The texts of a picture."""
    return (("headline", asset.headline), ("alt text", asset.alt_text))
