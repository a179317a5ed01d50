"""Findings over several sources: merged where they say the same, flagged where they contradict."""

from collections.abc import Mapping
from pathlib import Path

from contracts.goal import Source
from contracts.research import Finding, ResearchCompleted, RunResearch
from services.radar.extraction import ExtractionPool
from services.radar.handlers import run_research
from tests.radar.builders import article, job, library, page, scripted

GROWTH = "Coffee subscriptions in Avonmere grew by 31 percent between 2025 and 2026."
GROWTH_RETOLD = (
    "Coffee subscriptions in Avonmere grew by 31 percent between 2025 and 2026, it says."
)
OTHER_GROWTH = "Coffee subscriptions in Avonmere grew by 13 percent between 2025 and 2026."
NO_FIGURE = "Coffee subscriptions in Avonmere grew fast, the guild of the roasters says."
LATER = "Coffee subscriptions in Avonmere grew by 44 percent between 2023 and 2024."
PADDING = "The roasters of the valley print a date on every bag that leaves the house. " * 4


async def findings(
    pages: Mapping[str, tuple[str, ...]], tmp_path: Path, pool: ExtractionPool
) -> dict[str, Finding]:
    """What research finds on pages that say these sentences, by claim."""
    replies = {name: page(article(*said, PADDING)) for name, said in pages.items()}
    with scripted(**replies) as site:
        wanted = RunResearch(
            business_name="Northfold Coffee",
            industry="coffee subscriptions",
            target_audience="home coffee drinkers",
            goals=("Win subscribers",),
            sources=tuple(Source(location=f"http://{site}/{name}") for name in pages),
        )
        answer = await run_research(wanted, job(tmp_path), library=library(pool, site))
    assert isinstance(answer.body, ResearchCompleted)
    return {finding.claim: finding for finding in answer.body.findings}


async def test_a_claim_of_three_sources_is_one_finding_that_names_the_others(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    pages = {"one": (GROWTH,), "two": (GROWTH_RETOLD,), "three": (GROWTH,), "four": (LATER,)}
    found = await findings(pages, tmp_path, pool)
    assert set(found) & {GROWTH, GROWTH_RETOLD} == {GROWTH}
    assert found[GROWTH].source_count == 3
    assert [place.rpartition("/")[2] for place in found[GROWTH].also_at] == ["two", "three"]
    assert found[LATER].source_count == 1
    assert found[LATER].also_at == ()


async def test_a_source_that_leaves_the_figure_out_does_not_carry_the_finding(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    found = await findings({"one": (GROWTH,), "two": (NO_FIGURE,)}, tmp_path, pool)
    assert found[GROWTH].source_count == 1


async def test_two_sources_with_different_figures_for_one_thing_flag_each_other(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    found = await findings({"one": (GROWTH, LATER), "two": (OTHER_GROWTH,)}, tmp_path, pool)
    assert found[GROWTH].contradicts == (found[OTHER_GROWTH].id,)
    assert found[OTHER_GROWTH].contradicts == (found[GROWTH].id,)
    assert found[LATER].contradicts == ()


async def test_figures_that_one_source_gives_side_by_side_are_no_contradiction(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    found = await findings({"one": (GROWTH, OTHER_GROWTH)}, tmp_path, pool)
    assert {found[GROWTH].contradicts, found[OTHER_GROWTH].contradicts} == {()}
