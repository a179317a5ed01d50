"""What every message is: frozen, strict, refusing unknown fields. It knows no Avro and no Kafka."""

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
DIGEST_PATTERN = r"^[0-9a-f]{64}$"

Uuid = Annotated[str, Field(pattern=UUID_PATTERN)]
"""A UUID in its canonical lower-case text form; a plain Avro string on the wire."""

Digest = Annotated[str, Field(pattern=DIGEST_PATTERN)]
"""SHA-256 in lower-case hex: the name an artefact's bytes are stored under."""

StepName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,62}$")]
"""A step of a saga, unique within its plan, for example `publish.email`."""

AccountId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$")]
"""Who somebody is to this system; never an e-mail address, for it is stored openly."""

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
"""An ISO 639-1 code, for example `en`."""

Micros = Annotated[int, Field(ge=0, le=2**62)]
"""Money in millionths of a US dollar."""

Millis = Annotated[int, Field(ge=0)]

Moment = AwareDatetime
"""An instant, exact to the microsecond; a time without a zone is refused."""


M = TypeVar("M", bound="Message")


class Message(BaseModel):
    """A value that crosses a boundary: immutable, and a field nobody declared is an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    def __copy__(self) -> Self:
        """As pydantic copies a model without extra or private fields, in a fraction of its time.

        What was set is shared between copies: nobody can set more in a frozen model.
        """
        return _alike(self, self.__dict__.copy(), self.__pydantic_fields_set__)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's: nothing in `update` is checked."""
        if deep:
            return self.__deepcopy__().model_copy(update=update)
        if not update:
            return self.__copy__()
        known = self.__pydantic_fields_set__
        known = known if update.keys() <= known else known | update.keys()
        return _alike(self, {**self.__dict__, **update}, known)


def _alike(message: M, values: dict[str, Any], known: set[str]) -> M:
    """Another one of its model with these values, of which the `known` ones were given."""
    model = type(message)
    made = model.__new__(model)
    put = object.__setattr__
    put(made, "__dict__", values)
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_fields_set__", known)
    put(made, "__pydantic_private__", None)
    return made


class Request(Message):
    """What a person or a system asks of a campaign; on `campaign.requests`, keyed by campaign."""


class Command(Message):
    """What the orchestrator asks of a phase; on the wire a `StepCall` precedes these fields."""


class Undo(Command):
    """A command that takes a step's effect back; undoing what never happened is a no-op."""


class Result(Message):
    """What a phase answers; on the wire a `StepDone` precedes these fields."""


class LogEvent(Message):
    """A fact in `campaign.log`; on the wire a `LogPosition` precedes these fields."""


class Record(Message):
    """A message outside the saga's conversation: snapshots, dead letters, memory, engagement."""
