"""What a StrategyBrief says of its own, in English and in Spanish; its facts are findings'."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.goal import Channel


@dataclass(frozen=True, slots=True)
class RiskWords:
    """What may be wrong with the evidence; `{names}` are findings."""

    thin: str
    one_source: str
    old: str
    undated: str
    contradictory: str
    no_competitor: str


@dataclass(frozen=True, slots=True)
class StrategyWords:
    """One language's sentences. `interested_in` joins audience and industry, so that the writer
    can name its topic."""

    interested_in: str
    audience: str
    untested: str
    position: str
    only_rivals: str
    invitation: str
    find_out: str
    learned: str
    lesson: str
    no_target: str
    any_measure: str
    angles: Mapping[Channel, str]
    measures: tuple[tuple[re.Pattern[str], str], ...]
    risks: RiskWords


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})", re.IGNORECASE)


ENGLISH = StrategyWords(
    interested_in=", interested in ",
    audience="What is known about them: {finding}",
    untested=(
        "{name} stands on what its audience's market shows: {finding} The research holds no other "
        "finding about a competitor, so this position is not tested against one."
    ),
    position=(
        "Where others stand: {others} {name} does not answer with a promise of its own but with "
        "what matters to its readers: {finding}"
    ),
    only_rivals=(
        "Where others stand: {others} The research holds no finding of another kind, so {name} has "
        "nothing to set against them yet. Add sources about the market and its customers."
    ),
    invitation="See what the sources say about {industry}",
    find_out="Find out more from {name}",
    learned=" Learned before: {lesson}",
    lesson="An earlier lesson to weigh: {lesson}",
    no_target="; no target was given, set one after the first week",
    any_measure="clicks and conversions on tracked links, per channel and variant",
    angles={
        Channel.EMAIL: "One finding, one question, one step. Open with this: {finding}",
        Channel.BLOG: "Explain it with every source in view, beginning here: {finding}",
        Channel.LINKEDIN: "Start a conversation among peers with this: {finding}",
        Channel.TWITTER: "One finding, one link: {finding}",
        Channel.WEBHOOK: "Say plainly what is new and what it rests on: {finding}",
    },
    measures=(
        (
            _any_of(r"aware|known|reach|visib|audience|brand"),
            "readers who open or click a tracked link, per channel",
        ),
        (
            _any_of(r"(?:leads?|demos?|calls?|meetings?|inquir\w*|enquir\w*|contacts?)\b"),
            "conversions behind the call to action, per channel and variant",
        ),
        (
            _any_of(
                r"(?:sign-?ups?|subscri\w*|trials?|sales?|sell|orders?|revenue|buy\w*|customers?)\b"
            ),
            "conversions per click on the call to action, per channel and variant",
        ),
    ),
    risks=RiskWords(
        thin="Thin evidence: only {count} usable finding(s). Add sources before publishing.",
        one_source="Everything rests on one source ({site}). Look for a second one.",
        old="Older than two years: {names}. Check that they still hold.",
        undated="Most findings carry no date ({names}): their age is unknown.",
        contradictory=(
            "Contradictory figures in {one} and {other}: “{text}” against “{against}”. Find out "
            "which one holds; no text uses both."
        ),
        no_competitor="No finding about a competitor: the position is untested.",
    ),
)

SPANISH = StrategyWords(
    interested_in=", con interés por ",
    audience="Lo que se sabe de este público: {finding}",
    untested=(
        "{name} se apoya en lo que muestra el mercado de su público: {finding} La investigación no "
        "recoge ningún otro dato sobre la competencia, así que esta posición está sin contrastar."
    ),
    position=(
        "Dónde están los demás: {others} {name} no responde con otra promesa, sino con lo que "
        "importa a quien lee: {finding}"
    ),
    only_rivals=(
        "Dónde están los demás: {others} La investigación no recoge datos de otro tipo, así que "
        "{name} aún no tiene qué oponer. Conviene añadir fuentes sobre el mercado y sus clientes."
    ),
    invitation="Lo que dicen las fuentes sobre {industry}",
    find_out="Más información de {name}",
    learned=" Aprendido antes: {lesson}",
    lesson="Una lección anterior que conviene sopesar: {lesson}",
    no_target="; sin objetivo fijado: ponerlo tras la primera semana",
    any_measure="clics y conversiones en enlaces medidos, por canal y variante",
    angles={
        Channel.EMAIL: "Un dato, una pregunta, un paso. Para abrir: {finding}",
        Channel.BLOG: "Explicarlo con todas las fuentes a la vista, empezando por aquí: {finding}",
        Channel.LINKEDIN: "Abrir una conversación entre iguales con esto: {finding}",
        Channel.TWITTER: "Un dato, un enlace: {finding}",
        Channel.WEBHOOK: "Decir sin adornos qué hay de nuevo y en qué se apoya: {finding}",
    },
    measures=(
        (
            _any_of(r"notoriedad|conoc|alcance|visib|audiencia|marca|público"),
            "lectores que abren o hacen clic en un enlace medido, por canal",
        ),
        (
            _any_of(r"(?:leads?|demos?|llamadas?|reuni\w+|citas?|contactos?|solicitud\w*)\b"),
            "conversiones tras la llamada a la acción, por canal y variante",
        ),
        (
            _any_of(
                r"(?:altas?|registros?|suscri\w*|pruebas?|ventas?|vender|pedidos?|ingresos|compr\w*"
                r"|clientes?|reservas?|visitas?|entradas?)\b"
            ),
            "conversiones por clic en la llamada a la acción, por canal y variante",
        ),
    ),
    risks=RiskWords(
        thin="Pocas pruebas: solo {count} dato(s) aprovechable(s). Conviene añadir fuentes.",
        one_source="Todo descansa en una sola fuente ({site}). Conviene buscar una segunda.",
        old="Con más de dos años: {names}. Hay que comprobar que siguen vigentes.",
        undated="La mayoría de los datos no lleva fecha ({names}): se desconoce su antigüedad.",
        contradictory=(
            "Cifras contradictorias en {one} y {other}: “{text}” frente a “{against}”. Hay que "
            "averiguar cuál vale; ningún texto usa las dos."
        ),
        no_competitor="Ningún dato sobre la competencia: la posición está sin contrastar.",
    ),
)

WORDS: Mapping[str, StrategyWords] = {"en": ENGLISH, "es": SPANISH}
"""By ISO 639-1 code; a brief in any other language is written in English."""
