"""The outside model: reads committed bytes and the world, and says which promise was broken.

It imports nothing of the engine. What is asked of the live copies (`held`) comes from life.py.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.broker import Position, TopicPartition
from chassis.codec import Codec
from chassis.memory import MemoryBroker
from contracts import topics
from tests.simulation.seeded.hands import POISON
from tests.simulation.seeded.outside import Outside
from tests.simulation.seeded.sagas import MAIL, SHOW_PHASES, TRIP_PHASES
from tests.simulation.seeded.story import Story
from tests.simulation.seeded.transcript import Said, Transcript

if TYPE_CHECKING:
    from tests.simulation.seeded.life import Life

PROMPT_S = 3.0
"""So soon a hand begins in a life without a storm, whatever other campaigns do."""

RETRYABLE = frozenset({"TIMEOUT", "UNAVAILABLE", "RATE_LIMITED", "INTERNAL"})


class Judge:
    """Watches what is committed while a life goes on, and judges it at the end."""

    def __init__(self, broker: MemoryBroker, codec: Codec) -> None:
        self._broker = broker
        self._log = Transcript(broker, codec, topics.LOG)
        self._results = Transcript(broker, codec, topics.RESULTS)
        self._letters = Transcript(broker, codec, topics.DEAD_LETTERS)
        phases = (*SHOW_PHASES, *TRIP_PHASES)
        self._commands = {
            phase: Transcript(broker, codec, topics.commands_of(phase)) for phase in phases
        }
        self.stories: dict[str, Story] = {}
        self.facts = 0
        self.tally: dict[str, int] = {}
        self._open: dict[TopicPartition, dict[int, Said]] = defaultdict(dict)
        self._all_commands: dict[str, Said] = {}
        self._answers: dict[str, Said] = {}
        self._buried: set[tuple[str, int, int]] = set()
        self._problems: list[str] = []

    def committed(
        self, group: str, positions: Mapping[TopicPartition, Position], latest: datetime
    ) -> None:
        """A phase is about to say that it is done with these: each must have its answer."""
        self._look(group)
        for place, position in positions.items():
            for offset, said in list(self._open[place].items()):
                if finished(position, offset):
                    del self._open[place][offset]
                    self._done_with(said, latest)

    def _look(self, phase: str) -> None:
        for said in self._commands[phase].new():
            self._open[said.incoming.source][said.incoming.offset] = said
            if said.name:
                self._all_commands[said.envelope["execution_id"]] = said
        for said in self._results.new():
            if said.name:
                self._answered(said)
        for said in self._letters.standing():
            if said.name:
                fields = said.fields
                self._buried.add((fields["topic"], fields["partition"], fields["offset"]))

    def _answered(self, said: Said) -> None:
        command_id = said.envelope["execution_id"]
        bug = said.name == "StepFailed" and said.fields["reason"] == "INTERNAL"
        if bug and POISON not in said.fields["message"]:
            self._problems.append(f"a hand broke: {said.fields['message']}")
        first = self._answers.setdefault(command_id, said)
        if first.incoming.value == said.incoming.value or _may_differ(first, said):
            return
        self._problems.append(f"G2: the command {command_id} was answered in two ways")

    def _done_with(self, said: Said, latest: datetime) -> None:
        incoming = said.incoming
        where = f"{incoming.topic}[{incoming.partition}]@{incoming.offset}"
        if not said.name:
            if (incoming.topic, incoming.partition, incoming.offset) not in self._buried:
                self._problems.append(f"G5: {where} is rubbish, and no dead letter says so")
            return
        answered = said.envelope["execution_id"] in self._answers
        if not answered and said.fields["call"]["not_after"] > latest:
            self._problems.append(f"G1: {where} was committed, and nobody answered it")

    def problems(self, life: "Life") -> list[str]:
        """Every promise that was broken in this life."""
        for phase in self._commands:
            self._look(phase)
        for said in self._log.new():
            self.facts += 1
            if not said.name:
                self._problems.append(f"G3: a record of the log cannot be read: {said.incoming}")
                continue
            story = self.stories.setdefault(said.campaign_id, Story(said.campaign_id))
            try:
                story.take(said)
            except KeyError as stranger:  # a step, or a plan, that the story so far does not have
                self._problems.append(f"G3: {said.name} does not follow from its story: {stranger}")
        found = [*self._problems]
        found += [problem for story in self.stories.values() for problem in story.problems]
        found += self._unanswered(life.people.accepted)
        found += self._commanded()
        found += self._outside(life)
        found += self._unread(life)
        if life.storm.calm:
            found += self._late(life)
        self._count(life)
        return found

    def _unanswered(self, accepted: Mapping[str, str]) -> Iterator[str]:
        for request_id, campaign_id in accepted.items():
            story = self.stories.get(campaign_id)
            if story is None or request_id not in story.causes:
                yield f"G1: request {request_id} of {campaign_id[:8]} is not answered in the log"

    def _commanded(self) -> Iterator[str]:
        """A fact and the command that it asks for are written together or not at all."""
        asked = {one for story in self.stories.values() for one in story.asked}
        for command_id in sorted(asked - self._all_commands.keys()):
            yield f"G1: the command {command_id} was asked for and never sent"
        for command_id in sorted(self._all_commands.keys() - asked):
            yield f"G6: the command {command_id} was sent, and no fact asks for it"

    def _outside(self, life: "Life") -> Iterator[str]:
        outside = life.means.outside
        for late in outside.begun_late:
            yield f"G4: begun after its lease: {late}"
        for key, count in outside.letters.items():
            if count > 1:
                yield f"G2: {count} letters under {key} of {outside.letters_of[key]}"
        for story in self.stories.values():
            if story.life == "COMPLETED":
                yield from self._done_outside(story, outside)
            elif story.life in ("FAILED", "REJECTED", "CANCELLED"):
                yield from self._undone_outside(story, life)

    def _done_outside(self, story: Story, outside: Outside) -> Iterator[str]:
        for step, outcome in story.outcomes.items():
            if outcome != "SUCCEEDED" or story.plan[step]["phase"] not in (*TRIP_PHASES, "post"):
                continue
            key = story.keys[step]
            if step == f"post.{MAIL}":
                there = any(
                    owner == (story.campaign_id, step) for owner in outside.letters_of.values()
                )
            else:
                there = key in outside.there
            if not there:
                yield f"G1: {step} of {story.campaign_id[:8]} succeeded, and nothing is there"

    def _undone_outside(self, story: Story, life: "Life") -> Iterator[str]:
        outside, campaign_id = life.means.outside, story.campaign_id
        for key, (owner, step) in {**outside.there, **outside.letters_of}.items():
            if owner == campaign_id and step not in story.left:
                yield f"G4: {campaign_id[:8]} {story.life}, but {step} is still there ({key})"
        for touch in outside.touches:
            new = touch.what in ("entered", "posted") and touch.campaign_ended
            if new and touch.campaign_id == campaign_id and touch.step not in story.left:
                yield f"G4: {touch.what} after the end of {campaign_id[:8]}: {touch.step}"
        for step in story.plan:
            kept = life.references(campaign_id, step)
            if kept and story.plan[step]["undo"] and step not in story.left:
                yield f"G4: {campaign_id[:8]} {story.life}, but {step} keeps {kept} artefacts"

    def _unread(self, life: "Life") -> Iterator[str]:
        for place, commands in self._open.items():
            for offset in commands:
                yield f"stuck: {place.topic}[{place.partition}]@{offset} was never finished"
        group = life.broker._ledger.group("saga")
        for topic in (topics.REQUESTS, topics.RESULTS):
            for incoming in Transcript(life.broker, self._log._codec, topic).records():
                position = group.position(incoming.source)
                if position is None or position.offset <= incoming.offset:
                    yield f"stuck: {topic}[{incoming.partition}]@{incoming.offset} was never read"

    def _late(self, life: "Life") -> Iterator[str]:
        """Neighbours of a slow or poisoned campaign are served at once (G5)."""
        temper, outside = life.means.temper, life.means.outside
        for command_id, said in self._all_commands.items():
            if said.campaign_id in (temper.hangs, temper.poisoned) or not self._first(said):
                continue
            sent_s = said.incoming.timestamp_ms / 1_000 - life.born_s
            begun_s = outside.begun_at.get(command_id)
            if begun_s is None or begun_s - sent_s > PROMPT_S:
                yield f"G5: {said.fields['call']['step']} sent at {sent_s:.1f}, begun at {begun_s}"

    def _first(self, said: Said) -> bool:
        """True where nothing of the same step can be before it in the queue."""
        call = said.fields["call"]
        undo = self.stories[said.campaign_id].plan[call["step"]]["undo"]
        return bool(call["attempt"] == 1 and said.name != undo)

    def _count(self, life: "Life") -> None:
        for story in self.stories.values():
            self.tally[story.life] = self.tally.get(story.life, 0) + 1
        self.tally["dates lifted"] = sum(story.lifted for story in self.stories.values())
        self.tally["commands"] = len(self._all_commands)
        self.tally["effects"] = len(life.means.outside.touches)


def finished(position: Position, offset: int) -> bool:
    """True where a committed position says that the record at this offset is done."""
    if offset < position.offset or not position.metadata:
        return offset < position.offset
    runs = [int(length, 36) for length in position.metadata.removeprefix("1:").split(",")]
    at = position.offset
    for unfinished, done in zip(runs[::2], runs[1::2], strict=True):
        at += unfinished
        if at <= offset < at + done:
            return True
        at += done
    return False


def _may_differ(first: Said, other: Said) -> bool:
    """Only a failure that another delivery may turn out better is not remembered."""

    def passing(said: Said) -> bool:
        fields: dict[str, Any] = said.fields
        return said.name == "StepFailed" and fields["reason"] in RETRYABLE

    return passing(first) or passing(other)
