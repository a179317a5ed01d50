"""What a phase service is made of: roles, handlers, the job they get, the answer they give."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from structlog.typing import FilteringBoundLogger

from chassis.adapters.catalogue import unconfigured
from chassis.adapters.door import Door
from chassis.artefacts import ArtefactStore, StepArtefacts
from chassis.claims import Claims
from chassis.clock import Clock
from chassis.fuse import NO_FUSE, Fuse
from chassis.recall import Recall
from chassis.sealing import Unsealer
from contracts.envelope import AgentRun, AppName, ArtefactRef, StepCall, StepOutcome, Usage
from contracts.message import Command, Record, Result

EMBEDDED = Usage()
"""What an answer costs that the service's own engine made: nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """One command's circumstances, for its handler.

    `call.effect_key` is the key to hand to the outside world; `artefacts` and `claims` belong to
    the command's tenant; `unseal` opens personal fields (only publishing and rendering may).
    """

    tenant_id: str
    campaign_id: str
    command_id: str
    call: StepCall
    artefacts: StepArtefacts
    claims: Claims
    unseal: Unsealer
    log: FilteringBoundLogger


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers: the typed result, and what it took.

    `also` are records for other topics (key, record), written together with the result.
    """

    body: Result
    outcome: StepOutcome = StepOutcome.SUCCEEDED
    usage: Usage = EMBEDDED
    artefacts: tuple[ArtefactRef, ...] = ()
    agents: tuple[AgentRun, ...] = ()
    notes: tuple[str, ...] = ()
    also: tuple[tuple[str, Record], ...] = ()


Handler = Callable[[Any, Job], Awaitable[Answer]]
"""`async (command, job) -> Answer`; raises StepError to fail, Retryable to be asked again."""


async def _holds_nothing() -> None:
    """For a role whose handlers keep nothing open between two commands."""


@dataclass(frozen=True, slots=True)
class Role:
    """One phase's worker: which commands it takes, and how many at once.

    `name` is the phase; it names the command topic, the consumer group and the replica. A role
    that `remembers` keeps each first result outside the log, so that a command delivered again
    gets the same answer. One may leave that out whose handlers touch nothing outside and give
    equal bytes for equal commands: for it, working again is the same as remembering. Only the
    process of a role that `recalls` keeps up with `memory.items`. `close` ends what the handlers
    keep between two commands, such as processes; it is awaited when the copy has stopped.
    """

    name: str
    app: AppName
    handlers: Mapping[type[Command], Handler]
    max_in_flight: int = 20
    remembers: bool = True
    recalls: bool = False
    close: Callable[[], Awaitable[None]] = _holds_nothing


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the chassis hands to a service when it makes its roles.

    Without a `door` nothing outside is configured. A service registers its own adapters in it.
    """

    artefacts: ArtefactStore
    recall: Recall
    clock: Clock
    fuse: Fuse = NO_FUSE
    door: Door = field(default_factory=unconfigured)
