"""The official `avro` package reads what fastavro wrote, and fastavro what it wrote.

Two implementations that agree on every message: the bytes follow the specification, not a library.
"""

import json
from io import BytesIO

import avro.schema
import pytest
from avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter

from chassis.codec import FRAME, Codec
from contracts.catalog import CATALOG, Entry
from contracts.generate.committed import SCHEMAS, key_of
from tests.contracts.examples import envelope_of, header_of, message_of, sparse_example_of


@pytest.mark.parametrize("entry", CATALOG.entries, ids=lambda entry: entry.name)
def test_two_implementations_write_and_read_the_same(entry: Entry, codec: Codec) -> None:
    path = SCHEMAS / f"{key_of(entry.name, entry.version)}.avsc"
    schema = avro.schema.parse(path.read_text("utf-8"))
    sparse = (envelope_of(entry), header_of(entry), sparse_example_of(entry.model))
    for message in (message_of(entry.model), sparse):
        value = codec.encode(*message)
        buffer = BytesIO(value)
        buffer.seek(FRAME.size)
        theirs = DatumReader(schema).read(BinaryDecoder(buffer))
        assert buffer.read() == b""
        assert theirs == codec.decode(value).record

        written = BytesIO()
        DatumWriter(schema).write(theirs, BinaryEncoder(written))
        frame = FRAME.pack(0, entry.schema_id)
        again = codec.decode(frame + written.getvalue())
        assert (again.envelope, again.header, again.body) == message


def test_the_official_package_accepts_every_generated_schema(codec: Codec) -> None:
    for schema in codec.schemas().values():
        assert avro.schema.parse(json.dumps(schema)).fullname == f"sagaline.{schema['name']}"  # type: ignore[attr-defined]
