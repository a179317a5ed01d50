"""How a phase service's process begins, is watched, and ends."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeVar

import structlog
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from chassis.adapters.catalogue import open_door
from chassis.adapters.settings import AdapterSettings
from chassis.artefacts import FolderArtefacts
from chassis.broker import Broker, Consumer, Subscription
from chassis.claims import FolderClaims
from chassis.clock import Clock, SystemClock
from chassis.codec import Codec
from chassis.collector import settle_collector
from chassis.dead_letter import DeadLetters
from chassis.embedding.chosen import embedder_of
from chassis.errors import Fenced, LeaseLost
from chassis.following import Follower
from chassis.fuse import Fuse, KernelFuse
from chassis.health import AddressUnusable, serve_health
from chassis.kafka import KafkaBroker
from chassis.loop import Gear, PhaseLoop
from chassis.recall import MemoryRecall
from chassis.region import Region
from chassis.remembering import follow_memory
from chassis.results import FolderResults
from chassis.sealing import FileKeyring, unseal
from chassis.service import Role, Wiring
from chassis.settings import ChassisSettings
from chassis.telemetry import Vitals, configure_logs
from chassis.watchdog import Watchdog
from chassis.worker import Stores, Worker
from contracts import topics
from contracts.envelope import AppName

S = TypeVar("S", bound=ChassisSettings)
B = TypeVar("B", bound=BaseSettings)

EXIT_SETTINGS = 2
EXIT_ADDRESS = 3
EXIT_FENCED = 4
EXIT_LEASE = 6
FENCED_ADVICE = (
    "where another copy of this name runs, stop one of the two; if not, start this again"
)

LEASE_ADVICE = "start this again: it stands by until its region holds the lease"

IN_MEMORY = "USE_IN_MEMORY_STORE: what copies would share is kept in this process"

log = structlog.get_logger()


class Stream(Protocol):
    """A role that takes no commands: it runs until it is stopped, and its vitals say how it is."""

    vitals: Vitals

    async def run(self) -> None:
        """Work until stopped; waits for what is not there."""

    def stop(self) -> None:
        """Make `run` return soon."""


Streams = Mapping[str, Callable[[S, Broker, Wiring], Stream]]
NO_STREAMS: Mapping[str, Callable[[object, Broker, Wiring], Stream]] = MappingProxyType({})


def main(
    app: AppName,
    settings_type: type[S],
    roles: Callable[[S, Wiring], tuple[Role, ...]],
    streams: "Streams[S]" = NO_STREAMS,
) -> int:
    """Run the service's roles, or the one that `--role` names, until SIGTERM or SIGINT.

    `streams` are roles that take no commands, by name; each is made only where it is to run.

    Returns 0 after a clean stop, 2 where a setting is missing or wrong (named on stderr), 3 where
    nothing can listen at HOST and PORT, 4 where another live copy holds this copy's name. A role
    that stands still ends the process with 5 (chassis/watchdog.py), a lost lease of its REGION with
    6, or by SIGALRM where it was too late for that (chassis/region.py).
    """
    parser = argparse.ArgumentParser(prog=f"python -m services.{app.value}")
    parser.add_argument("--role", help="run only this role; without it, all of the service's")
    asked = parser.parse_args()
    settings, outside = read_settings(settings_type), read_settings(AdapterSettings)
    if settings is None or outside is None:
        return EXIT_SETTINGS
    configure_logs(settings.log_level, asked.role or app.value)
    broker = KafkaBroker(settings)
    clock, fuse = SystemClock(), KernelFuse()
    recall = MemoryRecall(clock, embedder_of(settings), items_max=settings.memory_items_max)
    door = open_door(outside, settings.redis_urls, clock)
    artefacts = FolderArtefacts(settings.artefacts_dir)
    wiring = Wiring(artefacts, recall, clock, fuse=fuse, door=door)
    chosen = [role for role in roles(settings, wiring) if asked.role in (None, role.name)]
    besides = [make for name, make in streams.items() if asked.role in (None, name)]
    if not chosen and not besides:
        parser.error(f"there is no role {asked.role!r}")
    region = region_of(settings, broker, fuse)
    if region is not None and (code := stand_by(region, settings)) is not None:
        return code
    loops = [phase_loop(role, settings, broker, wiring) for role in chosen]
    running = [*loops, *(make(settings, broker, wiring) for make in besides)]
    for loop in running:
        loop.vitals.waits(f"Kafka at {settings.kafka_bootstrap} and its assignment of partitions")
        if settings.use_in_memory_store:
            loop.vitals.degraded["store"] = IN_MEMORY
    settle_collector()
    handlers = sorted(command.__name__ for role in chosen for command in role.handlers)
    names = [one.vitals.role for one in running]
    log.info("process_starts", roles=names, handlers=handlers, kafka=settings.kafka_bootstrap)
    return run_until_signalled(
        *[one.run for one in running],
        lambda: serve_health(settings, [one.vitals for one in running], door.health),
        *_followers(chosen, broker, recall),
        *kept(region),
        stop=[one.stop for one in running],
        dog=Watchdog([one.vitals for one in running], stalled_after_s=settings.stalled_after_s),
    )


def _followers(
    roles: Sequence[Role], broker: Broker, recall: MemoryRecall
) -> list[Callable[[], object]]:
    """What keeps `recall` up to date, where one of the roles recalls."""
    if not any(role.recalls for role in roles):
        return []
    return [lambda: follow_memory(broker.reader(), recall, Codec())]


def phase_loop(
    role: Role,
    settings: ChassisSettings,
    broker: Broker,
    wiring: Wiring,
    codec: Codec | None = None,
) -> PhaseLoop:
    """One copy of a phase role, ready to run; a codec may be shared by all roles of a process."""
    codec = codec or Codec()
    instance = _instance(role, settings)
    keyring, folder = FileKeyring(settings.keyring_dir), settings.artefacts_dir
    stores = Stores(
        artefacts=wiring.artefacts,
        results=FolderResults(folder),
        claims_of=lambda tenant: FolderClaims(folder, tenant),
        unseal=lambda tenant, sealed: unseal(keyring, tenant, sealed),
    )
    worker = Worker(role, instance, codec=codec, stores=stores, clock=wiring.clock)
    gear = Gear(
        consumer=_consumer(role, topics.commands_of(role.name), settings, broker),
        producer=broker.producer(),
        letters=DeadLetters(codec, role.app, instance),
        clock=wiring.clock,
    )
    return PhaseLoop(role, worker, gear)


def log_loop(
    role: Role, follower: Follower, settings: ChassisSettings, broker: Broker
) -> PhaseLoop:
    """One copy of a role that takes no commands and hears of what is in `campaign.log`."""
    instance = _instance(role, settings)
    gear = Gear(
        consumer=_consumer(role, topics.LOG, settings, broker),
        producer=broker.producer(),
        letters=DeadLetters(follower.codec, role.app, instance),
        clock=follower.clock,
    )
    return PhaseLoop(role, follower, gear)


def _instance(role: Role, settings: ChassisSettings) -> str:
    return f"{role.name}-{settings.instance}"


def _consumer(role: Role, topic: str, settings: ChassisSettings, broker: Broker) -> Consumer:
    subscription = Subscription(
        group=role.name,
        topics=(topic,),
        instance_id=_instance(role, settings),
        session_timeout_ms=settings.session_timeout_ms,
    )
    return broker.consumer(subscription)


def read_settings(settings_type: type[B]) -> B | None:
    """The settings from the environment; each missing or wrong one is named on stderr."""
    try:
        return settings_type()
    except ValidationError as refusal:
        for error in refusal.errors():
            if error["type"] == "default_factory_not_called":
                continue  # it follows from another setting, which is named
            name = ".".join(map(str, error["loc"])).upper()
            said = error["msg"].removeprefix("Value error, ")
            print(f"setting {name}: {said}" if name else said, file=sys.stderr)  # noqa: T201
        return None


def region_of(settings: ChassisSettings, broker: Broker, fuse: Fuse) -> Region | None:
    """This process's part in its region; None where there is only one."""
    return Region(settings, broker, fuse) if settings.region else None


