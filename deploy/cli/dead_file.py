"""A dead letter in a file: the record, and the campaign's log before it, to be tried anywhere.

Personal fields in it are as sealed as they were on the topics; the file is its owner's only.
"""

import os
from base64 import b64decode, b64encode
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.broker import Incoming
from deploy.cli.talk import EXIT_INPUT, CommandFailed


class SavedRecord(BaseModel):
    """A Kafka record; bytes are in base64."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str
    partition: int
    offset: int
    key: str | None
    value: str | None
    headers: dict[str, str]

    @classmethod
    def of(cls, record: Incoming) -> "SavedRecord":
        """The record as it is kept."""
        return cls(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=_told(record.key),
            value=_told(record.value),
            headers={name: b64encode(value).decode() for name, value in record.headers},
        )

    @property
    def record(self) -> Incoming:
        """The record as it was read."""
        headers = tuple((name, b64decode(value)) for name, value in self.headers.items())
        place = (self.topic, self.partition, self.offset)
        return Incoming(*place, _meant(self.key), _meant(self.value), headers)


class SavedLetter(BaseModel):
    """What `sagaline dead show --save` keeps and `sagaline dead try` takes up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    letter: str
    cause: str
    at: datetime
    record: SavedRecord
    history: tuple[SavedRecord, ...]


def save(saved: SavedLetter, path: Path) -> None:
    """Write the file anew, readable by its owner only."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(saved.model_dump_json(indent=1) + "\n")


def load(path: Path) -> SavedLetter:
    """The letter in the file. Raises CommandFailed where it is none."""
    try:
        return SavedLetter.model_validate_json(path.read_bytes())
    except ValidationError as refusal:
        why = f"{path}: this is no letter that `sagaline dead show --save` wrote"
        raise CommandFailed(f"{why}: {refusal.errors()[0]['msg']}", EXIT_INPUT) from refusal


def _told(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()


def _meant(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
