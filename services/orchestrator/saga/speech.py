"""What the saga role is made of: it reads, decides and writes as one instance, with one codec."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from chassis.broker import Reader
from chassis.codec import Codec
from chassis.dead_letter import DeadLetters
from contracts.envelope import AppName
from services.orchestrator.saga.commands import Commands
from services.orchestrator.saga.definitions import SagaDefinition
from services.orchestrator.saga.reading import Inputs
from services.orchestrator.saga.writing import Writer


@dataclass(frozen=True, slots=True)
class Speech:
    """How the saga role reads, decides and writes."""

    codec: Codec
    inputs: Inputs
    commands: Commands
    writer: Writer
    letters: DeadLetters
    reader: Reader

    @classmethod
    def of(
        cls,
        codec: Codec,
        definitions: Mapping[str, SagaDefinition],
        reader: Reader,
        instance: str,
    ) -> Self:
        """The speech of `instance` about these saga types; its log and snapshots are `reader`'s."""
        return cls(
            codec=codec,
            inputs=Inputs(codec, definitions),
            commands=Commands(codec),
            writer=Writer(codec, instance),
            letters=DeadLetters(codec, AppName.ORCHESTRATOR, instance),
            reader=reader,
        )
