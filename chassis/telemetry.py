"""What a process says of itself: JSON logs, Prometheus metrics, health that means progress."""

import logging
import sys
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

from chassis.calm import Calm
from chassis.movement import Movement, Standing

log = structlog.get_logger()

LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)

RECORDS_CONSUMED = Counter("sagaline_records_consumed_total", "Records read", ["role"])
RECORDS_PRODUCED = Counter("sagaline_records_produced_total", "Records written", ["role"])
DEAD_LETTERS = Counter("sagaline_dead_letters_total", "Records nobody could work on", ["role"])
COMMANDS_IN_FLIGHT = Gauge("sagaline_commands_in_flight", "Commands being worked on", ["role"])
COMMANDS_REPEATED = Counter(
    "sagaline_commands_repeated_total", "Second deliveries answered with the first result", ["role"]
)
COMMANDS_EXPIRED = Counter(
    "sagaline_commands_expired_total", "Commands whose lease passed before their start", ["role"]
)
CONSUMER_BACKLOG = Gauge(
    "sagaline_consumer_backlog_records",
    "Records between our position and the last stable offset (the queue's depth)",
    ["role"],
)
DRAIN = Gauge(
    "sagaline_drain_seconds",
    "Time until what waits now is done, at the last minute's pace (+Inf: nothing is being done)",
    ["role"],
)
POOL_SIZE = Gauge(
    "sagaline_pool_size",
    "Places of a pool: commands that a role works on at once (`commands:<role>`), connections to "
    "the view's database (`view`)",
    ["pool"],
)
PARTITIONS_ASSIGNED = Gauge("sagaline_partitions_assigned", "Partitions owned", ["role"])
REBALANCES = Counter("sagaline_rebalances_total", "Times partitions changed hands", ["role"])
ACTIVITY_EXECUTIONS = Counter(
    "activity_executions_total", "Commands answered", ["activity", "status"]
)
ACTIVITY_DURATION = Histogram(
    "activity_duration_seconds", "Time to answer a command", ["activity"], buckets=LATENCY_BUCKETS
)
WORKFLOW_EXECUTIONS = Counter("workflow_executions_total", "Sagas ended", ["workflow", "status"])
WORKFLOW_DURATION = Histogram(
    "workflow_duration_seconds",
    "From a saga's goal to its end",
    ["workflow"],
    buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1_200, 3_600, 86_400),
)
SAGA_COMPENSATIONS = Counter("saga_compensations_total", "Sagas that were undone", ["reason"])
SAGAS_OPEN = Gauge("sagaline_sagas_open", "Sagas that have not ended")
SAGAS_PAUSED = Gauge("sagaline_sagas_paused", "Open sagas that a pause of any width holds")
INPUTS_PARKED = Gauge("sagaline_inputs_parked", "Inputs that open sagas could not take in")
UNDO_PARKED = Gauge("sagaline_undo_parked", "Failed undo steps that wait for a person")
PAUSE_REVIEWS_MISSED = Counter(
    "sagaline_pause_reviews_missed_total", "Reviews of a pause that nobody made in time"
)
SAGAS_WITHOUT_OBLIGATION = Gauge(
    "sagas_without_obligation", "Open sagas that wait for nothing: always 0, or something is lost"
)
RECALLS = Counter(
    "sagaline_recalls_total",
    "Recalls from memory by what was compared: `meaning`, or `words` where no vectors were to be "
    "had; those of a process that never compares meanings are not counted",
    ["by"],
)
PARTITIONS_STOPPED = Counter(
    "sagaline_partitions_stopped_total", "Partitions that stand still because their log is broken"
)
VIEW_REFUSED = Counter(
    "sagaline_view_records_refused_total", "Log records that the view could not follow"
)
OBLIGATION_OVERDUE = Gauge(
    "obligation_overdue_seconds", "How late the latest deadline is that nobody looked at"
)
SAGAS_STALLED = Gauge(
    "sagas_stalled",
    "Open sagas that the auditor found standing still in this copy's partitions: always 0",
    ["reason"],
)
AUDITED_AT = Gauge(
    "sagaline_audited_timestamp_seconds",
    "When the auditor of this copy last had been through all its partitions; 0: not yet",
)
TRANSACTIONS = Counter("sagaline_transactions_total", "Saga ticks by outcome", ["outcome"])
TRANSACTION_DURATION = Histogram(
    "sagaline_transaction_seconds", "Time of one saga tick", buckets=LATENCY_BUCKETS
)
RESTORE_DURATION = Histogram(
    "sagaline_restore_seconds", "Time to restore partitions", buckets=LATENCY_BUCKETS
)

CANARIES = Counter(
    "sagaline_canary_total",
    "Canary campaigns by outcome: completed, failed, lost (did not end in time), refused",
    ["outcome"],
)
CANARY_SECONDS = Histogram(
    "sagaline_canary_seconds",
    "From asking for a canary campaign to reading its end in the view",
    buckets=LATENCY_BUCKETS,
)
CANARY_DUPLICATES = Counter(
    "sagaline_canary_duplicates_total", "Facts of canaries that came more than once: always 0"
)
CANARY_AT = Gauge(
    "sagaline_canary_timestamp_seconds", "When a canary of this copy last completed; 0: never yet"
)

