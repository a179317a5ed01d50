"""Where breakers keep what they know: in Redis for all copies, in this process without it.

Each change is computed by `chassis.breaker` and written by compare-and-set, so that copies which
report at once all count. A circuit that is open is refused from this process's own memory: until
its time is over nothing can close it, and nobody needs to be asked. Without Redis a copy counts
alone and says so (`degraded`); it asks Redis again every few seconds.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, cast

import structlog

from chassis import breaker, telemetry
from chassis.breaker import NEW, Circuit, Profile, State
from chassis.errors import CircuitOpen

if TYPE_CHECKING:
    from redis.asyncio import Redis

WAIT_S = 0.5
"""Redis may take so long to answer; a call to the outside is not held up longer for its count."""

ASK_AGAIN_S = 5.0
"""So long a Redis that gave no answer is not asked again."""

FORGET_S = 86_400
"""A circuit that nobody touched for so long is forgotten, and closed."""

CHANGES_MAX = 50
"""How often a change is computed anew because another copy was quicker."""

CIRCUITS_MAX = 1_000
"""Circuits held in this process; the oldest is forgotten first."""

SCOPED: Final = ":"
"""Divides an adapter's name from the host that has a circuit of its own."""

IN_MEMORY = "breakers count in this process only: {}"
NO_REDIS: Final = "no Redis is configured"

