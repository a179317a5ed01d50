"""Where `sagaline dead` meets Kafka: the letters, whole records, and the one clerk who closes."""

import asyncio
import getpass
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from chassis.broker import Incoming, TopicPartition
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.errors import Aborted, ChassisError, Fenced, OutcomeUnknown, Rejected
from chassis.kafka import KafkaBroker
from chassis.letterbox import Letter, Letterbox, Letters
from chassis.redrive import COUNTER, Clerk, Notes
from chassis.settings import ChassisSettings
from contracts import topics
from contracts.envelope import Actor, ActorKind
from deploy.cli.dead_file import SavedLetter, SavedRecord
from deploy.cli.places import mean_the_stack_here
from deploy.cli.talk import CommandFailed

SETTLE_S = 10.0
LOOK_EVERY_S = 0.5
SAGA_INPUTS = (topics.REQUESTS, topics.RESULTS)


class Counter:
    """The letters of the stack here; what the brokers refuse is told as CommandFailed."""

    def __init__(self) -> None:
        mean_the_stack_here()
        settings = ChassisSettings()
        broker = KafkaBroker(settings)
        self._bootstrap = settings.kafka_bootstrap
        self._reader = broker.reader()
        self._pen = broker.together(COUNTER)
        self._box = Letterbox(self._reader, Codec())
        self.clerk = Clerk(self._box, self._pen, Notes(Codec(), whoever(), SystemClock()))

    async def letters(self) -> Letters:
        """Every letter that is kept."""
        return await self._box.letters()

    async def open(self, *, writing: bool) -> Letters:
        """Every letter that is kept; where something is to be closed, as nobody else may then."""
        return await (self.clerk.open() if writing else self._box.letters())

    async def settled(self, letters: Sequence[Letter]) -> list[Letter]:
        """The letters as they stand once their campaigns have said what became of parked ones.

        After SETTLE_S they are told as they stand then.
        """
        waiting = {one.place: one.attempts for one in letters if one.body.parked}
        looks = range(int(SETTLE_S / LOOK_EVERY_S)) if waiting else ()
        found = (await self._box.letters()).by_place
        for _ in looks:
            first_of = {found[place].queue: found[place] for place in reversed(waiting)}
            if all(not one.open or one.attempts > waiting[one.place] for one in first_of.values()):
                break
            await asyncio.sleep(LOOK_EVERY_S)
            found = (await self._box.letters()).by_place
        return [found[letter.place] for letter in letters]

    async def whole(self, letter: Letter, *, with_log: bool) -> SavedLetter:
        """The letter with its record and, for a saga's input, its campaign's log up to now."""
        record = (await self._box.load([letter])).get(letter.letter_id) or _bare(letter)
        history: list[Incoming] = []
        if with_log and letter.campaign_id and record.topic in SAGA_INPUTS:
            history = await self._log_of(letter)
        return SavedLetter(
            letter=str(letter.place),
            cause=letter.body.reason,
            at=letter.at,
            record=SavedRecord.of(record),
            history=tuple(SavedRecord.of(fact) for fact in history),
        )

    async def _log_of(self, letter: Letter) -> list[Incoming]:
        """The campaign's facts; its log partition has the number of the inputs' partition."""
        source = TopicPartition(topics.LOG, letter.body.partition)
        begin, end = (await self._reader.ends([source]))[source]
        key = letter.campaign_id.encode()
        stream = self._reader.read({source: begin}, {source: end})
        return [fact async for fact in stream if fact.key == key]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._pen.close()
        await self._reader.close()
        if isinstance(failure, ChassisError):
            raise CommandFailed(self._in_words(failure)) from failure

    def _in_words(self, failure: ChassisError) -> str:
        match failure:
            case Fenced():
                return "another `sagaline dead` took over; this one has stopped: list, and go on"
            case OutcomeUnknown():
                return f"Kafka gave no answer ({failure}): list the letters before you try again"
            case Aborted():
                return f"Kafka refused the transaction, which left no trace: {failure}"
            case Rejected():
                return str(failure)
            case _:
                return (
                    f"the letters at {self._bootstrap} cannot be read ({failure}); start the "
                    "stack (sagaline up), or correct KAFKA_BOOTSTRAP"
                )


def whoever() -> Actor:
    """Who sits at this machine: the name stands in the record of what was closed."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        name = "unknown"
    return Actor(kind=ActorKind.PERSON, id=name)


def _bare(letter: Letter) -> Incoming:
    body = letter.body
    headers = tuple(body.headers.items())
    return Incoming(body.topic, body.partition, body.offset, body.key or None, None, headers)
