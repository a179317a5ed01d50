"""One e-mail to one person as bytes: MIME, headers, text and HTML. It knows no server.

Headers follow RFC 5322, RFC 2369 and RFC 8058 (one-click unsubscribe); the same letter gives the
same bytes.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from services.optimizer.publish.colours import ink_on, readable_on
from services.optimizer.publish.labels import labels
from services.optimizer.publish.pages import PAPER, environment
from services.optimizer.publish.prose import (
    Manner,
    Rendered,
    led_by,
    safe_link,
    to_html,
    to_text,
    with_numbers,
)
from services.optimizer.publish.selection import SourceNote

UNSUBSCRIBE = re.compile(r"\{\{\s*unsubscribe_url\s*\}\}")
PLACEHOLDER = re.compile(r"\{\{\s*([\w. -]{1,60}?)\s*\}\}")
_BARE = re.compile(r"(?m)^(?:([\w ]{1,40}):\s*)?\{\{\s*unsubscribe_url\s*\}\}\s*$")
_RULE = re.compile(r"(?m)^[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$")
_LOCAL = re.compile(r"^(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$", re.ASCII)
_DOMAIN = re.compile(r"^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$")
_FONT = "Inter,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_STYLES = {
    "p": "margin:0 0 18px;",
    "h2": "margin:30px 0 12px;font-size:21px;line-height:1.3;color:#15181e;",
    "h3": "margin:24px 0 10px;font-size:18px;line-height:1.3;color:#15181e;",
    "ul": "margin:0 0 18px;padding-left:22px;",
    "ol": "margin:0 0 18px;padding-left:22px;",
    "li": "margin:0 0 8px;",
    "hr": "margin:28px 0;border:0;border-top:1px solid #e4e7ec;",
    "pre": "margin:0 0 18px;padding:14px;background:#f4f5f7;border-radius:8px;overflow-x:auto;",
    "code": "font-size:14px;background:#f4f5f7;",
    "table": "width:100%;border-collapse:collapse;margin:0 0 18px;font-size:15px;",
    "th": "text-align:left;padding:8px 12px 8px 0;border-bottom:2px solid #15181e;",
    "td": "padding:8px 12px 8px 0;border-bottom:1px solid #e4e7ec;",
    "sup": "font-size:11px;line-height:0;",
}


_SMALL = {"p": "margin:0 0 6px;", "a": "color:#5a6270;"}


class _Address(UnstructuredHeader, BaseHeader):
    """A header that holds addresses of the web: folding would turn it into encoded words."""

    def fold(self, *, policy: Policy) -> str:
        """The header on one line (RFC 5322 allows 998 characters)."""
        return f"{self.name}: {self}{policy.linesep}"


_REGISTRY = HeaderRegistry()
_REGISTRY.map_to_type("list-unsubscribe", _Address)
_POLICY = SMTP.clone(header_factory=_REGISTRY)


@dataclass(frozen=True, slots=True)
class Letter:
    """What every recipient gets alike."""

    business_name: str
    sender: str
    reply_to: str
    subject: str
    preheader: str
    language: str
    body_markdown: str
    footer_markdown: str
    call_to_action: str
    website: str
    signature: str
    postal_address: str
    primary_color: str
    accent_color: str
    sources: tuple[SourceNote, ...]
    banner: bytes | None
    banner_alt: str

    @property
    def domain(self) -> str:
        """The sender's domain, which its message ids carry."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What makes one recipient's copy theirs; `key` is the recipient's effect key.

    `link_url` stands where the letter links to its website, `pixel_url` is a picture that nobody
    sees; both empty where readers are not counted.
    """

    key: str
    recipient: str
    unsubscribe_url: str
    sent_at: datetime
    link_url: str = ""
    pixel_url: str = ""


def write(letter: Letter, envelope: Envelope) -> bytes:
    """The whole message: text and HTML alternatives, the banner inside. Raises ValueError."""
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = f"<{envelope.key}@{letter.domain}>"
    message["Date"] = format_datetime(envelope.sent_at)
    message["From"] = Address(display_name=letter.business_name, addr_spec=letter.sender)
    message["To"] = Address(addr_spec=envelope.recipient)
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message["Subject"] = letter.subject
    message["List-Unsubscribe"] = f"<{envelope.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text_of(letter, envelope), cte="quoted-printable")
    message.add_alternative(html_of(letter, envelope), subtype="html", cte="quoted-printable")
    if letter.banner is not None:
        page = message.get_payload(1)
        assert isinstance(page, EmailMessage)
        page.add_related(
            letter.banner,
            "image",
            "png",
            cid=f"<{_cid(letter, envelope)}>",
            disposition="inline",
            filename="banner.png",
        )
    message["Content-Language"] = letter.language
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"={envelope.key}={number}")
    return message.as_bytes()


def text_of(letter: Letter, envelope: Envelope) -> str:
    """The plain text alternative."""
    body = UNSUBSCRIBE.sub(envelope.unsubscribe_url, letter.body_markdown)
    body = led_by(body, letter.website, envelope.link_url)
    words = labels(letter.language)
    numbers = {i: str(source.number) for source in letter.sources for i in source.finding_ids}
    blocks = [letter.subject, to_text(with_numbers(body, numbers))]
    website = envelope.link_url or letter.website
    if letter.website and website not in body:
        blocks.append(f"{letter.call_to_action}: {website}")
    blocks.append(letter.signature)
    if letter.sources:
        listed = [f"{s.number}. {s.title}{f' <{s.url}>' if s.url else ''}" for s in letter.sources]
        blocks.append("\n".join([f"{words['sources']}:", *listed]))
    foot = [f"{words['from']} {letter.business_name}.", letter.postal_address]
    foot.append(f"{words['unsubscribe']}: {envelope.unsubscribe_url}")
    if letter.footer_markdown:
        foot = [to_text(UNSUBSCRIBE.sub(envelope.unsubscribe_url, letter.footer_markdown))]
    blocks.append("\n".join(["-- ", *(line for line in foot if line)]))
    return "\n\n".join(block for block in blocks if block) + "\n"


def html_of(letter: Letter, envelope: Envelope) -> str:
    """The HTML alternative; its banner is `cid:`, its styles stand in the tags."""
    body, footer = (
        _with_link(led_by(text, letter.website, envelope.link_url), letter.language, envelope)
        for text in (letter.body_markdown, letter.footer_markdown)
    )
    look = {
        "primary": letter.primary_color,
        "link": readable_on(letter.primary_color, PAPER),
        "accent": letter.accent_color,
    }
    button = (
        f"display:inline-block;padding:14px 26px;border-radius:9px;font-size:17px;line-height:22px;"
        f"font-weight:700;text-decoration:none;background:{letter.primary_color};"
        f"color:{ink_on(letter.primary_color)};"
    )
    view = {name: getattr(letter, name) for name in letter.__slots__}
    view |= {"unsubscribe_url": envelope.unsubscribe_url, "banner_cid": _cid(letter, envelope)}
    view |= {"pixel_url": envelope.pixel_url}
    if letter.website and envelope.link_url:
        view["website"] = envelope.link_url
    return (
        environment()
        .get_template("email.html")
        .render(
            letter=view,
            body=_body(letter, body, look, button),
            footer=to_html(footer, Manner(styles=_SMALL, pictures=False)),
            look=look,
            labels=labels(letter.language),
            font=_FONT,
            button_style=button,
        )
    )


def address_of(text: str) -> str:
    """A mailbox that plain SMTP can write to, its domain in ASCII. Raises ValueError."""
    local, _, domain = text.strip().rpartition("@")
    plain = domain.encode("idna").decode().lower()
    if not (_LOCAL.match(local) and _DOMAIN.match(plain)):
        raise ValueError("not an e-mail address that plain SMTP can carry")
    return f"{local}@{plain}"


def with_footer_apart(text: str) -> tuple[str, str]:
    """The text, and what stands below its last rule where that is the way to unsubscribe."""
    rules = list(_RULE.finditer(text))
    if not rules or not UNSUBSCRIBE.search(text, rules[-1].end()):
        return text, ""
    return text[: rules[-1].start()].rstrip(), text[rules[-1].end() :].strip()


def unknown_placeholders(*texts: str) -> tuple[str, ...]:
    """The names of `{{placeholders}}` that nobody fills."""
    found = PLACEHOLDER.findall(UNSUBSCRIBE.sub("", "\n".join(texts)))
    return tuple(sorted({name.strip() for name in found}))


def _with_link(text: str, language: str, envelope: Envelope) -> str:
    """The text with its placeholder filled; one that stands alone becomes a link with a name."""
    name = labels(language)["unsubscribe"]
    named = _BARE.sub(lambda m: f"[{m[1] or name}]({envelope.unsubscribe_url})", text)
    return UNSUBSCRIBE.sub(envelope.unsubscribe_url, named)


def _body(letter: Letter, text: str, look: dict[str, str], button: str) -> Rendered:
    quote = (
        f"margin:0 0 18px;padding:2px 0 2px 18px;border-left:4px solid {look['accent']};"
        "font-size:18px;"
    )
    styles = _STYLES | {"blockquote": quote, "a": f"color:{look['link']};", "button": button}
    marks = {
        finding_id: (str(source.number), source.url)
        for source in letter.sources
        for finding_id in source.finding_ids
        if safe_link(source.url)
    }
    return to_html(
        text, Manner(styles=styles, marks=marks, button=letter.call_to_action, pictures=False)
    )


def _cid(letter: Letter, envelope: Envelope) -> str:
    return f"banner.{envelope.key}@{letter.domain}"
