"""Phases that answer with what the real ones answered: `python -m benchmarks.answers`.

Two words: FOLDER, where each step's answer lies as `<command>@<step>.avro` (the framed value of a
result), and BOOTSTRAP. They answer at once, or after the seconds that FOLDER/waits.json says. It
runs until its standard input ends.
"""

import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pydantic import BaseModel

from benchmarks import engine
from chassis.artefacts import FolderArtefacts
from chassis.clock import SystemClock
from chassis.codec import Codec, Decoded
from chassis.collector import settle_collector
from chassis.kafka import KafkaBroker
from chassis.main import phase_loop
from chassis.recall import MemoryRecall
from chassis.service import Answer, Handler, Job, Role, Wiring
from chassis.settings import ChassisSettings
from chassis.telemetry import configure_logs
from contracts import topics
from contracts.catalog import CATALOG
from contracts.message import Command, Result
from contracts.plan import Phase

SUFFIX = ".avro"
WAITS = "waits.json"
AT_ONCE = 100

Steps = Mapping[str, Decoded]
"""A command's answers, by the step that asked."""


class Waits(BaseModel):
    """Seconds until a command is answered, by its name; `one_by_one`: all phases work in turn."""

    seconds: dict[str, float] = {}
    one_by_one: bool = False


def keep(folder: Path, answers: Mapping[tuple[str, str], Decoded], waits: Waits) -> None:
    """Lay down each answer, by the command's name and the step, and how long it takes."""
    for (command, step), result in answers.items():
        (folder / f"{command}@{step}{SUFFIX}").write_bytes(result.value)
    (folder / WAITS).write_text(waits.model_dump_json(), "utf-8")


def roles(folder: Path, codec: Codec) -> tuple[Role, ...]:
    """The roles of every command that has an answer there."""
    answers: dict[str, dict[str, Decoded]] = defaultdict(dict)
    for file in folder.glob(f"*{SUFFIX}"):
        command, _, step = file.stem.partition("@")
        answers[command][step] = codec.decode(file.read_bytes())
    waits = Waits.model_validate_json((folder / WAITS).read_text("utf-8"))
    places = asyncio.Semaphore(1 if waits.one_by_one else AT_ONCE)
    made = []
    for phase in Phase:
        asked = [
            entry
            for entry in CATALOG.entries
            if entry.topic == topics.commands_of(phase) and entry.name in answers
        ]
        if asked:
            handlers = {
                cast("type[Command]", entry.model): _answering(
                    answers[entry.name], waits.seconds.get(entry.name, 0.0), places
                )
                for entry in asked
            }
            app = next(iter(answers[asked[0].name].values())).envelope.source
            made.append(Role(phase, app, handlers, max_in_flight=AT_ONCE, remembers=False))
    return tuple(made)


def _answering(recorded: Steps, wait_s: float, places: asyncio.Semaphore) -> Handler:
    bodies = {step: cast(Result, one.body) for step, one in recorded.items()}

    async def answer(_: Command, job: Job) -> Answer:
        if wait_s:
            async with places:
                await asyncio.sleep(wait_s)
        return Answer(bodies[job.call.step])

    return answer


def main(argv: Sequence[str]) -> None:
    """Answer until nobody holds the standard input any more."""
    folder, bootstrap = argv
    configure_logs("WARNING", "answers")
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as state:
        settings = ChassisSettings(
            kafka_bootstrap=bootstrap, use_in_memory_store=True, state_dir=Path(state)
        )
        broker, clock, codec = KafkaBroker(settings), SystemClock(), Codec()
        wiring = Wiring(FolderArtefacts(settings.artefacts_dir), MemoryRecall(clock), clock)
        settle_collector()
        loops = [
            phase_loop(role, settings, broker, wiring, codec) for role in roles(Path(folder), codec)
        ]
        asyncio.run(engine.run([(loop.run, loop.stop) for loop in loops]))


if __name__ == "__main__":
    main(sys.argv[1:])
