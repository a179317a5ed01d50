"""What the law asks of every marketing e-mail: a postal address and a way out."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.content import ContentItem
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.prose import plain
from services.optimizer.audit.rule import Rule

UNSUBSCRIBE = re.compile(r"\{\{\s*unsubscribe_url\s*\}\}")
"""The field that the e-mail channel fills, per recipient."""

ADDRESS = Rule("email_postal_address", Severity.CRITICAL)
WAY_OUT = Rule("email_unsubscribe_link", Severity.CRITICAL)


def footer(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Each e-mail shows the brief's postal address and the unsubscribe placeholder.

    Both are asked for by 15 U.S.C. 7704(a)(5) (CAN-SPAM).
    """
    checks: list[QualityCheck] = []
    for item in subject.items:
        if item.channel is Channel.EMAIL:
            checks += ADDRESS.verdicts(item.id, _address(item, subject.postal_address))
            missing = not UNSUBSCRIBE.search(item.body_markdown)
            reason = "the e-mail offers no way out; add a link to {{unsubscribe_url}} at its end"
            checks += WAY_OUT.verdicts(item.id, [reason] if missing else [])
    return tuple(checks)


def _address(item: ContentItem, postal_address: str) -> list[str]:
    wanted = _tokens(postal_address)
    if not wanted:
        return [
            "the brief gives no postal address, which an e-mail must show; add postal_address to it"
        ]
    if f" {' '.join(wanted)} " in f" {' '.join(_tokens(plain(item.body_markdown)))} ":
        return []
    return [f"the e-mail does not show the postal address; add “{postal_address}” at its end"]


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
