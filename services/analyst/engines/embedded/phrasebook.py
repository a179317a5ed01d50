"""A language's frames and small words, as data: what the composers say that no finding says."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.analyst.engines.embedded import (
    argument_frames,
    argument_frames_es,
    article_frames,
    article_frames_es,
    frames,
    frames_es,
)
from services.analyst.engines.embedded.article_depths import DEPTHS
from services.analyst.engines.embedded.article_depths_es import DEPTHS as DEPTHS_ES
from services.analyst.engines.embedded.sections import Group

Row = tuple[str, ...]
Rows = tuple[Row, ...]
"""One row per variant."""


@dataclass(frozen=True, slots=True)
class SmallWords:
    """What stands round the frames. `foreign` marks a quotation in another language; `figure`,
    `figures` and `links` fill the slots of frames that hold only where there are some."""

    source: str
    nameless: str
    foreign: str
    unsubscribe: str
    sources: str
    part: str
    next: str
    news_from: str
    hashtag: str
    figure: str
    figures: str
    links: str
    calls: Row


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Everything the embedded writer says of its own in one language."""

    language: str
    words: SmallWords
    openings: Mapping[str, Row]
    ties: Mapping[str, Row]
    conclusions: Mapping[str, Row]
    letter_bridges: Mapping[str, Row]
    remarks: Mapping[str, Row]
    steps: Mapping[str, Row]
    post_questions: Mapping[str, Row]
    tweets: Mapping[str, Row]
    quoting: Row
    according: Row
    subjects: Rows
    preheaders: Row
    why_us: Rows
    fillers: Row
    hooks: Rows
    post_bridges: Rows
    announcements: Rows
    announcement_links: Rows
    titles: Rows
    roadmaps: Rows
    groups_named: Mapping[Group, str]
    headings: Mapping[Group, Row]
    second_headings: Row
    section_openings: Mapping[Group, Row]
    takeaway_headings: Rows
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
        figure="figure",
        figures="figures",
        links="links",
        calls=("Find out more", "See more", "Go on"),
    ),
    openings=argument_frames.OPENINGS,
    ties=argument_frames.TIES,
    conclusions=argument_frames.CONCLUSIONS,
    letter_bridges=argument_frames.LETTER_BRIDGES,
    remarks=argument_frames.REMARKS,
    steps=argument_frames.STEPS,
    post_questions=argument_frames.POST_QUESTIONS,
    tweets=argument_frames.TWEETS,
    quoting=frames.QUOTING,
    according=frames.ACCORDING,
    subjects=frames.SUBJECTS,
    preheaders=frames.PREHEADERS,
    why_us=frames.WHY_US,
    fillers=frames.FILLERS,
    hooks=frames.HOOKS,
    post_bridges=frames.POST_BRIDGES,
    announcements=frames.ANNOUNCEMENTS,
    announcement_links=frames.ANNOUNCEMENT_LINKS,
    titles=article_frames.TITLES,
    roadmaps=article_frames.ROADMAPS,
    groups_named=article_frames.GROUPS_NAMED,
    headings=article_frames.HEADINGS,
    second_headings=article_frames.SECOND_HEADINGS,
    section_openings=article_frames.SECTION_OPENINGS,
    takeaway_headings=article_frames.TAKEAWAY_HEADINGS,
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
        figure="cifra",
        figures="cifras",
        links="enlaza",
        calls=("Más información", "Ver más", "Seguir"),
    ),
    openings=argument_frames_es.OPENINGS,
    ties=argument_frames_es.TIES,
    conclusions=argument_frames_es.CONCLUSIONS,
    letter_bridges=argument_frames_es.LETTER_BRIDGES,
    remarks=argument_frames_es.REMARKS,
    steps=argument_frames_es.STEPS,
    post_questions=argument_frames_es.POST_QUESTIONS,
    tweets=argument_frames_es.TWEETS,
    quoting=frames_es.QUOTING,
    according=frames_es.ACCORDING,
    subjects=frames_es.SUBJECTS,
    preheaders=frames_es.PREHEADERS,
    why_us=frames_es.WHY_US,
    fillers=frames_es.FILLERS,
    hooks=frames_es.HOOKS,
    post_bridges=frames_es.POST_BRIDGES,
    announcements=frames_es.ANNOUNCEMENTS,
    announcement_links=frames_es.ANNOUNCEMENT_LINKS,
    titles=article_frames_es.TITLES,
    roadmaps=article_frames_es.ROADMAPS,
    groups_named=article_frames_es.GROUPS_NAMED,
    headings=article_frames_es.HEADINGS,
    second_headings=article_frames_es.SECOND_HEADINGS,
    section_openings=article_frames_es.SECTION_OPENINGS,
    takeaway_headings=article_frames_es.TAKEAWAY_HEADINGS,
    people_steps=article_frames_es.PEOPLE_STEPS,
    closings=article_frames_es.CLOSINGS,
    depths=DEPTHS_ES,
)

BOOKS: Mapping[str, Phrasebook] = {book.language: book for book in (ENGLISH, SPANISH)}
"""By ISO 639-1 code."""
