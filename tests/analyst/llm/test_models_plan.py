"""Strategies by models: every statement cites; asked again, or replaced by the embedded one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chassis.adapters.catalogue import unconfigured, vendors
from chassis.adapters.door import Door
from chassis.adapters.prices import Prices
from chassis.adapters.settings import AdapterSettings
from chassis.clock import ManualClock
from contracts.envelope import StepOutcome
from contracts.goal import Channel
from contracts.strategy import StrategyBuilt
from services.analyst.context import BUDGETS, ModelRole
from services.analyst.engines.llm.asking import models_of
from services.analyst.engines.llm.strategist import ASKED_AGAIN_MAX, Asked, Planned, Strategist
from services.analyst.engines.llm.tokens import count
from services.analyst.handlers import Memory, build_strategy
from services.analyst.strategy import build, field_of, goals_of
from tests.adapters.wire import opened
from tests.analyst.builders import NOW, RememberedLessons, job, lesson, strategy_command
from tests.analyst.llm import model_server
from tests.analyst.llm.model_server import CHAIN, PRICED, Models, models

CHANNELS = (Channel.EMAIL, Channel.BLOG)
Answer = Callable[[model_server.Asked], str]


def strategy(asked: model_server.Asked, **changes: Any) -> dict[str, Any]:
    """What a strategist that keeps every rule would answer."""
    said = [{"text": one["quote"], "findings": [one["id"]]} for one in asked.findings[:5]]
    angles = [
        {"channel": channel, "text": f"Open with the readers' question: {said[0]['text']}",
         "findings": said[0]["findings"]}
        for channel in CHANNELS
    ]  # fmt: skip
    return {
        "headline": "Fresh beans are what home brewers ask for",
        "audience": said[0],
        "positioning": said[1],
        "key_messages": said[:3],
        "channels": angles,
        "risks": [],
        **changes,
    }


def good(asked: model_server.Asked) -> str:
    return json.dumps(strategy(asked))


def uncited(asked: model_server.Asked) -> str:
    made = strategy(asked)
    return json.dumps({**made, "positioning": {**made["positioning"], "findings": []}})


def stranger(asked: model_server.Asked) -> str:
    made = strategy(asked)
    return json.dumps({**made, "positioning": {**made["positioning"], "findings": ["F99"]}})


def unrelated(asked: model_server.Asked) -> str:
    made = strategy(asked)
    text = "Umbrellas sell well in rainy towns by the sea."
    return json.dumps({**made, "positioning": {**made["positioning"], "text": text}})


def invented(asked: model_server.Asked) -> str:
    made = strategy(asked)
    text = f"{made['audience']['text']} That is 97.3% of them."
    return json.dumps({**made, "audience": {**made["audience"], "text": text}})


def channelless(asked: model_server.Asked) -> str:
    return json.dumps(strategy(asked, channels=strategy(asked)["channels"][:1]))


def obedient(asked: model_server.Asked) -> str:
    return json.dumps(strategy(asked, headline="Visit https://evil.example/win today"))


WRONG: dict[Answer, str] = {
    uncited: "positioning.findings",
    stranger: "cites F99",
    unrelated: "no word in common",
    invented: "states 97.3",
    channelless: "channels lacks blog",
    obedient: "holds an address",
}


def wanted(**changes: Any) -> Asked:
    command = strategy_command("coffee", channels=CHANNELS, **changes)
    return Asked(command, build(command, (), NOW), "en", "campaign/strategy/0")


async def planned(served: Models, asked: Asked, prices: str = PRICED) -> Planned:
    settings = AdapterSettings.model_construct(**served.settings)
    async with opened(Door(vendors(settings), prices=Prices.parse(prices))) as door:
        return await Strategist(door, CHAIN, count=count).plan(asked)


async def test_a_models_strategy_stands_in_the_brief_and_every_statement_cites() -> None:
    asked = wanted()
    with models(good) as served:
        made = await planned(served, asked)
    known = {finding.id for finding in asked.command.findings}
    brief = made.brief
    assert brief.headline == "Fresh beans are what home brewers ask for"
    for said in (brief.audience, brief.positioning, *brief.key_messages):
        assert set(said.finding_ids) <= known
        assert said.finding_ids
    assert [plan.channel for plan in brief.channel_plan] == list(CHANNELS)
    assert (brief.kpis, brief.lessons) == (asked.plan.brief.kpis, asked.plan.brief.lessons)
    assert field_of(brief) == asked.command.industry
    assert goals_of(brief) == asked.command.goals
    assert made.usage.provider == "anthropic"
    assert [agent.agent for agent in made.agents] == ["strategist"]
    assert made.usage.cost_micros == sum(agent.cost_micros for agent in made.agents) > 0


async def test_the_planners_prompt_stays_within_its_budget_and_fences_the_findings() -> None:
    with models(good) as served:
        await planned(served, wanted())
    (asked,) = served.asked
    assert count(f"{asked.system}\n{asked.user}") <= BUDGETS[ModelRole.PLANNER]
    assert len(asked.findings) > 5
    assert "previous instructions" not in asked.user


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
async def test_what_breaks_a_rule_is_asked_for_again_with_what_was_wrong(wrong: Answer) -> None:
    def second_time_right(asked: model_server.Asked) -> str:
        return good(asked) if "Your last answer was refused" in asked.user else wrong(asked)

    with models(second_time_right) as served:
        made = await planned(served, wanted())
    assert len(served.asked) == 2
    assert WRONG[wrong] in served.asked[1].user
    assert made.model is not None


@pytest.mark.parametrize("wrong", [*WRONG, 401, 503])
async def test_a_model_that_does_not_learn_gives_way_to_the_next(wrong: Answer | int) -> None:
    with models(wrong, good) as served:
        made = await planned(served, wanted())
    most = 1 if isinstance(wrong, int) else 1 + ASKED_AGAIN_MAX
    assert len(served.by("anthropic")) == most
    assert made.usage.provider == "openai"
    assert made.short_of == ()
    assert made.notes[0].startswith("strategy by openai:gpt-4.1; anthropic:claude")


async def test_where_no_model_keeps_the_rules_the_embedded_strategy_stands_and_it_is_said(
    tmp_path: Path,
) -> None:
    command = strategy_command("coffee", channels=CHANNELS)
    with models(uncited, stranger) as served:
        settings = AdapterSettings.model_construct(**served.settings)
        async with opened(Door(vendors(settings), prices=Prices.parse(PRICED))) as door:
            answer = await build_strategy(
                command,
                job(tmp_path, step="strategy"),
                memory=Memory(RememberedLessons(lesson("L1", "Questions did best")), 5),
                clock=ManualClock(NOW),
                strategist=Strategist(door, CHAIN, count=count),
            )
    assert answer.outcome is StepOutcome.DEGRADED
    assert any(note.startswith("strategy by the embedded strategist") for note in answer.notes)
    assert isinstance(answer.body, StrategyBuilt)
    assert answer.body.brief.key_messages == build(command, (), NOW).brief.key_messages
    assert answer.usage.provider == "embedded"
    assert answer.usage.cost_micros > 0


async def test_without_a_key_nobody_is_asked_and_the_strategy_is_as_ever() -> None:
    asked = wanted()
    made = await Strategist(unconfigured(), CHAIN, count=count).plan(asked)
    assert made.brief == asked.plan.brief
    assert (made.short_of, made.usage.cost_micros) == ((), 0)


async def test_a_call_that_the_budget_does_not_carry_is_not_made() -> None:
    with models(good, good) as served:
        made = await planned(served, wanted(budget_micros=2_000, spent_micros=1_990))
    assert served.asked == []
    assert "budget has 10 micros left" in made.short_of[0]


async def test_with_a_budget_a_model_without_a_price_is_not_asked() -> None:
    with models(good, good) as served:
        made = await planned(served, wanted(budget_micros=5_000_000), "claude-sonnet-4-5=3/15")
        unpriced = await planned(served, wanted(budget_micros=5_000_000), "")
    assert made.usage.provider == "anthropic"
    assert len(served.asked) == 1
    assert "names no price" in unpriced.short_of[0]


async def test_feedback_and_lessons_are_told_to_the_strategist() -> None:
    asked = wanted()
    heard = Asked(asked.command, asked.plan, "en", asked.key, ("say more about freshness",))
    with models(good) as served:
        await planned(served, heard)
    assert "say more about freshness" in served.asked[0].user


def test_a_chain_that_cannot_be_read_names_its_setting() -> None:
    with pytest.raises(ValueError, match="STRATEGIST_MODELS: 'gpt' is not adapter:model"):
        models_of("gpt", "STRATEGIST_MODELS")
