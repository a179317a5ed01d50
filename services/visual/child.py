"""Drawing in child processes: sends orders, passes on progress, ends a child when it must end.

Processes and not threads, because resvg holds the interpreter's lock for a whole picture: in a
thread it would stop the event loop, and with it the heartbeats, for as long.
"""

import asyncio
import json
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from chassis.errors import StepError
from contracts.envelope import FailureReason
from services.visual.ports import (
    DoesNotFit,
    EncoderMissing,
    Film,
    FilmOrder,
    Picture,
    PictureOrder,
    Shown,
)

MODULE = "services.visual.child_main"
FILES = ("logo", "photo")
LINE_BYTES_MAX = 1 << 20
PICTURES_MAX = 200
"""A process is replaced after so many."""

IDLE_S = 30.0
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


class _Child:
    """One drawing process; it does one task after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._tasks = process.stdin
        self._lines = process.stdout
        self._complaint = asyncio.create_task(process.stderr.read())
        self.tasks = 0

    @classmethod
    async def start(cls) -> "_Child":
        """A child that waits for its first task."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # a file in the working folder must not stand in for a library
                "-m",
                MODULE,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LINE_BYTES_MAX,
                env=_environment(),
            )
        )

    @property
    def usable(self) -> bool:
        """True while it waits for tasks and has not done its share."""
        waits = self._process.returncode is None and not self._tasks.is_closing()
        return waits and self.tasks < PICTURES_MAX

    async def work(
        self, task: dict[str, Any], timeout_s: float, log: FilteringBoundLogger | None = None
    ) -> dict[str, Any]:
        """What it says at the task's end. Raises StepError where it dies or is too slow."""
        self.tasks += 1
        try:
            async with asyncio.timeout(timeout_s):
                with suppress(ConnectionError):  # it is gone: its last words tell why
                    self._tasks.write(json.dumps(task).encode() + b"\n")
                    await self._tasks.drain()
                async for line in self._lines:
                    said: dict[str, Any] = json.loads(line)
                    if said["event"] != "progress":
                        return said
                    if log is not None:
                        log.info("scene_filmed", **said["fields"])
                raise _died(await self._process.wait(), await self._complaint)
        except TimeoutError:
            raise StepError(
                FailureReason.TIMEOUT,
                f"drawing took longer than {timeout_s:.0f} s and was stopped; try again when the "
                "machine is less busy, or raise PICTURE_TIMEOUT_S or FILM_TIMEOUT_S",
            ) from None

    def dismiss(self) -> None:
        """Let it end by itself: nothing more will be asked of it."""
        self._tasks.close()

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        self._tasks.close()
        await self._process.wait()
        await self._complaint


@dataclass(slots=True)
class ChildDraw:
    """Draws pictures in processes of their own, at most `gate` of them at the same time.

    A process draws many, one after the other, and ends when nothing was asked of it for a while.
    One that has opened a brand's own files draws nothing else.
    """

    gate: asyncio.Semaphore
    timeout_s: float
    _idle: dict[_Child, asyncio.TimerHandle] = field(default_factory=dict, init=False)

    async def __call__(self, order: PictureOrder) -> Picture:
        """The picture. Raises DoesNotFit, and StepError where the process dies or is too slow."""
        async with self.gate:
            with tempfile.TemporaryDirectory(prefix="picture-") as folder:
                task = await asyncio.to_thread(_task, "picture", order, Path(folder))
                done = _judged(await self._worked(task, alone=bool(order.logo or order.photo)))
                png = await asyncio.to_thread((Path(folder) / "picture.png").read_bytes)
        shown = tuple(Shown(**one) for one in done["shown"])
        return Picture(png, tuple(done["notes"]), shown)

    async def close(self) -> None:
        """End every process that waits."""
        while self._idle:
            child, timer = self._idle.popitem()
            timer.cancel()
            await child.end()

    async def _worked(self, task: dict[str, Any], *, alone: bool) -> dict[str, Any]:
        child = await self._ready_child()
        kept = False
        try:
            said = await child.work(task, self.timeout_s)
            kept = child.usable and not alone
        finally:
            if not kept:
                await child.end()
        if kept:
            self._idle[child] = asyncio.get_running_loop().call_later(IDLE_S, child.dismiss)
        return said

    async def _ready_child(self) -> _Child:
        while self._idle:
            child, timer = self._idle.popitem()
            timer.cancel()
            if child.usable:
                return child
            await child.end()
        return await _Child.start()


@dataclass(frozen=True, slots=True)
class ChildShoot:
    """Makes each film in a process of its own."""

    timeout_s: float

    async def __call__(self, order: FilmOrder, log: FilteringBoundLogger) -> Film:
        """The film. Raises as ChildDraw does, and EncoderMissing."""
        with tempfile.TemporaryDirectory(prefix="film-") as folder:
            task = await asyncio.to_thread(_task, "film", order, Path(folder))
            child = await _Child.start()
            try:
                _judged(await child.work(task, self.timeout_s, log))
            finally:
                await child.end()
            mp4 = await asyncio.to_thread((Path(folder) / "film.mp4").read_bytes)
            poster = await asyncio.to_thread((Path(folder) / "poster.png").read_bytes)
        return Film(mp4, poster)


def _task(name: str, order: PictureOrder | FilmOrder, folder: Path) -> dict[str, Any]:
    """The order as JSON can carry it: its files lie in the folder under their fields' names."""
    fields = asdict(order)
    for file in FILES:
        (folder / file).write_bytes(fields.pop(file))
    return {"task": name, "folder": str(folder), "order": fields}


def _judged(said: dict[str, Any]) -> dict[str, Any]:
    match said["event"]:
        case "does_not_fit":
            raise DoesNotFit(said["message"])
        case "encoder_missing":
            raise EncoderMissing(said["message"])
    return said


def _died(code: int, complaint: bytes) -> StepError:
    tail = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    return StepError(
        FailureReason.INTERNAL,
        f"the drawing process ended with code {code} ({tail[0][:500]}); if this repeats, check "
        "the machine's memory and the installation of sagaline[visual]",
    )


def _environment() -> dict[str, str]:
    """What the child needs to start, and none of the service's secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
