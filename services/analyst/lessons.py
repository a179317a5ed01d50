"""What earlier campaigns taught, turned into weight for points and notes for channels.

It reads a lesson's words only: which channel it names, what it speaks of, for or against.
"""

import re
from collections.abc import Sequence

from contracts.goal import Channel
from contracts.strategy import Lesson
from services.analyst.points import Point, subject_words

WEIGHT = 0.3
COMMON_WORDS_MIN = 2

_AGAINST = re.compile(
    r"\b(?:avoid|ignored?|fail(?:s|ed)?|weak(?:er)?|worse|fewer|lower|least|drop(?:s|ped)?|less"
    r"|lost|block(?:s|ed)?|unsubscribed?|not|never|no|without)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\b(?:figures?|numbers?|percentages?|statistics?|data)\b", re.IGNORECASE)
_CHANNELS = {
    Channel.EMAIL: re.compile(r"\be-?mails?\b|\bnewsletters?\b|\bsubject lines?\b", re.IGNORECASE),
    Channel.BLOG: re.compile(r"\bblogs?\b|\barticles?\b", re.IGNORECASE),
    Channel.LINKEDIN: re.compile(r"\blinkedin\b", re.IGNORECASE),
    Channel.TWITTER: re.compile(r"\btwitter\b|\btweets?\b", re.IGNORECASE),
    Channel.WEBHOOK: re.compile(r"\bwebhooks?\b|\bannouncements?\b", re.IGNORECASE),
}


def weight(point: Point, lessons: Sequence[Lesson]) -> float:
    """How far the lessons move this point up (positive) or down (negative)."""
    return sum(_lean(lesson) for lesson in lessons if _concerns(lesson, point))


def of_channel(channel: Channel, lessons: Sequence[Lesson]) -> tuple[Lesson, ...]:
    """The lessons that name this channel."""
    return tuple(lesson for lesson in lessons if _CHANNELS[channel].search(lesson.text))


def applied_nowhere(
    lessons: Sequence[Lesson], points: Sequence[Point], channels: Sequence[Channel]
) -> tuple[Lesson, ...]:
    """The lessons that touch no point and no requested channel: for a person to weigh."""
    return tuple(
        lesson
        for lesson in lessons
        if not any(_concerns(lesson, point) for point in points)
        and not any(of_channel(channel, (lesson,)) for channel in channels)
    )


def _concerns(lesson: Lesson, point: Point) -> bool:
    if _FIGURES.search(lesson.text) and point.stated:
        return True
    common = subject_words(lesson.text) & subject_words(point.text)
    return len(common) >= COMMON_WORDS_MIN


def _lean(lesson: Lesson) -> float:
    return -WEIGHT if _AGAINST.search(lesson.text) else WEIGHT
