"""`python -m tests.contracts.golden` keeps the bytes of messages that have none kept yet.

A file holds the digest of the schema, then an example's bytes in hex. What is there is never
rewritten: it stands for records in somebody's log.
"""

import hashlib
import json
from pathlib import Path

from chassis.codec import Codec
from contracts.catalog import CATALOG
from contracts.generate.avro import Schema, avro_schema
from contracts.generate.committed import key_of
from tests.contracts.examples import message_of

FOLDER = Path(__file__).resolve().parent
LINE = 96
PREFIX = "schema "


def digest_of_schema(schema: Schema) -> str:
    """SHA-256 over the schema's JSON without white space, keys sorted."""
    compact = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(compact.encode()).hexdigest()


def kept(path: Path) -> tuple[str, bytes]:
    """The schema's digest and the example's bytes, as the file at `path` keeps them."""
    first, *lines = path.read_text("ascii").splitlines()
    return first.removeprefix(PREFIX), bytes.fromhex("".join(lines))


def add_missing(folder: Path = FOLDER) -> list[str]:
    """Write a file for each message version that has none; returns the names of the new ones."""
    codec = Codec()
    added = []
    for entry in CATALOG.entries:
        path = folder / f"{key_of(entry.name, entry.version)}.hex"
        if not path.exists():
            digits = codec.encode(*message_of(entry.model)).hex()
            lines = [digits[start : start + LINE] for start in range(0, len(digits), LINE)]
            lines.insert(0, f"{PREFIX}{digest_of_schema(avro_schema(entry))}")
            path.write_text("\n".join(lines) + "\n", "ascii")
            added.append(path.name)
    return added


if __name__ == "__main__":
    for name in add_missing():
        print(f"added: {name}")
