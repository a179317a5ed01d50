"""Which dead letters a command means: those that are named, or those that fit a description."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from chassis.clock import SystemClock
from chassis.letterbox import Letter, Letters, Place, Which
from deploy.cli.places import Json
from deploy.cli.talk import EXIT_INPUT, CommandFailed

JUMPS_NAMED_MAX = 5

_AGO = re.compile(r"(?P<count>\d{1,6})(?P<unit>[smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Described:
    """A description of letters; what is left out fits every letter."""

    topic: Annotated[str, typer.Option("--topic", help="whose record came from this topic")] = ""
    cause: Annotated[str, typer.Option("--cause", help="whose cause contains this text")] = ""
    of_tenant: Annotated[str, typer.Option("--tenant", help="of this tenant, a UUID")] = ""
    key: Annotated[str, typer.Option("--key", help="under this key: a campaign's id")] = ""
    since: Annotated[
        str, typer.Option("--since", help="since then: 30m, 2h, 7d, or a time as ISO 8601")
    ] = ""

    def which(self) -> Which:
        """The description as the letterbox takes it. Raises CommandFailed."""
        since = moment(self.since, SystemClock().now()) if self.since else None
        return Which(self.topic, self.cause, self.of_tenant, self.key, since)

    @property
    def empty(self) -> bool:
        """True where nothing is described."""
        return self == Described()


@dataclass(frozen=True, slots=True)
class Means:
    """How far the choice may go."""

    everything: Annotated[bool, typer.Option("--all", help="every open letter")] = False
    again: Annotated[
        bool, typer.Option("--again", help="also a named letter that is closed already")
    ] = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How a command goes about it."""

    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be done, do nothing")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask again")] = False
    as_json: Json = False


def named(letters: Letters, names: Sequence[str]) -> list[Letter]:
    """The letters of these names. Raises CommandFailed where there is none of one."""
    found = []
    for name in dict.fromkeys(names):
        try:
            letter = letters.by_place.get(Place.read(name))
        except ValueError as reason:
            raise CommandFailed(str(reason), EXIT_INPUT) from None
        if letter is None:
            raise CommandFailed(f"there is no letter {name}; sagaline dead list names them")
        found.append(letter)
    return found


def chosen(
    letters: Letters, names: Sequence[str], described: Described, means: Means
) -> list[Letter]:
    """What is to be closed. Raises CommandFailed where the choice is unsafe or says nothing."""
    if names:
        if means.everything or not described.empty:
            raise CommandFailed("name letters or describe them, not both", EXIT_INPUT)
        found = named(letters, names)
        closed = [str(letter.place) for letter in found if not letter.open]
        if closed and not means.again:
            raise CommandFailed(f"closed already: {', '.join(closed)}; --again does it once more")
    else:
        if described.empty and not means.everything:
            raise CommandFailed("name letters, describe them, or say --all", EXIT_INPUT)
        found = list(letters.open(described.which()))
    return found


def require_order(letters: Letters, found: Sequence[Letter]) -> None:
    """Raises CommandFailed where a record would go back before an earlier one of its key."""
    jumps = letters.before(found)[:JUMPS_NAMED_MAX]
    if jumps:
        told = "; ".join(f"{first.place} comes before {one.place}" for one, first in jumps)
        raise CommandFailed(
            f"{told}: redrive or drop the earlier letters of a key first, or say --out-of-order"
        )


def moment(text: str, now: datetime) -> datetime:
    """A time in ISO 8601 (UTC where it has no zone), or so long ago. Raises CommandFailed."""
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["count"])})
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandFailed(
            f"--since {text}: say 30m, 2h, 7d, or 2026-05-04T12:00", EXIT_INPUT
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