_REPLACE = """
local found = redis.call('get', KEYS[1]) or ''
if found ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

log = structlog.get_logger()


class _Away(Exception):
    """Redis does not answer, or not now."""


class Circuits:
    """All breakers of a process, by name. `degraded` says why copies do not share them."""

    def __init__(
        self,
        urls: Sequence[str] = (),
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        wait_s: float = WAIT_S,
    ) -> None:
        """The first of `urls` keeps the circuits; none means this process only."""
        self._redis = _client(urls[0], wait_s) if urls else None
        self._wait_s = wait_s
        self._now = now
        self._monotonic = monotonic
        self._own: dict[str, Circuit] = {}
        self._ask_at = 0.0
        self.degraded = "" if urls else IN_MEMORY.format(NO_REDIS)

    async def admit(self, name: str, profile: Profile) -> int:
        """The generation that the call is admitted in. Raises CircuitOpen, and says until when."""
        held = self._own.get(name)
        if held is not None and held.state is State.OPEN:
            left = held.since + profile.open_s - self._now()
            if 0 < left <= profile.open_s:
                raise _open(name, left)
        verdict = breaker.ADMITTED

        def change(circuit: Circuit) -> Circuit:
            nonlocal verdict
            changed, verdict = breaker.admit(circuit, profile, self._now())
            return changed

        circuit = await self._change(name, change)
        if not verdict.admitted:
            raise _open(name, verdict.wait_s)
        return circuit.generation

    async def check(self, name: str, profile: Profile) -> None:
        """Raises CircuitOpen where a call would be refused now; takes no trial's place."""
        circuit = await self._read(name)
        _, verdict = breaker.admit(circuit, profile, self._now())
        if not verdict.admitted:
            raise _open(name, verdict.wait_s)

    async def succeeded(self, name: str, profile: Profile, generation: int) -> None:
        """Report that the call went well."""
        now = self._now()
        await self._change(name, lambda found: breaker.succeeded(found, profile, generation, now))

    async def failed(self, name: str, profile: Profile, generation: int) -> None:
        """Report that the call went wrong."""
        telemetry.BREAKER_FAILURES.labels(_series(name)).inc()
        now = self._now()
        await self._change(name, lambda found: breaker.failed(found, profile, generation, now))

    async def given_up(self, name: str, generation: int) -> None:
        """Report that the call ended without telling anything about who was called."""
        await self._change(name, lambda found: breaker.given_up(found, generation))

    async def look(self, names: Sequence[str]) -> dict[str, Circuit]:
        """The circuits as they are kept now; one that nobody knows is closed."""
        try:
            asked = await self._asked(lambda r: r.mget([_key(name) for name in names]))
        except _Away:
            return {name: self._own.get(name, NEW) for name in names}
        found = cast("list[bytes | None]", asked)
        return {name: _circuit(raw or b"") for name, raw in zip(names, found, strict=True)}

    @property
    def known(self) -> dict[str, Circuit]:
        """The circuits as this process last saw them, those with anything to tell."""
        return dict(self._own)

    async def close(self) -> None:
        """Give the connections up; what is in Redis stays."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _change(self, name: str, change: Callable[[Circuit], Circuit]) -> Circuit:
        after = NEW
        for _ in range(CHANGES_MAX):
            raw = await self._raw(name)
            before = self._own.get(name, NEW) if raw is None else _circuit(raw)
            after = change(before)
            if raw is None or after == before or await self._replaced(name, raw, after):
                break
        self._keep(name, after)
        return after

    async def _read(self, name: str) -> Circuit:
        raw = await self._raw(name)
        return self._own.get(name, NEW) if raw is None else _circuit(raw)

    async def _raw(self, name: str) -> bytes | None:
        """What Redis holds, empty where nothing; None where Redis is away."""
        try:
            return cast("bytes | None", await self._asked(lambda r: r.get(_key(name)))) or b""
        except _Away:
            return None

    async def _replaced(self, name: str, before: bytes, after: Circuit) -> bool:
        """True where it was written, or cannot be because Redis went away."""
        given = (_key(name), before, _bytes(after), str(FORGET_S))
        try:
            return bool(await self._asked(lambda r: _evaluated(r, *given)))
        except _Away:
            return True

    async def _asked(self, ask: "Callable[[Redis], Awaitable[object]]") -> object:
        from redis.exceptions import RedisError

        if self._redis is None or self._monotonic() < self._ask_at:
            raise _Away
        try:
            async with asyncio.timeout(self._wait_s):
                answer = await ask(self._redis)
        except (RedisError, OSError, TimeoutError) as cause:
            self._ask_at = self._monotonic() + ASK_AGAIN_S
            self._hears(IN_MEMORY.format(f"Redis does not answer ({type(cause).__name__})"))
            raise _Away from None
        self._hears("")
        return answer

    def _hears(self, degraded: str) -> None:
        before, self.degraded = self.degraded, degraded
        if bool(before) != bool(degraded):
            log.warning("breakers_degraded" if degraded else "breakers_shared", why=degraded)

    def _keep(self, name: str, circuit: Circuit) -> None:
        """Hold it for a Redis that goes away; a circuit with nothing to tell takes no place."""
        if SCOPED not in name:
            telemetry.CIRCUIT_STATE.labels(name).set(circuit.state)
            telemetry.BREAKER_STATE.labels(name).set(circuit.state)
        self._own.pop(name, None)
        if circuit != NEW:
            self._own[name] = circuit
        while len(self._own) > CIRCUITS_MAX:
            del self._own[next(iter(self._own))]


def _open(name: str, wait_s: float) -> CircuitOpen:
    return CircuitOpen(
        f"{name} failed too often and is left alone for another {wait_s:.1f} s; no call was made",
        delay_s=wait_s,
    )


def _series(name: str) -> str:
    """The metric's label: a circuit per host counts under its adapter's name."""
    return name.partition(SCOPED)[0]


def _key(name: str) -> str:
    return f"sagaline:circuit:{name}"


def _bytes(circuit: Circuit) -> bytes:
    held = (circuit.state, circuit.generation, circuit.failures, circuit.successes)
    return json.dumps([*held, circuit.trials, circuit.since]).encode()


def _circuit(raw: bytes) -> Circuit:
    if not raw:
        return NEW
    state, generation, failures, successes, trials, since = json.loads(raw)
    return Circuit(State(state), generation, failures, successes, trials, since)


def _evaluated(redis: "Redis", key: str, *given: bytes | str) -> Awaitable[object]:
    return cast("Awaitable[object]", redis.eval(_REPLACE, 1, key, *given))


def _client(url: str, wait_s: float) -> "Redis":
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    once_more = Retry(NoBackoff(), 1)  # a connection from before the server's restart is stale
    client: Redis = Redis.from_url(
        url, socket_timeout=wait_s, socket_connect_timeout=wait_s, retry=once_more
    )
    return client
