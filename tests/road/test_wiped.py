"""Everything that can be made anew from the log is made anew, and nothing differs."""

import ast
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from contracts import topics
from services.orchestrator.saga.verify import verify
from services.orchestrator.settings import OrchestratorSettings
from tests.road import independent_reader
from tests.road.conftest import OpenRoad, new_prefix
from tests.road.driving import Road
from tests.road.independent_reader import BrokenLog, IndependentReader

KEPT = {"artefacts", "keyring", "site", "mail"}
"""What no log holds: bytes, keys, and what readers were given. All else may be lost."""

CAUGHT_UP_S = 30.0
LOOK_EVERY_S = 0.2


def heads_of_the_view(state_dir: Path) -> dict[str, tuple[int, str]]:
    address = f"file:{state_dir / 'view.sqlite'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
        rows = connection.execute("select campaign_id, sequence, head_hash from campaigns")
        return {campaign: (sequence, head) for campaign, sequence, head in rows}


async def report_of(road: Road) -> dict[str, Any]:
    """What verifying tells, once the view has everything that the log has."""
    settings = OrchestratorSettings(
        kafka_bootstrap=road.stack.bootstrap,
        topic_prefix=road.prefix,
        use_in_memory_store=True,
    )
    reader = KafkaBroker(settings).reader()
    deadline = time.monotonic() + CAUGHT_UP_S
    while True:
        report = await verify(reader, Codec(), heads_of_the_view(road.state_dir))
        if not report["problems"] or time.monotonic() > deadline:
            await reader.close()
            return report
        await asyncio.sleep(LOOK_EVERY_S)


def told_by_the_command(road: Road) -> dict[str, Any]:
    """`sagaline verify --json`."""
    done = subprocess.run(
        [Path(sys.executable).with_name("sagaline"), "verify", "--json"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ
        | {
            "STATE_DIR": str(road.state_dir),
            "KAFKA_BOOTSTRAP": road.stack.bootstrap,
            "TOPIC_PREFIX": road.prefix,
        },
    )
    assert done.returncode == 0, done.stderr + done.stdout
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def reader_of(road: Road) -> IndependentReader:
    return IndependentReader(
        road.stack.bootstrap, road.prefix + topics.LOG, f"{road.stack.edge_url}/registry"
    )


def wipe(road: Road) -> None:
    """Lose the view, the snapshots topic and every local file but those that no log holds."""
    for path in road.state_dir.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    admin = AdminClient({"bootstrap.servers": road.stack.bootstrap})
    snapshots = road.prefix + topics.SNAPSHOTS
    admin.delete_topics([snapshots])[snapshots].result()
    deadline = time.monotonic() + CAUGHT_UP_S
    while snapshots in admin.list_topics(timeout=CAUGHT_UP_S).topics:
        assert time.monotonic() < deadline, f"{snapshots} is still there"
        time.sleep(LOOK_EVERY_S)


def test_the_second_opinion_imports_nothing_of_the_project() -> None:
    tree = ast.parse(Path(independent_reader.__file__).read_text("utf-8"))
    named = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    named |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in named}
    assert roots - set(sys.stdlib_module_names) == {"confluent_kafka", "fastavro"}


async def test_after_losing_all_but_the_log_nothing_differs(
    open_road: OpenRoad, tmp_path: Path
) -> None:
    prefix = new_prefix()
    with open_road(tmp_path, prefix) as road:
        done = road.complete(road.brief("heatpumps"))
        waiting = road.create(road.brief("heatpumps"))
        road.start(waiting)
        road.follow(waiting, until=("REVIEW",))
        first = await report_of(road)
        assert first["problems"] == []
        assert first["campaigns"].keys() == {done.campaign_id, waiting.campaign_id}
        assert told_by_the_command(road) == first
        chains = reader_of(road).chains()
        assert {id_: (c.sequence, c.head) for id_, c in chains.items()} == {
            id_: (told["sequence"], told["head_hash"]) for id_, told in first["campaigns"].items()
        }
        assert chains[done.campaign_id].types == [e["type"] for e in road.events(done)]
        before = done.detail
    wipe(road)
    with open_road(tmp_path, prefix) as road:
        second = await report_of(road)
        assert second == first
        assert told_by_the_command(road) == first
        assert reader_of(road).chains() == chains
        road.follow(done)
        links = {"api"}
        assert {k: v for k, v in done.detail.items() if k not in links} == {
            k: v for k, v in before.items() if k not in links
        }
        road.follow(waiting)
        assert waiting.detail["state"] == "COMPLETED"
        assert reader_of(road).chains()[waiting.campaign_id].types[-1] == "WorkflowCompleted"


def test_the_second_opinion_sees_a_gap_and_a_changed_record() -> None:
    chain = independent_reader.Chain(partition=3, tenant="t")
    fact = {
        "envelope": {"tenant_id": "t", "type": "GoalReceived"},
        "log": {"sequence": 1, "previous_hash": independent_reader.FIRST_HASH},
    }
    independent_reader._append(chain, 3, fact, "here")
    chain.head = "a" * 64
    follows = {**fact, "log": {"sequence": 2, "previous_hash": "a" * 64}}
    gap = {**fact, "log": {"sequence": 3, "previous_hash": "a" * 64}}
    forged = {**fact, "log": {"sequence": 2, "previous_hash": "b" * 64}}
    foreign = {**follows, "envelope": {"tenant_id": "other", "type": "GoalReceived"}}
    for wrong, partition in ((gap, 3), (forged, 3), (foreign, 3), (follows, 4)):
        with pytest.raises(BrokenLog):
            independent_reader._append(chain, partition, wrong, "here")
    independent_reader._append(chain, 3, follows, "here")
    assert chain.sequence == 2
