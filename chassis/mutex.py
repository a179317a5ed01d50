"""A lock that copies share over N Redis servers by quorum (Redlock). It knows no user of it.

Whoever gets more than half of the servers within the lock's time holds it until that time is over;
a holder that dies frees it by dying. See https://redis.io/docs/latest/develop/use/patterns/distributed-locks/

What it is for: electing one of several copies to do what would be a waste, not a harm, twice. A
holder that stands still for longer than its lock's time may wake up beside the next holder. Where
that would do harm, whatever is written to has to compare fencing tokens: each holder's is larger
than the one before it, as long as no server forgets (a restart without persistence, a fail-over).
No lock guards the log: Kafka's own fencing does (docs/decisions/0004).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex

import structlog

from chassis.quorum import NODE_WAIT_S, Servers, lasts_until

UNSHARED = "copies do not exclude each other: too few Redis servers answer ({} of {})"

_ACQUIRE = """
local holder = redis.call('get', KEYS[1])
if not holder then
  redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return redis.call('incr', KEYS[2])
end
if holder == ARGV[1] then return tonumber(redis.call('get', KEYS[2])) end
return 0
"""
_RAISE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(redis.call('get', KEYS[2])) < tonumber(ARGV[2]) then
  redis.call('set', KEYS[2], ARGV[2])
end
return 1
"""
_EXTEND = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
"""
_RELEASE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Held:
    """A lock that is held until `until` (monotonic seconds of this process).

    `fence` is larger than every earlier holder's. A `degraded` lock is this process's own: no
    quorum answered, others may hold theirs, and its fence is 0.
    """

    name: str
    owner: str
    until: float
    fence: int
    degraded: bool = False

    @property
    def valid(self) -> bool:
        """True while nobody else can hold it, by this process's clock."""
        return time.monotonic() < self.until


class Mutex:
    """Locks by name, one holder each. Without a quorum of servers a lock is this process's own."""

    def __init__(self, urls: Sequence[str], node_wait_s: float = NODE_WAIT_S) -> None:
        """`urls` name the servers, each independent of the others; none means this process only.

        Raises ValueError for an address that is none.
        """
        self._servers = Servers(urls, node_wait_s)
        self._own: dict[str, Held] = {}
        self.degraded = "" if urls else UNSHARED.format(0, 0)
        """Why a lock excludes only within this process, as of the last attempt; empty: it does."""

    async def acquire(self, name: str, ttl_s: float) -> Held | None:
        """The lock for at most `ttl_s` seconds; None where somebody else holds it."""
        owner, began = token_hex(16), time.monotonic()
        ttl_ms = str(int(ttl_s * 1_000))
        fences = await self._servers.ask(_ACQUIRE, _keys(name), owner, ttl_ms)
        if not self._heard(fences):
            await self._let_go(name, owner)
            return self._acquired_here(name, owner, ttl_s)
        fence = max(found or 0 for found in fences)
        if self._agreed(fences):
            raised = await self._servers.ask(_RAISE, _keys(name), owner, str(fence))
            until = lasts_until(began, ttl_s)
            if self._agreed(raised) and time.monotonic() < until:
                return Held(name, owner, until, fence)
        await self._let_go(name, owner)
        return None

    async def extend(self, held: Held, ttl_s: float) -> Held | None:
        """The same lock for another `ttl_s` seconds; None where it is lost."""
        if held.degraded:
            await self._let_go(held.name, held.owner)
            self._own.pop(held.name, None)
            return await self.acquire(held.name, ttl_s)
        began = time.monotonic()
        answers = await self._servers.ask(
            _EXTEND, _keys(held.name)[:1], held.owner, str(int(ttl_s * 1_000))
        )
        self._heard(answers)
        until = lasts_until(began, ttl_s)
        if self._agreed(answers) and time.monotonic() < until:
            return Held(held.name, held.owner, until, held.fence)
        return None

    async def release(self, held: Held) -> None:
        """Give the lock up, where it is still held; a server that is away forgets it in time."""
        if self._own.get(held.name) == held:
            del self._own[held.name]
        await self._let_go(held.name, held.owner)

    async def close(self) -> None:
        """Give the connections up; a lock that is held runs out by itself."""
        await self._servers.close()

    def _acquired_here(self, name: str, owner: str, ttl_s: float) -> Held | None:
        before = self._own.get(name)
        if before is not None and before.valid:
            return None
        held = Held(name, owner, time.monotonic() + ttl_s, fence=0, degraded=True)
        self._own[name] = held
        return held

    async def _let_go(self, name: str, owner: str) -> None:
        await self._servers.ask(_RELEASE, _keys(name)[:1], owner)

    def _agreed(self, answers: Sequence[int | None]) -> bool:
        return sum(bool(answer) for answer in answers) >= self._servers.quorum

    def _heard(self, answers: Sequence[int | None]) -> bool:
        """True where a quorum answered, whatever it said; noted either way."""
        count = sum(answer is not None for answer in answers)
        before, self.degraded = self.degraded, ""
        if count < self._servers.quorum:
            self.degraded = UNSHARED.format(count, self._servers.count)
        if self.degraded != before:
            log.warning("mutex_degraded" if self.degraded else "mutex_shared", why=self.degraded)
        return not self.degraded


def _keys(name: str) -> tuple[str, str]:
    return f"sagaline:mutex:{name}", f"sagaline:fence:{name}"
