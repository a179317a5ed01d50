"""From words to scenes: what the film shows, in which order and for how long; it draws nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

SECONDS_MIN = 12.0
SECONDS_MAX = 20.0
MESSAGES_MAX = 3
MESSAGE_CHARS_MAX = 180
WORDS_PER_SECOND = 3.2
"""Reading speed: 192 words a minute, the slow end of adult silent reading (175 to 300, by
Brysbaert 2019)."""

SETTLE_S = 1.0
"""Before the eye begins to read: the scene slides in and the text comes to rest."""

SCENE_S_MIN = 2.2
OPENING_S = 2.0

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
    """Four to six scenes that last 12 to 20 seconds together, and notes on what was left out.

    Messages are shown whole or by their first sentence, never cut; those for which no time or
    room is left are named in the notes. With no message at all there are three scenes.
    """
    opening = Scene(SceneKind.OPENING, script.business_name)
    headline = Scene(SceneKind.HEADLINE, script.headline)
    closing = _closing(script)
    chosen: list[str] = []
    notes: list[str] = []
    for place, message in enumerate(script.messages, 1):
        shown = _short(message)
        spent = sum(map(_seconds, (opening, headline, closing, *map(_message, chosen))))
        if not shown:
            notes.append(f"key message {place} is too long for a scene; it is left out")
        elif len(chosen) == MESSAGES_MAX or (
            chosen and spent + _seconds(_message(shown)) > SECONDS_MAX
        ):
            notes.append(f"there is no time left for key message {place}; it is left out")
        else:
            chosen.append(shown)
            if shown != message:
                notes.append(f"key message {place} is shown by its first sentence")
    middle = (Scene(SceneKind.MESSAGE, t, number=n) for n, t in enumerate(chosen, 1))
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


def _short(message: str) -> str:
    """The message, or its first sentence, or nothing, whichever is short enough first."""
    for text in (message, _SENTENCE_END.split(message)[0]):
        if len(text) <= MESSAGE_CHARS_MAX:
            return text
    return ""


def _seconds(scene: Scene) -> float:
    if scene.kind is SceneKind.OPENING:
        return OPENING_S
    return max(SCENE_S_MIN, SETTLE_S + len(scene.words.split()) / WORDS_PER_SECOND)


def _timed(scenes: tuple[Scene, ...], frames_per_second: int) -> tuple[Scene, ...]:
    total = sum(map(_seconds, scenes))
    stretch = min(max(total, SECONDS_MIN), SECONDS_MAX) / total
    return tuple(
        Scene(s.kind, s.text, s.detail, _frames(_seconds(s) * stretch, frames_per_second), s.number)
        for s in scenes
    )


def _frames(seconds: float, frames_per_second: int) -> int:
    # Rounded up to a tenth of a second, so that the sum never falls below the least.
    return -int(-seconds * 10 // 1) * frames_per_second // 10
