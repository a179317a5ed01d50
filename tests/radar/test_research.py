"""Research as a whole, over the example sites served for real."""

import asyncio
from pathlib import Path

import pytest

from chassis.clock import SystemClock
from chassis.errors import StepError
from chassis.guard import SourceRefused
from chassis.recall import Recalled
from chassis.service import Wiring
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import Channel, Source, SourceKind
from contracts.research import FindingKind, ResearchCompleted, RunResearch, SourceStatus
from services.radar.extraction import ExtractionPool
from services.radar.handlers import run_research
from services.radar.ports import Asking, Extracted, Passage, Reading, ReadSource
from services.radar.roles import roles
from services.radar.sentences import stands_alone
from services.radar.settings import RadarSettings
from services.radar.sources.file import Folder
from tests.radar.asked import FACT, PADDING, asking
from tests.radar.builders import article, brief, command, example_site, job, library, page, scripted

SLUGS = ("coffee", "heatpumps")


async def researched(
    wanted: RunResearch, tmp_path: Path, pool: ExtractionPool, allow: str
) -> ResearchCompleted:
    answer = await run_research(wanted, job(tmp_path), library=library(pool, allow))
    assert isinstance(answer.body, ResearchCompleted)
    return answer.body


@pytest.mark.parametrize("slug", SLUGS)
async def test_an_example_brief_gives_many_findings_and_every_quote_is_in_the_stored_text(
    slug: str, tmp_path: Path, pool: ExtractionPool
) -> None:
    work = job(tmp_path)
    with example_site() as site:
        answer = await run_research(command(slug, site), work, library=library(pool, site))
    assert isinstance(answer.body, ResearchCompleted)
    findings = answer.body.findings
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert 15 <= len(findings) <= 30
    assert [finding.id for finding in findings] == [f"F{n}" for n in range(1, len(findings) + 1)]
    for kind in FindingKind:
        assert sum(finding.kind is kind for finding in findings) >= 5
    for finding in findings:
        text = (await work.artefacts.get(finding.source_digest)).decode()
        assert text[finding.span_start : finding.span_end] == finding.quote
        assert stands_alone(finding.claim)
    assert len({finding.source_url for finding in findings}) >= 7
    assert all(report.status is SourceStatus.READ for report in answer.body.sources)


@pytest.mark.parametrize("slug", SLUGS)
async def test_competitors_are_heard_on_their_own_pages_only(
    slug: str, tmp_path: Path, pool: ExtractionPool
) -> None:
    with example_site() as site:
        body = await researched(command(slug, site), tmp_path, pool, site)
    for finding in body.findings:
        assert ("competitor" in finding.source_url) == (finding.kind is FindingKind.COMPETITOR)


@pytest.mark.parametrize("slug", SLUGS)
async def test_the_same_brief_twice_gives_the_same_findings(
    slug: str, tmp_path: Path, pool: ExtractionPool
) -> None:
    with example_site() as site:
        first = await researched(command(slug, site), tmp_path / "a", pool, site)
        second = await researched(command(slug, site), tmp_path / "b", pool, site)
    assert first.model_dump_json() == second.model_dump_json()


