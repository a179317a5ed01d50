"""Sentences in extracted text that can stand alone as a claim; it knows no brief and no agent.

What is left out is named in English and in Spanish, in one pattern: a text may hold both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WORDS_MIN, WORDS_MAX = 7, 48
CHARS_MAX = 420
LETTERS_SHARE_MIN = 0.6
CELL_BREAK = " | "

_END = re.compile(r"[.!?]+[\"”\u2019)\]]*(?=\s|$)")
_STARTS_SENTENCE = re.compile(r"[\"“\u2018(\[]?[A-ZÀ-ÖØ-Þ0-9£€$]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|[A-Za-z]\.[A-Za-z]|approx|ca|dr|etc|fig|inc|incl|jr|ltd|mr|mrs|ms|"
    r"no|prof|resp|sr|st|vs|aprox|avda|dra|núm|pág|sra|uds?)\.$",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"- ")
_WORD = re.compile(r"[^\W_]+(?:[.,'\u2019-][^\W_]+)*")

_PERSON = re.compile(
    r"\b(?:I|[Ww]e|us|[Oo]urs?|[Mm]y|[Mm]ine|[Yy]ou|[Yy]ours?|(?:[Ww]e|I|[Yy]ou)['\u2019]\w+)\b"
    r"|\b(?:me|nos|te|os|mis?|[Tt]us?|[Tt]ú|contigo|[Yy]o|[Nn]osotr[oa]s|[Nn]uestr[oa]s?|[Vv]uestr[oa]s?|"
    r"[Uu]sted(?:es)?|[Cc]reemos|[Dd]ebemos|[Ee]ntregamos|[Ee]nviamos|[Gg]arantizamos|[Hh]acemos|[Hh]emos|"
    r"[Oo]frecemos|[Pp]odemos|[Qq]ueremos|[Ss]omos|[Ee]stamos|[Tt]enemos|[Tt]rabajamos|[Vv]endemos|"
    r"debes|eres|haces|necesitas|pagas|puedes|quieres|sabes|tienes)\b"
)
_LEANS_ON_CONTEXT = re.compile(
    r"[\"“\u2018(]?(?:it|its|they|their|them|these|those|this|that|he|she|his|her|such|both|but|and|or|"
    r"so|because|however|moreover|instead|also|then|there(?! (?:are|is) (?:about|almost|at least|"
    r"more than|nearly|over|roughly|\d))|here|thus|therefore|yet|again|"
    r"meanwhile|otherwise|similarly|the (?:former|latter|same|difference|sum)|"
    r"est[aeo]s?|es[aeo]s?|ell[ao]s?|él|sus?|así|pero|porque|además|también|tampoco|entonces|luego|"
    r"después|ahí|allí|aquí|sin embargo|no obstante|en cambio|por (?:eso|ello|tanto)|"
    r"l[oa]s? mism[oa]s?|mientras tanto|es decir|de hecho|y|o)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"^The [a-z]+ (?:will|is|are|was|were|has|have|had|now|also|then|no longer|can|may|must|adds|"
    r"asked|questioned|changes|costs|pays|reports|requires|rose|says|takes)\b|"
    r"\b(?:by the same|over the same period|of (?:it|that|this|these|them)\b|also|as well|again)\b"
    r"|\b(?:de nuevo|asimismo|en ese (?:periodo|momento)|del? (?:mismo|anterior)|"
    r"de (?:ello|esto|eso))\b"
)
_ASKS_THE_READER = re.compile(
    r"(?:accept|add|allow|book|buy|call|check|choose|click|contact|discover|download|enter|explore|"
    r"find|follow|get|ignore|join|learn|log|note|order|photo|please|read|register|remember|save|"
    r"see|share|shop|sign|skip|start|subscribe to|summary of|todo|try|view|visit|watch|"
    r"añade|aprende|busca|compara|comparte|compra|conoce|consulta|contacta|crea|descarga|descubre|"
    r"elige|empieza|encuentra|escríbenos|guarda|haz|lee (?:el|la|más)|llámanos|pide|prueba|pulsa|"
    r"recuerda|regístrate|reserva|solicita|suscríbete|únete|visita)\b",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"cookie|privacy policy|terms (?:of|and)|all rights reserved|©|newsletter|mailing list|"
    r"sign up|log ?in\b|javascript|read more|see also|"
    r"this (?:article|page|site|shop|website|text)\b|"
    r"aviso legal|condiciones (?:de uso|generales)|inicia(?:r)? sesión|leer más|política de |"
    r"todos los derechos|boletín|est[ea] (?:artículo|página|sitio|web|tienda|texto)\b|"
    r"entidad ficticia|(?:preguntó|encuestó) a \d|instrucciones anteriores|"
    r"margin of error|weighted by|results are|previous instructions|system prompt|"
    r"https?://|www\.|\S@\S|[<>{}\\|]|\.{3}|…",
    re.IGNORECASE,
)
_INNER_WORKINGS = re.compile(
    r"\w_\w|\s--?[a-z]+\b|\b(?:version|versión) \d|\b\d{1,2}(?:\.\d{1,2}){2}\b|"
    r"\b\d{4}-\d{2}-\d{2}\b"
)
"""Identifiers, flags, numbers of versions and days as logs write them: what only the builders of a
thing speak of."""
_NOTES_A_RELEASE = re.compile(
    r"(?:Add(?:ed)?|Chang(?:e|ed)|Enhanc(?:e|ed)|Fix(?:ed|es)?|Improv(?:e|ed)|Remov(?:e|ed)|"
    r"Updat(?:e|ed)) (?:a|an|new|some|several|support|the|to)\b"
)
"""A line of a list of changes, whose subject is whoever made them."""
_PAIRS = (("“", "”"), ("(", ")"), ("[", "]"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands: `text` is the extracted text's [start:end]."""

    text: str
    start: int
    end: int


