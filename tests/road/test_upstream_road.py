"""Another system's brief, over Kafka: the example's own words, along the whole road."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import yaml

from contracts import identity, topics
from services.orchestrator.settings import DEFAULT_TENANT
from tests.road.conftest import OpenRoad, new_prefix
from tests.road.driving import Road, Run
from tests.road.records import read_all

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
KEY = "order-17"


def submit(road: Road, brief: Path) -> str:
    """What the example says."""
    where = ("--api", road.stack.edge_url, "--kafka", road.stack.bootstrap)
    topic = ("--topic", road.prefix + topics.INTAKE)
    words = [sys.executable, "-m", "examples.upstream.submit_goal", str(brief), *where, *topic]
    told = subprocess.run(
        [*words, "--key", KEY], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()


def there(road: Road, campaign_id: str) -> bool:
    found: httpx.Response = road.api.get(f"/api/v1/campaigns/{campaign_id}")
    return found.status_code == 200


def test_a_brief_that_comes_over_kafka_twice_goes_all_the_way_once(
    open_road: OpenRoad, tmp_path: Path
) -> None:
    with open_road(tmp_path / "state", new_prefix()) as road:
        brief = tmp_path / "brief.yaml"
        brief.write_text(yaml.safe_dump(road.brief("coffee")))
        said = submit(road, brief)
        assert submit(road, brief) == said == identity.campaign_id(DEFAULT_TENANT, KEY)
        give_up = time.monotonic() + PATIENCE_S
        while not there(road, said):
            assert time.monotonic() < give_up, "no copy of the intake role took it in"
            time.sleep(0.1)
        run = Run(said, DEFAULT_TENANT)
        road.follow(run)
        assert run.detail["state"] == "COMPLETED", run.detail["failure"]
        log = read_all(road.stack.bootstrap, [road.prefix + topics.LOG])
        kinds = [dict(one.headers() or [])["ce_type"] for one in log if one.key() == said.encode()]
        assert kinds.count(b"GoalReceived") == 1