CIRCUIT_STATE = Gauge(
    "genesis_circuit_state",
    "State of an adapter's breaker as this process last saw it: 0 closed, 1 open, 2 half open",
    ["service"],
)
BREAKER_STATE = Gauge(
    "circuit_breaker_state", "The same as genesis_circuit_state, under its other name", ["service"]
)
BREAKER_FAILURES = Counter(
    "circuit_breaker_failures_total", "Failures that an adapter's breaker counted", ["service"]
)
ADAPTER_CALLS = Counter(
    "sagaline_adapter_calls_total",
    "Calls to the outside by how they ended: ok, or the reason of the failure",
    ["adapter", "action", "outcome"],
)
ADAPTER_DURATION = Histogram(
    "sagaline_adapter_seconds",
    "Time of one call to the outside, its retries included",
    ["adapter"],
    buckets=LATENCY_BUCKETS,
)
ADAPTER_COST = Counter(
    "sagaline_adapter_cost_micros_total", "What calls to the outside cost, in micros", ["adapter"]
)

ENGAGEMENTS = Counter(
    "sagaline_engagement_total",
    "What readers did, as the windows took it: counted, repeated (the same event again, also where "
    "a restart reads on from the beginning), refused",
    ["outcome"],
)

MIRRORED = Counter("sagaline_mirrored_total", "Records copied to another region", ["topic"])
MIRROR_LAG = Gauge(
    "sagaline_mirror_lag_seconds",
    "How long ago everything that the working region had was in the other one, too (what would "
    "be lost, or done again, if the first were gone now)",
)

STALLED_AFTER_S = 60.0


class Vitals:
    """Whether a role makes progress; `ready` is for its orchestration, `alive` for its restart.

    It stands still where its loop does not go round, where records wait and none is taken, and
    where work runs on after its lease. While it `waits` for somebody, only its loop has to go on.
    """

    def __init__(self, role: str, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.role = role
        self.stalled_after_s = STALLED_AFTER_S
        self.movement = Movement(now)
        self.joined = False
        self.degraded: dict[str, str] = {}
        self.waiting_for = "its first assignment of partitions"
        self._last_turn = now()

    def turned(self) -> None:
        """The loop went round once."""
        self._last_turn = self._now()

    def waits(self, what: str) -> None:
        """The role cannot work until `what` is there."""
        self.waiting_for = what
        self.movement.owes(0)

    def works(self) -> None:
        """Nothing is in the way."""
        self.joined = True
        self.waiting_for = ""

    def standing(self) -> Standing:
        """For how long nothing has moved, and what."""
        turn = Standing(self._now() - self._last_turn, "its loop does not go round")
        return max(turn, self.movement.standing())

    @property
    def alive(self) -> bool:
        """False where it stands still: whoever supervises the process should restart it."""
        return self.standing().seconds < self.stalled_after_s

    @property
    def ready(self) -> bool:
        """True where work is being done, or would be if there were any."""
        return self.joined and not self.waiting_for and self.alive

    def report(self) -> dict[str, Any]:
        """The role's health in words."""
        return {
            "role": self.role,
            "ready": self.ready,
            "alive": self.alive,
            "waiting_for": self.waiting_for,
            "stands_still": "" if self.alive else self.standing().what,
            "degraded": dict(self.degraded),
        }


def metrics_text() -> bytes:
    """This process's metrics in Prometheus's text format."""
    return generate_latest(REGISTRY)


class _Libraries(logging.Handler):
    """What libraries say through Python's own logging, as events of ours.

    What is said again and again in the same words is passed on once in a while; a traceback always.
    """

    def __init__(self) -> None:
        super().__init__()
        self._calm = Calm()

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one line on."""
        said = record.getMessage()
        if not record.exc_info and not self._calm.due(f"{record.name} {said}"):
            return
        say = log.error if record.levelno >= logging.ERROR else log.warning
        say(
            "library_said",
            library=record.name,
            detail=said,
            exc_info=record.exc_info,
        )


def configure_logs(level: str, role: str) -> None:
    """One JSON object a line on stderr: level, timestamp, workflow_id, activity, message, extra.

    So are the libraries' warnings and errors: nothing else writes lines of its own.
    """
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(),
            _as_agreed(role),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _as_agreed(role: str) -> Callable[[Any, str, MutableMapping[str, Any]], dict[str, Any]]:
    def shape(_: Any, __: str, event: MutableMapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
        known = {
            "level": event.pop("level"),
            "timestamp": event.pop("timestamp"),
            "workflow_id": event.pop("workflow_id", ""),
            "correlation_id": event.pop("correlation_id", ""),
            "activity": event.pop("activity", role),
            "message": event.pop("event"),
        }
        return {**known, "extra": dict(event)}

    return shape
