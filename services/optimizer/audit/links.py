"""Every link of a text can be followed, and leads to the brand or to a source; it calls nobody."""

import re
from urllib.parse import urlsplit

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.footer import UNSUBSCRIBE
from services.optimizer.audit.rule import Rule, shortened

TARGET_CHARS_MAX = 2_000
SHOWN_CHARS = 100

WELL_FORMED = Rule("link_is_well_formed", Severity.HIGH)
KNOWN_SITE = Rule("link_leads_to_a_known_site", Severity.HIGH)

_TARGET = re.compile(rf"\]\(((?:[^()\n]|\([^()\n]{{0,200}}\)){{0,{TARGET_CHARS_MAX}}})\)")
_REFERENCE = re.compile(
    r"^ {0,3}\[(?!\^)[^\[\]\n]{1,200}\]:[ \t]*(\S+)[ \t]*(?:\"[^\"\n]*\")?[ \t]*$", re.MULTILINE
)
_BARE = re.compile(r"(?<![\w(<:/])(?:https?:/|www\.)[^\s<>()\[\]\"]*", re.IGNORECASE)
_TITLE = re.compile(r"\s+\"[^\"\n]*\"$")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}|[0-9a-f:]+")


def links(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Both rules for each text; sites are judged only where the brief names the brand's own.

    A link to the reader's own way out, to a place in the same page, or to a mailbox is let be.
    """
    own = _host(subject.website if "://" in subject.website else f"https://{subject.website}")
    sources = {_host(finding.source_url) for finding in subject.findings}
    checks: list[QualityCheck] = []
    for item in subject.items:
        targets = _targets(item.body_markdown)
        broken = [target for target in targets if not _host(target)]
        checks += WELL_FORMED.verdicts(
            item.id,
            [
                f"the link to “{shortened(target, SHOWN_CHARS)}” cannot be followed; write a whole "
                "address, https:// and no spaces"
                for target in broken
            ],
        )
        if own:
            strange = [host for host in map(_host, targets) if host and not _known(host, own)]
            checks += KNOWN_SITE.verdicts(
                item.id,
                [
                    f"a link leads to “{host}”, which is neither the brand's site nor a source of "
                    "this campaign; link to one of those"
                    for host in dict.fromkeys(strange)
                    if host not in sources
                ],
            )
    return tuple(checks)


def targets_of(markdown: str) -> list[str]:
    """The addresses in the web that a text links to, each once; what names no host is left out."""
    return [target for target in _targets(markdown) if _host(target)]


def _targets(markdown: str) -> list[str]:
    """Where the links of a text lead, each once: in brackets, at its foot, or bare."""
    text = UNSUBSCRIBE.sub("#", markdown)
    found = [_TITLE.sub("", target.strip()).strip("<>") for target in _TARGET.findall(text)]
    rest = _TARGET.sub("]", text)
    found += _REFERENCE.findall(rest)
    found += [bare.rstrip(".,;:!?…*_") for bare in _BARE.findall(_REFERENCE.sub("", rest))]
    return [
        f"https://{target}" if target.casefold().startswith("www.") else target
        for target in dict.fromkeys(found)
        if not target.casefold().startswith(("#", "mailto:", "tel:"))
    ]


def _host(target: str) -> str:
    """The host that an address in the web names, without `www.`; empty where it is none."""
    try:
        parts = urlsplit(target)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or re.search(r"\s", target):
        return ""
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return ""
    return host.removeprefix("www.") if _HOST.fullmatch(host) else ""


def _known(host: str, own: str) -> bool:
    return host == own or host.endswith(f".{own}")
