"""Dead letters: a record nobody could work on, whole, with where it came from and why."""

from dataclasses import replace
from datetime import datetime

from chassis.broker import Incoming, Outgoing
from chassis.codec import Codec
from chassis.messages import NO_CAMPAIGN, Conversation, Speaker, record
from contracts import identity, topics
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope
from contracts.message import Message
from contracts.records import DeadLetter, DeadLetterClosed

REASON_CHARS_MAX = 300
VALUE_BYTES_MAX = 900_000
"""A letter is larger than its record, and the brokers take a megabyte: what is longer stays out."""

TOO_LARGE = "the value does not fit into a letter and stands only there"


def letter_id(topic: str, partition: int, offset: int) -> str:
    """The id of the letter about the record that stands there."""
    return identity.derived(identity.FORWARDS, topic, partition, offset)


def as_line(reason: str) -> str:
    """A reason as a letter holds it: short, and writable whatever bytes it quotes."""
    writable = reason.encode("utf-8", "replace").decode()
    return writable[:REASON_CHARS_MAX] or "no reason given"


class DeadLetters:
    """Makes the records for `dead.letters`; the same letter for the same record, every time."""

    def __init__(self, codec: Codec, source: AppName, instance: str) -> None:
        self._codec = codec
        self._speaker = Speaker(source, Actor(kind=ActorKind.SERVICE, id=instance))

    def letter(
        self,
        incoming: Incoming,
        reason: str,
        detail: str,
        at_time: datetime,
        parked_as: str = "",
    ) -> Outgoing:
        """The record for the dead-letter topic, keyed as the original was.

        `parked_as` is the letter's id where the record waits in its campaign's log.
        """
        named = parked_as or letter_id(incoming.topic, incoming.partition, incoming.offset)
        envelope = self._envelope(DeadLetter, named, named, at_time)
        if incoming.value and len(incoming.value) > VALUE_BYTES_MAX:
            incoming, detail = replace(incoming, value=None), detail or TOO_LARGE
        body = DeadLetter(
            reason=as_line(reason),
            detail=detail,
            topic=incoming.topic,
            partition=incoming.partition,
            offset=incoming.offset,
            key=incoming.key or b"",
            value=incoming.value or b"",
            headers=dict(incoming.headers),
            seen_by=self._speaker.actor.id,
            parked=bool(parked_as),
        )
        return self._record(envelope, body, incoming.key)

    def closed(self, closing: DeadLetterClosed, cause: EventEnvelope, key: bytes) -> Outgoing:
        """The note that a letter is dealt with, by whoever `cause` is from."""
        note_id = identity.derived(identity.FORWARDS, closing.letter_id, "closed", cause.id)
        envelope = self._envelope(DeadLetterClosed, note_id, closing.letter_id, cause.time)
        return self._record(envelope.model_copy(update={"actor": cause.actor}), closing, key)

    def _envelope(
        self, model: type[Message], message_id: str, letter: str, at_time: datetime
    ) -> EventEnvelope:
        entry = self._codec.catalog.entry_of(model)
        return self._speaker.first(
            entry,
            message_id,
            Conversation(NO_CAMPAIGN, NO_CAMPAIGN, letter),
            at=at_time,
            cause_id=letter,
        )

    def _record(self, envelope: EventEnvelope, body: Message, key: bytes | None) -> Outgoing:
        value = self._codec.encode(envelope, None, body)
        made = record(topics.DEAD_LETTERS, envelope, value)
        return Outgoing(made.topic, key, made.value, made.headers)
