"""Inputs that break the fold: kept in their campaign's log, with those that come behind them.

Only that campaign waits, the partition goes on. It knows records and letters, and no campaign.
"""

from collections.abc import Callable, Iterator

from chassis.broker import Incoming, Outgoing
from chassis.codec import Decoded
from chassis.dead_letter import DeadLetters, as_line, letter_id
from contracts import topics
from contracts.envelope import EventEnvelope
from contracts.parking import InputUnparked
from contracts.records import DeadLetterClosed, LetterAction
from services.orchestrator.saga.engine import Fact
from services.orchestrator.saga.engine.inputs import Input, Park
from services.orchestrator.saga.engine.parked_inputs import has_room
from services.orchestrator.saga.engine.unparking import passes
from services.orchestrator.saga.state import ParkedInput, Saga
from services.orchestrator.saga.writing import Origin

BY_TIME = "TimePassed"
BEHIND = "it came behind a parked input of its campaign"
QUEUE_FULL = "its campaign has as many parked inputs as it may hold: redrive or drop those first"

Decide = Callable[[Input, EventEnvelope, Origin], Iterator[Outgoing]]


class Parking:
    """Parks inputs, and says in `dead.letters` what is parked and what became of it."""

    def __init__(self, letters: DeadLetters, decide: Decide) -> None:
        self._letters = letters
        self._decide = decide

    def may_park(self, saga: Saga | None, record: Incoming) -> bool:
        """True where the saga can wait with this input; where not, a dead letter must do."""
        return saga is not None and not saga.life.ended and has_room(saga, record.value or b"")

    def must_wait(self, saga: Saga | None, message: Decoded) -> bool:
        """True where an input stands in the queue behind others."""
        return saga is not None and not passes(saga, message.body)

    def park(
        self, record: Incoming, envelope: EventEnvelope, cause: str, *, behind: bool = False
    ) -> Iterator[Outgoing]:
        """The input waits in its campaign's log from now on; `envelope.time` is now."""
        own = letter_id(record.topic, record.partition, record.offset)
        wanted = Park(
            letter_id=own,
            type=envelope.type,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            value=record.value or b"",
            cause=as_line(cause),
            behind=behind,
        )
        yield from self._decide(wanted, envelope, (*record.source, record.offset))
        yield self._letters.letter(record, cause, "", envelope.time, parked_as=own)

    def park_time(
        self, saga: Saga, partition: int, cause: EventEnvelope, why: str
    ) -> Iterator[Outgoing]:
        """The look at the clock breaks the saga: it waits for a person as with any other input."""
        before = next((one for one in saga.parked if one.type == BY_TIME), None)
        own = before.letter_id if before else cause.id
        place = (topics.REQUESTS, partition, -1)
        wanted = Park(own, BY_TIME, *place, b"", as_line(why), behind=False)
        yield from self._decide(wanted, cause, place)
        yield self._letters.letter(time_record(saga, partition), why, "", cause.time, parked_as=own)

    def park_again(
        self, one: ParkedInput, envelope: EventEnvelope, origin: Origin, why: str
    ) -> Iterator[Outgoing]:
        """A redriven input still breaks; it keeps its place."""
        place = (one.topic, one.partition, one.offset)
        wanted = Park(one.letter_id, one.type, *place, one.value, as_line(why), behind=False)
        yield from self._decide(wanted, envelope, origin)
        key = envelope.campaign_id.encode()
        headers = _names(envelope.tenant_id, envelope.campaign_id)
        record = Incoming(*place, key, one.value or None, headers)
        yield self._letters.letter(record, why, "", envelope.time, parked_as=one.letter_id)

    def closed(self, fact: Fact, cause: EventEnvelope) -> Iterator[Outgoing]:
        """The note that a parked letter is dealt with, where the fact says so."""
        event = fact.event
        if isinstance(event, InputUnparked):
            action = LetterAction(event.action.value)
            closing = DeadLetterClosed(
                letter_id=event.letter_id, action=action, reason=event.reason
            )
            yield self._letters.closed(closing, cause, fact.campaign_id.encode())


def time_record(saga: Saga, partition: int) -> Incoming:
    """A look at the clock, where a record is wanted."""
    headers = _names(saga.tenant_id, saga.campaign_id)
    return Incoming(topics.REQUESTS, partition, -1, saga.campaign_id.encode(), None, headers)


def _names(tenant_id: str, campaign_id: str) -> tuple[tuple[str, bytes], ...]:
    return ("tenant_id", tenant_id.encode()), ("campaign_id", campaign_id.encode())
