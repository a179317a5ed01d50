"""A process's part in its region: it stands by until the region holds the lease, then keeps it.

Work begins once two things are so: the region holds the lease, and whatever mirror wrote into this
region's Kafka is fenced there. It ends with the lease: in good time where the servers cannot be
reached, and in any case by the kernel's timer, so that a process that was paused does not wake up
beside its heir (docs/decisions/0013).
"""

import asyncio
import time
from contextlib import ExitStack
from random import SystemRandom

import structlog

from chassis.broker import Broker, Reader
from chassis.errors import LeaseLost, Retryable
from chassis.fuse import Fuse
from chassis.lease import MIRROR, Party, RegionLease
from chassis.quorum import Servers
from chassis.settings import ChassisSettings
from chassis.telemetry import Vitals

EXTENSIONS = 5
"""How often the lease is extended within its time."""

LEAVING_SHARE = 1 / 3
"""So much of the lease's time is left for ending the work in hand once it cannot be extended."""

LOOKS = 4
"""How often a stand-by looks within the lease's time, at least."""

log = structlog.get_logger()


class Region:
    """The lease as one process of one region sees it."""

    def __init__(self, settings: ChassisSettings, broker: Broker, fuse: Fuse) -> None:
        """`fuse` is the process's own: it burns for as long as the lease is held."""
        self._settings = settings
        self._broker = broker
        self._fuse = fuse
        self._burning = ExitStack()
        self._until = 0.0
        self._party: Party | None = None
        self._standing: asyncio.Task[None] | None = None
        self.vitals = Vitals("region")
        self.vitals.waits("the lease of its region")

    @property
    def holds(self) -> bool:
        """True while this region surely holds the lease."""
        return time.monotonic() < self._until

    def stop(self) -> None:
        """Stand by no longer, at once: a Kafka that is away takes its time to say so."""
        if self._standing is not None:
            self._standing.cancel()

    async def stand_by(self) -> None:
        """Return once this region holds the lease and no mirror can write here."""
        self._standing = asyncio.current_task()
        servers, reader, random = self._servers(), self._broker.reader(), SystemRandom()
        lease = self._lease(servers)
        try:
            while not await self._turn(lease, reader):
                # At random: two regions that each got a part of the servers do not meet again.
                share = random.uniform(0.5, 1.0) / LOOKS
                await asyncio.sleep(self._settings.region_lease_s * share)
        finally:
            await reader.close()
            await servers.close()

    async def keep(self) -> None:
        """Extend the lease until cancelled. Raises LeaseLost, while there is time to end work."""
        assert self._party is not None, "stand by first"
        every_s = self._settings.region_lease_s / EXTENSIONS
        leaving_s = self._settings.region_lease_s * LEAVING_SHARE
        servers = self._servers()
        lease = self._lease(servers)
        try:
            while True:
                if until := await lease.extend(self._party):
                    self._hold(until)
                elif time.monotonic() > self._until - leaving_s:
                    raise LeaseLost(f"it waits for {await lease.obstacle(self._party)}")
                await asyncio.sleep(every_s)
        finally:
            await servers.close()

    async def _turn(self, lease: RegionLease, reader: Reader) -> bool:
        """True where work may begin."""
        self.vitals.turned()
        try:
            if self._party is None:
                self._party = Party(self._settings.region, await reader.cluster())
            until = await lease.take(self._party)
            if until:
                self._hold(until)
                await self._fence_mirror()
                log.info("region_works", region=self._settings.region)
                return True
            self._wait_for(await lease.obstacle(self._party))
        except Retryable as hindrance:
            self._wait_for(f"Kafka at {self._settings.kafka_bootstrap}: {hindrance}")
        return False

    async def _fence_mirror(self) -> None:
        """From here on no mirror's record comes in. Raises Retryable.

        One that looked at the lease before we had it is refused by the brokers; one that starts
        after this finds who holds it.
        """
        fencing = self._broker.together(MIRROR)
        try:
            await fencing.start()
        finally:
            await fencing.close()

    def _hold(self, until: float) -> None:
        self._until = until
        longer = ExitStack()
        longer.enter_context(self._fuse.burning(until - time.monotonic()))
        self._burning.close()
        self._burning = longer

    def _wait_for(self, what: str) -> None:
        if self.vitals.waiting_for != what:
            log.info("region_stands_by", region=self._settings.region, waits_for=what)
        self.vitals.waits(what)

    def _servers(self) -> Servers:
        return Servers(self._settings.redis_urls)

    def _lease(self, servers: Servers) -> RegionLease:
        return lease_of(self._settings, servers)


def lease_of(settings: ChassisSettings, servers: Servers) -> RegionLease:
    """The lease of the installation that these settings belong to."""
    return RegionLease(servers, settings.group_prefix, settings.region_lease_s)
