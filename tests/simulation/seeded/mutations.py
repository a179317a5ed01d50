"""Planted bugs: each takes one safeguard out of the product's code, and some seed must notice.

A bug is a function and one change to its text. Where the text is no longer there, the planting
fails loudly: then the safeguard has moved, and the bug is to be planted anew where it is now.
"""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from types import CodeType, FunctionType
from typing import Any, Final, cast


@dataclass(frozen=True, slots=True)
class Bug:
    """What is wrong, where, and which text becomes which."""

    name: str
    module: str
    function: str
    old: str
    new: str


LOOP: Final = "chassis.transaction"
SAGA: Final = "services.orchestrator.saga"
PUBLISH: Final = "services.optimizer.publish"

BUGS: Final = (
    Bug(
        "the transaction forgets how far the input was read",
        LOOP,
        "TransactionalLoop._tick",
        "Position(record.offset + 1)",
        "self._positions[record.source]",
    ),
    Bug(
        "an aborted tick is not thrown away",
        LOOP,
        "TransactionalLoop._commit",
        "self._processor.discard()\n        self._astray",
        "self._astray",
    ),
    Bug(
        "an aborted tick's input is not read again",
        LOOP,
        "TransactionalLoop._commit",
        "self._astray.update(positions)",
        "pass",
    ),
    Bug(
        "a tick stands before it is committed",
        LOOP,
        "TransactionalLoop._commit",
        "try:",
        "self._processor.merge()\n    try:",
    ),
    Bug(
        "an unknown outcome is taken for an abort",
        LOOP,
        "TransactionalLoop._commit",
        "await self._adopt(frozenset(self._positions))",
        "pass",
    ),
    Bug(
        "a checkpoint leaves out sagas that changed little",
        f"{SAGA}.processor",
        "SagaProcessor._checkpoint",
        "if held.facts_since_snapshot]",
        "if held.facts_since_snapshot > 4]",
    ),
    Bug(
        "an approval of what was shown before counts",
        f"{SAGA}.engine.gate",
        "_why_not",
        "if request.shown_digest != state.shown_digest:",
        "if False:",
    ),
    Bug(
        "a date is not waited for",
        f"{SAGA}.engine.forward",
        "launch",
        "planned.not_before is not None and story.now < planned.not_before",
        "False",
    ),
    Bug(
        "a restore ignores the log behind the snapshots",
        f"{SAGA}.restore",
        "restore",
        "restored[record.partition].try_fact(record)",
        "pass",
    ),
    Bug(
        "the deadlines of a saga on its way back are lost",
        f"{SAGA}.brief",
        "brief_of",
        "deadlines = saga.deadlines",
        "deadlines = saga.deadlines if saga.life != 'COMPENSATING' else ()",
    ),
    Bug(
        "an answer that comes twice counts twice",
        f"{SAGA}.engine.forward",
        "answered",
        "if state is None or state.status is not StepStatus.CALLED:",
        "if state is None:",
    ),
    Bug(
        "what was done first is undone first",
        f"{SAGA}.engine.backward",
        "undo_plan",
        "-saga.steps[name].called_order",
        "saga.steps[name].called_order",
    ),
    Bug(
        "a request that comes twice is answered twice",
        f"{SAGA}.engine.decide",
        "_requested",
        "if story.cause in story.saga.answered_requests:",
        "if False:",
    ),
    Bug(
        "a command counts as done before its answer is sent",
        "chassis.loop",
        "PhaseLoop._work",
        "self._outbox.add(work, answers)",
        "work.progress.finish(work.incoming.offset)\n    self._outbox.add(work, answers)",
    ),
    Bug(
        "a committed position passes over what is still being worked on",
        "chassis.offsets",
        "Progress.position",
        "watermark = self._unfinished[0]",
        "return Position(self._finished_below)",
    ),
    Bug(
        "a command is begun after its lease",
        "chassis.worker",
        "Worker.answer",
        "if self._seconds_left(call) <= 0:",
        "if False:",
    ),
    Bug(
        "the first answer to a command is forgotten",
        "chassis.worker",
        "Worker._recalled",
        "if value is None:",
        "if True:",
    ),
    Bug(
        "rubbish is set aside without a letter",
        "chassis.loop",
        "PhaseLoop._bury",
        "if sent:",
        "if not sent:",
    ),
    Bug(
        "a claim is given to everybody who asks",
        "chassis.claims",
        "FolderClaims.claim",
        "return await asyncio.to_thread(write_once, self._folder / key, owner.encode())",
        "return await asyncio.to_thread(write_once, self._folder / key, owner.encode()) or True",
    ),
    Bug(
        "the sagas of a lost partition are kept and worked on",
        f"{SAGA}.processor",
        "SagaProcessor.drop",
        "self._store.drop(partition)",
        "pass",
    ),
    Bug(
        "an effect does not look for its own undo",
        f"{PUBLISH}.effects",
        "Effect.may_start",
        "await self.refuse_if_undone()",
        "pass",
    ),
    Bug(
        "an undone step may keep something again",
        "chassis.artefacts",
        "_undone",
        "return bool(effect_key)",
        "return False",
    ),
)


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The product with this bug in it."""
    module = importlib.import_module(bug.module)
    function: Any = reduce(getattr, bug.function.split("."), cast("Any", module))
    assert inspect.isfunction(function)
    sound = function.__code__
    function.__code__ = _mutated(bug, module, function)
    try:
        yield
    finally:
        function.__code__ = sound


def _mutated(bug: Bug, module: Any, function: FunctionType) -> CodeType:
    text = textwrap.dedent(inspect.getsource(function))
    text = text[text.index("async def " if text.lstrip().startswith("async") else "def ") :]
    assert text.count(bug.old) == 1, f"`{bug.old}` is no longer in {bug.function}: plant it anew"
    made: dict[str, Any] = {}
    exec(compile(text.replace(bug.old, bug.new), module.__file__, "exec"), vars(module), made)
    mutant = made[function.__name__]
    assert mutant.__code__.co_freevars == function.__code__.co_freevars
    return CodeType.replace(mutant.__code__)
