"""Wider pauses of the partitions held here, and the sagas that must still be told of a change.

A saga that was not told yet does nothing either: whatever comes for it, it is told first. Sweeping
makes sure that those for which nothing comes are told as well, and that everybody can see it.
"""

from collections.abc import Iterable

from contracts import identity
from services.orchestrator.saga.engine import conforms
from services.orchestrator.saga.state import Pause
from services.orchestrator.saga.store import Held, Store


class Sweep:
    """Which sagas do not conform to their partition's wider pauses yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left: dict[int, list[str]] = {}
        self._in_hand: dict[int, int] = {}

    def wider(self, partition: int) -> tuple[Pause, ...]:
        """The wider pauses that stand over the partition, as the tick in hand sees them."""
        control = self._store.get(partition, identity.control_id(partition))
        return control.saga.pauses if control else ()

    def astray(self, partition: int, campaign_id: str) -> Held | None:
        """The campaign where it does not conform yet; None where it does, or is not there."""
        held = self._store.get(partition, campaign_id)
        if held is None or conforms(held.saga, self.wider(partition)):
            return None
        return held

    def begin(self, partition: int) -> None:
        """Something may have changed for every saga of the partition: look at all of them."""
        wider = self.wider(partition)
        self._left[partition] = [
            campaign_id
            for campaign_id, held in self._store.items(partition)
            if not held.brief.ended and (wider or held.brief.paused)
        ]
        self._in_hand.pop(partition, None)

    def pending(self) -> int | None:
        """A partition in which somebody may still have to be told, or None."""
        return next((partition for partition, left in self._left.items() if left), None)

    def take(self, partition: int, at_most: int) -> tuple[str, ...]:
        """Of the next campaigns those to be told; all that were looked at stay until `merge`."""
        looked_at = self._left.get(partition, ())[:at_most]
        self._in_hand[partition] = len(looked_at)
        return tuple(one for one in looked_at if self.astray(partition, one) is not None)

    def merge(self, changed: Iterable[Held]) -> None:
        """The tick stands: who was in hand was told; a changed control saga begins a sweep."""
        for partition, count in self._in_hand.items():
            del self._left[partition][:count]
        self._in_hand.clear()
        names = {held.saga.campaign_id for held in changed}
        for partition in self._store.partitions:
            if identity.control_id(partition) in names:
                self.begin(partition)

    def discard(self) -> None:
        """The tick never was."""
        self._in_hand.clear()

    def drop(self, partition: int) -> None:
        """Forget the partition."""
        self._left.pop(partition, None)
        self._in_hand.pop(partition, None)
