"""The social channels: no engine of ours can post there, so they say what they need."""

from chassis.errors import StepError
from contracts.envelope import FailureReason
from contracts.goal import Channel
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.ports import Order, Published, Retracted


class UnconfiguredChannel:
    """A channel that has no engine: every publish is refused, every undo has nothing to do."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Raises StepError NOT_CONFIGURED, always."""
        raise StepError(
            FailureReason.NOT_CONFIGURED,
            f"{self._channel} needs an outside service that posts for you (Buffer) and none is "
            "connected: set BUFFER_ACCESS_TOKEN once this build has the Buffer adapter, or take "
            f"{self._channel} out of the campaign's channels. Nothing was posted",
        )

    async def retract(self, effect: Effect) -> Retracted:
        """Nothing was ever posted, so nothing is to be taken back."""
        return Retracted(detail=f"nothing had been posted on {self._channel}")
