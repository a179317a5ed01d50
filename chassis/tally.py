"""What a role's answers took: told to its metrics, and in the answers themselves."""

import time
from functools import lru_cache

from chassis import telemetry
from chassis.service import Answer
from contracts.envelope import AgentRun, StepOutcome
from contracts.saga import StepFailed

FAILED = "failed"
ALIKE_MAX = 1_024


class Tally:
    """The answers of one role."""

    def __init__(self, role: str) -> None:
        self._role = role
        self._seconds = telemetry.ACTIVITY_DURATION.labels(role)
        self._counts = {
            status: telemetry.ACTIVITY_EXECUTIONS.labels(role, status)
            for status in (FAILED, *(outcome.value.lower() for outcome in StepOutcome))
        }

    def timed(self, answer: Answer, started: float) -> Answer:
        """The answer with its duration, and one agent's share where the handler named none.

        `started` is of the monotonic clock.
        """
        seconds = time.monotonic() - started
        duration_ms = int(seconds * 1_000)
        failed = isinstance(answer.body, StepFailed)
        self._counts[FAILED if failed else answer.outcome.value.lower()].inc()
        self._seconds.observe(seconds)
        usage = answer.usage
        if usage.duration_ms != duration_ms:
            usage = usage.model_copy(update={"duration_ms": duration_ms})
        agents = answer.agents or _alone(self._role, not failed, duration_ms, usage.cost_micros)
        return Answer(
            body=answer.body,
            outcome=answer.outcome,
            usage=usage,
            artefacts=answer.artefacts,
            agents=agents,
            notes=answer.notes,
            also=answer.also,
        )


@lru_cache(maxsize=ALIKE_MAX)
def _alone(role: str, succeeded: bool, duration_ms: int, cost_micros: int) -> tuple[AgentRun, ...]:
    """The share of a role that did all by itself: immutable, and often the same."""
    run = AgentRun(
        agent=role, succeeded=succeeded, duration_ms=duration_ms, cost_micros=cost_micros
    )
    return (run,)
