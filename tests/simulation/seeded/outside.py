"""The world outside: what reached it, in which order, under which key. It believes nobody.

Three kinds of places: a `desk` has one entry per key and keeps none under a withdrawn key; a
`till` has one entry per key but knows no withdrawal before the entry; a `letter` cannot be told
from its copy and never comes back.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


class Withdrawn(Exception):
    """Nothing comes up under this key any more."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that reached the world: what became of it, and how its campaign stood then."""

    at_s: float
    campaign_id: str
    step: str
    key: str
    what: str
    campaign_ended: bool


Ended = Callable[[str], bool]
"""True where the campaign's end stands in the log, as anybody can read it now."""


@dataclass(slots=True)
class Outside:
    """Everything that the phases do to others."""

    ended: Ended
    now: Callable[[], float]
    there: dict[str, tuple[str, str]] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    letters: Counter[str] = field(default_factory=Counter)
    letters_of: dict[str, tuple[str, str]] = field(default_factory=dict)
    touches: list[Touch] = field(default_factory=list)
    hanging: set[str] = field(default_factory=set)
    begun_late: list[str] = field(default_factory=list)
    begun: Counter[str] = field(default_factory=Counter)
    begun_at: dict[str, float] = field(default_factory=dict)

    def enter(self, campaign_id: str, step: str, key: str, *, desk: bool = True) -> None:
        """Make the entry under the key, once. A desk raises Withdrawn, a till does not."""
        if desk and key in self.withdrawn:
            self._note(campaign_id, step, key, "refused")
            raise Withdrawn(key)
        what = "again" if key in self.there else "entered"
        self.there[key] = (campaign_id, step)
        self._note(campaign_id, step, key, what)

    def remove(self, campaign_id: str, step: str, key: str) -> bool:
        """Take the entry back, and let none come under its key; True where there was one."""
        self.withdrawn.add(key)
        there = self.there.pop(key, None) is not None
        self._note(campaign_id, step, key, "removed" if there else "barred")
        return there

    def post(self, campaign_id: str, step: str, key: str) -> None:
        """Deliver a letter; the receiver has as many as were posted."""
        self.letters[key] += 1
        self.letters_of[key] = (campaign_id, step)
        self._note(campaign_id, step, key, "posted")

    def _note(self, campaign_id: str, step: str, key: str, what: str) -> None:
        ended = self.ended(campaign_id)
        self.touches.append(Touch(self.now(), campaign_id, step, key, what, ended))
