"""The door: every call to the outside goes through it, guarded, timed, repeated and counted alike.

In this order: is there such an action, are the arguments right, is it configured, does the breaker
let it through, is it done in time, may it be tried again. It knows no vendor.
"""

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from chassis import telemetry
from chassis.adapters.description import Action, Adapter, Args, Call, Completion, Outcome
from chassis.adapters.failures import CallFailed, not_configured
from chassis.adapters.prices import UNPRICED, Prices
from chassis.adapters.web import Web, hidden
from chassis.breaker import NEW
from chassis.circuits import SCOPED, Circuits
from chassis.clock import Clock, SystemClock
from chassis.errors import CircuitOpen, StepError
from contracts.envelope import FailureReason, Usage

PASSING = frozenset({FailureReason.TIMEOUT, FailureReason.UNAVAILABLE})
"""What a breaker counts: the other side is away. A refusal shows that it is there."""

MAY_PASS = PASSING | {FailureReason.RATE_LIMITED}

READY = "ready"

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Done:
    """What a call answered, and what it took."""

    outcome: Outcome
    usage: Usage


class Door:
    """The adapters of a process."""

    def __init__(
        self,
        adapters: Iterable[Adapter] = (),
        *,
        circuits: Circuits | None = None,
        web: Web | None = None,
        clock: Clock | None = None,
        prices: Prices | None = None,
    ) -> None:
        self.circuits = circuits or Circuits()
        self._web = web or Web()
        self._clock = clock or SystemClock()
        self.prices = prices or Prices()
        self._adapters: dict[str, Adapter] = {}
        self.register(*adapters)

    def register(self, *adapters: Adapter) -> None:
        """Add adapters; one of the same name takes the other's place."""
        self._adapters.update({adapter.name: adapter for adapter in adapters})

    @property
    def adapters(self) -> tuple[Adapter, ...]:
        """All of them, by name."""
        return tuple(self._adapters[name] for name in sorted(self._adapters))

    async def execute(
        self,
        tool: str,
        action: str,
        args: Mapping[str, Any] | Args,
        *,
        key: str = "",
        repeat: bool = False,
    ) -> Done:
        """Do it once. `key` is stable over attempts; `repeat` says that it may have been done.

        Raises StepError: INVALID_INPUT, NOT_CONFIGURED (nobody was called), what the other side
        answered, TIMEOUT; and CircuitOpen where the breaker let nothing through.
        """
        adapter, wanted = self._found(tool, action)
        given = _checked(wanted, args)
        call = Call(key=key, repeat=repeat, web=self._web, now=self._clock.now())
        scope = SCOPED + wanted.circuit_of(given) if wanted.circuit_of else ""
        began = time.monotonic()
        outcome = await self._guarded(adapter, wanted, scope, lambda: wanted.run(given, call))
        asked = str(getattr(given, "model", ""))
        return Done(outcome, self._usage(adapter, outcome, asked, time.monotonic() - began))

    async def guard(
        self, tool: str, action: str, work: Callable[[], Awaitable[T]], *, part: str = ""
    ) -> T:
        """Do `work` as that action: for whoever keeps a connection of its own over several calls.

        `part` of the outside has a breaker of its own. Raises what `work` and `execute` raise.
        """
        adapter, wanted = self._found(tool, action)
        return await self._guarded(adapter, wanted, SCOPED + part if part else "", work)

    async def check(self, tool: str) -> None:
        """Raises StepError NOT_CONFIGURED or CircuitOpen where a call would be refused now."""
        adapter = self._adapter(tool)
        if adapter.missing:
            raise not_configured(tool, adapter.missing)
        await self.circuits.check(tool, adapter.breaker)

    def configured(self, tool: str) -> bool:
        """True where all settings of the adapter are there."""
        return not self._adapter(tool).missing

    def health(self) -> dict[str, Any]:
        """Each adapter's state and circuit as this process knows them, and why that is less."""
        known = self.circuits.known
        told = {
            adapter.name: {
                "state": state_of(adapter),
                "circuit": known.get(adapter.name, NEW).state.name.lower(),
                "failures": known.get(adapter.name, NEW).failures,
            }
            for adapter in self.adapters
        }
        return {"degraded": self.circuits.degraded, "adapters": told}

    async def close(self) -> None:
        """Give every connection up."""
        await self._web.close()
        await self.circuits.close()

    def _adapter(self, tool: str) -> Adapter:
        adapter = self._adapters.get(tool)
        if adapter is None:
            names = ", ".join(sorted(self._adapters))
            raise CallFailed(
                FailureReason.INVALID_INPUT, f"there is no adapter {tool!r}; there are: {names}"
            )
        return adapter

    def _found(self, tool: str, action: str) -> tuple[Adapter, Action]:
        adapter = self._adapter(tool)
        wanted = adapter.action(action)
        if wanted is None:
            names = ", ".join(one.name for one in adapter.actions)
            raise CallFailed(
                FailureReason.INVALID_INPUT, f"{tool} has no action {action!r}; it has: {names}"
            )
        return adapter, wanted

    async def _guarded(
        self, adapter: Adapter, action: Action, scope: str, work: Callable[[], Awaitable[T]]
    ) -> T:
        began, outcome = time.monotonic(), "ok"
        try:
            if adapter.missing:
                raise not_configured(adapter.name, adapter.missing)
            timer = asyncio.timeout(action.timeout_s)
            try:
                async with timer:
                    return await self._persistent(adapter, action, timer, (scope, work))
            except TimeoutError:
                raise _late(adapter, action) from None
        except StepError as failure:
            outcome = failure.reason.value.lower()
            raise
        except CircuitOpen:
            outcome = "circuit_open"
            raise
        finally:
            telemetry.ADAPTER_CALLS.labels(adapter.name, action.name, outcome).inc()
            telemetry.ADAPTER_DURATION.labels(adapter.name).observe(time.monotonic() - began)

    async def _persistent(
        self,
        adapter: Adapter,
        action: Action,
        timer: asyncio.Timeout,
        scoped: tuple[str, Callable[[], Awaitable[T]]],
    ) -> T:
        """The work's answer, tried as often as the action's rule says."""
        retry, delay_s = action.retry, action.retry.first_s
        for attempt in range(1, retry.attempts + 1):
            try:
                return await self._tried(adapter, timer, *scoped)
            except StepError as failure:
                if attempt == retry.attempts or failure.reason not in MAY_PASS:
                    raise
                told_s = failure.retry_after_s if isinstance(failure, CallFailed) else None
                wait_s = _jittered(delay_s, f"{adapter.name} {action.name} {attempt}")
                wait_s = max(wait_s, told_s or 0.0)
                if wait_s >= _left(timer):
                    raise
                log.info(
                    "call_repeated", adapter=adapter.name, action=action.name, why=str(failure)
                )
                await asyncio.sleep(wait_s)
                delay_s = min(retry.most_s, delay_s * 2)
        raise AssertionError("an action is tried at least once")

    async def _tried(
        self,
        adapter: Adapter,
        timer: asyncio.Timeout,
        scope: str,
        work: Callable[[], Awaitable[T]],
    ) -> T:
        """One try, told to the breaker whatever comes of it."""
        circuits, profile, circuit = self.circuits, adapter.breaker, adapter.name + scope
        generation = await circuits.admit(circuit, profile)
        went: bool | None = None
        try:
            answer = await work()
            went = True
            return answer
        except StepError as failure:
            if failure.reason is not FailureReason.RATE_LIMITED:
                went = failure.reason not in PASSING
            failure.message = hidden(failure.message, adapter.secrets)
            failure.args = (failure.message,)
            raise
        except asyncio.CancelledError:
            # Too slow is a failure; a process that ends, or a step that is called off, is none.
            went = False if timer.expired() else None
            raise
        finally:
            if went is None:
                await circuits.given_up(circuit, generation)
            elif went:
                await circuits.succeeded(circuit, profile, generation)
            else:
                await circuits.failed(circuit, profile, generation)

    def _usage(self, adapter: Adapter, outcome: Outcome, asked: str, seconds: float) -> Usage:
        usage = Usage(provider=adapter.name, duration_ms=int(seconds * 1_000))
        if not isinstance(outcome, Completion):
            return usage
        tokens = {"tokens_in": outcome.tokens_in, "tokens_out": outcome.tokens_out}
        micros, version = self.prices.micros(outcome.model, **tokens)
        if version == UNPRICED:
            micros, version = self.prices.micros(asked, **tokens)
        telemetry.ADAPTER_COST.labels(adapter.name).inc(micros)
        priced = {"model": outcome.model, "cost_micros": micros, "price_version": version}
        return usage.model_copy(update={**tokens, **priced})


def state_of(adapter: Adapter) -> str:
    """`ready`, or what is missing."""
    return f"not configured: {', '.join(adapter.missing)}" if adapter.missing else READY


def _checked(action: Action, args: Mapping[str, Any] | Args) -> BaseModel:
    """The arguments as the action wants them. Raises CallFailed, and names the wrong field."""
    if isinstance(args, action.args):
        return args
    given = args.model_dump() if isinstance(args, BaseModel) else dict(args)
    try:
        return action.args.model_validate(given)
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        )
        raise CallFailed(FailureReason.INVALID_INPUT, f"{action.name}: {told}") from None


def _late(adapter: Adapter, action: Action) -> CallFailed:
    return CallFailed(
        FailureReason.TIMEOUT,
        f"{adapter.name} did not answer within {action.timeout_s:g} s; it is asked again later, "
        "under the same key",
        nothing_done=False,
    )


def _left(timer: asyncio.Timeout) -> float:
    """Seconds until the action's time is over."""
    until = timer.when()
    assert until is not None
    return until - asyncio.get_running_loop().time()


def _jittered(delay_s: float, seed: str) -> float:
    """Between half the delay and all of it, the same for the same seed."""
    return delay_s * (0.5 + zlib.crc32(seed.encode()) / 2**33)
