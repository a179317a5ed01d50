"""What goes wrong in a life: which process is struck at which step, and what the weather does.

Everything here is drawn from the seed before or while the life goes on; nothing looks at a saga.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

SAGA_STEPS: Final = (
    *("saga.start", "saga.poll", "saga.committed", "saga.pause", "saga.restore", "saga.seek"),
    *("saga.resume", "saga.think", "saga.commit", "saga.merge", "saga.discard"),
)
PHASE_STEPS: Final = (
    *("phase.poll", "phase.committed", "phase.recall", "phase.handler", "phase.claims"),
    *("phase.effect", "phase.artefact", "phase.remember", "phase.send", "phase.commit"),
)
STEPS: Final = SAGA_STEPS + PHASE_STEPS
"""Where a process may be struck: before, inside and behind each of these calls."""

FREQUENT: Final = frozenset({"saga.poll", "phase.poll", "saga.commit"})
DELICATE: Final = ("phase.handler", "phase.claims", "phase.effect", "phase.artefact", "phase.send")
"""Where a copy that stands still and wakes up too late would do the most harm."""

OCCASIONS_MAX: Final = 12
STEPS_INSIDE_MAX: Final = 9
PAUSES_S: Final = (1.0, 4.0, 7.0, 9.0, 20.0, 70.0)
"""Shorter and longer than a transaction (5 s), a session (6 s) and a lease (30 s, 60 s)."""


class Blow(StrEnum):
    """What happens to a process."""

    KILL = "kill"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Strike:
    """A blow at the `occasion`-th time that any process comes to `step`, so many steps later."""

    step: str
    occasion: int
    blow: Blow
    inside: int
    lasts_s: float


@dataclass(slots=True)
class Storm:
    """The plan of one life, and how far it has come."""

    strikes: dict[tuple[str, int], Strike]
    latency: float
    wrong_clocks: float
    ends_s: float
    calm: bool
    seen: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    over: bool = False

    def at(self, step: str) -> Strike | None:
        """The blow that is due now that somebody comes to this step."""
        if self.over or not self.strikes:
            return None
        self.seen[step] += 1
        strike = self.strikes.pop((step, self.seen[step]), None)
        if strike is not None:
            self.struck[f"{strike.blow} {step}"] += 1
        return strike


def storm_of(chance: Random) -> Storm:
    """A storm: one in eight lives has none, so that neighbours can be held to their times."""
    calm = chance.random() < 1 / 8
    strikes: dict[tuple[str, int], Strike] = {}
    for _ in range(0 if calm else chance.choice((1, 2, 3, 4, 6))):
        strike = _strike(chance)
        strikes[strike.step, strike.occasion] = strike
    return Storm(
        strikes=strikes,
        latency=0.0 if calm else chance.choice((0.0, 0.02, 0.1, 0.3)),
        wrong_clocks=chance.choice((0.0, 1.0)),
        ends_s=chance.uniform(40, 160),
        calm=calm,
    )


def _strike(chance: Random) -> Strike:
    delicate = chance.random() < 0.35
    step = chance.choice(DELICATE if delicate else STEPS)
    most = OCCASIONS_MAX * (8 if step in FREQUENT else 1)
    return Strike(
        step=step,
        occasion=1 + int(most * chance.random() ** 2),
        blow=Blow.PAUSE if chance.random() < (0.7 if delicate else 0.35) else Blow.KILL,
        inside=chance.choice((0, 0, chance.randint(1, STEPS_INSIDE_MAX))),
        lasts_s=chance.choice(PAUSES_S) * chance.uniform(0.9, 1.3),
    )
