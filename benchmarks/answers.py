"""Phases that answer at once with what the real ones answered: `python -m benchmarks.answers`.

Two words: FOLDER, where each command's answer lies as `<command>.avro` (the framed value of a
result), and BOOTSTRAP. It runs until its standard input ends.
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

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
AT_ONCE = 100


def keep(folder: Path, answers: Mapping[str, Decoded]) -> None:
    """Lay down each command's answer, by the command's name."""
    for command, result in answers.items():
        (folder / f"{command}{SUFFIX}").write_bytes(result.value)


def roles(folder: Path, codec: Codec) -> tuple[Role, ...]:
    """The roles of every command that has an answer there."""
    answers = {file.stem: codec.decode(file.read_bytes()) for file in folder.glob(f"*{SUFFIX}")}
    made = []
    for phase in Phase:
        asked = [
            entry
            for entry in CATALOG.entries
            if entry.topic == topics.commands_of(phase) and entry.name in answers
        ]
        if asked:
            handlers = {
                cast("type[Command]", entry.model): _answering(answers[entry.name])
                for entry in asked
            }
            app = answers[asked[0].name].envelope.source
            made.append(Role(phase, app, handlers, max_in_flight=AT_ONCE, remembers=False))
    return tuple(made)


def _answering(recorded: Decoded) -> Handler:
    body = cast(Result, recorded.body)

    async def answer(_: Command, __: Job) -> Answer:
        return Answer(body)

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
