"""Sentences taken from foreign text: cleaned, split and trimmed without changing a fact.

It knows English and Spanish; their patterns stand side by side, for few words are in both.
"""

import re
import unicodedata

_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|inc|ltd|co|corp|vs|approx|no|st|e\.g|i\.e|u\.s|u\.k|jan|feb|mar"
    r"|apr|aug|sept|sep|oct|nov|dec|sra?|ud|uds|núm|pág|aprox|dpto|av|[a-z]))\.$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[.!?])(?P<close>[\"”\u2019)]*)\s+(?=[\"“\u2018(¿¡]*[^\W_])")
_MARKUP = (
    (re.compile(r"<[^<>]{0,500}>"), " "),
    (re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)"), r"\1"),
    (re.compile(r"\[(?:\d{1,3}|note \d+|citation needed|edit)\]", re.IGNORECASE), ""),
    (re.compile(r"(?<=[^\W\d_]{3})[¹⁰⁴-⁹]+"), ""),  # a footnote's mark; ² and ³ may be units
    (re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), ""),
    (re.compile(r"[*`#|<>{}\[\]\\~^⟦⟧]|(?<!\w)_+|_+(?!\w)"), " "),
)
_LEADS = re.compile(
    r"^(?:however|moreover|furthermore|in addition|additionally|meanwhile|also|indeed|overall"
    r"|finally|for example|for instance|in fact|of course|and|but|so|yet|still|instead"
    r"|as a result|consequently|therefore|in short|on the other hand|by contrast|similarly"
    r"|sin embargo|no obstante|además|asimismo|por otra parte|por otro lado|por ejemplo|en cambio"
    r"|de hecho|por tanto|por lo tanto|en resumen|mientras tanto|así|finalmente|ahora bien)"
    r"(?:,\s+|(?<=and)\s+|(?<=but)\s+)(?=\w)",
    re.IGNORECASE,
)
_TAILS = (
    re.compile(r"\s+\((?:see|source|sources|figure|table|n\s?=|as of)[^()]*\)", re.IGNORECASE),
    re.compile(r"\s+\([^()]{1,160}\)"),
    re.compile(r",\s+(?:according to|según) [^,;]{3,120}$", re.IGNORECASE),
    re.compile(r";\s+(?!but|unless|except|only|if)[^;]+$", re.IGNORECASE),
    re.compile(r"\s+[\u2013—]\s+(?!but|unless|except|only|if)[^\u2013—]+$", re.IGNORECASE),
    re.compile(r",?(?<! not)(?: (?:most often|mainly|mostly|partly|often))? because\s.+$"),
    re.compile(r"(?<=.{25}):\s.+$"),
    re.compile(r",\s+(?:lo que|mientras que|frente a|en comparación con|donde)\s[^,;]+$"),
    re.compile(r",\s+(?:which|where|while|whereas|followed by|compared with|of which)\s[^,;]+$"),
    re.compile(r",\s+(?:up|down|an? (?:increase|decrease|rise|fall)) [^,;]*\d[^,;]*$"),
)
_LOWERABLE_LINE = (
    "a about across after all almost although among an any around as at average because before "
    "between both by customers demand each every few fewer for from half homeowners households "
    "how if in its just less many more most nearly no not of older on once one only other over "
    "owners people regular repeat roughly several since single small some subscribers such "
    "technicians that the their these this those though three two under unlike until up users "
    "what when where while with without younger"
)
_LOWERABLE = frozenset(_LOWERABLE_LINE.split())
_LOWERABLE_ES_LINE = (
    "el la los las un una unos unas uno dos tres cuatro cinco seis siete ocho nueve diez más menos "
    "casi cada entre durante desde cuando quienes muchos muchas algunos algunas pocos pocas en "
    "para por al tras antes con sin solo sólo todos todas ningún ninguna alrededor cerca apenas"
)
_LOWERABLE_ES = frozenset(_LOWERABLE_ES_LINE.split())
"""An article of these may open a name (`La Paz`): lowered only before a word in lower case."""

