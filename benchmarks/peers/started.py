"""How each peer is installed and started for a reading, and how it is asked for sagas."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.peers.environments import Unavailable, program_of, python_with
from benchmarks.peers.offered import STEPS, Offer
from benchmarks.processes import Child
from benchmarks.saga_rate import Ground
from contracts import topics

DBOS_VERSION, FASTSTREAM_VERSION, QUIX_VERSION = "3.4.0", "0.7.8", "3.28.1"
AIOKAFKA_VERSION = "0.14.0"
RESTATE_VERSION, RESTATE_SDK_VERSION = "1.7.12", "1.2.0"
QUIX_COMMIT_S = 0.05
RESTATE_AT_ONCE, SQLITE_AT_ONCE, POSTGRESQL_AT_ONCE = 64, 4, 16
"""What a short trial of each took best."""

STARTED_WITHIN_S = 60.0
JSON = {"Content-Type": "application/json"}
HOST = "127.0.0.1"
OWNER = "postgres"
"""Whom Debian's package makes for its server."""


class Load(NamedTuple):
    """The program that offers sagas; one that `ends` by itself is not looked at afterwards."""

    module: str
    words: tuple[str, ...]
    python: str
    ends: bool = False


class Running(NamedTuple):
    """A system that runs: its processes by name, and who offers it sagas."""

    processes: Mapping[str, int]
    load: Callable[[Offer], Load]


def _words(offer: Offer) -> tuple[str, ...]:
    return offer.name, str(offer.sagas), str(offer.rate)


@contextmanager
def dbos_on_sqlite(ground: Ground) -> Iterator[Running]:
    """DBOS in the load's own process, its database a file."""
    python = python_with("dbos", [f"dbos=={DBOS_VERSION}"])
    url = f"sqlite:///{ground.folder / f'{ground.prefix}dbos.sqlite'}"
    yield _dbos(python, url, SQLITE_AT_ONCE, {})


@contextmanager
def dbos_on_postgresql(ground: Ground) -> Iterator[Running]:
    """DBOS in the load's own process, its database a cluster of its own on a free port."""
    python = python_with("dbos-postgresql", [f"dbos=={DBOS_VERSION}", "psycopg[binary]==3.3.9"])
    with _cluster(ground) as (url, pid):
        yield _dbos(python, url, POSTGRESQL_AT_ONCE, {"postgres": pid})


def _dbos(python: Path, url: str, at_once: int, processes: Mapping[str, int]) -> Running:
    def load(offer: Offer) -> Load:
        return Load("benchmarks.peers.dbos", (url, str(at_once), *_words(offer)), str(python))

    return Running(processes, load)


@contextmanager
def faststream(ground: Ground) -> Iterator[Running]:
    """FastStream's chain, on the driver that it takes by default."""
    driver = f"aiokafka[lz4]=={AIOKAFKA_VERSION}"  # what the load writes is compressed
    python = python_with("faststream", [f"faststream[kafka]=={FASTSTREAM_VERSION}", driver])
    with _chain("faststream", ground, (), python) as running:
        yield running


@contextmanager
def quix(ground: Ground) -> Iterator[Running]:
    """Quix Streams' chain; its default of a commit every 5 s would make each hop wait for it."""
    python = python_with("quix", [f"quixstreams=={QUIX_VERSION}"])
    with _chain("quix", ground, (str(QUIX_COMMIT_S),), python) as running:
        yield running


@contextmanager
def _chain(name: str, ground: Ground, more: Sequence[str], python: Path) -> Iterator[Running]:
    admin = AdminClient({"bootstrap.servers": ground.node.bootstrap, "log_level": 0})
    hops = [f"{ground.prefix}hop-{number}" for number in range(len(STEPS) + 1)]
    for future in admin.create_topics(
        [NewTopic(hop, topics.PARTITIONS, 1) for hop in hops]
    ).values():
        future.result()
    words = (ground.node.bootstrap, ground.prefix)
    log = ground.folder / f"{ground.prefix}{name}.log"

    def load(offer: Offer) -> Load:
        named = (offer._replace(name=ground.prefix + offer.name),)
        return Load(
            "benchmarks.load", ("chain", *words, *_words(*named)), sys.executable, ends=True
        )

    with Child(f"benchmarks.peers.{name}", (*words, *more), log, str(python)) as app:
        yield Running({"broker": ground.node.pid or 0, name: app.pid}, load)
    for future in admin.delete_topics(hops).values():
        future.result()


