"""The saga role of one copy: group, transactional id and loop under one stable name."""

from collections.abc import Mapping

from chassis.broker import Broker, Subscription
from chassis.clock import Clock
from chassis.codec import Codec
from chassis.settings import ChassisSettings
from chassis.transaction import Means, TransactionalLoop
from contracts import topics
from services.orchestrator.saga.definitions import DEFINITIONS, SagaDefinition
from services.orchestrator.saga.processor import SagaProcessor
from services.orchestrator.saga.speech import Speech

ROLE = "saga"
INPUTS = (topics.REQUESTS, topics.RESULTS)


def saga_loop(
    settings: ChassisSettings,
    broker: Broker,
    clock: Clock,
    codec: Codec | None = None,
    definitions: Mapping[str, SagaDefinition] = DEFINITIONS,
) -> TransactionalLoop:
    """One copy of the saga role, ready to run. Range assignment keeps the inputs together."""
    codec = codec or Codec()
    instance = f"{ROLE}-{settings.instance}"
    speech = Speech.of(codec, definitions, broker.reader(), instance)
    subscription = Subscription(
        group=ROLE,
        topics=INPUTS,
        instance_id=instance,
        assignor="range",
        session_timeout_ms=settings.session_timeout_ms,
    )
    means = Means(
        consumer=broker.consumer(subscription),
        transactions=broker.transactions(instance, group=ROLE, topics=codec.catalog.topics),
        inputs=INPUTS,
        clock=clock,
    )
    return TransactionalLoop(ROLE, SagaProcessor(speech), means)
