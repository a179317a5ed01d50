"""Asks a Kafka whether it serves; it does not know who started it."""

import time
from collections.abc import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

PROBE_TIMEOUT_S = 1.0


def wait_until_answering(
    bootstrap: str, timeout_s: float, *, going_on: Callable[[], bool] = lambda: True
) -> bool:
    """Return True once a broker at `bootstrap` answers a metadata request with itself in it.

    An open port is not enough: a node accepts connections before it is part of the cluster.
    False when `timeout_s` passed, or as soon as `going_on` says that waiting is pointless.
    """
    deadline = time.monotonic() + timeout_s
    probe = AdminClient(
        {
            "bootstrap.servers": bootstrap,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 200,
            "log_level": 0,
        }
    )
    while time.monotonic() < deadline and going_on():
        try:
            if probe.list_topics(timeout=PROBE_TIMEOUT_S).brokers:
                return True
        except KafkaException:
            continue
    return False
