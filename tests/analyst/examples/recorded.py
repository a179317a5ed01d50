"""What research finds on the example sites, kept beside the examples, so that texts need no web."""

import json
import re
import tempfile
from pathlib import Path

import yaml

from contracts.goal import CampaignBrief
from contracts.research import Finding, ResearchCompleted, RunResearch
from services.radar.extraction import ExtractionPool
from services.radar.handlers import run_research
from tests.radar.builders import example_site, job, library

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "examples"
BRIEFS = {
    "coffee": ROOT / "examples" / "briefs" / "coffee.yaml",
    "heatpumps": ROOT / "examples" / "briefs" / "heatpumps.yaml",
    "museum": FOLDER / "briefs" / "museum.yaml",
    "facturas": FOLDER / "briefs" / "facturas.yaml",
}
LOCAL = re.compile(r"http://127\.0\.0\.1:\d+/(\w+)/([\w-]+)\.\w+")
"""A page as it was served here; the examples name one host a page, as it would be on the web."""


def brief_of(slug: str, site: str = "sites.example") -> CampaignBrief:
    """The example's brief, validated as the edge does it."""
    loaded = yaml.safe_load(BRIEFS[slug].read_text("utf-8").replace("{site}", site))
    return CampaignBrief.model_validate_json(json.dumps(loaded))


def findings_of(slug: str) -> tuple[Finding, ...]:
    """The findings as they were recorded."""
    rows = json.loads(_file(slug).read_text("utf-8"))
    return tuple(Finding.model_validate_json(json.dumps(row)) for row in rows)


async def record() -> None:
    """Research the examples for real, over their sites served on this machine."""
    pool = ExtractionPool(memory_limit_mb=512, seconds_max=20, children=2)
    try:
        for slug in BRIEFS:
            found = await _researched(slug, pool)
            rows = [finding.model_dump(mode="json") for finding in found]
            lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            _file(slug).parent.mkdir(parents=True, exist_ok=True)
            _file(slug).write_text(f"[\n{lines}\n]\n", "utf-8")
    finally:
        await pool.close()


async def _researched(slug: str, pool: ExtractionPool) -> list[Finding]:
    with example_site() as site, tempfile.TemporaryDirectory() as folder:
        wishes = brief_of(slug, site)
        fields = wishes.model_dump(include=set(RunResearch.model_fields))
        wanted = RunResearch.model_validate(fields, strict=False)
        answer = await run_research(wanted, job(Path(folder)), library=library(pool, site))
    assert isinstance(answer.body, ResearchCompleted)
    return [
        finding.model_copy(
            update={"source_url": LOCAL.sub(r"https://\2.\1.example/", finding.source_url)}
        )
        for finding in answer.body.findings
    ]


def _file(slug: str) -> Path:
    return FOLDER / "findings" / f"{slug}.json"
