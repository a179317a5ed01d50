"""What research finds on the two example sites, word for word, and the orders made from it."""

import json
from pathlib import Path

from contracts.research import FindingKind
from contracts.strategy import BuildStrategy
from tests.analyst.builders import finding, strategy_command

ROWS: dict[str, list[dict[str, str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)


def example_command(which: str) -> BuildStrategy:
    """The strategy step's order in the example campaign `which`."""
    found = tuple(
        finding(
            number,
            FindingKind(row["kind"]),
            row["text"],
            (f"http://127.0.0.1:8000/{which}/{row['page']}", row["page"]),
            float(row["score"]),
        )
        for number, row in enumerate(ROWS[which], 1)
    )
    if which == "coffee":
        return strategy_command(
            business_name="Northfold Coffee",
            industry="specialty coffee subscriptions",
            target_audience=(
                "home coffee drinkers aged 25 to 45 who work from home and care about freshness"
            ),
            goals=("Win 500 new subscribers before the holiday season",),
            call_to_action="Start your subscription",
            findings=found,
        )
    return strategy_command(
        business_name="Tessel Thermal",
        industry="industrial heat pumps and maintenance",
        target_audience="energy and maintenance managers of food and beverage plants",
        goals=("Book 20 plant surveys by the end of March 2027",),
        call_to_action="Book a plant survey",
        findings=found,
    )
