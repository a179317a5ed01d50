"""Registry clients that nobody here wrote decode every record of the log through /registry."""

import base64
import hashlib
import json
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest

from contracts import topics
from contracts.generate.files import ROOT
from tests.road.driving import Road, Run
from tests.road.records import read_all

HERE = Path(__file__).resolve().parent / "kafkajs"
CACHE = ROOT / ".sagaline"
INSTALL_S_MAX = 90
DECODE_S_MAX = 60

Decoded = list[dict[str, Any]]


@pytest.fixture(scope="module")
def log(road: Road, campaign: Run) -> list[bytes]:
    """The values of `campaign.log` as they are stored."""
    found = read_all(road.stack.bootstrap, [road.prefix + topics.LOG])
    values = [message.value() for message in found]
    return [value for value in values if isinstance(value, bytes)]


@pytest.fixture(scope="module")
def node_client() -> Path:
    """The npm package as the lock file pins it, installed once per lock file."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not on PATH: @kafkajs/confluent-schema-registry decoded nothing")
    parts = ("package.json", "package-lock.json", "decode.js")
    stamp = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in parts)).hexdigest()
    home = CACHE / f"kafkajs-{stamp[:12]}"
    if not home.exists():
        CACHE.mkdir(exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=CACHE, prefix="kafkajs-new-"))
        for name in parts:
            shutil.copy(HERE / name, fresh)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=fresh, check=True, capture_output=True, timeout=INSTALL_S_MAX)
        try:
            fresh.rename(home)
        except OSError:  # another test run was first
            shutil.rmtree(fresh)
    return home


def tells_the_campaign(decoded: Decoded, road: Road, campaign: Run) -> None:
    """The client read out of the log what the API tells of the campaign."""
    mine = [d for d in decoded if d["envelope"]["campaign_id"] == campaign.campaign_id]
    read = [(d["log"]["sequence"], d["envelope"]["type"], d["envelope"]["id"]) for d in mine]
    told = [(e["sequence"], e["type"], e["event_id"]) for e in road.events(campaign)]
    assert read == told


def test_confluents_own_client_decodes_the_whole_log(
    road: Road, campaign: Run, log: list[bytes]
) -> None:
    with warnings.catch_warnings(record=True):  # authlib tells that it would rather have httpx2
        from confluent_kafka.schema_registry import SchemaRegistryClient
        from confluent_kafka.schema_registry.avro import AvroDeserializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    context = SerializationContext(topics.LOG, MessageField.VALUE)
    with SchemaRegistryClient({"url": f"{road.stack.edge_url}/registry"}) as client:
        decode = AvroDeserializer(client)
        decoded = [decode(value, context) for value in log]
    assert len(decoded) >= len(campaign.stream)
    tells_the_campaign(decoded, road, campaign)


def test_the_kafkajs_client_decodes_the_whole_log(
    road: Road, campaign: Run, log: list[bytes], node_client: Path
) -> None:
    done = subprocess.run(
        ["node", "decode.js", f"{road.stack.edge_url}/registry"],
        cwd=node_client,
        input="\n".join(base64.b64encode(value).decode() for value in log),
        check=False,
        capture_output=True,
        text=True,
        timeout=DECODE_S_MAX,
    )
    assert done.returncode == 0, done.stderr
    decoded = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(decoded) == len(log)
    tells_the_campaign(decoded, road, campaign)


def test_the_lock_file_names_no_registry() -> None:
    for name in ("package.json", "package-lock.json"):
        text = (HERE / name).read_text("utf-8")
        assert "://" not in text
        assert "resolved" not in text
