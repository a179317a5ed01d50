"""A consumer group: members, generations, who holds what, and how far the group has come.

A rebalance waits until every member has polled, as Kafka's classic protocol does: `range` takes
everything from everybody first, `cooperative-sticky` only what moves. Static members: one that
closed keeps its share until its session ends; one that comes back within it moves nothing; a
second live one under the same name fences the first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chassis.broker import Position, Subscription, TopicPartition
from chassis.clock import Clock
from chassis.errors import Fenced, MembershipLost, Retryable
from chassis.memory.assignors import by_range, sticky
from chassis.memory.partition import Fate, Outcome

Partitions = set[TopicPartition]


@dataclass(frozen=True, slots=True)
class Membership:
    """What a batch carries: which member, and in which generation of its group."""

    group: str
    instance_id: str
    member_id: int
    generation: int


@dataclass(slots=True, eq=False)
class Member:
    """One consumer as its group sees it."""

    subscription: Subscription
    member_id: int = 0
    generation: int = -1
    owned: Partitions = field(default_factory=set)
    target: frozenset[TopicPartition] = frozenset()
    joined: bool = False
    absent_since: datetime | None = None

    @property
    def name(self) -> str:
        """The static name."""
        return self.subscription.instance_id

    @property
    def membership(self) -> Membership:
        """As of the member's last poll."""
        return Membership(self.subscription.group, self.name, self.member_id, self.generation)


class Group:
    """One group; `counts` tells the partitions of a topic, `changed` wakes whoever waits."""

    def __init__(
        self, clock: Clock, counts: Callable[[str], int], changed: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._counts = counts
        self._changed = changed
        self._members: dict[str, Member] = {}
        self._generation = 0
        self._member_ids = 0
        self._rebalancing = False
        self._positions: dict[TopicPartition, Position] = {}
        self._pending: dict[Fate, dict[TopicPartition, Position]] = {}

    def turn(self, member: Member) -> tuple[Partitions, Partitions]:
        """What the member (gained, lost), now that it polls. Raises Fenced."""
        self.end_sessions()
        lost: Partitions = set()
        current = self._members.get(member.name)
        if current is None:
            lost |= self._give_up(member, member.owned)
            self._enter(member)
        elif current is not member and member.member_id:
            raise Fenced(f"another live instance is {member.name}")
        elif current is not member:
            self._replace(current, member)
        lost |= self._acknowledge(member)
        lost |= self._revoke(member)
        gained = self._take(member)
        member.generation = self._generation
        if gained or lost:
            self._changed()
        return gained, lost

    def leave(self, member: Member) -> None:
        """The member is gone; its share stays its own until its session ends."""
        if self._members.get(member.name) is member:
            member.absent_since = self._clock.now()

    def expel(self, instance_id: str) -> None:
        """The member's session ends now, whether it lives or not."""
        if self._members.pop(instance_id, None) is not None:
            self.rebalance()

    def end_sessions(self) -> None:
        """Expel every member that has been away for longer than its session lasts."""
        now = self._clock.now()
        for name, member in list(self._members.items()):
            session = timedelta(milliseconds=member.subscription.session_timeout_ms)
            if member.absent_since is not None and now - member.absent_since >= session:
                self.expel(name)

    def rebalance(self) -> None:
        """Share anew, once every member has polled."""
        self._rebalancing = True
        for member in self._members.values():
            member.joined = False
        self._changed()

    def reads(self, topic: str) -> bool:
        """True where a member has subscribed to the topic."""
        return any(topic in member.subscription.topics for member in self._members.values())

    def check(self, membership: Membership) -> None:
        """Raises MembershipLost for an old generation, Fenced where the name is another's."""
        self.end_sessions()
        current = self._members.get(membership.instance_id)
        if current is None:
            raise MembershipLost(f"{membership.instance_id} is no member any more")
        if current.member_id != membership.member_id:
            raise Fenced(f"another live instance is {membership.instance_id}")
        if membership.generation != self._generation:
            raise MembershipLost(
                f"generation {membership.generation} is over, {self._generation} goes on"
            )

    def commit(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Store positions; whoever calls has checked the membership."""
        self._positions.update(positions)
        self._changed()

    def stage(self, fate: Fate, positions: Mapping[TopicPartition, Position]) -> None:
        """Hold positions until their transaction ends."""
        self._pending.setdefault(fate, {}).update(positions)

    def settle(self, fate: Fate) -> None:
        """The transaction has ended: its positions stand, or never were."""
        staged = self._pending.pop(fate, {})
        if fate.outcome is Outcome.COMMITTED:
            self._positions.update(staged)

    def stable(self, partition: TopicPartition) -> bool:
        """True where no open transaction may still move the partition's position."""
        return not any(partition in staged for staged in self._pending.values())

    def position(self, partition: TopicPartition) -> Position | None:
        """The committed position, or None."""
        return self._positions.get(partition)

    def stable_positions(
        self, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, Position | None]:
        """Committed positions. Raises Retryable while a transaction is open on one of them."""
        waiting = [partition for partition in partitions if not self.stable(partition)]
        if waiting:
            raise Retryable(f"positions are not stable yet: {waiting}")
        return {partition: self._positions.get(partition) for partition in partitions}

    def _enter(self, member: Member) -> None:
        self._number(member)
        member.target = frozenset()
        self._members[member.name] = member
        self.rebalance()

    def _replace(self, old: Member, new: Member) -> None:
        """The same static name again: the share passes on, and the old holder is fenced."""
        self._number(new)
        new.target = old.target
        self._members[new.name] = new
        if set(new.subscription.topics) != set(old.subscription.topics):
            self.rebalance()
        self._changed()

    def _number(self, member: Member) -> None:
        self._member_ids += 1
        member.member_id = self._member_ids

    def _acknowledge(self, member: Member) -> Partitions:
        if not self._rebalancing or member.joined:
            return set()
        eager = member.subscription.assignor == "range"
        lost = self._give_up(member, member.owned) if eager else set()
        self._join(member)
        return lost

    def _revoke(self, member: Member) -> Partitions:
        """Give up what is to move; the new owner gets it in another round."""
        if self._rebalancing:
            return set()
        lost = self._give_up(member, member.owned - member.target)
        if lost:
            self.rebalance()
            self._join(member)
        return lost

    def _give_up(self, member: Member, partitions: Partitions) -> Partitions:
        lost = set(partitions)
        member.owned -= lost
        return lost

    def _join(self, member: Member) -> None:
        member.joined = True
        if all(other.joined for other in self._members.values()):
            self._share()

    def _share(self) -> None:
        self._rebalancing = False
        self._generation += 1
        members = self._members
        topics = {topic for member in members.values() for topic in member.subscription.topics}
        counts = {topic: self._counts(topic) for topic in sorted(topics)}
        if any(member.subscription.assignor == "range" for member in members.values()):
            shares = by_range(list(members), counts)
        else:
            shares = sticky({name: m.target for name, m in members.items()}, counts)
        for name, share in shares.items():
            members[name].target = share
        self._changed()

    def _take(self, member: Member) -> Partitions:
        if self._rebalancing:
            return set()
        others = {
            tp for other in self._members.values() if other is not member for tp in other.owned
        }
        gained = set(member.target) - member.owned - others
        member.owned |= gained
        return gained
