"""Which region works: a lease over N Redis servers by quorum, held by a region as a whole.

Unlike the lock of chassis/mutex.py, which it is modelled on, all processes of a region hold it
together, and each of them extends it; none gives it back, for the others go on: it runs out.
Without a quorum nobody holds it. The servers also keep, for good, which region worked last and
which one is a copy of that: no other may follow it, so that a region with an old log cannot go on
from there while the newer one rests.

A region is named together with its Kafka's cluster id: two that are given the same name by mistake
are two.
"""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from chassis.quorum import Servers, lasts_until

MIRROR = "mirror"
"""The transactional id under which a mirror writes into a region; whoever works there fences it."""

BARRED = -1

_CLAIM = """
local holder = redis.call('get', KEYS[1])
if holder == ARGV[1] then return redis.call('pttl', KEYS[1]) end
if holder then return 0 end
local last = redis.call('get', KEYS[2])
if last and last ~= ARGV[1] and redis.call('get', KEYS[3]) ~= ARGV[2] then return -1 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[3])
return tonumber(ARGV[3])
"""
_HOLD = """
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
if redis.call('get', KEYS[2]) ~= ARGV[1] then
  redis.call('set', KEYS[2], ARGV[1])
  redis.call('del', KEYS[3])
end
return 1
"""
_FOLLOW = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[2])
return 1
"""
_SEE = """
local found = {}
for place, key in ipairs(KEYS) do found[place] = redis.call('get', key) or '' end
return found
"""


class Party(NamedTuple):
    """A region: its name, and the id of its Kafka."""

    name: str
    cluster: str

    def __str__(self) -> str:
        return f"{self.name}/{self.cluster}"


NOBODY = Party("", "")


@dataclass(frozen=True, slots=True)
class Seen:
    """Who holds the lease now, and who held it last, as most servers say; NOBODY where none.

    `copy` is the id of the Kafka that is a copy of the last one's; empty where none is.
    """

    holder: Party
    last: Party
    copy: str


class RegionLease:
    """The lease of one installation."""

    def __init__(self, servers: Servers, installation: str, ttl_s: float) -> None:
        """`installation` tells apart those that share the servers."""
        name = f"sagaline:region:{installation}"
        self._holder, self._last, self._copy = (f"{name}:{it}" for it in ("holder", "last", "copy"))
        self._servers = servers
        self._ttl_s = ttl_s
        self._ttl_ms = str(int(ttl_s * 1_000))

    async def take(self, party: Party) -> float:
        """Until when (monotonic seconds) the region holds the lease; 0 where it does not.

        What a failed attempt has taken of some servers runs out by itself.
        """
        keys = (self._holder, self._last, self._copy)
        claims = await self._servers.ask(_CLAIM, keys, str(party), party.cluster, self._ttl_ms)
        if sum(left is not None and left > 0 for left in claims) < self._servers.quorum:
            return 0.0
        return await self.extend(party)

    async def extend(self, party: Party) -> float:
        """Until when the region, which holds the lease, holds it now; 0 where that did not work."""
        began = time.monotonic()
        keys = (self._holder, self._last, self._copy)
        answers = await self._servers.ask(_HOLD, keys, str(party), self._ttl_ms)
        until = lasts_until(began, self._ttl_s)
        return until if self._agreed(answers) and time.monotonic() < until else 0.0

    async def follow(self, source: Party, cluster: str) -> bool:
        """Note that this Kafka is a copy of the region that worked last; False if that is another.

        Its region may then take the lease when the source's time is over.
        """
        keys = (self._last, self._copy)
        return self._agreed(await self._servers.ask(_FOLLOW, keys, str(source), cluster))

    async def seen(self) -> Seen | None:
        """Who holds it and who held it last; None where no quorum answers."""
        answers = await self._servers.ask(_SEE, (self._holder, self._last, self._copy))
        found = [answer for answer in answers if answer is not None]
        if len(found) < self._servers.quorum:
            return None
        holder, last, copy = (self._most([answer[place] for answer in found]) for place in range(3))
        return Seen(_party(holder), _party(last), copy)

    async def obstacle(self, party: Party) -> str:
        """Why the region cannot take the lease now, for its health."""
        seen = await self.seen()
        if seen is None:
            return "more than half of the servers of REDIS_URL, which do not answer"
        if seen.holder not in (NOBODY, party):
            return f"its turn: region {seen.holder.name} holds the lease"
        if seen.last not in (NOBODY, party):
            return (
                f"a mirror from region {seen.last.name}, which worked last (sagaline mirror); "
                "going on from here would be going on without what was done there"
            )
        return "the lease, which is free or nearly so"

    def _agreed(self, answers: list[Any]) -> bool:
        return sum(bool(answer) for answer in answers) >= self._servers.quorum

    def _most(self, values: list[bytes]) -> str:
        """What a quorum of all servers says; empty where they differ."""
        (value, count) = Counter(values).most_common(1)[0]
        return value.decode() if count >= self._servers.quorum else ""


def _party(word: str) -> Party:
    name, _, cluster = word.partition("/")
    return Party(name, cluster)
