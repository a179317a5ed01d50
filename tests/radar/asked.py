"""Research asked for some sources, and vendors that speak their protocols."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from chassis.adapters.catalogue import vendors
from chassis.adapters.door import Door
from chassis.adapters.settings import AdapterSettings
from chassis.service import Answer
from contracts.goal import Source
from contracts.research import ResearchCompleted, RunResearch
from services.radar.extraction import ExtractionPool
from services.radar.handlers import run_research
from tests.radar.builders import job, library, page, serving

FACT = "Coffee subscriptions in Avonmere grew by 31 percent between 2025 and 2026."
PADDING = "The roasters of the valley print a date on every bag that leaves the house. " * 4


def asking(*sources: Source, competitors: tuple[str, ...] = ()) -> RunResearch:
    return RunResearch(
        business_name="Northfold Coffee",
        industry="coffee subscriptions",
        target_audience="home coffee drinkers",
        goals=("Win subscribers",),
        sources=sources,
        competitor_urls=competitors,
    )


async def answered(
    tmp_path: Path, pool: ExtractionPool, allow: str, *sources: Source, **behind: Any
) -> tuple[Answer, ResearchCompleted]:
    shelf = library(pool, allow, **behind)
    answer = await run_research(asking(*sources), job(tmp_path), library=shelf)
    assert isinstance(answer.body, ResearchCompleted)
    return answer, answer.body


def door(**settings: Any) -> Door:
    """A door to vendors at these addresses; others are not configured."""
    return Door(vendors(AdapterSettings.model_construct(**settings)))


@contextmanager
def speaking(replies: dict[str, Any], asked: list[tuple[str, Any]]) -> Iterator[str]:
    """A vendor that answers `METHOD /path` with JSON, and keeps what it was asked."""

    class Vendor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

        def _answer(self, body: Any) -> None:
            asked.append((f"{self.command} {self.path}", body))
            found = replies[f"{self.command} {self.path.partition('?')[0]}"]
            raw = json.dumps(found.pop(0) if isinstance(found, list) else found).encode()
            page(raw, "application/json")(self)

        def log_message(self, *said: object) -> None:
            """Silence: the tests tell what happened."""

    with serving(Vendor) as site:
        yield f"http://{site}"
