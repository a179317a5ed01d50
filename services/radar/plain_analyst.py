"""What the thing itself is, does and leads to: asked where few figures and changes are found.

A manual, a guide or a product's documentation counts nothing and forecasts nothing. What it
defines, what it claims to do and what it warns of is what a reader of a campaign wants to know.
"""

import re

from contracts.research import FindingKind
from services.radar.scouting import Agent

_DEFINES = re.compile(
    r"^(?:An? |The )?(?:[A-Z][\w+-]*|\w+)(?:[ -][\w+-]+){0,4} (?:is|are) (?:an?|the|one of|any)\b"
)
_DOES = re.compile(
    r"\b(?:allows?|avoids?|catch(?:es)?|cuts?|detect(?:s|ing)?|enables?|ensures?|finds?|finding|"
    r"gives?|helps?|helpful|identif(?:y|ies|ying)|improves?|keeps?|lets|makes it (?:easy|possible)|"
    r"measures?|prevents?|protects?|provides?|records?|reduces?|removes?|reports?|resolv(?:es|ing)|"
    r"reveals?|saves?|shortens?|shows?|simplif(?:y|ies)|speeds? up|tells|tracks?)\b"
)
_LEADS_TO = re.compile(
    r"\b(?:because of|caus(?:e|es|ed) |cause of|costly|dangerous|difficult|errors?|expensive|"
    r"fails?|failures?|hard(?:er)?[ -]to|leads? to|leaks?|makes it (?:hard|difficult)|means that|"
    r"mistakes?|necess(?:ary|ity)|need(?:s|ed)?|problems?|results? in|risks?|"
    r"unnecessarily|wastes?)\b"
)
_HOW_MUCH = re.compile(
    r"\b(?:almost|common(?:ly)?|every|frequent(?:ly)?|many|most|often|typical(?:ly)?|usual(?:ly)?)\b",
    re.IGNORECASE,
)
_INSTRUCTS = re.compile(
    r"(?:after|always|although (?:these|this)|as a|as of|at present|before|by default|controls?|"
    r"default|document|during|e\.g|"
    r"for (?:example|instance|more)|if|in (?:the )?(?:above|following|"
    r"this|practice|extreme|other|short|particular|case|such)|no\b|nor\b|once|such|"
    r"the fact|without|"
    r"optionally|returns?|set|specif\w+|support|the (?:above|following|last|next)|to|unless|until|"
    r"upon|use|"
    r"usage|when|whenever|whether|while|yes\b|"
    r"(?:additionally|alternatively|consequently|finally|first|second|third|further|furthermore|"
    r"hence|likewise|nevertheless|next|now|of course|rather|since|still|unfortunately))\b",
    re.IGNORECASE,
)
_INNER = re.compile(
    r"\w_\w|\w\(\)|(?:^|\s)--?\w|::|\b0x|\b[A-Z][A-Z0-9]{3,}\b|[a-z][A-Z]|\b(?:above|below|"
    r"appendix|chapter|command[ -]line|commands?|described|experimental|figure|flag|fixed|manual|"
    r"options?|parameters?|section|such|syntax|table|these|this|those|version)\b|\(see\b|\d\.\d|\d{4,}|\.\w+\b(?<!\.)$"
)
"""Words of those who build or operate the thing, and pointers into the text itself."""


def plain_signal(sentence: str) -> float:
    """0..1: a definition, a use or a consequence; 0 for instructions and inner workings."""
    if _INSTRUCTS.match(sentence) or _INNER.search(sentence):
        return 0.0
    score = 0.4 * bool(_DEFINES.search(sentence))
    score += 0.35 * bool(_DOES.search(sentence))
    score += 0.35 * bool(_LEADS_TO.search(sentence))
    return min(1.0, score + 0.1 * bool(score and _HOW_MUCH.search(sentence)))


PLAIN_ANALYST = Agent(
    name="market_analyst", kind=FindingKind.MARKET, signal=plain_signal, names_its_page=True
)
"""The market analyst's second question."""
