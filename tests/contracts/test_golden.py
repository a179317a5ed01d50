"""The bytes of every message version, kept: what was written once is read for ever."""

import json
from pathlib import Path

import pytest

from chassis.codec import Codec
from contracts.catalog import CATALOG, Entry
from contracts.generate.avro import avro_schema
from contracts.generate.committed import SCHEMAS, key_of
from tests.contracts.examples import message_of
from tests.contracts.golden.__main__ import FOLDER, add_missing, digest_of_schema, kept

ADVICE = (
    "{key} changed, and records like it may stand in a log: give the changed message a new version "
    "and id (only before its first release may {key}.hex be deleted and added anew)"
)
EVERY_FILE = sorted(FOLDER.glob("*.hex"))


@pytest.mark.parametrize("entry", CATALOG.entries, ids=lambda entry: entry.name)
def test_a_message_is_written_as_it_always_was(entry: Entry, codec: Codec) -> None:
    key = key_of(entry.name, entry.version)
    path = FOLDER / f"{key}.hex"
    assert path.exists(), "run `python -m tests.contracts.golden` and commit what it adds"
    digest, value = kept(path)
    assert digest_of_schema(avro_schema(entry)) == digest, ADVICE.format(key=key)
    assert codec.encode(*message_of(entry.model)) == value, ADVICE.format(key=key)


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_whatever_was_written_once_is_still_read(path: Path, codec: Codec) -> None:
    name, _, version = path.stem.partition(".v")
    digest, value = kept(path)
    committed = json.loads((SCHEMAS / f"{path.stem}.avsc").read_text("utf-8"))
    assert digest_of_schema(committed) == digest, ADVICE.format(key=path.stem)
    decoded = codec.decode(value)
    assert (decoded.envelope.type, decoded.envelope.schema_version) == (name, int(version))
    assert decoded.entry is CATALOG.by_name[name]
    if decoded.entry.version == int(version):
        made = (decoded.envelope, decoded.header, decoded.body)
        assert made == message_of(decoded.entry.model)


def test_adding_never_rewrites_what_is_there(tmp_path: Path) -> None:
    first = CATALOG.entries[0]
    there = tmp_path / f"{key_of(first.name, first.version)}.hex"
    there.write_text("00\n", "ascii")
    assert there.name not in add_missing(tmp_path)
    assert there.read_text("ascii") == "00\n"
    assert add_missing(tmp_path) == []
