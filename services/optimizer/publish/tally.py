"""What came of one walk over the recipients, in words and as an outcome. It sends nothing."""

from collections import Counter
from dataclasses import dataclass, field

from chassis.errors import StepError
from contracts.envelope import FailureReason, StepOutcome
from services.optimizer.publish.carriers import Verdict
from services.optimizer.publish.recipients import Receipt


@dataclass(slots=True)
class Tally:
    """Recipients by subject id; nobody's address is in here."""

    sent: dict[str, Receipt] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    deferred: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    opted_out: int = 0
    deferral: str = ""

    def enter(self, subject: str, receipt: Receipt) -> None:
        """Note what came of one recipient's newest try."""
        if receipt.verdict is Verdict.SENT:
            self.sent[subject] = receipt
        elif receipt.verdict is Verdict.DEFERRED:
            self.deferred.append(subject)
            self.deferral = receipt.detail
        else:
            self.failed[subject] = receipt.detail

    @property
    def unwanted(self) -> bool:
        """True where there was somebody to write to, and all of them had opted out."""
        others = (self.sent, self.held, self.deferred, self.failed)
        return self.opted_out > 0 and not any(others)

    @property
    def outcome(self) -> StepOutcome:
        """HELD where anybody is in doubt, DEGRADED where anybody got nothing against our will."""
        if self.held:
            return StepOutcome.HELD
        if self.unwanted:
            return StepOutcome.SKIPPED
        return StepOutcome.DEGRADED if self.failed or self.deferred else StepOutcome.SUCCEEDED

    def notes(self, via: str) -> tuple[str, ...]:
        """What a person should know: how many, and everybody who got nothing."""
        tried = len(self.sent) + len(self.held) + len(self.deferred) + len(self.failed)
        total = tried + self.opted_out
        notes = [f"{len(self.sent)} of {total} recipients: sent by {via}"]
        if self.opted_out:
            notes.append(f"{self.opted_out} of {total} recipients had unsubscribed: not written to")
        if self.held:
            notes.append(
                f"{len(self.held)} of {total} recipients are held: a mail may or may not have "
                f"reached them ({', '.join(self.held)}). Look into the mail server's log; to send "
                "them a mail in any case set ON_UNKNOWN=resend and retry the step"
            )
        if self.deferred:
            notes.append(
                f"{len(self.deferred)} recipients got nothing, the server kept deferring them: "
                f"{', '.join(self.deferred)}"
            )
        notes.extend(f"recipient {subject}: {why}" for subject, why in self.failed.items())
        return tuple(notes)

    def failure(self) -> StepError:
        """Why the walk as a whole is no result yet."""
        if self.deferred:
            return StepError(
                FailureReason.UNAVAILABLE,
                f"the mail server deferred {len(self.deferred)} recipients "
                f"({self.deferral or 'no word why'}) and took {len(self.sent)}; the rest is sent "
                "when the step is tried again",
            )
        reasons = Counter(self.failed.values())
        listed = "; ".join(f"{count} x {why}" for why, count in sorted(reasons.items()))
        return StepError(
            FailureReason.INVALID_INPUT,
            f"recipients: nobody could be written to ({listed}; {', '.join(self.failed)}); correct "
            "the list of recipients",
        )
