"""What changes from one campaign to the next: its sources' figures, and what was learned."""

import shutil
from pathlib import Path

from tests.road.driving import Road, Run

OLD, NEW = "3.9 years in 2026", "2.7 years in 2026"
PAGE = "heatpumps/waste-heat.html"
NEIGHBOUR = "22222222-2222-4222-8222-222222222222"


def test_a_changed_figure_in_a_source_changes_the_texts(
    road: Road, campaign: Run, sites: Path
) -> None:
    changed = sites / "changed"
    shutil.copytree(sites / "heatpumps", changed / "heatpumps")
    page = changed / PAGE
    assert page.read_text("utf-8").count(OLD) == 1
    page.write_text(page.read_text("utf-8").replace(OLD, NEW), "utf-8")
    brief = road.brief("heatpumps")
    for source in brief["sources"]:
        source["location"] = source["location"].replace("/heatpumps/", "/changed/heatpumps/")
    again = road.complete(brief, NEIGHBOUR)
    assert (OLD in campaign.texts, NEW in campaign.texts) == (True, False)
    assert (OLD in again.texts, NEW in again.texts) == (False, True)


def test_the_next_strategy_weighs_what_the_first_campaign_taught(road: Road, campaign: Run) -> None:
    assert campaign.results["lessons"]
    second = road.complete(road.brief("heatpumps", name="Heat you already own, again"))
    taught = {lesson["id"]: lesson for lesson in campaign.results["lessons"]}
    recalled = [
        lesson for lesson in second.results["strategy"]["lessons"] if lesson["id"] in taught
    ]
    assert recalled
    for lesson in recalled:
        assert lesson == taught[lesson["id"]]
        assert campaign.campaign_id in lesson["evidence"]


def test_another_tenants_strategy_does_not_see_it(road: Road, campaign: Run) -> None:
    stranger = "33333333-3333-4333-8333-333333333333"
    theirs = road.complete(road.brief("heatpumps"), stranger)
    assert campaign.results["lessons"]
    assert theirs.results["strategy"]["lessons"] == []
