"""What a channel is to the publish phase; it knows no channel in particular."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.content import ContentItem
from contracts.envelope import StepOutcome, Usage
from contracts.message import Message
from contracts.publish import Publication, PublishContent
from services.optimizer.publish.effects import Effect


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be published: the command, and its channel's texts, a variant each.

    A channel that shows one text shows `item`: variant `a`, or the first one that there is.
    """

    command: PublishContent
    variants: tuple[ContentItem, ...]

    @property
    def item(self) -> ContentItem:
        """The first variant."""
        return self.variants[0]

    def alone(self, item: ContentItem) -> "Order":
        """The same order with this variant only."""
        return Order(self.command, (item,))

    @property
    def planned_at(self) -> datetime | None:
        """The date that the step was planned for; for plans of before, the text's own."""
        return self.command.scheduled_at or self.item.scheduled_at

    def due(self, now: datetime) -> datetime | None:
        """The planned date while it is still to come; None where it is now."""
        planned = self.planned_at
        return planned if planned is not None and planned > now else None


class Published(Message):
    """What came of publishing; recorded beside the claim, so that a repeat answers the same."""

    publications: tuple[Publication, ...]
    outcome: StepOutcome = StepOutcome.SUCCEEDED
    notes: tuple[str, ...] = ()
    usage: Usage = Usage()


class Retracted(Message):
    """What came of taking it back: what was removed, and what stays where it is."""

    detail: str
    left_behind: tuple[str, ...] = ()


class ChannelPort(Protocol):
    """One channel. Both methods may be called again with the same effect at any time."""

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Publish once under the effect's key. Raises StepError."""
        ...

    async def retract(self, effect: Effect) -> Retracted:
        """Take back what was published under the effect's key, or keep it from happening."""
        ...
