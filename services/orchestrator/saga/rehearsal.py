"""One input against one campaign's log, on this machine: what would the saga role do with it?

It writes nothing and reads no broker: a bug that stopped an input can be looked at, and its repair
tried, as often as one likes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chassis.broker import Incoming, Outgoing
from chassis.codec import Codec, Decoded
from chassis.errors import Rejected
from chassis.memory import MemoryBroker
from contracts import topics
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.processor import SagaProcessor
from services.orchestrator.saga.speech import Speech

INSTANCE = "rehearsal"


async def rehearse(
    record: Incoming, history: Sequence[Incoming], now: datetime, codec: Codec | None = None
) -> tuple[Decoded, ...]:
    """What the saga role would write for `record` at `now`, having read `history` from the log.

    A record without an offset is a look at the clock of the campaign that its key names.
    Raises Rejected where nobody could ever act on the record, and whatever the engine breaks with.
    """
    codec = codec or Codec()
    broker = MemoryBroker()
    for topic in (topics.LOG, topics.SNAPSHOTS):
        broker.create(topic, 1)
    await broker.producer().send([_outgoing(fact) for fact in history])
    processor = SagaProcessor(Speech.of(codec, DEFINITIONS, broker.reader(), INSTANCE))
    if await processor.restore(frozenset({0})):
        raise Rejected("the campaign's log is broken; `sagaline verify` says where")
    if record.offset < 0:
        campaign_id = (record.key or b"").decode(errors="replace")
        made = tuple(processor.look(0, campaign_id, now))
    else:
        made = tuple(processor.take(replace(record, partition=0), now))
    return tuple(codec.decode(one.value) for one in made)


def before(history: Sequence[Incoming], record: Incoming, at: datetime) -> list[Incoming]:
    """The part of a campaign's log that was written before `record` was thought about, at `at`.

    Facts of the same moment count where they answer another topic, or an earlier offset of this.
    """
    codec = Codec()
    found = []
    for fact in history:
        message = codec.decode(fact.value, validate=False)
        told, where = message.envelope.time, message.record["log"]
        same = where["input_topic"] == record.topic
        if told < at or (told == at and not (same and where["input_offset"] >= record.offset)):
            found.append(fact)
    return found


def _outgoing(fact: Incoming) -> Outgoing:
    return Outgoing(topics.LOG, fact.key, fact.value, fact.headers, 0)
