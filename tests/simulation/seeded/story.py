"""One campaign's log, read by somebody who knows the promises and not the engine.

Every fact is held against what must hold before it; the `problems` say which promise was broken.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from tests.simulation.seeded.transcript import ENDS, Said

COMMANDS = UUID("6a0f4f0a-2f4f-5a55-9d6e-3c1d8b9f2e21")
EFFECTS = UUID("0d6f6f1e-8a43-5b0c-a7c2-57a7a0c9be32")
FACTS = UUID("c9b7a1d2-51c4-5d9a-b0f6-9e1f3a8d4c43")
FIRST_HASH = "0" * 64
_INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(slots=True)
class Story:
    """What a campaign's facts say so far."""

    campaign_id: str
    problems: list[str] = field(default_factory=list)
    sequence: int = 0
    head: str = FIRST_HASH
    life: str = "UNBORN"
    plan: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    retries: set[str] = field(default_factory=set)
    lifted: int = 0
    gates: set[str] = field(default_factory=set)
    called: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    undo_plan: list[str] = field(default_factory=list)
    undoing: str = ""
    undo_waits: str = ""
    parked: set[str] = field(default_factory=set)
    paused: set[tuple[str, str]] = field(default_factory=set)
    left: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    causes: set[str] = field(default_factory=set)
    origins: set[tuple[str, int, int]] = field(default_factory=set)
    together: tuple[str, int, int, str] = ("", 0, 0, "")

    def take(self, said: Said) -> None:
        """The next record under this campaign's key."""
        self._linked(said)
        self._from_one_input(said)
        act = getattr(self, f"_{_INNER_CAPITAL.sub(r'_', said.name).lower()}", None)
        if self.life in ("COMPLETED", "FAILED", "REJECTED", "CANCELLED"):
            again = said.name == "WorkflowRetried" and self.life == "FAILED"
            if not again and said.name != "RequestRefused":
                self._wrong("G4", said, f"the campaign was {self.life}")
        if act is not None:
            act(said, said.fields)
        elif said.name in ENDS:
            self._ended(said)

    def waits_for_something(self) -> bool:
        """True where an open campaign has an obligation, or it has ended."""
        if self.paused:
            return True
        if self.life == "RUNNING":
            return bool(self.calls or self.retries or self.gates)
        if self.life == "COMPENSATING":
            return bool(self.undoing or self.undo_waits or self.parked)
        return True

    def _linked(self, said: Said) -> None:
        position = said.fields["log"]
        if position["sequence"] != self.sequence + 1:
            self._wrong("G6", said, f"sequence {position['sequence']} follows {self.sequence}")
        if position["previous_hash"] != self.head:
            self._wrong("G3", said, "it does not name the record before it")
        expected = str(uuid5(FACTS, f"{self.campaign_id}/{position['sequence']}"))
        if said.envelope["id"] != expected:
            self._wrong("G3", said, "its id is not that of its place")
        self.sequence = position["sequence"]
        self.head = hashlib.sha256(said.incoming.value or b"").hexdigest()

    def _from_one_input(self, said: Said) -> None:
        """Facts of one input stand together, and no input brings facts about twice."""
        position = said.fields["log"]
        origin = (
            position["input_topic"],
            position["input_partition"],
            position["input_offset"],
        )
        cause = said.envelope["causation_id"]
        if (*origin, cause) == self.together:
            return
        if not self.waits_for_something():
            self._wrong("stuck", said, "before it the campaign waited for nothing")
        if origin[2] >= 0 and origin in self.origins:
            self._wrong("G2", said, f"the input {origin} was answered before")
        if origin[2] >= 0 and origin[0].endswith("requests") and cause in self.causes:
            self._wrong("G2", said, f"the request {cause} was answered before")
        self.origins.add(origin)
        self.causes.add(cause)
        self.together = (*origin, cause)

    def _wrong(self, promise: str, said: Said, what: str) -> None:
        where = f"{self.campaign_id[:8]}@{said.fields['log']['sequence']} {said.name}"
        self.problems.append(f"{promise}: {where}: {what}")

    def _goal_received(self, said: Said, _: dict[str, Any]) -> None:
        if self.life != "UNBORN":
            self._wrong("G2", said, "the campaign was there already")
        self.life = "IDLE"

    def _plan_generated(self, said: Said, fact: dict[str, Any]) -> None:
        if self.life != "IDLE":
            self._wrong("G2", said, f"planned while {self.life}")
        self.life = "RUNNING"
        self.plan = {step["name"]: step for step in fact["steps"]}

    def _tool_call_requested(self, said: Said, fact: dict[str, Any]) -> None:
        step, attempt = fact["step"], fact["attempt"]
        if self.life != "RUNNING":
            self._wrong("G4", said, f"{step} was called while {self.life}")
        if step in self.calls:
            self._wrong("G2", said, f"{step} was called and had not answered")
        if self.paused:
            self._wrong("pause", said, f"{step} was called while {sorted(self.paused)} stood")
        date = self.plan[step]["not_before"]
        if date is not None and said.envelope["time"] < date:
            self._wrong("date", said, f"{step} was called before {date}")
        if attempt != self.attempts.get(step, 0) + 1:
            self._wrong("G2", said, f"{step}: attempt {attempt} after {self.attempts.get(step)}")
        if fact["command_id"] != str(uuid5(COMMANDS, f"{self.campaign_id}/{step}/{attempt}")):
            self._wrong("G2", said, f"{step}: the command's id is not that of its attempt")
        if fact["effect_key"] != str(uuid5(EFFECTS, f"{self.campaign_id}/{step}/{fact['round']}")):
            self._wrong("G2", said, f"{step}: the effect's key is not that of its round")
        self.asked.add(fact["command_id"])
        self.calls[step] = self.attempts[step] = attempt
        self.called[step] = said.fields["log"]["sequence"]
        self.keys[step] = fact["effect_key"]
        self.retries.discard(step)
        self.outcomes.pop(step, None)

    def _tool_result_received(self, said: Said, fact: dict[str, Any]) -> None:
        self._answered(said, fact)
        self.outcomes[fact["step"]] = fact["outcome"]

    def _tool_call_failed(self, said: Said, fact: dict[str, Any]) -> None:
        self._answered(said, fact)

    def _answered(self, said: Said, fact: dict[str, Any]) -> None:
        if self.life != "RUNNING" or self.calls.pop(fact["step"], 0) != fact["attempt"]:
            self._wrong("G2", said, f"{fact['step']} {fact['attempt']} was not waited for")

    def _retry_scheduled(self, said: Said, fact: dict[str, Any]) -> None:
        self.retries.add(fact["step"])

    def _step_scheduled(self, said: Said, fact: dict[str, Any]) -> None:
        if fact["due"] != self.plan[fact["step"]]["not_before"]:
            self._wrong("date", said, f"{fact['step']} waits for another moment than planned")
        self.retries.add(fact["step"])

    def _schedule_lifted(self, said: Said, fact: dict[str, Any]) -> None:
        for step in fact["steps"]:
            if step not in self.retries:
                self._wrong("date", said, f"{step} waited for no date")
            self.retries.discard(step)
            self.lifted += 1
            self.plan[step]["not_before"] = said.envelope["time"]

    def _deadline_passed(self, said: Said, fact: dict[str, Any]) -> None:
        if fact["deadline"] > said.envelope["time"]:
            self._wrong("G6", said, "the deadline had not passed")

    def _review_requested(self, said: Said, fact: dict[str, Any]) -> None:
        self.gates.add(fact["step"])
        self.shown[fact["step"]] = fact["shown_digest"]

    def _review_decided(self, said: Said, fact: dict[str, Any]) -> None:
        if fact["step"] not in self.gates:
            self._wrong("G2", said, "nothing waited for a decision")
        if fact["shown_digest"] != self.shown.get(fact["step"]):
            self._wrong("gate", said, "the decision is about something else than was shown")
        self.gates.discard(fact["step"])

    def _compensation_started(self, said: Said, fact: dict[str, Any]) -> None:
        undoable = [step for step in self.called if self.plan[step]["undo"]]
        expected = sorted(undoable, key=lambda step: -self.called[step])
        if list(fact["undo_plan"]) != expected:
            self._wrong("G4", said, f"the undo plan is {fact['undo_plan']}, not {expected}")
        if self.life != "RUNNING":
            self._wrong("G4", said, f"undoing began while {self.life}")
        self.life, self.undo_plan = "COMPENSATING", list(expected)
        self.calls, self.retries, self.gates = {}, set(), set()

    def _compensation_requested(self, said: Said, fact: dict[str, Any]) -> None:
        step = fact["step"]
        following = [one for one in self.undo_plan if one not in self.parked]
        if self.undoing or step != (self.undo_waits or "".join(following[:1])):
            self._wrong("G4", said, f"{step} is not what is to be undone next")
        if self.paused:
            self._wrong("pause", said, f"{step} was undone while {sorted(self.paused)} stood")
        if fact["effect_key"] != self.keys.get(step):
            self._wrong("G4", said, f"{step}: the key is not that of its effect")
        self.asked.add(fact["command_id"])
        self.undoing, self.undo_waits = step, ""

    def _compensation_completed(self, said: Said, fact: dict[str, Any]) -> None:
        self._undo_over(said, fact["step"])
        self.called.pop(fact["step"], None)
        if fact["left_behind"]:
            self.left[fact["step"]] = "; ".join(fact["left_behind"])

    def _compensation_failed(self, said: Said, fact: dict[str, Any]) -> None:
        if fact["final"]:
            self._undo_over(said, fact["step"])
            self.left[fact["step"]] = "the undo failed"
        else:
            self.undoing = ""
            self.undo_waits = fact["step"] if fact["due"] is not None else ""

    def _compensation_parked(self, said: Said, fact: dict[str, Any]) -> None:
        self.undoing = self.undo_waits = ""
        self.parked.add(fact["step"])

    def _compensation_resumed(self, said: Said, fact: dict[str, Any]) -> None:
        if fact["step"] not in self.parked:
            self._wrong("G4", said, f"the undo of {fact['step']} was not parked")
        self.parked.discard(fact["step"])

    def _compensation_skipped(self, said: Said, fact: dict[str, Any]) -> None:
        self._undo_over(said, fact["step"])
        self.left[fact["step"]] = fact["reason"]

    def _undo_over(self, said: Said, step: str) -> None:
        if step in self.parked:
            self.parked.discard(step)
        elif self.undoing != step:
            self._wrong("G4", said, f"the undo of {step} was not waited for")
        else:
            self.undoing = ""
        self.undo_plan = [one for one in self.undo_plan if one != step]

    def _campaign_paused(self, said: Said, fact: dict[str, Any]) -> None:
        self.paused.add((fact["scope"], fact["target"]))

    def _campaign_resumed(self, said: Said, fact: dict[str, Any]) -> None:
        self.paused.discard((fact["scope"], fact["target"]))

    def _workflow_retried(self, said: Said, _: dict[str, Any]) -> None:
        if self.life != "FAILED":
            self._wrong("G4", said, f"retried while {self.life}")
        self.life = "RUNNING"

    def _ended(self, said: Said) -> None:
        self.life = said.name.removeprefix("Workflow").upper()
        if self.life == "COMPLETED":
            if self.calls or self.retries or self.gates:
                self._wrong("G1", said, "completed with steps that were not answered")
            return
        if self.undo_plan:
            self._wrong("G4", said, f"ended before {self.undo_plan} were undone")
        named = {one.partition(":")[0] for one in said.fields["left_behind"]}
        if named != set(self.left):
            self._wrong("G4", said, f"left behind: {sorted(self.left)}, named: {sorted(named)}")
        self.calls, self.retries, self.gates = {}, set(), set()
