"""Prefixes: put on where a name leaves us, taken off where it comes back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Topic and group names as the brokers know them."""

    topic_prefix: str = ""
    group_prefix: str = ""

    def outside(self, topic: str) -> str:
        """The topic's name on the brokers."""
        return self.topic_prefix + topic

    def inside(self, topic: str) -> str:
        """The topic's name in our code."""
        return topic.removeprefix(self.topic_prefix)

    def group(self, name: str) -> str:
        """A group, static member or transactional id as the brokers know it."""
        return self.group_prefix + name
