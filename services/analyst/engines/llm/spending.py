"""What one order may spend on models: the worst case is set aside before a call, settled after."""

from dataclasses import dataclass


@dataclass(slots=True)
class Purse:
    """Millionths of a dollar that are left; None: no limit was set.

    What is reserved is out of it until it is settled, so that calls at once cannot overspend.
    """

    left: int | None

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
