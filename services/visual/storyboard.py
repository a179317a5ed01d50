"""From words to scenes: what the film shows, in which order and for how long; it draws nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, combinations, pairwise

from services.visual.clauses import main_clause

SECONDS_MIN = 15.0
SECONDS_MAX = 20.0
MESSAGES_MAX = 3
MESSAGE_CHARS_MAX = 180
MESSAGES_WEIGHED_MAX = 8
WORDS_PER_SECOND = 4.0
"""Reading speed: 240 words a minute, what adults read of plain text on average (238, by
Brysbaert 2019)."""

SETTLE_S = 0.5
"""Before the eye begins to read: the scene slides in and the text comes to rest."""

SCENE_S_MIN = 2.0
OPENING_S = 1.5

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class SceneKind(StrEnum):
    """What a scene is for; each kind has its own look."""

    OPENING = "opening"
    HEADLINE = "headline"
    MESSAGE = "message"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: its text, a smaller line under it, and how many frames it lasts."""

    kind: SceneKind
    text: str
    detail: str = ""
    frames: int = 0
    number: int = 0

    @property
    def words(self) -> str:
        """Everything there is to read in the scene, on one line."""
        return f"{self.text} · {self.detail}" if self.detail else self.text


@dataclass(frozen=True, slots=True)
class Script:
    """The words that the film is made from, already checked for what can be drawn."""

    business_name: str
    headline: str
    messages: tuple[str, ...]
    action: str = ""
    website: str = ""


def storyboard(script: Script, frames_per_second: int) -> tuple[tuple[Scene, ...], tuple[str, ...]]:
    """Four to six scenes that last 15 to 20 seconds together, and notes on what was left out.

    Messages are shown whole, by their main clause or by their first sentence, never cut inside
    one. As many as fit are shown, the earliest of them; the notes name those that are left out.
    With no message at all there are three scenes.
    """
    opening = Scene(SceneKind.OPENING, script.business_name)
    headline = Scene(SceneKind.HEADLINE, script.headline)
    closing = _closing(script)
    shown = {place: _short(text) for place, text in enumerate(script.messages, 1)}
    said = _plain(script.headline)
    usable = [place for place, text in shown.items() if text and _plain(text) != said]
    room = SECONDS_MAX - sum(map(_seconds, (opening, headline, closing)))
    chosen = _chosen({place: _seconds(_message(shown[place])) for place in usable}, room)
    notes = []
    for place, message in enumerate(script.messages, 1):
        if not shown[place]:
            notes.append(f"key message {place} is too long for a scene; it is left out")
        elif place not in usable:
            notes.append(f"key message {place} is the headline already; it is left out")
        elif place not in chosen:
            notes.append(f"there is no time left for key message {place}; it is left out")
        elif shown[place] != message:
            part = "first sentence" if message.startswith(shown[place]) else "main clause"
            notes.append(f"key message {place} is shown by its {part}")
    middle = (Scene(SceneKind.MESSAGE, shown[p], number=n) for n, p in enumerate(chosen, 1))
    return _timed((opening, headline, *middle, closing), frames_per_second), tuple(notes)


def duration_ms(scenes: Sequence[Scene], frames_per_second: int) -> int:
    """How long the scenes last together."""
    return sum(scene.frames for scene in scenes) * 1_000 // frames_per_second


def _closing(script: Script) -> Scene:
    site = re.sub(r"^https?://", "", script.website).rstrip("/")
    if script.action:
        return Scene(SceneKind.CLOSING, script.action, detail=site)
    return Scene(SceneKind.CLOSING, site or script.business_name)


def _message(text: str) -> Scene:
    return Scene(SceneKind.MESSAGE, text)


def _chosen(seconds: Mapping[int, float], room: float) -> tuple[int, ...]:
    """The places of the messages to show: as many as `room` has time for, the earliest first.

    The first is shown even where it alone takes longer: the film is then a little faster.
    """
    places = list(seconds)[:MESSAGES_WEIGHED_MAX]
    for count in range(min(MESSAGES_MAX, len(places)), 0, -1):
        for some in combinations(places, count):
            if sum(seconds[place] for place in some) <= room:
                return some
    return tuple(places[:1])


def _short(message: str) -> str:
    """The message's main clause, or all of it, or its first sentence: the first short enough."""
    first = _SENTENCE_END.split(message)[0]
    alone = main_clause(message) if first == message else ""
    for text in (alone, message, first):
        if text and len(text) <= MESSAGE_CHARS_MAX:
            return text
    return ""


def _plain(text: str) -> str:
    """What a reader would call the same words."""
    return re.sub(r" percent\b", "%", text).strip(" .").casefold()


def _seconds(scene: Scene) -> float:
    if scene.kind is SceneKind.OPENING:
        return OPENING_S
    return max(SCENE_S_MIN, SETTLE_S + _words(scene) / WORDS_PER_SECOND)


def _words(scene: Scene) -> int:
    return sum(any(map(str.isalnum, word)) for word in scene.words.split())


def _timed(scenes: tuple[Scene, ...], frames_per_second: int) -> tuple[Scene, ...]:
    """The scenes with their frames: ends are rounded, not lengths, so that the sum stays exact."""
    total = sum(map(_seconds, scenes))
    stretch = min(max(total, SECONDS_MIN), SECONDS_MAX) / total
    ends = [round(end * stretch * frames_per_second) for end in accumulate(map(_seconds, scenes))]
    return tuple(
        Scene(s.kind, s.text, s.detail, end - begin, s.number)
        for s, (begin, end) in zip(scenes, pairwise([0, *ends]), strict=True)
    )
