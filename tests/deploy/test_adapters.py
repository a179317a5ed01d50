"""`sagaline adapters` and its page: all of the registry, each with its protocol test, no secret."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chassis.adapters.catalogue import NAMES
from chassis.adapters.settings import AdapterSettings
from chassis.breaker import STANDARD
from chassis.circuits import Circuits
from deploy.cli import app
from deploy.outside import PROTOCOLS, whole_door
from services.optimizer.settings import OptimizerSettings
from services.radar.settings import RadarSettings
from tests.chassis.redis_servers import redis_servers

ROOT = Path(__file__).parents[2]
ADAPTERS_MIN = 16
NAMED = {
    "github",
    "slack",
    "notion",
    "figma",
    "browser",
    "sendgrid",
    "buffer",
    "grafana",
    "smtp",
    "anthropic",
    "openai",
    "perplexity",
    "feeds",
    "web-fetch",
    "webhook",
    "s3",
}


@pytest.fixture(autouse=True)
def _nothing_runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    for name in ("KAFKA_BOOTSTRAP", "REDIS_URL", "USE_IN_MEMORY_STORE"):
        monkeypatch.delenv(name, raising=False)


def told() -> dict[str, dict[str, object]]:
    done = CliRunner().invoke(app, ["adapters", "--json"])
    assert done.exit_code == 0, done.output
    return {one["name"]: one for one in json.loads(done.stdout)["adapters"]}


def test_at_least_sixteen_adapters_are_listed_with_state_schema_and_breaker() -> None:
    found = told()
    assert len(found) >= ADAPTERS_MIN
    assert set(found) >= NAMED
    for one in found.values():
        assert one["state"]
        actions, breaker = one["actions"], one["breaker"]
        assert isinstance(actions, list)
        assert isinstance(breaker, dict)
        assert breaker["state"] == "closed"
        for action in actions:
            assert action["args"]["type"] == action["outcome"]["type"] == "object"
            assert action["timeout_s"] > 0
            assert action["key"]
            assert action["cost"]


def test_a_key_makes_an_adapter_ready_and_is_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = told()["slack"]["state"]
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    monkeypatch.setenv("SMTP_URL", "smtp://ada:hush@mail.example")
    monkeypatch.setenv("WEBHOOK_URL", "https://hooks.example/?token=hush")
    done = CliRunner().invoke(app, ["adapters", "--json"])
    plain = CliRunner().invoke(app, ["adapters"])
    assert before == "not configured: SLACK_BOT_TOKEN"
    assert told()["slack"]["state"] == told()["smtp"]["state"] == "ready"
    assert "hush" not in done.output + plain.output


async def test_a_breaker_that_a_service_opened_is_seen(tmp_path: Path) -> None:
    with redis_servers(1, tmp_path) as (server,):
        service = Circuits([server.url], wait_s=10.0)
        for _ in range(STANDARD.failures):
            generation = await service.admit("slack", STANDARD)
            await service.failed("slack", STANDARD, generation)
        await service.close()
        door = whole_door(
            AdapterSettings.model_construct(),
            OptimizerSettings.model_construct(smtp_url="", webhook_url="", webhook_secret=""),
            RadarSettings.model_construct(),
        )
        door.circuits = Circuits([server.url], wait_s=10.0)
        circuits = await door.circuits.look(["slack", "github"])
        await door.close()
    assert circuits["slack"].state.name == "OPEN"
    assert circuits["github"].state.name == "CLOSED"


def test_every_adapter_names_a_protocol_test_that_is_about_it() -> None:
    assert set(PROTOCOLS) == set(told()) == set(NAMES)
    for name, where in PROTOCOLS.items():
        assert f'"{name}"' in (ROOT / where).read_text("utf-8"), name
