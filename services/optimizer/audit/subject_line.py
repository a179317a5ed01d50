"""An e-mail's subject: it neither shouts nor presses like junk mail, nor pretends to be a reply.

The signs are those that filters and mailbox advice name most: capitals and rows of marks as in
Apache SpamAssassin's rules SUBJ_ALL_CAPS and PLING_PLING, and phrases that the public lists of
mailing services (Klaviyo, Mailmeteor, Prospeo; in Spanish Mailmeteor and Mindbaz) have in common.
Single words as `free` are no sign by themselves. The list is our choice, and no filter's.
"""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.prose import cleaned
from services.optimizer.audit.rule import Rule

CAPITALS_SHARE = 0.6
CAPITAL_WORDS_MIN = 2

NO_SPAM = Rule("subject_reads_like_no_spam", Severity.MEDIUM)
HONEST = Rule("subject_is_honest", Severity.HIGH)

_PHRASES = (
    r"act (?:now|immediately|fast)|(?:call|order|buy|click) now|click here|limited[- ]time"
    r"|last chance|final (?:notice|warning)|once in a lifetime|risk[- ]free|no (?:risk|obligation)"
    r"|no strings attached|100 ?% (?:free|guaranteed|satisfied)|free (?:gift|money|cash)"
    r"|(?:cash|instant) bonus|extra (?:cash|income)|(?:make|earn) (?:money|cash)|get rich"
    r"|double your (?:income|money)|you(?:'ve| have)? (?:won|been (?:selected|chosen))"
    r"|claim your|congratulations|you are a winner|miracle|this is not spam|satisfaction guaranteed"
    r"|urgent|lowest price|dear friend"
    r"|haz clic|(?:compra|actúa|llama) (?:ya|ahora)|(?:por )?tiempo limitado|última oportunidad"
    r"|100 ?% gratis|sin (?:riesgo|compromiso)|dinero (?:fácil|extra|rápido)|gana(?:r)? dinero"
    r"|has (?:ganado|sido (?:seleccionad|elegid)[oa])|felicidades|enhorabuena|urgente|solo hoy"
    r"|esto no es spam|oferta limitada"
)
_PHRASE = re.compile(rf"(?<!\w)(?:{_PHRASES})(?!\w)", re.IGNORECASE)
_MARKS = re.compile(r"[!¡?¿]{3,}|!(?:[^!]*!)+|[$€£]{2,}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_REPLY = re.compile(r"^\s*(?:re|fwd?|aw|wg|rv)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


def subject_line(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Two words on each e-mail's subject.

    That it must not mislead is law: 15 U.S.C. 7704(a)(2) (CAN-SPAM).
    """
    checks: list[QualityCheck] = []
    for item in subject.items:
        if item.channel is Channel.EMAIL:
            line = cleaned(item.title)
            checks += NO_SPAM.verdicts(item.id, _signs(line))
            reply = "the subject pretends to answer a mail; begin it with what the e-mail says"
            checks += HONEST.verdicts(item.id, [reply] if _REPLY.search(line) else [])
    return tuple(checks)


def _signs(line: str) -> list[str]:
    signs = [
        f"the subject presses with “{phrase}”, as junk mail does; say what the reader gets"
        for phrase in dict.fromkeys(_PHRASE.findall(line))
    ]
    if marks := _MARKS.search(line):
        signs.append(f"the subject shouts with “{marks.group()[:20]}”; one mark is enough")
    found = _WORD.findall(line)
    capitals = [word for word in found if word.isupper()]
    if len(capitals) >= CAPITAL_WORDS_MIN and len(capitals) >= CAPITALS_SHARE * len(found):
        signs.append("the subject is written in capitals; write it as a sentence")
    return signs