def sentences(text: str) -> Iterator[Sentence]:
    """Every sentence of extracted text in order, headings left out, cells taken one by one."""
    at = 0
    for line in text.splitlines(keepends=True):
        if not line.startswith("# "):
            begin = at + (2 if _LIST_MARK.match(line) else 0)
            for cell in text[begin : at + len(line)].split(CELL_BREAK):
                yield from _split(cell, begin)
                begin += len(cell) + len(CELL_BREAK)
        at += len(line)


def _split(block: str, offset: int) -> Iterator[Sentence]:
    begin = 0
    for end in [match.end() for match in _END.finditer(block)] + [len(block)]:
        rest = block[end:].lstrip()
        if rest and (_ABBREVIATION.search(block[begin:end]) or not _STARTS_SENTENCE.match(rest)):
            continue
        piece = block[begin:end]
        trimmed = piece.strip()
        if trimmed:
            start = offset + begin + piece.index(trimmed)
            yield Sentence(trimmed, start, start + len(trimmed))
        begin = end


def stands_alone(sentence: str) -> bool:
    """True where a reader who sees nothing else understands it, and nobody is addressed.

    Left out: fragments, questions, appeals, furniture of the page, release notes and the names of
    inner workings, sentences that lean on the one before, and the first and second person, which
    would change their meaning in another's mouth.
    """
    words = _WORD.findall(sentence)
    if not WORDS_MIN <= len(words) <= WORDS_MAX or len(sentence) > CHARS_MAX:
        return False
    if not _STARTS_SENTENCE.match(sentence) or not re.search(r"[.!][\"”\u2019)\]]*$", sentence):
        return False
    if sum(char.isalpha() for char in sentence) < LETTERS_SHARE_MIN * len(sentence):
        return False
    if any(sentence.count(left) != sentence.count(right) for left, right in _PAIRS):
        return False
    if sentence.count('"') % 2 or sum(word.isupper() for word in words) > len(words) // 2:
        return False
    if any(one.match(sentence) for one in (_LEANS_ON_CONTEXT, _ASKS_THE_READER, _NOTES_A_RELEASE)):
        return False
    patterns = (_POINTS_BACK, _PERSON, _FURNITURE, _INNER_WORKINGS)
    return not any(pattern.search(sentence) for pattern in patterns)


def is_furniture(sentence: str) -> bool:
    """True for what belongs to the page and not to what it says: notices, links, markup."""
    return bool(_FURNITURE.search(sentence))
