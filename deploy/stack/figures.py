"""What a service's metrics say of its backlog; any other figure is Prometheus's matter."""

import http.client

from deploy.kafka.broker import HOST
from deploy.stack.members import PROBE_TIMEOUT_S

BACKLOG = "sagaline_consumer_backlog_records"


def backlog_of(port: int) -> int | None:
    """Records that the process at the port has still to read; None where it does not say."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return backlog_in(text)


def backlog_in(metrics: str) -> int | None:
    """The sum over the roles, from Prometheus's text format; None where no role has it."""
    values = [
        float(line.rpartition(" ")[2])
        for line in metrics.splitlines()
        if line.startswith((f"{BACKLOG} ", f"{BACKLOG}{{"))
    ]
    return int(sum(values)) if values else None
