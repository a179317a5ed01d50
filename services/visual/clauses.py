"""A sentence down to its main clause, where that stands alone. It invents and changes no figure."""

import re

CLAUSE_CHARS_MAX = 90
CLAUSE_WORDS_MIN = 5

_SIDE_CLAUSES = (
    re.compile(r"\s+\([^()]{1,160}\)$"),
    re.compile(r";\s+(?!but|unless|except|only|if|although)[^;]+$", re.IGNORECASE),
    re.compile(r"\s+[\u2013\u2014]\s+(?!but|unless|except|only|if|although)[^\u2013\u2014]+$"),
    re.compile(r",\s+according to (?:[^,;]|,(?=\d)){3,160}$", re.IGNORECASE),
    re.compile(
        r",\s+(?:which|where|while|whereas|followed by|compared with|of which)\s"
        r"(?:[^,;]|,(?=\d))+$",
        re.IGNORECASE,
    ),
    re.compile(r",\s+(?:up|down|an? (?:increase|decrease|rise|fall)) [^,;]*\d[^,;]*$"),
)
"""What may go from a sentence's end and leave it true; what limits it (`but`, `unless`) may not."""

_LIMITS = re.compile(r"[,;]\s+(?:but|unless|except|only|if|although)\b", re.IGNORECASE)
_OPENS_NO_MAIN_CLAUSE = re.compile(
    r"(?:when|if|because|although|while|as|since|unless|after|before|according)\b", re.IGNORECASE
)
_FIGURE = re.compile(r"(?<![A-Za-z0-9.,])\d+(?:[.,]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d$")


def main_clause(sentence: str) -> str:
    """`sentence` if it is short, or its main clause within 90 characters; else nothing.

    One that states figures keeps one of them; years do not count.
    """
    text = sentence.strip()
    if len(text) <= CLAUSE_CHARS_MAX:
        return text
    if _OPENS_NO_MAIN_CLAUSE.match(text) or _LIMITS.search(text):
        return ""
    bare = text.rstrip(".")
    for side in _SIDE_CLAUSES:
        head = side.sub("", bare)
        short = head != bare and len(head) < CLAUSE_CHARS_MAX
        if short and len(head.split()) >= CLAUSE_WORDS_MIN and ", " not in head:
            return f"{head}." if _counts(head) or not _counts(text) else ""
        bare = head
    return ""


def _counts(text: str) -> bool:
    return any(not _YEAR.match(match[0]) for match in _FIGURE.finditer(text))