@contextmanager
def restate(ground: Ground) -> Iterator[Running]:
    """Restate's server with its defaults, and the app that it calls."""
    packages = (f"restate-sdk=={RESTATE_SDK_VERSION}", "hypercorn==0.18.0", "aiohttp==3.14.5")
    python = python_with("restate", packages)
    package = f"@restatedev/restate-server@{RESTATE_VERSION}"
    server = program_of("restate-server", package, "restate-server")
    ingress, admin, node, port = (_free_port() for _ in range(4))
    log = ground.folder / f"{ground.prefix}restate-app.log"
    module = "benchmarks.peers.restate"
    with (
        _restate_server(server, ground, (ingress, admin, node)) as pid,
        Child(module, ("serve", str(port)), log, str(python)) as app,
    ):
        _wait_for(admin, port)
        _register(admin, port)
        address = f"http://{HOST}:{ingress}"

        def load(offer: Offer) -> Load:
            named = offer._replace(name=ground.prefix + offer.name)
            words = ("load", address, str(RESTATE_AT_ONCE), *_words(named))
            return Load(module, words, str(python))

        yield Running({"server": pid, "app": app.pid}, load)


@contextmanager
def _restate_server(server: Path, ground: Ground, ports: tuple[int, int, int]) -> Iterator[int]:
    ingress, admin, node = (f"{HOST}:{port}" for port in ports)
    environment = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "RESTATE_LISTEN_MODE": "tcp",
        "RESTATE_INGRESS__BIND_ADDRESS": ingress,
        "RESTATE_ADMIN__BIND_ADDRESS": admin,
        "RESTATE_BIND_ADDRESS": node,
        "RESTATE_ADVERTISED_ADDRESS": f"http://{node}",
    }
    folder = ground.folder / f"{ground.prefix}restate"
    words = (str(server), "--base-dir", str(folder), "--no-logo")
    with _process(words, ground.folder / f"{ground.prefix}restate.log", environment) as pid:
        yield pid


def _register(admin: int, port: int) -> None:
    """Tell the server where the app is; it asks it for its handlers."""
    body = json.dumps({"uri": f"http://{HOST}:{port}"}).encode()
    give_up = time.monotonic() + STARTED_WITHIN_S
    while True:
        request = urllib.request.Request(f"http://{HOST}:{admin}/deployments", body, JSON)
        try:
            urllib.request.urlopen(request, timeout=STARTED_WITHIN_S).close()
        except urllib.error.URLError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.5)
        else:
            return


@contextmanager
def _cluster(ground: Ground) -> Iterator[tuple[str, int]]:
    """A PostgreSQL of its own with Debian's settings; raises Unavailable where there is none."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        raise Unavailable("Debian's package postgresql is not installed")
    user = OWNER if os.geteuid() == 0 else None  # it does not run as root
    folder, port = programs[-1].parent, _free_port()
    log = ground.folder / f"{ground.prefix}postgresql.log"
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home:
        if user:
            shutil.chown(home, user)
        words = (str(folder / "initdb"), "-D", f"{home}/data", "-U", "bench", "--auth=trust")
        subprocess.run(words, check=True, capture_output=True, user=user, cwd=home)
        options = ("-D", f"{home}/data", "-p", str(port), "-h", HOST, "-k", home)
        with _process((str(folder / "postgres"), *options), log, os.environ, user) as pid:
            _wait_for(port)
            yield f"postgresql://bench@{HOST}:{port}/postgres", pid


@contextmanager
def _process(
    words: Sequence[str], log: Path, environment: Mapping[str, str], user: str | None = None
) -> Iterator[int]:
    with (
        log.open("w") as out,
        subprocess.Popen(words, stdout=out, stderr=out, env=environment, user=user) as process,
    ):
        try:
            yield process.pid
        finally:
            process.terminate()


def _wait_for(*ports: int) -> None:
    until = time.monotonic() + STARTED_WITHIN_S
    for port in ports:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    break
            if time.monotonic() > until:
                raise RuntimeError(f"nobody listens on port {port}; the logs say why")
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