SPEAKS_FOR_ITSELF = re.compile(
    r"\b(?:we|we're|we've|our|ours|us|i|i'm|my|me|you|your|yours|you're)\b|!"
    r"|\b(?:nosotr[oa]s|nuestr[oa]s?|vosotr[oa]s|vuestr[oa]s?|ustedes|usted|tu|tus|contigo|mis?)\b"
    r"|\b\w{3,}(?:amos|emos|imos)\b",
    re.IGNORECASE,
)
"""Somebody else's `we` or `you`: such a sentence can be quoted, never said in another's name."""
LEANS_BACK = re.compile(
    r"^(?:this|that|these|those|they|it|its|he|she|such|the same|both|here|there it|the latter"
    r"|the former|their"
    r"|est[eo]|estas?|estos|es[aeo]|es[ao]s|ell[oa]s?|él|amb[oa]s|aquí|allí|dich[oa]s?|lo anterior"
    r"|su|sus|también|lo mismo)\b",
    re.IGNORECASE,
)
"""It needs the sentence before it to be understood."""
NO_SUBJECT = re.compile(
    r"^(?:(?:enabl|return|provid|creat|specif|indicat|emitt|call|us|set|get|add|remov|print"
    r"|generat|requir|allow|contain|defin)(?:es|ies|ed|s)(?: (?:when|if|to|by|for|on|the|an?))?"
    r"|useful|usable|api to|same as|alias)\b(?= [a-z])",
    re.IGNORECASE,
)
"""A line of a reference (`Emitted when …`, `Useful for …`), whose subject stands in a heading."""
ORDERS_A_MACHINE = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instruction|prompt|rule)s?\b|\bsystem prompt\b"
    r"|\bas an ai\b"
    r"|\b(?:ignor[ae]n?|olvid[ae]n?|desatiend[ae]n?)\b.{0,40}\b(?:instrucci|indicaci|regla)\w*",
    re.IGNORECASE,
)


def tidy(text: str) -> str:
    """`text` as one line of prose: no markup, links, template braces or control characters."""
    plain = unicodedata.normalize("NFC", text)
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl"} else c for c in plain)
    for pattern, replacement in _MARKUP:
        plain = pattern.sub(replacement, plain)
    plain = " ".join(plain.split())
    return re.sub(r"\s+([,.;:!?)])", r"\1", plain).strip(" -\u2013—•·,;:")


def tidy_title(title: str) -> str:
    """A page's title as one line; the bar that parts page and publisher becomes a dash."""
    return tidy(title.replace("|", " \u2013 "))


def split(text: str) -> tuple[str, ...]:
    """The sentences of tidy `text`, each with its final mark; abbreviations do not end one."""
    found: list[str] = []
    start = 0
    for match in _BREAK.finditer(text):
        sentence = text[start : match.end("close")]
        if _ABBREVIATION.search(sentence):
            continue
        found.append(sentence.strip())
        start = match.end()
    found.append(text[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def statement(sentence: str) -> str:
    """The sentence without a leading connective and without its full stop, capitalised."""
    bare = _LEADS.sub("", sentence.strip()).rstrip(" .…")
    return bare[:1].upper() + bare[1:]


def shortened(text: str, chars_max: int) -> str:
    """`text` within `chars_max`, by dropping asides and side clauses only; empty where it cannot.

    A tail that limits what is said (`but`, `unless`, `only`, `except`, `if`) is never dropped.
    """
    for pattern in _TAILS:
        if len(text) <= chars_max:
            break
        text = pattern.sub("", text)
    return text if len(text) <= chars_max else ""


def clipped(text: str, chars_max: int) -> str:
    """The beginning of `text` up to a word's end within `chars_max` (one long word is cut)."""
    if len(text) <= chars_max:
        return text
    head = text[: chars_max + 1].rsplit(" ", 1)[0]
    return (head if len(head) <= chars_max else text[:chars_max]).rstrip(" ,;:-\u2013—(")


def lowered(text: str) -> str:
    """`text` to follow `According to …,`; empty where its first word may be a name."""
    first = re.match(r"[^\W\d_]+", text)
    if first is not None and first[0].lower() in _LOWERABLE_ES:
        return text[0].lower() + text[1:] if re.match(r"\w+ [^\WA-ZÁÉÍÓÚÑ]", text) else ""
    if first is not None and first[0].lower() in _LOWERABLE:
        return text[0].lower() + text[1:]
    return text if text[:1].isdigit() else ""


def words(text: str) -> int:
    """How many words a reader sees: link targets and marks do not count."""
    seen = re.sub(r"\[([^\[\]]*)\]\([^()\s]*\)", r"\1", text)
    return len(re.findall(r"[^\W_][\w'\u2019.,%-]*", seen))
