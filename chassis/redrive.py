"""Closing dead letters: put back on their topic, or dropped for a reason; each once, on the record.

The record that goes back and the note that it did stand in one transaction. One clerk at a time:
opening fences whoever stood at the counter before, and only then are the letters read.
"""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from chassis.broker import Incoming, Outgoing, Together
from chassis.clock import Clock
from chassis.codec import Codec
from chassis.errors import Rejected
from chassis.letterbox import REDRIVES_HEADER, Letter, Letterbox, Letters
from chassis.messages import NO_CAMPAIGN, Conversation, Speaker, record
from contracts import identity, topics
from contracts.envelope import Actor, AppName
from contracts.parking import DropParked, RedriveParked
from contracts.records import DeadLetterClosed, LetterAction

COUNTER = "dead-letters"
"""The transactional id that every clerk takes over from the one before."""

LETTER_HEADER = "sagaline_letter"
"""Which letter a record was put back from: its id, a space, and where it stands."""

CLOSED_TOGETHER_MAX = 20
"""Letters closed in one transaction: it may take five seconds, and each may be a megabyte."""


class Notes:
    """Makes the record that says who closed a letter, how and why."""

    def __init__(self, codec: Codec, actor: Actor, clock: Clock) -> None:
        self._codec = codec
        self._speaker = Speaker(AppName.CLI, actor)
        self._clock = clock

    def closed(self, letter: Letter, action: LetterAction, reason: str) -> Outgoing:
        """Beside the letter, under its key; a second closing of a letter is another record."""
        entry = self._codec.catalog.entry_of(DeadLetterClosed)
        note_id = identity.derived(
            identity.FORWARDS, letter.letter_id, "closed", len(letter.closed)
        )
        envelope = self._speaker.first(
            entry,
            note_id,
            Conversation(NO_CAMPAIGN, NO_CAMPAIGN, letter.letter_id),
            at=self._clock.now(),
            cause_id=letter.letter_id,
        )
        body = DeadLetterClosed(letter_id=letter.letter_id, action=action, reason=reason)
        made = record(topics.DEAD_LETTERS, envelope, self._codec.encode(envelope, None, body))
        return Outgoing(
            made.topic, letter.body.key or None, made.value, made.headers, letter.place.partition
        )

    def asked(self, letter: Letter, body: RedriveParked | DropParked) -> Outgoing:
        """The request to the letter's campaign, which closes its parked letters itself."""
        entry = self._codec.catalog.entry_of(type(body))
        envelope = self._speaker.first(
            entry,
            str(uuid4()),
            Conversation(letter.tenant_id, letter.campaign_id),
            at=self._clock.now(),
        )
        return record(entry.topic, envelope, self._codec.encode(envelope, None, body))


class Clerk:
    """Closes letters; a letter that another clerk has closed meanwhile is not closed again."""

    def __init__(self, box: Letterbox, pen: Together, notes: Notes) -> None:
        self._box = box
        self._pen = pen
        self._notes = notes

    async def open(self) -> Letters:
        """Take the counter over, then read the letters: what they say cannot change any more.

        Whoever held it before is Fenced at the next thing it closes. Raises Retryable.
        """
        await self._pen.start()
        return await self._box.letters()

    async def redrive(self, letters: Sequence[Letter], reason: str = "") -> None:
        """Put the records back on their topics, in the original order, under their own keys.

        Where a letter is parked, its campaign is asked to take in all that it has parked. Raises
        Rejected where a record is gone (then nothing is put back), else what `Together.write`
        raises: whole batches of letters stand or do not.
        """
        ordered = sorted(letters, key=lambda letter: letter.order)
        loose = [letter for letter in ordered if not letter.body.parked]
        for some in _batches(loose):
            _require_all(some, await self._box.load(some))
        for some in _batches(loose):
            originals = await self._box.load(some)
            records: list[Outgoing] = []
            for letter in some:
                records.append(put_back(letter, originals[letter.letter_id]))
                records.append(self._notes.closed(letter, LetterAction.REDRIVEN, reason))
            await self._pen.write(records)
        for parked in _by_campaign(ordered):
            await self._pen.write([self._notes.asked(parked[0], RedriveParked(reason=reason))])

    async def drop(self, letters: Sequence[Letter], reason: str) -> None:
        """Nobody will work on these records; the letters stay readable until retention."""
        assert reason, "whoever drops a letter says why"
        loose = [letter for letter in letters if not letter.body.parked]
        for some in _batches(loose):
            await self._pen.write(
                [self._notes.closed(letter, LetterAction.DROPPED, reason) for letter in some]
            )
        for parked in _by_campaign(letters):
            names = tuple(letter.letter_id for letter in parked)
            wanted = DropParked(letters=names, reason=reason)
            await self._pen.write([self._notes.asked(parked[0], wanted)])


def put_back(letter: Letter, original: Incoming) -> Outgoing:
    """The record as it was, with two headers more: the letter it comes from, and how often so far.

    Its key decides the partition, as for every record of ours; without one it goes where it stood.
    """
    own = tuple(
        (name, value)
        for name, value in original.headers
        if name not in (LETTER_HEADER, REDRIVES_HEADER)
    )
    marks = (
        (LETTER_HEADER, f"{letter.letter_id} {letter.place}".encode()),
        (REDRIVES_HEADER, str(letter.attempts + _redriven(letter)).encode()),
    )
    partition = None if original.key else original.partition
    return Outgoing(original.topic, original.key, original.value, (*own, *marks), partition)


def _redriven(letter: Letter) -> int:
    return sum(deed.action is LetterAction.REDRIVEN for deed in letter.closed)


def _by_campaign(letters: Sequence[Letter]) -> list[list[Letter]]:
    """The parked letters, those of one campaign together."""
    found: dict[str, list[Letter]] = {}
    for letter in letters:
        if letter.body.parked:
            found.setdefault(letter.campaign_id, []).append(letter)
    return list(found.values())


def _batches(letters: Sequence[Letter]) -> list[Sequence[Letter]]:
    starts = range(0, len(letters), CLOSED_TOGETHER_MAX)
    return [letters[start : start + CLOSED_TOGETHER_MAX] for start in starts]


def _require_all(letters: Sequence[Letter], originals: Mapping[str, Incoming]) -> None:
    gone = [str(letter.place) for letter in letters if letter.letter_id not in originals]
    if gone:
        raise Rejected(
            f"{', '.join(gone)}: the letter holds no value and retention has taken the original; "
            "it can only be dropped"
        )
