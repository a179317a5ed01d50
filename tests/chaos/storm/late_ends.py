"""Late EndTxn requests: each held until its owner's next transaction, and then delivered.

That is what a network may do, and what protocol versions before KIP-890 cannot tell from a new
request. The log must hold every fact once all the same.
"""

import asyncio
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks.machine import Machine, machine
from chassis.telemetry import configure_logs
from deploy.kafka.broker import HOST, LocalBroker, free_port
from services.orchestrator.saga.role import ROLE
from tests.broker.gated import GATE_TIMEOUT_MS
from tests.chaos.storm.crew import Crew, Seat, forking, live
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.owners import PARTITIONS, TOPICS, Requests, judged, own
from tests.chaos.storm.proxy import Proxy

HELD_SHARE = 0.2
SAGA_EVERY_S = 0.25
SESSION_S = 6.0
SETTLE_S = 20.0
ASK_EVERY_S = 0.5


class Wish(NamedTuple):
    """How many late ends, over how many groups, and at most how long it may take."""

    ends: int = 1_000
    groups: int = 10
    seed: int = 1
    minutes: float = 8.0


class Report(BaseModel):
    """What came of it. It held where there are no anomalies."""

    machine: Machine
    seed: int
    groups: int
    seconds: float
    held: int
    delivered_late: int
    obeyed: int
    exits: dict[str, int]
    sagas: int
    anomalies: list[str]


def late_ends(wish: Wish, home: Path) -> Report:
    """Run it. Raises BrokerUnavailable where there is no Kafka to run on."""
    about = machine()
    configure_logs("ERROR", "late-ends")
    port = free_port()
    ours, theirs = forking().Pipe()
    arguments = (home / "logs" / "proxy.log", serve, port, wish.seed, theirs)
    proxy = forking().Process(target=live, args=arguments, name="proxy")
    proxy.start()
    try:
        address = f"{HOST}:{ours.recv()}"
        advertised = {"advertised.listeners": f"CLIENTS://{address}"}
        with LocalBroker(home / "kafka", port=port, properties=advertised):
            return _held(wish, about, Ground(address, home, SESSION_S), ours)
    finally:
        proxy.kill()
        proxy.join()


def _held(wish: Wish, about: Machine, ground: Ground, proxy: Connection) -> Report:
    with Crew(ground.home / "logs") as crew:
        grounds = [ground._replace(prefix=f"e{number}.") for number in range(wish.groups)]
        for place in grounds:
            place.make_topics(TOPICS, partitions=PARTITIONS)
            crew.add([Seat(f"{place.prefix}{ROLE}", 0, own, (place, 0))])
        requests = [Requests(one) for one in grounds]
        began, counted = time.monotonic(), (0, 0, 0)
        while time.monotonic() - began < wish.minutes * 60 and counted[1] < wish.ends:
            crew.tend()
            for one in requests:
                one.send()
            time.sleep(SAGA_EVERY_S)
            counted = _asked(proxy, holding=True)
        seconds = time.monotonic() - began
        _asked(proxy, holding=False)
        for one in requests:
            one.finish()
        _settle(crew)
        counted = _asked(proxy, holding=False)
        verdicts, anomalies = judged(grounds, requests)
        exits = sum((seat.exits for seat in crew.seats), Counter[int]())
    return Report(
        machine=about,
        seed=wish.seed,
        groups=wish.groups,
        seconds=round(seconds, 1),
        held=counted[0],
        delivered_late=counted[1],
        obeyed=counted[2],
        exits={str(code): number for code, number in sorted(exits.items())},
        sagas=sum(verdict.sagas for verdict in verdicts),
        anomalies=anomalies,
    )


def _settle(crew: Crew) -> None:
    until = time.monotonic() + SETTLE_S + GATE_TIMEOUT_MS / 1_000
    while time.monotonic() < until:
        crew.tend()
        time.sleep(ASK_EVERY_S)


def _asked(proxy: Connection, *, holding: bool) -> tuple[int, int, int]:
    """How many ends the proxy has held, delivered late, and seen obeyed; it holds on, or not."""
    proxy.send(holding)
    held, late, obeyed = proxy.recv()
    return held, late, obeyed


def serve(port: int, seed: int, questions: Connection) -> int:
    """The proxy's process: says its own port first, then answers questions until it is killed."""
    asyncio.run(_serve(Proxy(port, seed, HELD_SHARE), questions))
    return 0


async def _serve(proxy: Proxy, questions: Connection) -> None:
    server = await asyncio.start_server(proxy.take, HOST, 0)
    questions.send(server.sockets[0].getsockname()[1])
    while True:
        proxy.holding = await asyncio.to_thread(questions.recv)
        questions.send((proxy.held, proxy.late, proxy.obeyed))
