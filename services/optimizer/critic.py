"""A model that reads the texts too, where one is configured. It adds remarks, and no verdict."""

from dataclasses import dataclass

from chassis.adapters.description import Completion
from chassis.adapters.door import Done, Door
from chassis.errors import CircuitOpen, StepError
from chassis.service import EMBEDDED
from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import StepOutcome, Usage
from services.optimizer.audit.critique import Prompt, Unreadable, critique, prompt

ANSWER_TOKENS_MAX = 1_500


@dataclass(frozen=True, slots=True)
class Heard:
    """What the critic said: checks to add, notes for people, what it cost; DEGRADED unheard."""

    checks: tuple[QualityCheck, ...] = ()
    notes: tuple[str, ...] = ()
    usage: Usage = EMBEDDED
    outcome: StepOutcome = StepOutcome.SUCCEEDED


class Critic:
    """Asks the model that the operator chose, through the door."""

    def __init__(self, door: Door, model: str) -> None:
        """`model` is `anthropic/<model>` or `openai/<model>`; empty: nobody is ever asked."""
        self._door = door
        self._tool, _, self._model = model.partition("/")

    async def read(self, subject: AuditContent, digest: str) -> Heard:
        """One call about all texts; without a model or its key none. Never raises StepError."""
        if not self._tool or not self._door.configured(self._tool):
            return Heard()
        asked = prompt(subject, digest)
        try:
            done = await self._door.execute(self._tool, "complete", self._args(asked))
        except (StepError, CircuitOpen) as failure:
            return _unheard(str(failure), getattr(failure, "usage", EMBEDDED))
        return _heard(subject, asked, done)

    def _args(self, asked: Prompt) -> dict[str, object]:
        turn = {"role": "user", "content": asked.user}
        args: dict[str, object] = {"model": self._model, "max_tokens": ANSWER_TOKENS_MAX}
        if self._tool == "anthropic":
            return {**args, "system": asked.system, "messages": [turn]}
        system = {"role": "system", "content": asked.system}
        return {**args, "messages": [system, turn], "temperature": 0.0}


def _heard(subject: AuditContent, asked: Prompt, done: Done) -> Heard:
    assert isinstance(done.outcome, Completion)
    try:
        said = critique(subject, done.outcome.text)
    except Unreadable as error:
        return _unheard(str(error), done.usage)
    notes = []
    if said.dropped:
        notes.append(
            f"{said.dropped} of the critic's remarks were left out: they quote words that do not "
            "stand in the text they speak of, or are no remarks"
        )
    if asked.left_out:
        notes.append(
            f"the critic did not read {', '.join(asked.left_out)}: the texts are too long together"
        )
    return Heard(said.checks, tuple(notes), done.usage)


def _unheard(why: str, usage: Usage) -> Heard:
    note = f"the critic was not heard ({why}); the other checks stand"
    return Heard(notes=(note,), usage=usage, outcome=StepOutcome.DEGRADED)
