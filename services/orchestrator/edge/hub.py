"""One tail of the log for all streams of this process: each hears its own campaign only."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import aclosing, contextmanager

import structlog

from chassis.codec import Codec, Decoded
from chassis.errors import Undecodable
from services.orchestrator.edge.log import EdgeLog, LogUnavailable

HEARD_MAX = 256
"""How many facts wait for a slow stream; more are dropped, and it reads the view instead."""

AGAIN_S = 1.0


class Listener:
    """What one stream has heard of its campaign and not taken yet."""

    def __init__(self) -> None:
        self._heard: deque[Decoded] = deque(maxlen=HEARD_MAX)
        self._something = asyncio.Event()

    def tell(self, decoded: Decoded) -> None:
        """Add a fact; the oldest one gives way where there are too many."""
        self._heard.append(decoded)
        self._something.set()

    async def wait(self, seconds: float) -> bool:
        """True once there is something; False after so many seconds of silence."""
        try:
            async with asyncio.timeout(seconds):
                await self._something.wait()
        except TimeoutError:
            return False
        return True

    def take(self) -> tuple[Decoded, ...]:
        """Everything heard since the last time."""
        heard = tuple(self._heard)
        self._heard.clear()
        self._something.clear()
        return heard


class Hub:
    """Reads the tail for as long as it is entered, and hands each fact to those who listen."""

    def __init__(self, log: EdgeLog, codec: Codec) -> None:
        self._log = log
        self._codec = codec
        self._listeners: dict[str, set[Listener]] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return sum(len(listeners) for listeners in self._listeners.values())

    @property
    def campaigns(self) -> int:
        """How many campaigns somebody listens to."""
        return len(self._listeners)

    def start(self) -> None:
        """Begin to read the tail, and keep on over every interruption."""
        self._task = asyncio.create_task(self._run(), name="edge-tail")

    async def stop(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @contextmanager
    def listening(self, campaign_id: str) -> Iterator[Listener]:
        """Hear one campaign's facts."""
        listener = Listener()
        self._listeners.setdefault(campaign_id, set()).add(listener)
        try:
            yield listener
        finally:
            left = self._listeners[campaign_id]
            left.discard(listener)
            if not left:
                del self._listeners[campaign_id]

    async def _run(self) -> None:
        logger = structlog.get_logger("edge")
        while True:
            try:
                async with aclosing(self._log.tail()) as values:
                    async for value in values:
                        self._hand_out(value)
            except LogUnavailable as cause:
                logger.warning(
                    "tail_interrupted",
                    why=str(cause),
                    meaning="streams go on from the view, up to a second later",
                )
            await asyncio.sleep(AGAIN_S)

    def _hand_out(self, value: bytes) -> None:
        if not self._listeners:
            return
        try:
            decoded = self._codec.decode(value, validate=False)
            listeners = self._listeners.get(decoded.record["envelope"]["campaign_id"], ())
        except Undecodable:
            return  # the projector alarms
        for listener in listeners:
            listener.tell(decoded)
