"""Asking one model once: what the call may cost is reserved first, settled by what it did cost."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

import structlog

from chassis.adapters.description import Completion
from chassis.adapters.door import Door
from chassis.adapters.failures import CallFailed
from chassis.adapters.prices import UNPRICED
from chassis.adapters.vendors.chat import TOKENS_DEFAULT
from chassis.errors import CircuitOpen, StepError
from contracts.envelope import AgentRun, Usage
from services.analyst.context import ModelRole
from services.analyst.engines.llm.prompts import Prompt
from services.analyst.engines.llm.spending import Purse

ANSWER_TOKENS_MAX = TOKENS_DEFAULT
TOOLS = frozenset({"anthropic", "openai"})
"""The adapters that complete a conversation."""

SYSTEM_APART = frozenset({"anthropic"})
"""The tools whose calls hold the instructions in a field of their own."""

AGENTS = {
    ModelRole.PLANNER: "strategist",
    ModelRole.SOLVER: "copywriter",
    ModelRole.REWRITER: "rewriter",
}
REASON_CHARS_MAX = 240

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Model:
    """A model, and the adapter that it is reached by."""

    tool: str
    name: str

    def __str__(self) -> str:
        """As settings write it: `tool:model`."""
        return f"{self.tool}:{self.name}"


def models_of(text: str, setting: str = "WRITER_MODELS") -> tuple[Model, ...]:
    """Read `adapter:model[,…]`. Raises ValueError, and shows how to write the setting."""
    models = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        tool, _, name = entry.partition(":")
        if tool not in TOOLS or not name:
            raise ValueError(
                f"{setting}: {entry!r} is not adapter:model with one of the adapters "
                f"{', '.join(sorted(TOOLS))}, for example anthropic:some-model"
            )
        models.append(Model(tool, name))
    return tuple(models)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one order may ask models, and how many calls it makes at once."""

    seconds: float = 300.0
    at_once: int = 4


class NotAsked(Exception):
    """There is no answer; the text says why. `for_good`: this model is not asked again now."""

    def __init__(self, why: str, *, for_good: bool = True) -> None:
        super().__init__(why[:REASON_CHARS_MAX])
        self.for_good = for_good


@dataclass
class Session:
    """One order's conversation with models: what it may cost and last, and what it took."""

    door: Door
    purse: Purse
    ends_at: float
    free: asyncio.Semaphore
    spent: list[tuple[ModelRole, Usage]] = field(default_factory=list)
    out: dict[Model, str] = field(default_factory=dict)
    settled: asyncio.Condition = field(default_factory=asyncio.Condition)
    unsettled: int = 0

    @classmethod
    def within(cls, limits: Limits, door: Door, purse: Purse) -> "Session":
        """A conversation that begins now."""
        ends_at = asyncio.get_running_loop().time() + limits.seconds
        return cls(door, purse, ends_at, asyncio.Semaphore(limits.at_once))

    async def ask(self, model: Model, prompt: Prompt, key: str) -> str:
        """The model's answer. Raises NotAsked, also where budget or time are over."""
        async with self.free:
            if model in self.out:
                raise NotAsked(self.out[model])
            if asyncio.get_running_loop().time() >= self.ends_at:
                raise NotAsked("the time for asking models is over (…_SECONDS_MAX)")
            try:
                return await self._answered(model, prompt, key)
            except NotAsked as reason:
                if reason.for_good:
                    self.out[model] = str(reason)
                raise

    async def _answered(self, model: Model, prompt: Prompt, key: str) -> str:
        reserved = await self._reserved(model, prompt)
        spent = reserved
        try:
            done = await self.door.execute(model.tool, "complete", _args(model, prompt), key=key)
            assert isinstance(done.outcome, Completion)
            self.spent.append((prompt.role, done.usage))
            spent = done.usage.cost_micros
            log.info(
                "model_asked",
                model=str(model),
                role=prompt.role.value,
                findings=[point.id for point in prompt.points],
                tokens_in=done.usage.tokens_in,
                tokens_out=done.usage.tokens_out,
            )
            return done.outcome.text
        except CircuitOpen as failure:
            spent = 0
            raise NotAsked(str(failure)) from failure
        except StepError as failure:
            if isinstance(failure, CallFailed) and failure.nothing_done:
                spent = 0
            raise NotAsked(failure.message) from failure
        finally:
            async with self.settled:
                self.unsettled -= 1
                self.purse.settle(reserved, spent)
                self.settled.notify_all()

    async def _reserved(self, model: Model, prompt: Prompt) -> int:
        """The worst case, set aside: each byte a token, the longest answer.

        Waits for calls under way, which mostly cost less than was set aside. Raises NotAsked.
        """
        worst, version = self.door.prices.micros(
            model.name, len(prompt.text.encode()), ANSWER_TOKENS_MAX
        )
        if self.purse.left is not None and version == UNPRICED:
            raise NotAsked(
                f"the campaign has a budget and MODEL_PRICES names no price of {model.name}"
            )
        async with self.settled:
            await self.settled.wait_for(lambda: not self.unsettled or self.purse.carries(worst))
            if not self.purse.reserve(worst):
                raise NotAsked(
                    f"the campaign's budget has {self.purse.left} micros left, one call of "
                    f"{model.name} may cost {worst}",
                    for_good=False,
                )
            self.unsettled += 1
        return worst

    @property
    def usage(self) -> Usage:
        """All calls together."""
        every = [usage for _, usage in self.spent]
        return Usage(
            tokens_in=sum(one.tokens_in for one in every),
            tokens_out=sum(one.tokens_out for one in every),
            cost_micros=sum(one.cost_micros for one in every),
            duration_ms=sum(one.duration_ms for one in every),
            price_version=" ".join(dict.fromkeys(one.price_version for one in every)),
        )

    @property
    def agents(self) -> tuple[AgentRun, ...]:
        """What each role took; their costs add up to what all calls cost."""
        taken: dict[ModelRole, list[Usage]] = defaultdict(list)
        for role, usage in self.spent:
            taken[role].append(usage)
        return tuple(
            AgentRun(
                agent=AGENTS[role],
                succeeded=True,
                duration_ms=sum(one.duration_ms for one in all_of),
                cost_micros=sum(one.cost_micros for one in all_of),
                detail=f"{len(all_of)} call(s)",
            )
            for role, all_of in taken.items()
        )


def _args(model: Model, prompt: Prompt) -> dict[str, object]:
    user = {"role": "user", "content": prompt.user}
    asked: dict[str, object] = {"model": model.name, "max_tokens": ANSWER_TOKENS_MAX}
    if model.tool in SYSTEM_APART:
        return {**asked, "system": prompt.system, "messages": [user]}
    system = {"role": "system", "content": prompt.system}
    return {**asked, "messages": [system, user]}
