"""What one order may spend on models: the worst case is set aside before a call, settled after."""

from dataclasses import dataclass

from contracts.content import WriteContent
from contracts.strategy import BuildStrategy


@dataclass(slots=True)
class Purse:
    """Millionths of a dollar that are left; None: no limit was set.

    What is reserved is out of it until it is settled, so that calls at once cannot overspend.
    """

    left: int | None

    @classmethod
    def of(cls, command: BuildStrategy | WriteContent) -> "Purse":
        """What a campaign's budget has left for this command; no budget, no limit."""
        left = max(0, command.budget_micros - command.spent_micros)
        return cls(left if command.budget_micros else None)

    def carries(self, micros: int) -> bool:
        """True where so much could be set aside now."""
        return self.left is None or micros <= self.left

    def reserve(self, micros: int) -> bool:
        """Set the worst case of one call aside; False, and nothing is, where it is not carried."""
        if not self.carries(micros):
            return False
        if self.left is not None:
            self.left -= micros
        return True

    def settle(self, reserved: int, spent: int) -> None:
        """Give back what the call did not cost."""
        if self.left is not None:
            self.left = max(0, self.left + reserved - spent)
