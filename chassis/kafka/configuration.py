"""librdkafka's options, each that matters spelled out with its reason."""

import logging
from typing import Any

import structlog
from confluent_kafka import KafkaError

from chassis.calm import Calm
from chassis.settings import ChassisSettings

Options = dict[str, Any]

DELIVERY_TIMEOUT_MS = 30_000
FETCH_WAIT_MS = 200
"""So long a broker holds a fetch that it has nothing for; records end the wait at once.

Each fetch of an idle consumer costs a broker CPU, so shorter waits slow everything else down. But
partitions that are resumed or gained are first asked for when the fetch under way is answered.
"""

END_FETCH_WAIT_MS = 20
"""The same for whoever reads up to an end: only an empty answer tells that it is reached."""

TRANSACTION_TIMEOUT_MS = 5_000
"""An owner that dies mid-transaction stalls its readers this long (plus the broker's sweep)."""

log = structlog.get_logger()


def client_options(settings: ChassisSettings) -> Options:
    """What every client needs: where the brokers are, and how to talk to them."""
    options: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "client.id": "sagaline",
        "security.protocol": settings.kafka_security_protocol,
        "allow.auto.create.topics": False,
        "topic.metadata.refresh.interval.ms": 60_000,
        "reconnect.backoff.max.ms": 2_000,
        "error_cb": _client_error,
        "log_level": 3,
        "logger": _library_log(),
    }
    secured = {
        "sasl.mechanism": settings.kafka_sasl_mechanism,
        "sasl.username": settings.kafka_sasl_username,
        "sasl.password": settings.kafka_sasl_password,
        "ssl.ca.location": settings.kafka_ssl_ca_location,
        "ssl.certificate.location": settings.kafka_ssl_certificate_location,
        "ssl.key.location": settings.kafka_ssl_key_location,
    }
    return {**options, **{name: value for name, value in secured.items() if value}}


def consumer_options(options: Options) -> Options:
    """Options of every consumer."""
    return {
        **options,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "fetch.wait.max.ms": FETCH_WAIT_MS,
        "fetch.queue.backoff.ms": 2,
        "queued.max.messages.kbytes": 16_384,
    }


def producer_options(options: Options) -> Options:
    """Options of every producer. murmur2_random is how Java and aiokafka partition, too."""
    return {
        **options,
        "acks": "all",
        "enable.idempotence": True,
        "partitioner": "murmur2_random",
        "compression.type": "lz4",
        "linger.ms": 0,
        "message.max.bytes": 2_000_000,
        "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
    }


_calm = Calm()


class _Passed(logging.Handler):
    """librdkafka's own lines, as events of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one line on; its first word is librdkafka's name for what happened."""
        said = record.getMessage()
        if _calm.due(f"library {said.partition(' ')[0]}"):
            log.warning("kafka_library", detail=said)


def _library_log() -> logging.Logger:
    library = logging.getLogger("librdkafka")
    library.propagate = False
    if not library.handlers:
        library.addHandler(_Passed())
    return library


def _client_error(error: KafkaError) -> None:
    if _calm.due(error.name()):
        log.warning("kafka_client_error", detail=error.str())
