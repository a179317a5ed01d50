"""Which of the waiting commands is begun next: oldest first, tenants in turn. It knows no broker.

Per key (a campaign's step) work is begun in the order in which it came, one at a time. A free
place goes to the tenant that has the fewest in hand, and there to its oldest command: what is new
never starves what is old, and one tenant's long queue leaves places to the others.
"""

import heapq
import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

W = TypeVar("W")


@dataclass(slots=True)
class _Queue(Generic[W]):
    """What waits under one key, each with its age; `busy` while one of it is in hand."""

    tenant: str
    waiting: deque[tuple[int, int, W]] = field(default_factory=deque)
    busy: bool = False


class Dispatch(Generic[W]):
    """The queues of one copy of a role."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue[W]] = {}
        self._ready: dict[str, list[tuple[int, int, Hashable]]] = defaultdict(list)
        self._in_hand: Counter[str] = Counter()
        self._arrivals = itertools.count()

    def put(self, key: Hashable, tenant: str, at_ms: int, work: W) -> None:
        """Queue work that was asked for at `at_ms`."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(tenant)
        queue.waiting.append((at_ms, next(self._arrivals), work))
        if not queue.busy and len(queue.waiting) == 1:
            self._offer(key, queue)

    @property
    def waits(self) -> bool:
        """True where `take` would give some work."""
        return bool(self._ready)

    def take(self) -> tuple[Hashable, W] | None:
        """The next work and its key, which is busy until `release`; None where nothing waits."""
        if not self._ready:
            return None
        alone = len(self._ready) == 1
        tenant = next(iter(self._ready)) if alone else min(self._ready, key=self._turn)
        ready = self._ready[tenant]
        _, _, key = heapq.heappop(ready)
        if not ready:
            del self._ready[tenant]
        queue = self._queues[key]
        queue.busy = True
        self._in_hand[tenant] += 1
        return key, queue.waiting.popleft()[2]

    def release(self, key: Hashable) -> None:
        """The key's work is over; what is queued behind it may be begun."""
        queue = self._queues[key]
        queue.busy = False
        self._in_hand[queue.tenant] -= 1
        if not self._in_hand[queue.tenant]:
            del self._in_hand[queue.tenant]
        if queue.waiting:
            self._offer(key, queue)
        else:
            del self._queues[key]

    def drop(self, gone: Callable[[W], bool]) -> None:
        """Forget what waits and is `gone`; what is in hand runs on."""
        self._ready.clear()
        for key, queue in list(self._queues.items()):
            queue.waiting = deque(one for one in queue.waiting if not gone(one[2]))
            if queue.busy:
                continue
            if queue.waiting:
                self._offer(key, queue)
            else:
                del self._queues[key]

    def _offer(self, key: Hashable, queue: _Queue[W]) -> None:
        at_ms, arrival, _ = queue.waiting[0]
        heapq.heappush(self._ready[queue.tenant], (at_ms, arrival, key))

    def _turn(self, tenant: str) -> tuple[int, int, int]:
        at_ms, arrival, _ = self._ready[tenant][0]
        return (self._in_hand[tenant], at_ms, arrival)
