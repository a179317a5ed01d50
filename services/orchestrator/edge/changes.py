"""Changes to a document by dotted paths: `brief.goals.0`, `strategy.brief.headline`. Pure."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from contracts.message import DIGEST_PATTERN
from services.orchestrator.edge.problems import Problem, fault, invalid

BRIEF = "brief"
NAMES_TOLD_MAX = 12

_DIGEST = re.compile(DIGEST_PATTERN)


class Changes:
    """What is to be changed, by whose it is: the brief, or a step's result."""

    def __init__(self, changes: Mapping[str, JsonValue], steps: tuple[str, ...]) -> None:
        """Raises Problem for a path that names neither."""
        self._by_owner: dict[str, dict[str, JsonValue]] = {}
        for path, value in changes.items():
            owner = _owner(path, (BRIEF, *steps))
            self._by_owner.setdefault(owner, {})[path[len(owner) + 1 :]] = value

    def of(self, owner: str) -> Mapping[str, JsonValue]:
        """The changes of the brief, or of this step's result, by the path within it."""
        return self._by_owner.get(owner, {})

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps whose results are to be changed."""
        return tuple(owner for owner in self._by_owner if owner != BRIEF)


def changed(document: Any, changes: Mapping[str, JsonValue], owner: str) -> Any:  # noqa: ANN401
    """A copy of the JSON document with the values put in. Raises Problem where nothing is there."""
    after = copy.deepcopy(document)
    for path, value in changes.items():
        *way, last = path.split(".")
        place = after
        for part in way:
            place = _inside(place, part, f"changes.{owner}.{path}")
        _inside(place, last, f"changes.{owner}.{path}")
        place[int(last) if isinstance(place, list) else last] = value
    return after


def new_digests(before: object, after: object) -> set[str]:
    """Digests that only the second document names: a digest is not a permission."""
    return set(_digests(after)) - set(_digests(before))


def _owner(path: str, owners: tuple[str, ...]) -> str:
    """The longest owner's name that the path begins with: a step's name may have dots."""
    named = [owner for owner in owners if path.startswith(f"{owner}.")]
    if not named:
        rule = f"a change begins with {BRIEF}. or with a step's name and a dot"
        raise invalid(fault(f"changes.{path}", rule, f"{BRIEF}.target_audience"))
    return max(named, key=len)


def _inside(place: Any, part: str, where: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(place, dict) and part in place:
        return place[part]
    if isinstance(place, list) and part.isascii() and part.isdigit() and int(part) < len(place):
        return place[int(part)]
    raise _nothing_there(place, part, where)


def _nothing_there(place: object, part: str, where: str) -> Problem:
    if isinstance(place, dict):
        known = ", ".join(sorted(place)[:NAMES_TOLD_MAX])
    elif isinstance(place, list):
        known = f"0 to {len(place) - 1}" if place else "an empty list: replace it as a whole"
    else:
        known = "a path that ends before"
    return invalid(fault(where, f"there is no `{part}` there", known))


def _digests(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _digests(one)
    elif isinstance(value, list):
        for one in value:
            yield from _digests(one)
    elif isinstance(value, str) and _DIGEST.fullmatch(value):
        yield value
