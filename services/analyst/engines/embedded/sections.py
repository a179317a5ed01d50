"""An article's sections: its findings grouped by what they are for, in the order of an argument."""

from collections.abc import Sequence
from enum import StrEnum

from services.analyst.argument import Part, part_of
from services.analyst.points import Point

SECTIONS_MAX = 3
SECTION_POINTS_MAX = 4


class Group(StrEnum):
    """What the findings of one section are for."""

    TROUBLE = "trouble"
    STATE = "state"
    WISHES = "wishes"
    CHANGES = "changes"
    MOVEMENT = "movement"
    MEANS = "means"
    RIVALS = "rivals"


_GROUPS = {
    Part.PROBLEM: Group.TROUBLE,
    Part.STATE: Group.STATE,
    Part.PRICE: Group.STATE,
    Part.CHANGE: Group.CHANGES,
    Part.WISH: Group.WISHES,
    Part.REMEDY: Group.MEANS,
    Part.LIMIT: Group.MEANS,
    Part.RIVAL: Group.RIVALS,
}


def sections_of(points: Sequence[Point]) -> list[tuple[Group, list[Point]]]:
    """At most three sections, in the order trouble, how things stand, what moves, what helps, what
    others offer.

    Where there would be more, wishes and changes become one; then the smallest but the
    competitors' joins how things stand, which every finding may stand under.
    """
    found: dict[Group, list[Point]] = {group: [] for group in Group}
    helped = any(part_of(point) is Part.REMEDY for point in points)
    for point in points:
        part = part_of(point)
        alone = part is Part.LIMIT and not helped
        found[Group.STATE if alone else _GROUPS[part]].append(point)
    while sum(bool(of_group) for of_group in found.values()) > SECTIONS_MAX:
        if found[Group.WISHES] and found[Group.CHANGES]:
            _move(found, (Group.WISHES, Group.CHANGES), Group.MOVEMENT, points)
            continue
        others = [g for g in Group if found[g] and g not in {Group.STATE, Group.RIVALS}]
        least = min(others, key=lambda group: len(found[group]))
        _move(found, (least,), Group.STATE, points)
    return [(group, found[group][:SECTION_POINTS_MAX]) for group in Group if found[group]]


def _move(
    found: dict[Group, list[Point]],
    groups: Sequence[Group],
    into: Group,
    points: Sequence[Point],
) -> None:
    moved = [point for group in (*groups, into) for point in found[group]]
    for group in groups:
        found[group] = []
    found[into] = sorted(moved, key=points.index)
