"""A few children that read foreign bytes under limits, kept ready and replaced when they die.

Replies are JSON, never pickles: a child that a hostile page took over can say wrong things about
that page, and nothing else.
"""

import asyncio
import json
import struct
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from chassis.errors import StepError
from chassis.guard import SourceRefused
from contracts.envelope import FailureReason
from services.radar.ports import Extracted, Passage, TextKind

CHILD = Path(__file__).with_name("extraction_child.py")
LENGTHS = struct.Struct(">II")
START_SECONDS_MAX = 30.0
REPLY_BYTES_MAX = 8_000_000
DOCUMENTS_MAX = 200
"""A child is replaced after this many: trafilatura's caches grow by about 1 MB a page."""


class _Died(Exception):
    """The child ended in the middle of an answer."""


class _Child:
    """One process; asks and answers are strictly in turn."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests = process.stdin
        self._replies = process.stdout
        self.documents = 0

    @property
    def usable(self) -> bool:
        """True while it runs and has not read its share."""
        return self._process.returncode is None and self.documents < DOCUMENTS_MAX

    async def ask(self, request: Mapping[str, str], raw: bytes) -> dict[str, Any]:
        """Its reply. Raises _Died."""
        self.documents += 1
        head = json.dumps(request).encode()
        try:
            self._requests.write(LENGTHS.pack(len(head), len(raw)) + head)
            self._requests.write(raw)
            await self._requests.drain()
            return await self.reply()
        except ConnectionError:
            raise _Died from None

    async def reply(self) -> dict[str, Any]:
        """The next reply. Raises _Died."""
        try:
            length, _ = LENGTHS.unpack(await self._replies.readexactly(LENGTHS.size))
            if length > REPLY_BYTES_MAX:
                raise _Died
            reply = json.loads(await self._replies.readexactly(length))
        except (asyncio.IncompleteReadError, ValueError):
            raise _Died from None
        if not isinstance(reply, dict):
            raise _Died
        return reply

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        self._requests.close()
        await self._process.wait()


class ExtractionPool:
    """An Extractor over at most `children` processes, each under a memory and a time limit."""

    def __init__(self, *, memory_limit_mb: int, seconds_max: float, children: int) -> None:
        self._memory_limit_mb = memory_limit_mb
        self._seconds_max = seconds_max
        self._places = asyncio.Semaphore(children)
        self._idle: list[_Child] = []

    async def extract(
        self, kind: TextKind, raw: bytes, *, charset: str = "", selector: str = ""
    ) -> Extracted:
        """The text of `raw`. Raises SourceRefused where it cannot be read within the limits."""
        request = {"kind": kind.value, "charset": charset, "selector": selector}
        async with self._places:
            child = await self._ready_child()
            kept = False
            try:
                async with asyncio.timeout(self._seconds_max):
                    reply = await child.ask(request, raw)
                kept = "spent" not in reply
            except TimeoutError:
                raise SourceRefused(
                    f"reading it takes longer than {self._seconds_max:g} s; give a simpler page"
                ) from None
            except _Died:
                raise SourceRefused(
                    f"reading it ended the child that read it (its limit is "
                    f"{self._memory_limit_mb} MB of memory); give a simpler page"
                ) from None
            finally:
                if kept and child.usable:
                    self._idle.append(child)
                else:
                    await child.end()
        if "refused" in reply:
            raise SourceRefused(str(reply["refused"]))
        return _extracted(reply)

    async def close(self) -> None:
        """End every child that waits."""
        while self._idle:
            await self._idle.pop().end()

    async def _ready_child(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.usable:
                return child
            await child.end()
        return await self._start()

    async def _start(self) -> _Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-B", "-W", "ignore", str(CHILD), str(self._memory_limit_mb)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
        )
        child = _Child(process)
        ready = False
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                said = await child.reply()
            ready = "ready" in said
        except (TimeoutError, _Died):
            said = {"broken": "it said nothing"}
        finally:
            if not ready:
                await child.end()
        if not ready:
            raise StepError(
                FailureReason.NOT_CONFIGURED,
                f"the extraction child does not start ({said.get('broken')}); install the extra "
                f"[radar] and give MEMORY_LIMIT_MB at least 256 (now {self._memory_limit_mb})",
            )
        return child


def _extracted(reply: Mapping[str, Any]) -> Extracted:
    """The reply as text with passages. Raises SourceRefused where it is not what was agreed."""
    try:
        text = str(reply["text"])
        passages = tuple(
            Passage(int(start), int(end), str(title), _moment(told))
            for start, end, title, told in reply["passages"]
        )
        return Extracted(str(reply["title"]), text, passages)
    except (KeyError, TypeError, ValueError):
        raise SourceRefused("reading it gave no text that can be trusted") from None


def _moment(told: str) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
