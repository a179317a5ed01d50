"""Every kind of source, read from something real that speaks its protocol."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from chassis.guard import SourceRefused
from contracts.envelope import StepOutcome
from contracts.goal import Source, SourceKind
from contracts.research import SourceStatus
from services.radar.extraction import ExtractionPool
from services.radar.ports import TextKind
from services.radar.reading import DOCUMENTS_MAX, wanted_of
from tests.radar.asked import FACT, PADDING, answered, asking, door, speaking
from tests.radar.builders import article, page, scripted
from tests.radar.documents import pdf, sitemap

OTHER = "Coffee households in Avonmere spent £17.40 a month on average in 2026."
XML = "application/xml"
DATABASE = "d9824bdc-8445-4327-be8b-5b47500af6ce"


# Sitemaps


async def test_a_sitemap_gives_its_newest_pages_each_with_its_own_report(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    def listed(request: BaseHTTPRequestHandler) -> None:
        host = request.headers["host"]
        days = (("old", "2024-01-01"), ("new", "2026-05-01"), ("gone", "2026-04-01"))
        page(sitemap(*((f"http://{host}/{name}", day) for name, day in days)), XML)(request)

    pages = {"old": page(article(OTHER, PADDING)), "new": page(article(FACT, PADDING))}
    with scripted(map=listed, **pages) as site:
        source = Source(kind=SourceKind.SITEMAP, location=f"http://{site}/map", pages_max=2)
        answer, body = await answered(tmp_path, pool, site, source)
    told = {report.location.rpartition("/")[2]: report.status for report in body.sources}
    assert told == {"new": SourceStatus.READ, "gone": SourceStatus.FAILED}
    assert answer.outcome is StepOutcome.DEGRADED
    assert [finding.claim for finding in body.findings] == [FACT]
    assert body.findings[0].source_url.endswith("/new")


async def test_an_index_of_sitemaps_is_followed_once_and_no_other_host_is(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    def index(request: BaseHTTPRequestHandler) -> None:
        host = request.headers["host"]
        page(sitemap((f"http://{host}/inner", ""), index=True), XML)(request)

    def inner(request: BaseHTTPRequestHandler) -> None:
        host = request.headers["host"]
        addresses = ("http://169.254.169.254/", "http://paper.example/a", f"http://{host}/new")
        page(sitemap(*((address, "") for address in addresses)), XML)(request)

    with scripted(map=index, inner=inner, new=page(article(FACT, PADDING))) as site:
        source = Source(kind=SourceKind.SITEMAP, location=f"http://{site}/map")
        _, body = await answered(tmp_path, pool, site, source)
    assert [report.location for report in body.sources] == [f"http://{site}/new"]


async def test_a_page_of_a_sitemap_that_robots_txt_forbids_is_refused_with_the_rule(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    def listed(request: BaseHTTPRequestHandler) -> None:
        host = request.headers["host"]
        page(sitemap((f"http://{host}/new", ""), (f"http://{host}/shut", "")), XML)(request)

    rules = page(b"User-agent: *\nDisallow: /shut\n", "text/plain")
    told = page(article(FACT, PADDING))
    with scripted(map=listed, new=told, shut=told, robots_txt=rules) as site:
        source = Source(kind=SourceKind.SITEMAP, location=f"http://{site}/map")
        _, body = await answered(tmp_path, pool, site, source)
    assert [report.status for report in body.sources] == [SourceStatus.READ, SourceStatus.REFUSED]
    assert "Disallow: /shut" in body.sources[1].detail


@pytest.mark.parametrize(
    "raw",
    [
        b"<html><body>no sitemap</body></html>",
        b"not even XML",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
    ],
)
async def test_what_is_no_sitemap_is_refused(raw: bytes, pool: ExtractionPool) -> None:
    with pytest.raises(SourceRefused, match=r"not a sitemap|cannot be parsed"):
        await pool.extract(TextKind.SITEMAP, raw)


async def test_an_entity_in_a_sitemap_opens_no_file(pool: ExtractionPool) -> None:
    raw = (
        b'<!DOCTYPE urlset [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
        b"<urlset><url><loc>http://paper.example/&b;</loc></url></urlset>"
    )
    assert (await pool.extract(TextKind.SITEMAP, raw)).text.strip() in ("", "http://paper.example/")


# PDF


SPLIT = (
    "Market report",
    "Coffee subscriptions in Avonmere grew by 31 per-",
    "cent between 2025 and 2026. Households spent",
    "£17.40 a month on average.",
    "The second part begins here and says no more.",
)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_pdf_is_read_as_paragraphs_a_passage_for_each_page(
    packed: bool, pool: ExtractionPool
) -> None:
    read = await pool.extract(TextKind.PDF, pdf(SPLIT, (OTHER,), title="Report", packed=packed))
    assert read.title == "Report"
    assert len(read.passages) == 2
    first, second = (read.text[one.start : one.end] for one in read.passages)
    assert first.splitlines()[:2] == [
        "Market report",
        f"{FACT} Households spent £17.40 a month on average.",
    ]
    assert second.strip() == OTHER


async def test_bullets_of_a_pdf_are_items_and_its_page_numbers_are_left_out(
    pool: ExtractionPool,
) -> None:
    lines = ("\u2022 The first item of the list", "\u2022 The second item of it", "17")
    read = await pool.extract(TextKind.PDF, pdf(lines))
    assert read.text.splitlines() == ["- The first item of the list", "- The second item of it"]


async def test_a_pdf_page_and_a_pdf_file_are_sources(tmp_path: Path, pool: ExtractionPool) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf((OTHER,)))
    with scripted(report=page(pdf((FACT,)), "application/pdf")) as site:
        sources = (
            Source(location=f"http://{site}/report"),
            Source(kind=SourceKind.FILE, location="report.pdf"),
        )
        _, body = await answered(tmp_path, pool, site, *sources, folder=tmp_path)
    assert {finding.claim for finding in body.findings} == {FACT, OTHER}
    assert body.sources[1].title == "report.pdf"


@pytest.mark.parametrize("raw", [b"no PDF at all", b"%PDF-1.4\n%%EOF", pdf((FACT,))[:200]])
async def test_a_broken_pdf_is_refused_with_a_reason(raw: bytes, pool: ExtractionPool) -> None:
    with pytest.raises(SourceRefused, match=r"PDF|parsed|ended the child"):
        await pool.extract(TextKind.PDF, raw)


# Notion

TITLE = {"type": "title", "title": [{"plain_text": "Survey of drinkers"}]}
PAGE_ID = "59833787-2cf9-4fdf-8782-e53db20768a5"
NOTION_PAGE = {"id": PAGE_ID, "url": "https://notion.example/p1", "properties": {"Name": TITLE}}


def block(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "paragraph": {"rich_text": [{"plain_text": text}]}}


async def test_notion_is_asked_for_the_audience_and_its_pages_are_read(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    asked: list[tuple[str, Any]] = []
    replies = {
        f"POST /v1/databases/{DATABASE}/query": {"results": [NOTION_PAGE]},
        f"GET /v1/blocks/{PAGE_ID}/children": {"results": [block(FACT), block(PADDING)]},
    }
    with speaking(replies, asked) as notion:
        source = Source(kind=SourceKind.NOTION, location=DATABASE, pages_max=3)
        behind = door(notion_url=notion, notion_token="secret")
        _, body = await answered(tmp_path, pool, "", source, door=behind)
    assert asked[0][1] == {
        "page_size": 3,
        "filter": {"property": "Name", "rich_text": {"contains": "home coffee drinkers"}},
    }
    (finding,) = body.findings
    assert (finding.claim, finding.source_title) == (FACT, "Survey of drinkers")
    assert finding.source_url == "https://notion.example/p1"


async def test_where_no_title_names_the_audience_the_whole_database_is_read(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    asked: list[tuple[str, Any]] = []
    replies = {
        f"POST /v1/databases/{DATABASE}/query": [{"results": []}, {"results": [NOTION_PAGE]}],
        f"GET /v1/blocks/{PAGE_ID}/children": {"results": [block(FACT)], "has_more": True},
    }
    with speaking(replies, asked) as notion:
        source = Source(kind=SourceKind.NOTION, location=DATABASE)
        behind = door(notion_url=notion, notion_token="secret")
        answer, body = await answered(tmp_path, pool, "", source, door=behind)
    assert asked[1][1] == {"page_size": 10}
    assert [finding.claim for finding in body.findings] == [FACT]
    assert answer.outcome is StepOutcome.DEGRADED
    assert "longer than one answer" in answer.notes[0]


# Search


def searched(site: str) -> dict[str, Any]:
    results = [{"url": f"http://{site}/a", "title": "A"}, {"url": "http://10.0.0.1/", "title": "B"}]
    return {
        "GET /search": {"query": "q", "results": results},
        "POST /chat/completions": {
            "model": "sonar",
            "choices": [{"message": {"content": "Coffee grew by 99 percent in 2026, they say."}}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7},
            "search_results": results,
        },
    }


@pytest.mark.parametrize("engine", ["searxng", "perplexity"])
async def test_a_search_reads_the_pages_that_are_found_and_cites_nothing_else(
    engine: str, tmp_path: Path, pool: ExtractionPool
) -> None:
    asked: list[tuple[str, Any]] = []
    with scripted(a=page(article(FACT, PADDING))) as site, speaking(searched(site), asked) as root:
        settings = {"searxng_url": root} if engine == "searxng" else {"perplexity_url": root}
        key = {} if engine == "searxng" else {"perplexity_api_key": "secret"}
        source = Source(kind=SourceKind.SEARCH, location="coffee subscriptions")
        behind = door(**settings, **key)
        answer, body = await answered(tmp_path, pool, site, source, door=behind)
    assert len(asked) == 1
    assert [finding.claim for finding in body.findings] == [FACT]
    assert [report.status for report in body.sources] == [SourceStatus.READ, SourceStatus.REFUSED]
    assert answer.usage.provider == engine
    assert answer.usage.tokens_out == (7 if engine == "perplexity" else 0)


async def test_addresses_that_a_search_makes_up_are_reported_and_stop_nobody(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with scripted(a=page(article(FACT, PADDING))) as site:
        urls = ("", "http://[::1", "x" * 3_000, "no address", f"http://{site}/a")
        replies = {"GET /search": {"results": [{"url": url} for url in urls]}}
        with speaking(replies, []) as root:
            source = Source(kind=SourceKind.SEARCH, location="coffee")
            behind = door(searxng_url=root)
            _, body = await answered(tmp_path, pool, site, source, door=behind)
    assert [finding.claim for finding in body.findings] == [FACT]
    told = {report.location: report.status for report in body.sources}
    assert told.pop(f"http://{site}/a") is SourceStatus.READ
    assert told == {"http://[::1": SourceStatus.REFUSED, "no address": SourceStatus.REFUSED}


@pytest.mark.parametrize(
    ("kind", "named"),
    [(SourceKind.SEARCH, "SEARXNG_URL or PERPLEXITY_API_KEY"), (SourceKind.NOTION, "NOTION_TOKEN")],
)
async def test_what_is_not_configured_is_refused_with_the_setting_and_degrades(
    kind: SourceKind, named: str, tmp_path: Path, pool: ExtractionPool
) -> None:
    with scripted(a=page(article(FACT, PADDING))) as site:
        sources = Source(location=f"http://{site}/a"), Source(kind=kind, location=DATABASE)
        answer, body = await answered(tmp_path, pool, site, *sources)
    assert answer.outcome is StepOutcome.DEGRADED
    assert body.sources[1].status is SourceStatus.REFUSED
    assert named in body.sources[1].detail
    assert [finding.claim for finding in body.findings] == [FACT]


# A browser


async def test_a_page_that_cannot_be_rendered_is_read_as_it_was_sent_and_says_so(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with scripted(a=page(article(FACT, PADDING))) as site:
        source = Source(location=f"http://{site}/a", render=True)
        behind = door(browser_program="no-such-browser", browser_sandbox=False)
        answer, body = await answered(tmp_path, pool, site, source, door=behind)
    assert [finding.claim for finding in body.findings] == [FACT]
    assert answer.outcome is StepOutcome.DEGRADED
    assert body.sources[0].status is SourceStatus.READ
    assert "BROWSER_PROGRAM" in body.sources[0].detail


async def test_a_page_is_read_after_a_browser_ran_its_scripts(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    behind = door(browser_program="", browser_sandbox=False)
    if not behind.configured("browser"):
        pytest.skip("no Chromium is installed")
    filled = f"document.body.innerHTML = '<article><p>{FACT}</p><p>{PADDING}</p></article>'"
    bare = f"<html><head><title>Coffee</title></head><body><script>{filled}</script></body></html>"
    with scripted(a=page(bare.encode())) as site:
        source = Source(location=f"http://{site}/a", render=True)
        answer, body = await answered(tmp_path, pool, site, source, door=behind)
    assert [finding.claim for finding in body.findings] == [FACT]
    assert answer.outcome is StepOutcome.SUCCEEDED


def test_all_sources_together_name_no_more_pages_than_one_record_can_report() -> None:
    kinds = [SourceKind.SITEMAP] * 10 + [SourceKind.PAGE] * 10
    sources = (
        Source(kind=kind, location=f"http://paper.example/{number}", pages_max=50)
        for number, kind in enumerate(kinds)
    )
    wanted = wanted_of(asking(*sources))
    pages = [one.source.pages_max for one in wanted if one.source.kind is SourceKind.SITEMAP]
    assert len(wanted) == 20
    assert pages == [50, 50, 50, 34, 1, 1, 1, 1, 1, 1]
    assert sum(pages) + 10 == DOCUMENTS_MAX