async def test_what_matters_most_to_the_brief_is_found(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with example_site() as site:
        coffee = await researched(command("coffee", site), tmp_path, pool, site)
        heat = await researched(command("heatpumps", site), tmp_path, pool, site)
    claims = " ".join(finding.claim for finding in (*coffee.findings, *heat.findings))
    assert "print the roasting date on the bag kept 78 percent" in claims
    assert "maintenance contract that includes remote monitoring had 1.3 unplanned stops" in claims
    assert "sells the heat for €44 per megawatt hour" in claims
    assert claims.count("grew by 31 percent") == 1


async def test_dates_come_from_the_page_or_the_entry_and_from_nowhere_else(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with example_site() as site:
        body = await researched(command("coffee", site), tmp_path, pool, site)
    for finding in body.findings:
        if finding.source_url.startswith("file:"):
            assert finding.published_at is None
        else:
            assert finding.published_at is not None
            assert finding.published_at.year == 2026


async def test_three_agents_report_their_share(tmp_path: Path, pool: ExtractionPool) -> None:
    with example_site() as site:
        answer = await run_research(
            command("coffee", site), job(tmp_path), library=library(pool, site)
        )
    assert [run.agent for run in answer.agents] == [
        "trend_scout",
        "market_analyst",
        "competitor_tracker",
    ]
    assert all(run.succeeded for run in answer.agents)
    assert {ref.media_type for ref in answer.artefacts} >= {"text/plain", "text/html"}


async def test_a_dead_source_is_named_and_degrades_the_phase(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with scripted(
        page=page(article(FACT, PADDING)), gone=lambda request: request.send_error(503)
    ) as site:
        dead = f"http://{site}/gone"
        wanted = asking(Source(location=f"http://{site}/page"), Source(location=dead))
        answer = await run_research(wanted, job(tmp_path), library=library(pool, site))
    assert isinstance(answer.body, ResearchCompleted)
    assert answer.outcome is StepOutcome.DEGRADED
    assert any(dead in note and "503" in note for note in answer.notes)
    assert [report.status for report in answer.body.sources] == [
        SourceStatus.READ,
        SourceStatus.FAILED,
    ]
    assert [finding.claim for finding in answer.body.findings] == [FACT]


async def test_a_dead_competitor_page_is_the_trackers_failure(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with scripted(
        page=page(article(FACT, PADDING)), gone=lambda request: request.send_error(404)
    ) as site:
        wanted = asking(
            Source(location=f"http://{site}/page"), competitors=(f"http://{site}/gone",)
        )
        answer = await run_research(wanted, job(tmp_path), library=library(pool, site))
    assert [run.succeeded for run in answer.agents] == [True, True, False]


async def test_an_inner_address_is_reported_as_refused_with_the_reason(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with scripted(page=page(article(FACT, PADDING))) as site:
        wanted = asking(
            Source(location=f"http://{site}/page"), Source(location="http://169.254.169.254/")
        )
        body = await researched(wanted, tmp_path, pool, site)
    assert body.sources[1].status is SourceStatus.REFUSED
    assert "FETCH_ALLOW" in body.sources[1].detail


async def test_a_page_without_sentences_is_empty_and_no_reason_to_degrade(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    bare = b"<html><body><ul><li>Shop</li><li>Basket</li></ul></body></html>"
    with scripted(page=page(article(FACT, PADDING)), bare=page(bare)) as site:
        wanted = asking(
            Source(location=f"http://{site}/page"), Source(location=f"http://{site}/bare")
        )
        answer = await run_research(wanted, job(tmp_path), library=library(pool, site))
    assert isinstance(answer.body, ResearchCompleted)
    assert answer.body.sources[1].status is SourceStatus.EMPTY
    assert answer.outcome is StepOutcome.SUCCEEDED


async def test_a_brief_without_sources_is_told_what_to_add(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with pytest.raises(StepError, match="brief has no sources") as failure:
        await run_research(asking(), job(tmp_path), library=library(pool, ""))
    assert failure.value.reason is FailureReason.INVALID_INPUT


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.1:9/", FailureReason.INVALID_INPUT),
        ("http://no-such-host.invalid/", FailureReason.UNAVAILABLE),
    ],
)
async def test_when_every_source_fails_the_step_fails_and_names_them(
    location: str, reason: FailureReason, tmp_path: Path, pool: ExtractionPool
) -> None:
    with pytest.raises(StepError) as failure:
        await researched(asking(Source(location=location)), tmp_path, pool, "")
    assert failure.value.reason is reason
    assert location in failure.value.message


async def test_sources_about_something_else_are_an_error_and_no_finding(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    other = "The football club of Merrow won 12 of the 34 matches that it played in May 2026."
    with (
        scripted(page=page(article(other, "It rained. " * 40, title="Sport"))) as site,
        pytest.raises(StepError, match="say nothing about the goals") as failure,
    ):
        await researched(asking(Source(location=f"http://{site}/page")), tmp_path, pool, site)
    assert failure.value.reason is FailureReason.INVALID_INPUT


@pytest.mark.parametrize(
    "location",
    [
        "../briefs/coffee.yaml",
        "../sites/coffee/packaging.html",
        "coffee/../../sites/coffee/packaging.html",
        "/etc/hostname.txt",
        "~/notes.txt",
        "coffee/survey.csv/../../../../etc/hostname.txt",
        "coffee/\0.csv",
        "coffee",
    ],
)
async def test_a_path_that_leaves_the_folder_or_is_no_text_file_is_not_read(
    location: str, tmp_path: Path, pool: ExtractionPool
) -> None:
    wanted = asking(Source(kind=SourceKind.FILE, location=location))
    with pytest.raises(StepError, match=r"SOURCES_DIR|not read"):
        await researched(wanted, tmp_path, pool, "")


async def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, pool: ExtractionPool) -> None:
    from services.radar.sources.file import read_file

    (tmp_path / "secret.txt").write_text(FACT)
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "notes.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(SourceRefused, match="leaves the folder"):
        await read_file(
            Source(kind=SourceKind.FILE, location="notes.txt"),
            folder=Folder(folder, 1_000),
            extractor=pool,
        )


PLAIN = "Northfold Coffee lets subscribers of home coffee skip a delivery at any time."


async def test_where_sources_state_few_figures_plain_facts_are_findings(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with scripted(page=page(article(PLAIN, PADDING))) as site:
        body = await researched(
            asking(Source(location=f"http://{site}/page")), tmp_path, pool, site
        )
    assert [(one.claim, one.agent) for one in body.findings] == [(PLAIN, "market_analyst")]


async def test_where_sources_state_many_figures_plain_facts_are_left_to_them(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    years = range(2010, 2016)
    grew = article(*(f"Coffee subscriptions grew by {n - 2000} percent in {n}." for n in years))
    cost = article(*(f"A coffee subscription cost £{n - 1990} on average in {n}." for n in years))
    pages = {"a": page(grew), "b": page(cost), "plain": page(article(PLAIN, PADDING))}
    with scripted(**pages) as site:
        places = (Source(location=f"http://{site}/{name}") for name in pages)
        body = await researched(asking(*places), tmp_path, pool, site)
    assert PLAIN not in {finding.claim for finding in body.findings}


async def test_at_most_five_sources_are_read_at_once(tmp_path: Path) -> None:
    class Counting:
        now = most = 0

        async def read(self, source: Source, asking: Asking) -> Reading:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.01)
            self.now -= 1
            content = Extracted("T", FACT, (Passage(0, len(FACT), "T"),))
            return Reading((ReadSource(source.location, FACT.encode(), "text/html", content),))

        async def picture(self, location: str, accepted: frozenset[str]) -> bytes:
            raise AssertionError(f"the brief names no picture ({location})")

    counting = Counting()
    wanted = asking(*(Source(location=f"http://paper.example/{n}") for n in range(12)))
    answer = await run_research(wanted, job(tmp_path), library=counting)
    assert counting.most == 5
    assert isinstance(answer.body, ResearchCompleted)
    assert len(answer.body.findings) == 1


@pytest.mark.parametrize("slug", SLUGS)
def test_the_example_briefs_are_valid_and_name_only_the_example_site(slug: str) -> None:
    wishes = brief(slug, "127.0.0.1:8000")
    assert Channel.EMAIL in wishes.channels
    assert wishes.postal_address
    assert wishes.website.startswith("https://")
    for address in (*wishes.competitor_urls, *(source.location for source in wishes.sources)):
        assert address.startswith((f"http://127.0.0.1:8000/{slug}/", f"{slug}/"))


async def test_the_service_has_one_role_that_takes_the_research_command(tmp_path: Path) -> None:
    class NothingRemembered:
        async def recall(
            self, tenant_id: str, namespace: str, *, query: str, limit: int
        ) -> Recalled:
            return Recalled()

    from chassis.artefacts import FolderArtefacts

    settings = RadarSettings(use_in_memory_store=True, sources_dir=tmp_path)
    wiring = Wiring(FolderArtefacts(tmp_path), NothingRemembered(), SystemClock())
    (role,) = roles(settings, wiring)
    assert role.name == "research"
    (handler,) = role.handlers.values()
    with pytest.raises(StepError, match="brief has no sources"):
        await handler(asking(), job(tmp_path))
