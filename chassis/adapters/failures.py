"""What a failed call to the outside means: a step's failure, and whether anything was done."""

from collections.abc import Sequence

from chassis.errors import StepError
from contracts.envelope import FailureReason

DETAIL_CHARS_MAX = 300


class CallFailed(StepError):
    """A call to the outside failed.

    `status` is the answer's, 0 where there was none. `nothing_done` is True where the other side
    certainly did nothing: it was never reached, or refused. False means that nobody can say.
    """

    def __init__(
        self, reason: FailureReason, message: str, *, status: int = 0, nothing_done: bool = True
    ) -> None:
        super().__init__(reason, message)
        self.status = status
        self.nothing_done = nothing_done
        self.retry_after_s: float | None = None


def not_configured(tool: str, missing: tuple[str, ...]) -> CallFailed:
    """The failure of a call whose settings are missing; nobody was called."""
    is_are = "is" if len(missing) == 1 else "are"
    return CallFailed(
        FailureReason.NOT_CONFIGURED,
        f"{tool} cannot be used before {' and '.join(missing)} {is_are} set as docs/adapters.md "
        "and docs/settings.md say. Nobody was called",
    )


def refused(tool: str, status: int, detail: str, key: Sequence[str] = ()) -> CallFailed:
    """The failure that an HTTP status means (RFC 9110).

    `detail` is the vendor's own word; `key` names the setting that holds our key for it.
    """
    said = f"{tool} answered {status}" + (f" ({detail[:DETAIL_CHARS_MAX]})" if detail else "")
    reason, what = FailureReason.REJECTED, "correct what was asked for"
    if status in (401, 403):
        reason, what = FailureReason.NOT_CONFIGURED, f"correct {' '.join(key) or 'our key'}"
    elif status == 429:
        reason, what = FailureReason.RATE_LIMITED, "it is asked again later"
    elif status in (408, 425) or status >= 500:
        reason, what = FailureReason.UNAVAILABLE, "it is asked again later"
    elif 300 <= status < 400:
        what = "redirects are not followed: correct the address in the settings"
    nothing_done = status < 500 and status != 408
    return CallFailed(reason, f"{said}; {what}", status=status, nothing_done=nothing_done)


def misunderstood(tool: str, why: str) -> CallFailed:
    """The failure of an answer that is none of this protocol's; the effect may have happened."""
    return CallFailed(
        FailureReason.UNAVAILABLE,
        f"{tool} answered something else than its documentation says ({why[:DETAIL_CHARS_MAX]}); "
        "check its address in the settings",
        nothing_done=False,
    )
