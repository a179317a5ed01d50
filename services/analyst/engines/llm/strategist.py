"""The strategist that asks models in turn and checks every answer; behind them the embedded one.

A model decides what to say and on what it rests. What is counted (goals and measures), remembered
(lessons) and wrong with the evidence (risks) stays as the rules made it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.adapters.door import Door
from contracts.envelope import AgentRun, Usage
from contracts.goal import BrandVoice
from contracts.strategy import BuildStrategy, ChannelPlan, CitedStatement, StrategyBrief
from services.analyst.brand_voice import voice_of
from services.analyst.context import Count, Weights
from services.analyst.engines.llm.asking import Limits, Model, NotAsked, Session
from services.analyst.engines.llm.draft import NotADraft
from services.analyst.engines.llm.prompts import Prompt
from services.analyst.engines.llm.spending import Purse
from services.analyst.engines.llm.strategy_draft import Said, StrategyDraft, read_strategy
from services.analyst.engines.llm.strategy_prompts import Planning
from services.analyst.engines.llm.strategy_rules import faults_of_strategy
from services.analyst.strategy import Plan, audience_in
from services.analyst.strategy_words import ENGLISH, WORDS

ASKED_AGAIN_MAX = 2
"""How often one model is asked again, each time with what was wrong."""

EMBEDDED = Usage(provider="embedded", model="rules-1")
EMBEDDED_AGENT = AgentRun(agent="strategist", succeeded=True, duration_ms=0)


@dataclass(frozen=True, slots=True)
class Asked:
    """One strategy that is wanted, and what the rules made of it already."""

    command: BuildStrategy
    plan: Plan
    language: str
    key: str
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """The brief, who made it (`model` None: the rules), what it took; `short_of`: why not a model.

    The costs of `agents` add up to the usage's.
    """

    brief: StrategyBrief
    model: Model | None = None
    usage: Usage = EMBEDDED
    agents: tuple[AgentRun, ...] = (EMBEDDED_AGENT,)
    notes: tuple[str, ...] = ()
    short_of: tuple[str, ...] = ()


class _Refused(Exception):
    """An answer breaks the rules; `faults` say how."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class Strategist:
    """Asks the models of `chain`; a model whose adapter is not configured is left out."""

    def __init__(
        self,
        door: Door,
        chain: Sequence[Model],
        *,
        count: Count,
        weights: Weights | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._door = door
        self._chain = tuple(chain)
        self._planning = Planning(count, weights or Weights())
        self._limits = limits or Limits(60.0, 1)

    async def plan(self, asked: Asked) -> Planned:
        """The first model's strategy that keeps the rules, else the embedded one as it is."""
        models = [model for model in self._chain if self._door.configured(model.tool)]
        if not models:
            return Planned(asked.plan.brief)
        session = Session.within(self._limits, self._door, Purse.of(asked.command))
        why: list[str] = []
        for model in models:
            try:
                draft = await self._by(session, model, asked)
            except (NotAsked, _Refused) as reason:
                why.append(f"{model}: {reason}")
                continue
            notes = (f"strategy by {model}; {'; '.join(why)}",) if why else ()
            named = session.usage.model_copy(update={"provider": model.tool, "model": model.name})
            brief = _brief(draft, asked)
            return Planned(brief, model, named, session.agents, notes)
        taken = session.usage.model_copy(update={"provider": "embedded", "model": "rules-1"})
        said = f"strategy by the embedded strategist; {'; '.join(why)}"
        agents = session.agents or (EMBEDDED_AGENT,)
        return Planned(asked.plan.brief, None, taken, agents, short_of=(said,))

    async def _by(self, session: Session, model: Model, asked: Asked) -> StrategyDraft:
        """One model's strategy, asked again with what was wrong. Raises NotAsked and _Refused."""
        faults: tuple[str, ...] = ()
        for again in range(ASKED_AGAIN_MAX + 1):
            prompt = self._planning.prompt(
                asked.command, asked.plan, asked.language, asked.feedback, faults
            )
            if prompt is None:
                raise NotAsked("its budget of tokens carries no finding", for_good=False)
            answer = await session.ask(model, prompt, f"{asked.key}/{again}")
            try:
                return _checked(answer, asked, prompt)
            except _Refused as refusal:
                if again == ASKED_AGAIN_MAX:
                    raise
                faults = refusal.faults
        raise AssertionError("a strategy is asked for at least once")


def _checked(answer: str, asked: Asked, prompt: Prompt) -> StrategyDraft:
    try:
        draft = read_strategy(answer)
    except NotADraft as refusal:
        raise _Refused((str(refusal),)) from refusal
    voice = voice_of(asked.command.business_name, BrandVoice(), language=asked.language)
    faults = faults_of_strategy(draft, asked.command, prompt.points, voice, asked.language)
    if faults:
        raise _Refused(faults)
    return draft


def _brief(draft: StrategyDraft, asked: Asked) -> StrategyBrief:
    """The model's statements in the brief's places; the rest is what the rules made."""
    made = asked.plan.brief
    words = WORDS.get(asked.language, ENGLISH)
    calls = {plan.channel: plan.call_to_action for plan in made.channel_plan}
    audience = audience_in(asked.command, words, draft.audience.text)
    return made.model_copy(
        update={
            "headline": draft.headline,
            "audience": CitedStatement(text=audience, finding_ids=draft.audience.findings),
            "positioning": _cited(draft.positioning),
            "key_messages": tuple(_cited(said) for said in draft.key_messages),
            "channel_plan": tuple(
                ChannelPlan(
                    channel=angle.channel,
                    angle=_cited(angle),
                    call_to_action=calls[angle.channel],
                )
                for angle in sorted(draft.channels, key=lambda one: list(calls).index(one.channel))
            ),
            "risks": (*made.risks, *(_cited(said) for said in draft.risks)),
        }
    )


def _cited(said: Said) -> CitedStatement:
    return CitedStatement(text=said.text, finding_ids=said.findings)
