"""When to try again: exponential backoff whose jitter the command id decides, so it replays."""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.plan import RetryPolicy

STRETCH_MAX = 4
"""A lease grows to so many times what the plan gives it, where calls pass in silence."""


class Tried(NamedTuple):
    """How often something was tried: with an answer, and in silence; and until when it may be."""

    tries: int
    silent: int
    until: datetime | None


def again_at(policy: RetryPolicy, tried: Tried, now: datetime, command_id: str) -> datetime | None:
    """When the next try begins; None where the tries, or the time for them, are used up.

    Time alone takes nobody's tries: after an outage of everything it has passed at once.
    """
    due = now + backoff(policy, tried.tries + tried.silent, command_id)
    late = tried.until is not None and due > tried.until
    if tried.tries >= policy.attempts_max:
        return None
    if late and tried.tries + tried.silent >= policy.attempts_max:
        return None
    return due


def until(policy: RetryPolicy, first: datetime) -> datetime | None:
    """No try begins later than that, where the first began at `first`; None where any may."""
    return first + timedelta(milliseconds=policy.budget_ms) if policy.budget_ms else None


def stretched(lease: timedelta, silent: int) -> timedelta:
    """The lease of a call after so many that nobody answered: doubled each time, capped.

    Calls that wait in a queue longer than their lease would only make the queue longer.
    """
    return lease * min(STRETCH_MAX, 1 << silent)


def backoff(policy: RetryPolicy, tries: int, command_id: str) -> timedelta:
    """The wait after the `tries`-th try: doubled each time, capped, then 50-100 % of it.

    Full determinism: the jitter is the first byte pair of SHA-256 over the command id.
    """
    doubled = min(policy.backoff_ms_max, policy.backoff_ms * 2 ** max(0, tries - 1))
    draw = int.from_bytes(hashlib.sha256(command_id.encode()).digest()[:2], "big") / 0xFFFF
    return timedelta(milliseconds=round(doubled * (0.5 + draw / 2)))
