"""Drawing in a child process: sends the order, passes on its progress, ends it when it must end.

A process and not a thread, because resvg holds the interpreter's lock for a whole picture: in a
thread it would stop the event loop, and with it the heartbeats, for as long.
"""

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
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
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


@dataclass(frozen=True, slots=True)
class ChildDraw:
    """Draws each picture in a process of its own, at most `gate` of them at the same time."""

    gate: asyncio.Semaphore
    timeout_s: float

    async def __call__(self, order: PictureOrder) -> Picture:
        """The picture. Raises DoesNotFit, and StepError where the process dies or is too slow."""
        async with self.gate:
            with tempfile.TemporaryDirectory(prefix="picture-") as folder:
                task = await asyncio.to_thread(_task, "picture", order, Path(folder))
                done = await _worked(task, self.timeout_s, None)
                png = await asyncio.to_thread((Path(folder) / "picture.png").read_bytes)
        shown = tuple(Shown(**one) for one in done["shown"])
        return Picture(png, tuple(done["notes"]), shown)


@dataclass(frozen=True, slots=True)
class ChildShoot:
    """Makes each film in a process of its own."""

    timeout_s: float

    async def __call__(self, order: FilmOrder, log: FilteringBoundLogger) -> Film:
        """The film. Raises as ChildDraw does, and EncoderMissing."""
        with tempfile.TemporaryDirectory(prefix="film-") as folder:
            task = await asyncio.to_thread(_task, "film", order, Path(folder))
            await _worked(task, self.timeout_s, log)
            mp4 = await asyncio.to_thread((Path(folder) / "film.mp4").read_bytes)
            poster = await asyncio.to_thread((Path(folder) / "poster.png").read_bytes)
        return Film(mp4, poster)


def _task(name: str, order: PictureOrder | FilmOrder, folder: Path) -> dict[str, Any]:
    """The order as JSON can carry it: its files lie in the folder under their fields' names."""
    fields = asdict(order)
    for file in FILES:
        (folder / file).write_bytes(fields.pop(file))
    return {"task": name, "folder": str(folder), "order": fields}


async def _worked(
    task: dict[str, Any], timeout_s: float, log: FilteringBoundLogger | None
) -> dict[str, Any]:
    """The child's last line. Whatever happens, the child is gone when this returns or raises."""
    child = await asyncio.create_subprocess_exec(
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
    try:
        async with asyncio.timeout(timeout_s):
            return await _conversation(child, json.dumps(task).encode(), log)
    except TimeoutError:
        raise StepError(
            FailureReason.TIMEOUT,
            f"drawing took longer than {timeout_s:.0f} s and was stopped; try again when the "
            "machine is less busy, or raise PICTURE_TIMEOUT_S or FILM_TIMEOUT_S",
        ) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _conversation(
    child: asyncio.subprocess.Process, task: bytes, log: FilteringBoundLogger | None
) -> dict[str, Any]:
    stdin, stdout, stderr = child.stdin, child.stdout, child.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None
    complaint = asyncio.create_task(stderr.read())
    try:
        stdin.write(task)
        stdin.close()
        last: dict[str, Any] = {}
        async for line in stdout:
            last = json.loads(line)
            if log is not None and last["event"] == "progress":
                log.info("scene_filmed", **last["fields"])
        code = await child.wait()
        return _judged(last, code, (await complaint).decode(errors="replace"))
    finally:
        complaint.cancel()


def _judged(last: dict[str, Any], code: int, complaint: str) -> dict[str, Any]:
    match last.get("event"):
        case "done" if code == 0:
            return last
        case "does_not_fit":
            raise DoesNotFit(last["message"])
        case "encoder_missing":
            raise EncoderMissing(last["message"])
    tail = complaint.strip().splitlines()[-1:] or ["it said nothing"]
    raise StepError(
        FailureReason.INTERNAL,
        f"the drawing process ended with code {code} ({tail[0][:500]}); if this repeats, check "
        "the machine's memory and the installation of sagaline[visual]",
    )


def _environment() -> dict[str, str]:
    """What the child needs to start, and none of the service's secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
