"""The research service's one role, wired to the web, a folder, memory and its children."""

from functools import partial

from chassis.adapters.description import Adapter
from chassis.guard import AllowList, Guard
from chassis.service import Role, Wiring
from contracts.envelope import AppName
from contracts.plan import Phase
from contracts.research import RunResearch
from services.radar.engines import DoorSearch
from services.radar.extraction import ExtractionPool
from services.radar.fetching import Fetcher, FetchLimits, Permit
from services.radar.handlers import run_research
from services.radar.library import Inside, SourceLibrary
from services.radar.manners import Manners, PoliteFetcher
from services.radar.outside import DoorRenderer, FetcherAtTheDoor, adapters
from services.radar.settings import RadarSettings
from services.radar.sources.file import Folder
from services.radar.sources.page import Pages


def roles(settings: RadarSettings, wiring: Wiring) -> tuple[Role, ...]:
    """The role `research`; of the wiring its door and its memory are needed."""
    extractor, fetcher = _extractor(settings), _fetcher(settings)
    wiring.door.register(*adapters(fetcher, extractor, settings.fetch_seconds_max))
    library = _library(settings, wiring, extractor)
    handler = partial(run_research, library=library, at_once=settings.sources_at_once)
    return (
        Role(
            name=Phase.RESEARCH.value,
            app=AppName.RADAR,
            handlers={RunResearch: handler},
            max_in_flight=settings.max_in_flight,
            recalls=True,
            close=extractor.close,
        ),
    )


def adapters_of(settings: RadarSettings) -> tuple[Adapter, ...]:
    """What this service adds to the door."""
    return adapters(_fetcher(settings), _extractor(settings), settings.fetch_seconds_max)


def _library(settings: RadarSettings, wiring: Wiring, extractor: ExtractionPool) -> SourceLibrary:
    door = wiring.door
    plain = FetcherAtTheDoor(_fetcher(settings), door)
    manners = Manners(plain, delay_s=settings.fetch_delay_s, opened=_guard(settings).opened)
    permitted = FetcherAtTheDoor(_fetcher(settings, manners.permit), door)
    return SourceLibrary(
        pages=Pages(PoliteFetcher(permitted, manners, rules=True), extractor, DoorRenderer(door)),
        feeds=PoliteFetcher(plain, manners, rules=False),
        folder=Folder(settings.sources_dir, settings.fetch_bytes_max),
        inside=Inside(door, DoorSearch(door), wiring.recall),
    )


def _guard(settings: RadarSettings) -> Guard:
    return Guard(AllowList.parse(settings.fetch_allow))


def _fetcher(settings: RadarSettings, permit: Permit | None = None) -> Fetcher:
    limits = FetchLimits(settings.fetch_seconds_max, settings.fetch_bytes_max)
    return Fetcher(_guard(settings), limits, permit=permit)


def _extractor(settings: RadarSettings) -> ExtractionPool:
    return ExtractionPool(
        memory_limit_mb=settings.memory_limit_mb,
        seconds_max=settings.extraction_seconds_max,
        children=settings.extraction_workers,
    )
