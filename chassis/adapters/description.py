"""What an adapter is: its name, settings, actions and rules. It calls nobody."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chassis.adapters.web import Vendor, Web
from chassis.breaker import STANDARD, Profile


class Kind(StrEnum):
    """What an adapter is for."""

    PUBLISHING = "publishing"
    REVIEW = "review"
    RESEARCH = "research"
    MODEL = "model"
    ANALYTICS = "analytics"
    DESIGN = "design"
    STORAGE = "storage"


class KeyRule(StrEnum):
    """How the same call, made twice, has one effect."""

    READS = "changes nothing"
    SENT = "key sent, the other side deduplicates"
    NAMES = "key names the thing, a repeat writes the same"
    LOOKED_UP = "looked up by its key before a repeat"
    CLAIMED = "claimed before the call, never repeated unasked"


class Pricing(StrEnum):
    """What a call costs."""

    NONE = "nothing per call"
    TOKENS = "tokens at MODEL_PRICES"
    PLAN = "by the vendor's plan, not priced here"


@dataclass(frozen=True, slots=True)
class Retry:
    """How often one call is tried, and how long is waited between two tries at first and at most.

    Only failures that may pass are tried again, and only within the action's timeout.
    """

    attempts: int = 1
    first_s: float = 0.2
    most_s: float = 2.0


ONCE = Retry()
"""The orchestrator repeats the step: it knows the lease, the tries and the budget."""

READING = Retry(attempts=3)


class Args(BaseModel):
    """What an action is given; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _below(path: str) -> str:
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError("give a path without empty parts, `.` and `..`")
    return path


PathBelow = Annotated[str, Field(min_length=1, max_length=900), AfterValidator(_below)]
"""A path below a root, which it never leaves."""


class Outcome(BaseModel):
    """What an action answers."""

    model_config = ConfigDict(frozen=True)


class Removed(Outcome):
    """Whether there was still something of ours to remove."""

    found: bool


class Completion(Outcome):
    """What a model wrote, and the tokens that it counted."""

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One call's circumstances: the stable key of its effect, and whether it may be a repeat."""

    key: str
    repeat: bool
    web: Web
    now: datetime


Run = Callable[[Any, Call], Awaitable[Outcome]]
"""`async (args, call) -> outcome`; raises StepError."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that an adapter does. `undo` names the action that takes it back.

    `circuit_of` gives the part of the outside that has a breaker of its own, for example a host.
    """

    name: str
    about: str
    args: type[Args]
    outcome: type[Outcome]
    run: Run
    timeout_s: float = 30.0
    retry: Retry = ONCE
    key: KeyRule = KeyRule.READS
    pricing: Pricing = Pricing.NONE
    undo: str = ""
    circuit_of: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Adapter:
    """One outside dependency.

    `needs` names its settings, `missing` those of them that are empty; `secrets` are the values
    that may stand in no message.
    """

    name: str
    kind: Kind
    about: str
    actions: tuple[Action, ...]
    needs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    breaker: Profile = STANDARD

    def action(self, name: str) -> Action | None:
        """The action of that name."""
        return next((action for action in self.actions if action.name == name), None)


def adapter_to(
    vendor: Vendor,
    kind: Kind,
    about: str,
    actions: tuple[Action, ...],
    breaker: Profile = STANDARD,
) -> Adapter:
    """The adapter to a vendor: its name, its settings and its secrets are the vendor's."""
    return Adapter(
        name=vendor.name,
        kind=kind,
        about=about,
        actions=actions,
        needs=tuple(vendor.needs),
        missing=empty(vendor.needs),
        secrets=vendor.secrets,
        breaker=breaker,
    )


def empty(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The names whose values are empty."""
    return tuple(name for name, value in settings.items() if not value)
