"""When to try again: exponential backoff whose jitter the command id decides, so it replays."""

import hashlib
from datetime import timedelta

from contracts.plan import RetryPolicy


def backoff(policy: RetryPolicy, tries: int, command_id: str) -> timedelta:
    """The wait after the `tries`-th try: doubled each time, capped, then 50-100 % of it.

    Full determinism: the jitter is the first byte pair of SHA-256 over the command id.
    """
    doubled = min(policy.backoff_ms_max, policy.backoff_ms * 2 ** max(0, tries - 1))
    draw = int.from_bytes(hashlib.sha256(command_id.encode()).digest()[:2], "big") / 0xFFFF
    return timedelta(milliseconds=round(doubled * (0.5 + draw / 2)))
