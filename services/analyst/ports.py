"""What the analyst needs from whoever writes: one order in, texts and their cost out."""

from dataclasses import dataclass
from typing import Protocol

from contracts.content import ContentItem, WriteContent
from contracts.envelope import AgentRun, Usage


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written, for which campaign, in which language, after which feedback."""

    command: WriteContent
    campaign_id: str
    language: str
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The texts, what they cost, and what a person should know.

    `short_of` says where a text is less than asked, for example a blog of too few findings.
    `agents` are who took part; their costs add up to the usage's.
    """

    items: tuple[ContentItem, ...]
    usage: Usage
    notes: tuple[str, ...] = ()
    short_of: tuple[str, ...] = ()
    agents: tuple[AgentRun, ...] = (AgentRun(agent="copywriter", succeeded=True, duration_ms=0),)


class CannotWrite(ValueError):
    """The order itself stands in the way; the message names the field and what to change."""


class Writer(Protocol):
    """An engine that writes."""

    @property
    def languages(self) -> frozenset[str]:
        """The ISO 639-1 codes it can write in."""
        ...

    async def write(self, order: Order) -> Written:
        """One item per channel and variant; the same order gives the same texts.

        Raises CannotWrite where nothing publishable can come of the order.
        """
        ...