def stand_by(region: Region, settings: ChassisSettings) -> int | None:
    """Wait until the region holds the lease; the exit code where the process is to end instead."""
    code = run_until_signalled(
        region.stand_by,
        lambda: serve_health(settings, [region.vitals]),
        stop=[region.stop],
        dog=Watchdog([region.vitals], stalled_after_s=settings.stalled_after_s),
    )
    return None if region.holds else code


def kept(region: Region | None) -> tuple[Callable[[], object], ...]:
    """What has to run beside the work so that the region keeps its lease."""
    return () if region is None else (region.keep,)


def run_until_signalled(
    *jobs: Callable[[], object], stop: Sequence[Callable[[], None]], dog: Watchdog
) -> int:
    """Run coroutine functions side by side until one ends or a signal comes; the exit code."""
    with dog:
        return asyncio.run(_side_by_side(jobs, stop, dog))


async def _side_by_side(
    jobs: Sequence[Callable[[], object]], stop: Sequence[Callable[[], None]], dog: Watchdog
) -> int:
    loop = asyncio.get_running_loop()
    dog.follow()
    signalled = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signalled.set)
    tasks = [asyncio.create_task(_contained(job)) for job in jobs]
    waiting = asyncio.create_task(signalled.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    dog.ending()
    for ask in stop:
        ask()
    main_jobs, others = tasks[: len(stop)], tasks[len(stop) :]
    await asyncio.wait(main_jobs, timeout=15.0)
    for task in (*others, *main_jobs, waiting):
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return _exit_code(outcomes)


async def _contained(job: Callable[[], object]) -> None:
    """Run the job; a library that would end the process ends only its job.

    uvicorn does so where it cannot listen, after a line that says why.
    """
    try:
        await job()  # type: ignore[misc]
    except SystemExit as end:
        raise AddressUnusable(
            f"the server gave up (exit code {end.code}), the line before says why; stop what "
            "holds the port, or set HOST and PORT"
        ) from end


def _exit_code(outcomes: Sequence[object]) -> int:
    for outcome in outcomes:
        if isinstance(outcome, Fenced):
            log.error("fenced", reason=str(outcome), advice=FENCED_ADVICE)
            return EXIT_FENCED
        if isinstance(outcome, LeaseLost):
            log.error("lease_lost", reason=str(outcome), advice=LEASE_ADVICE)
            return EXIT_LEASE
        if isinstance(outcome, AddressUnusable):
            log.error("address_unusable", reason=str(outcome))
            return EXIT_ADDRESS
        if isinstance(outcome, Exception):
            log.error("process_failed", exc_info=outcome)
            return 1
    return 0


__all__ = ["Clock", "log_loop", "main", "phase_loop", "read_settings", "run_until_signalled"]
