"""What a model's call costs: by the operator's table, rounded up, or said to be unpriced."""

import pytest

from chassis.adapters.description import Action, Adapter, Args, Call, Completion, Kind, Pricing
from chassis.adapters.door import Door
from chassis.adapters.prices import UNPRICED, Prices


class Ask(Args):
    """Which model is asked."""

    model: str


async def test_tokens_cost_what_the_operators_table_says_rounded_up() -> None:
    async def run(args: Ask, call: Call) -> Completion:
        return Completion(text="hi", model=args.model, tokens_in=1_001, tokens_out=10)

    action = Action("ask", "ask", Ask, Completion, run, pricing=Pricing.TOKENS)
    prices = Prices.parse("dear=3/15, cheap=0.0001/0")
    door = Door([Adapter("model", Kind.MODEL, "for tests", (action,))], prices=prices)
    dear = (await door.execute("model", "ask", {"model": "dear"})).usage
    cheap = (await door.execute("model", "ask", {"model": "cheap"})).usage
    unknown = (await door.execute("model", "ask", {"model": "unknown"})).usage
    assert (dear.provider, dear.model, dear.cost_micros) == ("model", "dear", 3_153)
    assert (dear.tokens_in, dear.tokens_out) == (1_001, 10)
    assert (cheap.cost_micros, cheap.price_version) == (1, prices.version)
    assert (unknown.cost_micros, unknown.price_version) == (0, UNPRICED)


async def test_a_model_that_answers_under_a_longer_name_costs_what_was_asked_for() -> None:
    async def run(args: Ask, call: Call) -> Completion:
        return Completion(text="hi", model=f"{args.model}-20250929", tokens_in=1_000)

    action = Action("ask", "ask", Ask, Completion, run, pricing=Pricing.TOKENS)
    prices = Prices.parse("dear=3/15")
    door = Door([Adapter("model", Kind.MODEL, "for tests", (action,))], prices=prices)
    usage = (await door.execute("model", "ask", {"model": "dear"})).usage
    assert (usage.model, usage.cost_micros) == ("dear-20250929", 3_000)
    assert usage.price_version == prices.version


@pytest.mark.parametrize("text", ["model", "model=3", "=1/2", "model=a/b", "model=-1/2"])
def test_a_price_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="MODEL_PRICES"):
        Prices.parse(text)
