"""What an earlier build wrote is read as the newest version of its message."""

import json
from pathlib import Path

import pytest

from chassis.codec import Codec
from chassis.errors import Undecodable
from contracts.catalog import CATALOG, Catalog, Entry
from contracts.envelope import AppName
from contracts.generate.avro import avro_schema
from contracts.generate.committed import IdMoved, ids_with, older_schemas
from contracts.goal import BrandVoice, Channel
from contracts.message import Record
from tests.contracts.examples import envelope_of


def note_of_version_one() -> type[Record]:
    class Note(Record):
        """A note as it was."""

        text: str
        channel: Channel

    return Note


def note_of_version_two() -> type[Record]:
    class Note(Record):
        """A note as it is: everything that was added has a default."""

        text: str
        channel: Channel
        tags: tuple[str, ...] = ()
        raw: bytes = b""
        voice: BrandVoice = BrandVoice(signature="S")
        digest: str | None = None
        reply_to: Channel = Channel.BLOG

    return Note


OLD = Entry(note_of_version_one(), 1_999_000, "notes", AppName.EDGE)
NEW = Entry(note_of_version_two(), 1_999_001, "notes", AppName.EDGE, version=2)
OLD_SCHEMA = avro_schema(OLD)


@pytest.fixture
def written() -> bytes:
    old_body = OLD.model.model_validate({"text": "hello", "channel": Channel.EMAIL})
    return Codec(Catalog([OLD]), {}).encode(envelope_of(OLD), None, old_body)


def test_an_old_record_reads_as_the_newest_version(written: bytes) -> None:
    decoded = Codec(Catalog([NEW]), {OLD.schema_id: OLD_SCHEMA}).decode(written, validate=False)
    assert decoded.entry is NEW
    assert decoded.value == written
    assert decoded.envelope == envelope_of(OLD)
    assert decoded.body == NEW.model.model_validate({"text": "hello", "channel": Channel.EMAIL})
    own = {name: value for name, value in decoded.record.items() if name != "envelope"}
    assert own == {
        "text": "hello",
        "channel": "email",
        "tags": [],
        "raw": b"",
        "voice": BrandVoice(signature="S").model_dump() | {"banned_words": []},
        "digest": None,
        "reply_to": "blog",
    }


def test_two_old_records_share_no_default(written: bytes) -> None:
    codec = Codec(Catalog([NEW]), {OLD.schema_id: OLD_SCHEMA})
    first, second = codec.decode(written).record, codec.decode(written).record
    first["tags"].append("mine")
    assert second["tags"] == []


def test_a_symbol_that_is_gone_is_refused_and_not_taken_for_another(written: bytes) -> None:
    narrower = json.loads(json.dumps(OLD_SCHEMA))
    channel = narrower["fields"][2]["type"]
    channel["symbols"] = ["carrier_pigeon", *channel["symbols"][1:]]
    codec = Codec(Catalog([NEW]), {OLD.schema_id: narrower})
    with pytest.raises(Undecodable, match="channel is UNKNOWN"):
        codec.decode(written, validate=False)


def test_an_id_of_neither_version_is_unknown(written: bytes) -> None:
    with pytest.raises(Undecodable, match=f"schema id {OLD.schema_id} is unknown"):
        Codec(Catalog([NEW]), {}).decode(written)


def test_an_older_schema_of_no_message_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="schema 1999000 is of Note"):
        Codec(Catalog([CATALOG.entries[0]]), {OLD.schema_id: OLD_SCHEMA})


def test_older_versions_are_found_among_the_committed(tmp_path: Path) -> None:
    assert older_schemas(Catalog([NEW]), tmp_path) == {}
    ids = {"Note.v1": OLD.schema_id, "Note.v2": NEW.schema_id, "Forgotten.v1": 1_999_002}
    (tmp_path / "ids.json").write_text(json.dumps(ids), "utf-8")
    (tmp_path / "Note.v1.avsc").write_text(json.dumps(OLD_SCHEMA), "utf-8")
    assert older_schemas(Catalog([NEW]), tmp_path) == {OLD.schema_id: OLD_SCHEMA}


def test_an_id_once_given_stays_with_its_message() -> None:
    given = ids_with(Catalog([OLD]), {})
    assert given == {"Note.v1": OLD.schema_id}
    assert ids_with(Catalog([NEW]), given) == {**given, "Note.v2": NEW.schema_id}
    moved = Entry(OLD.model, 1_999_005, "notes", AppName.EDGE)
    with pytest.raises(IdMoved, match=r"Note\.v1 has the id 1999000"):
        ids_with(Catalog([moved]), given)
    taken = Entry(NEW.model, OLD.schema_id, "notes", AppName.EDGE, version=2)
    with pytest.raises(IdMoved, match="share the id 1999000"):
        ids_with(Catalog([taken]), given)
