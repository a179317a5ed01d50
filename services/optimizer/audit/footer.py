"""What the law asks of every marketing e-mail: who sends it, a postal address, a way out.

A privacy notice (GDPR, article 13) is more than a footer can hold, and the brief carries no address
of one: that link is not looked for.
"""

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
SENDER = Rule("email_names_its_sender", Severity.HIGH)


def footer(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Each e-mail shows the brief's postal address, the unsubscribe placeholder, and its sender.

    The first two are asked for by 15 U.S.C. 7704(a)(5) (CAN-SPAM), the last one by article 6 of
    Directive 2000/31/EC and article 13(1)(a) of the GDPR.
    """
    checks: list[QualityCheck] = []
    for item in subject.items:
        if item.channel is Channel.EMAIL:
            checks += ADDRESS.verdicts(item.id, _address(item, subject.postal_address))
            missing = not UNSUBSCRIBE.search(item.body_markdown)
            reason = "the e-mail offers no way out; add a link to {{unsubscribe_url}} at its end"
            checks += WAY_OUT.verdicts(item.id, [reason] if missing else [])
            unnamed = f"the e-mail does not say that {subject.business_name} sends it; sign it so"
            named = _shows(item, subject.business_name)
            checks += SENDER.verdicts(item.id, [] if named else [unnamed])
    return tuple(checks)


def _address(item: ContentItem, postal_address: str) -> list[str]:
    if not _tokens(postal_address):
        return [
            "the brief gives no postal address, which an e-mail must show; add postal_address to it"
        ]
    if _shows(item, postal_address):
        return []
    return [f"the e-mail does not show the postal address; add “{postal_address}” at its end"]


def _shows(item: ContentItem, phrase: str) -> bool:
    """True where the e-mail's reader sees the words of `phrase` in a row, or it has no words."""
    wanted, shown = (" ".join(_tokens(text)) for text in (phrase, plain(item.body_markdown)))
    return not wanted or f" {wanted} " in f" {shown} "


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
