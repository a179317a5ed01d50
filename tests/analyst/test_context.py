"""What a model's role is shown: by signals that each count, within a budget that always holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analyst.context import (
    BUDGETS,
    ModelRole,
    Wanted,
    Weights,
    clipped_to,
    packed,
    ranked_for,
)
from services.analyst.engines.embedded.preparing import prepared
from services.analyst.engines.llm.prompts import Router
from services.analyst.engines.llm.spending import Purse
from services.analyst.engines.llm.tokens import count
from services.analyst.feedback import Wishes
from services.analyst.points import Point, points_of, subject_words
from services.analyst.ports import CannotWrite, Order
from tests.analyst.builders import CAMPAIGN, GRIND, HEAT, MONITOR, M, T, content_command, finding
from tests.analyst.test_properties import QUICK, orders

NOON = datetime(2026, 6, 1, tzinfo=UTC)
WANTED = Wanted(words=subject_words("home brewers who own a grinder"), named=frozenset({"F4"}))


def fixture() -> tuple[Point, ...]:
    """Findings of which each is ahead by one signal alone."""

    def at(days: int) -> datetime:
        return NOON - timedelta(days=days)

    rows = (
        (M, "Home brewers check the roast date of a bag.", GRIND, 0.9, 900),
        (M, "Home brewers check the roast date of every bag.", GRIND, 0.9, 880),
        (T, "Filters of metal replace those of paper.", HEAT, 0.55, 1),
        (M, "One gift subscription in three is renewed.", MONITOR, 0.5, 800),
        (M, "Sales of kettles stood still for a season.", MONITOR, 0.75, 500),
        (T, "Grinders are sold out by the end of autumn.", HEAT, 0.6, 700),
    )
    found = [
        finding(number, kind, text, source, score, published_at=at(days))
        for number, (kind, text, source, score, days) in enumerate(rows, start=1)
    ]
    return points_of(found, lambda _: True)


def ids(weights: Weights, role: ModelRole = ModelRole.SOLVER) -> list[str]:
    return [point.id for point in ranked_for(role, fixture(), WANTED, weights)]


@pytest.mark.parametrize("signal", ["relevance", "kind", "recency", "diversity"])
def test_without_any_one_signal_the_findings_stand_in_another_order(signal: str) -> None:
    assert ids(replace(Weights(), **{signal: 0.0})) != ids(Weights())


def test_two_findings_that_say_the_same_do_not_stand_next_to_each_other() -> None:
    order = ids(Weights())
    assert abs(order.index("F1") - order.index("F2")) > 1


def test_roles_that_want_other_kinds_see_another_order() -> None:
    assert ids(Weights(kind=2.0)) != ids(Weights(kind=2.0), ModelRole.RETRIEVER)


def test_a_finding_that_does_not_fit_leaves_its_place_to_a_shorter_one() -> None:
    points = fixture()
    sizes = {point.text: size for point, size in zip(points, (5, 9, 1, 1, 1, 1), strict=True)}
    kept = packed(points, lambda point: point.text, sizes.__getitem__, 8)
    assert [point.id for point in kept] == ["F1", "F3", "F4", "F5"]


@given(st.text(max_size=200), st.integers(0, 60))
def test_what_is_clipped_fits(text: str, room: int) -> None:
    assert count(clipped_to(text, count, room)) <= room
    assert text.startswith(clipped_to(text, count, room))


@QUICK
@given(orders(), st.lists(st.text(max_size=900), max_size=4), st.integers(0, 3))
def test_no_prompt_exceeds_its_roles_budget(command: object, said: list[str], variant: int) -> None:
    if command is None:
        return
    made = content_command("coffee") if not hasattr(command, "brief") else command
    order = Order(made, CAMPAIGN, "en", tuple(said))  # type: ignore[arg-type]
    router = Router(count, Weights())
    for channel in order.command.channels:
        try:
            text = prepared(order, channel, variant, Wishes(banned=tuple(said)))
        except CannotWrite:
            return
        for prompt in (router.solver(order, text), router.rewriter(order, text, said)):
            if prompt is not None:
                assert count(prompt.text) <= BUDGETS[prompt.role]


def test_ordinary_findings_fit_by_the_dozen() -> None:
    order = Order(content_command("coffee"), CAMPAIGN, "en")
    text = prepared(order, order.command.channels[0], 0, Wishes())
    router = Router(count, Weights())
    solver, rewriter = router.solver(order, text), router.rewriter(order, text, ["too long"])
    assert solver is not None
    assert rewriter is not None
    assert len(solver.points) >= 9
    assert len(rewriter.points) >= 5


calls = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30)


@given(st.integers(0, 200), calls, st.data())
def test_no_order_of_calls_spends_more_than_the_purse_held(
    cap: int, wanted: list[tuple[int, int]], data: st.DataObject
) -> None:
    purse, open_calls, spent = Purse(cap), list[tuple[int, int]](), 0
    for worst, share in wanted:
        if purse.reserve(worst):
            open_calls.append((worst, min(worst, share)))
        is_settled: bool = data.draw(st.booleans())
        if open_calls and is_settled:
            reserved, cost = open_calls.pop(data.draw(st.integers(0, len(open_calls) - 1)))
            purse.settle(reserved, cost)
            spent += cost
        assert spent + sum(reserved for reserved, _ in open_calls) <= cap
        assert purse.left is not None
        assert purse.left >= 0
