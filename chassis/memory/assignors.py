"""Who of a group gets which partition; pure, and the same for the same members every time."""

from collections.abc import Mapping, Sequence

from chassis.broker import TopicPartition

Shares = dict[str, frozenset[TopicPartition]]


def by_range(members: Sequence[str], partitions: Mapping[str, int]) -> Shares:
    """Neighbouring partitions of each topic, so equal numbers of two topics meet in one member."""
    ordered = sorted(members)
    shares: dict[str, set[TopicPartition]] = {member: set() for member in ordered}
    for topic, count in partitions.items():
        each, over = divmod(count, len(ordered))
        first = 0
        for index, member in enumerate(ordered):
            size = each + (index < over)
            shares[member].update(TopicPartition(topic, p) for p in range(first, first + size))
            first += size
    return {member: frozenset(share) for member, share in shares.items()}


def sticky(held: Mapping[str, frozenset[TopicPartition]], partitions: Mapping[str, int]) -> Shares:
    """Shares that differ by one at most, and move as few partitions as that allows."""
    every = [
        TopicPartition(topic, p) for topic in sorted(partitions) for p in range(partitions[topic])
    ]
    ordered = sorted(held, key=lambda member: (-len(held[member]), member))
    each, over = divmod(len(every), len(ordered))
    sizes = {member: each + (index < over) for index, member in enumerate(ordered)}
    there = set(every)
    shares = {member: sorted(held[member] & there)[: sizes[member]] for member in ordered}
    taken = {partition for share in shares.values() for partition in share}
    free = [partition for partition in every if partition not in taken]
    for member in ordered:
        missing = sizes[member] - len(shares[member])
        shares[member] += free[:missing]
        del free[:missing]
    return {member: frozenset(share) for member, share in shares.items()}
