"""The settings that a reading was taken with, read from where they are decided."""

import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from chassis.kafka.configuration import consumer_options, producer_options
from chassis.settings import ChassisSettings
from contracts import topics
from deploy.kafka.broker import HEAP_DEFAULT

ROOT = Path(__file__).parents[1]
POM = ROOT / "deploy" / "kafka" / "pom.xml"
WRITTEN_HERE = (":!benchmarks/results", ":!docs")
"""What readings themselves write."""

TOLD = ("acks", "enable.idempotence", "linger.ms", "compression.type")
TOLD_OF_READING = ("isolation.level", "fetch.wait.max.ms")


def on_kafka() -> dict[str, str]:
    """The node's and the clients', of the benchmarks that use Kafka."""
    kafka = re.search(r"<version>([^<]+)</version>", POM.read_text("utf-8"))
    written, taken = producer_options({}), consumer_options({})
    own = ChassisSettings.model_fields
    return {
        "Kafka": kafka[1] if kafka else "",
        "nodes": "1",
        "-Xmx": HEAP_DEFAULT,
        "partitions": str(topics.PARTITIONS),
        "replication": "1",
        **{name: str(written[name]) for name in TOLD},
        **{name: str(taken[name]) for name in TOLD_OF_READING},
        "SESSION_TIMEOUT_MS": str(own["session_timeout_ms"].default),
        "uvloop": _version("uvloop"),
    }


def commit() -> str:
    """What is checked out, with `-dirty` where what is measured differs; empty outside of git."""
    found = _git("describe", "--always", "--abbrev=12", "--exclude=*")
    differs = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *WRITTEN_HERE)
    return f"{found}-dirty" if differs else found


def _git(*words: str) -> str:
    done = subprocess.run(("git", *words), cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
