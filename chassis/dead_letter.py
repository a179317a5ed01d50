"""Dead letters: a record nobody could work on, whole, with where it came from and why."""

from chassis.broker import Incoming, Outgoing
from chassis.codec import Codec
from chassis.messages import NO_CAMPAIGN, new_traceparent, record
from contracts import identity, topics
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope
from contracts.records import DeadLetter

REASON_CHARS_MAX = 300


class DeadLetters:
    """Makes the records for `dead.letters`; the same letter for the same record, every time."""

    def __init__(self, codec: Codec, source: AppName, instance: str) -> None:
        self._codec = codec
        self._source = source
        self._actor = Actor(kind=ActorKind.SERVICE, id=instance)

    def letter(self, incoming: Incoming, reason: str, detail: str, at_time: object) -> Outgoing:
        """The record for the dead-letter topic, keyed as the original was."""
        letter_id = identity.derived(
            identity.FORWARDS, incoming.topic, incoming.partition, incoming.offset
        )
        entry = self._codec.catalog.entry_of(DeadLetter)
        envelope = EventEnvelope.model_validate(
            {
                "id": letter_id,
                "type": entry.name,
                "schema_version": entry.version,
                "tenant_id": NO_CAMPAIGN,
                "campaign_id": NO_CAMPAIGN,
                "correlation_id": letter_id,
                "causation_id": letter_id,
                "execution_id": letter_id,
                "source": self._source,
                "actor": self._actor,
                "time": at_time,
                "traceparent": new_traceparent(),
            }
        )
        body = DeadLetter(
            reason=reason[:REASON_CHARS_MAX] or "no reason given",
            detail=detail,
            topic=incoming.topic,
            partition=incoming.partition,
            offset=incoming.offset,
            key=incoming.key or b"",
            value=incoming.value or b"",
            headers=dict(incoming.headers),
            seen_by=self._actor.id,
        )
        value = self._codec.encode(envelope, None, body)
        made = record(topics.DEAD_LETTERS, envelope, value)
        return Outgoing(made.topic, incoming.key, made.value, made.headers)
