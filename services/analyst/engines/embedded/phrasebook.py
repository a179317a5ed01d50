"""A language's frames and small words, as data: what the composers say that no finding says."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.research import FindingKind
from services.analyst.engines.embedded import (
    article_frames,
    article_frames_es,
    frames,
    frames_es,
)
from services.analyst.engines.embedded.article_depths import DEPTHS
from services.analyst.engines.embedded.article_depths_es import DEPTHS as DEPTHS_ES

Row = tuple[str, ...]
Rows = tuple[Row, ...]
"""One row per variant."""


@dataclass(frozen=True, slots=True)
class SmallWords:
    """What stands round the frames. `foreign` marks a quotation in another language."""

    source: str
    nameless: str
    foreign: str
    unsubscribe: str
    sources: str
    part: str
    next: str
    news_from: str
    hashtag: str
    calls: Row


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Everything the embedded writer says of its own in one language."""

    language: str
    words: SmallWords
    leads: Mapping[str, Row]
    quoting: Row
    according: Row
    subjects: Rows
    preheaders: Row
    letter_openings: Rows
    letter_bridges: Rows
    reflections: Rows
    why_us: Rows
    fillers: Row
    hooks: Rows
    post_bridges: Rows
    post_questions: Rows
    tweets: Rows
    announcements: Rows
    announcement_links: Rows
    titles: Rows
    intros: Rows
    headings: Mapping[FindingKind, Row]
    second_headings: Row
    section_openings: Mapping[FindingKind, Row]
    follows: Mapping[str, Row]
    takeaway_headings: Rows
    takeaways: Rows
    steps: Rows
    people_steps: Row
    closings: Rows
    depths: Rows


ENGLISH = Phrasebook(
    language="en",
    words=SmallWords(
        source="source",
        nameless="one source",
        foreign="in Spanish in the original",
        unsubscribe="Unsubscribe",
        sources="Sources",
        part="Part",
        next="Next",
        news_from="News from {business}",
        hashtag="#GoodToKnow",
        calls=("Find out more", "See more", "Go on"),
    ),
    leads=frames.LEADS,
    quoting=frames.QUOTING,
    according=frames.ACCORDING,
    subjects=frames.SUBJECTS,
    preheaders=frames.PREHEADERS,
    letter_openings=frames.LETTER_OPENINGS,
    letter_bridges=frames.LETTER_BRIDGES,
    reflections=frames.REFLECTIONS,
    why_us=frames.WHY_US,
    fillers=frames.FILLERS,
    hooks=frames.HOOKS,
    post_bridges=frames.POST_BRIDGES,
    post_questions=frames.POST_QUESTIONS,
    tweets=frames.TWEETS,
    announcements=frames.ANNOUNCEMENTS,
    announcement_links=frames.ANNOUNCEMENT_LINKS,
    titles=article_frames.TITLES,
    intros=article_frames.INTROS,
    headings=article_frames.HEADINGS,
    second_headings=article_frames.SECOND_HEADINGS,
    section_openings=article_frames.SECTION_OPENINGS,
    follows=article_frames.FOLLOWS,
    takeaway_headings=article_frames.TAKEAWAY_HEADINGS,
    takeaways=article_frames.TAKEAWAYS,
    steps=article_frames.STEPS,
    people_steps=article_frames.PEOPLE_STEPS,
    closings=article_frames.CLOSINGS,
    depths=DEPTHS,
)
SPANISH = Phrasebook(
    language="es",
    words=SmallWords(
        source="fuente",
        nameless="una fuente",
        foreign="en inglés en el original",
        unsubscribe="Darse de baja",
        sources="Fuentes",
        part="Parte",
        next="Y ahora",
        news_from="Novedades de {business}",
        hashtag="#BuenoSaber",
        calls=("Más información", "Ver más", "Seguir"),
    ),
    leads=frames_es.LEADS,
    quoting=frames_es.QUOTING,
    according=frames_es.ACCORDING,
    subjects=frames_es.SUBJECTS,
    preheaders=frames_es.PREHEADERS,
    letter_openings=frames_es.LETTER_OPENINGS,
    letter_bridges=frames_es.LETTER_BRIDGES,
    reflections=frames_es.REFLECTIONS,
    why_us=frames_es.WHY_US,
    fillers=frames_es.FILLERS,
    hooks=frames_es.HOOKS,
    post_bridges=frames_es.POST_BRIDGES,
    post_questions=frames_es.POST_QUESTIONS,
    tweets=frames_es.TWEETS,
    announcements=frames_es.ANNOUNCEMENTS,
    announcement_links=frames_es.ANNOUNCEMENT_LINKS,
    titles=article_frames_es.TITLES,
    intros=article_frames_es.INTROS,
    headings=article_frames_es.HEADINGS,
    second_headings=article_frames_es.SECOND_HEADINGS,
    section_openings=article_frames_es.SECTION_OPENINGS,
    follows=article_frames_es.FOLLOWS,
    takeaway_headings=article_frames_es.TAKEAWAY_HEADINGS,
    takeaways=article_frames_es.TAKEAWAYS,
    steps=article_frames_es.STEPS,
    people_steps=article_frames_es.PEOPLE_STEPS,
    closings=article_frames_es.CLOSINGS,
    depths=DEPTHS_ES,
)

BOOKS: Mapping[str, Phrasebook] = {book.language: book for book in (ENGLISH, SPANISH)}
"""By ISO 639-1 code."""
