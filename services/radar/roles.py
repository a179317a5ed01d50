"""The research service's one role, wired to the web, the sources' folder and its children."""

from functools import partial

from chassis.adapters.description import Adapter
from chassis.service import Role, Wiring
from contracts.envelope import AppName
from contracts.plan import Phase
from contracts.research import RunResearch
from services.radar.extraction import ExtractionPool
from services.radar.fetching import Fetcher, FetchLimits
from services.radar.guard import AllowList, Guard
from services.radar.handlers import run_research
from services.radar.library import SourceLibrary
from services.radar.outside import FetcherAtTheDoor, adapters
from services.radar.settings import RadarSettings


def roles(settings: RadarSettings, wiring: Wiring) -> tuple[Role, ...]:
    """The role `research`; of the wiring only its door is needed."""
    extractor, fetcher = _extractor(settings), _fetcher(settings)
    wiring.door.register(*adapters(fetcher, extractor, settings.fetch_seconds_max))
    library = SourceLibrary(
        fetcher=FetcherAtTheDoor(fetcher, wiring.door),
        extractor=extractor,
        folder=settings.sources_dir,
        bytes_max=settings.fetch_bytes_max,
    )
    handler = partial(run_research, library=library, at_once=settings.sources_at_once)
    return (
        Role(
            name=Phase.RESEARCH.value,
            app=AppName.RADAR,
            handlers={RunResearch: handler},
            max_in_flight=settings.max_in_flight,
        ),
    )


def adapters_of(settings: RadarSettings) -> tuple[Adapter, ...]:
    """What this service adds to the door."""
    return adapters(_fetcher(settings), _extractor(settings), settings.fetch_seconds_max)


def _fetcher(settings: RadarSettings) -> Fetcher:
    limits = FetchLimits(settings.fetch_seconds_max, settings.fetch_bytes_max)
    return Fetcher(Guard(AllowList.parse(settings.fetch_allow)), limits)


def _extractor(settings: RadarSettings) -> ExtractionPool:
    return ExtractionPool(
        memory_limit_mb=settings.memory_limit_mb,
        seconds_max=settings.extraction_seconds_max,
        children=settings.extraction_workers,
    )
