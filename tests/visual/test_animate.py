"""Layers over a ground: what is opaque covers, what is not mixes, and nothing runs over."""

import numpy as np
import pytest

from services.visual.animate import (
    FILM,
    RGB,
    Frame,
    Motion,
    Pixels,
    Space,
    cut,
    framed,
    place,
    progress,
    wipe,
)

STILL = Motion()


def ground(color: tuple[int, int, int], space: Space, size: tuple[int, int] = (32, 64)) -> Frame:
    return framed(np.full((*size, 3), color, np.uint8), space)


def layer(color: tuple[int, int, int, int]) -> Pixels:
    """A square of 8 pixels each way, 10 to the right and 6 down."""
    pixels = np.zeros((32, 64, 4), np.uint8)
    pixels[6:14, 10:18] = color
    return pixels


def drawn(color: tuple[int, int, int, int], space: Space, motion: Motion = STILL) -> Frame:
    frame, sprite = ground((0, 0, 0), space), cut(layer(color), (0, 0), space)
    assert sprite is not None
    place(frame, sprite, motion, 1.0)
    return frame


@pytest.mark.parametrize(
    ("color", "told"),
    [
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_a_film_has_the_colours_of_bt_709(
    color: tuple[int, int, int], told: tuple[int, ...]
) -> None:
    assert FILM.color(color) == told
    assert [int(plane[3, 3]) for plane in ground(color, FILM).planes] == list(told)


@pytest.mark.parametrize("space", [RGB, FILM], ids=["rgb", "film"])
def test_what_is_opaque_covers_its_own_place_and_no_other(space: Space) -> None:
    frame, empty = drawn((242, 163, 58, 255), space), ground((0, 0, 0), space)
    for plane, was, value, cell in zip(
        frame.planes, empty.planes, space.color((242, 163, 58)), space.cells, strict=True
    ):
        inside = plane[6 // cell : 14 // cell, 10 // cell : 18 // cell]
        assert (inside == value).all()
        assert (plane != was).sum() == (inside != was[0, 0]).sum()


@pytest.mark.parametrize("alpha", range(0, 256, 15))
def test_white_over_white_stays_white_and_never_runs_over(alpha: int) -> None:
    for enter_s in (0.0, 2.0):
        frame = ground((255, 255, 255), RGB)
        sprite = cut(layer((255, 255, 255, alpha)), (0, 0), RGB)
        if sprite is not None:
            place(frame, sprite, Motion(enter_s=enter_s), 1.0)
        assert min(int(plane.min()) for plane in frame.planes) >= 253


def test_a_sprite_between_two_pixels_is_seen_in_both() -> None:
    row = drawn((255, 255, 255, 255), RGB, Motion(drift_x=0.5)).planes[0][9]
    assert [int(row[at]) for at in (9, 10, 11, 17, 18, 19)] == pytest.approx(
        [0, 127, 255, 255, 127, 0], abs=1
    )


def test_a_sprite_that_left_the_frame_or_has_not_come_yet_changes_nothing() -> None:
    for motion in (Motion(drift_x=-90), Motion(drift_y=90), Motion(delay_s=2, enter_s=1)):
        assert (
            drawn((255, 255, 255, 255), FILM, motion).data == ground((0, 0, 0), FILM).data
        ).all()


def test_a_layer_with_nothing_on_it_is_no_sprite() -> None:
    assert cut(layer((255, 255, 255, 0)), (0, 0), FILM) is None


def test_a_wipe_uncovers_from_the_left_and_progress_grows() -> None:
    before, frame = ground((0, 0, 0), FILM), ground((255, 255, 255), FILM)
    wipe(frame, before, 0.2, FILM.color((255, 0, 0)))
    assert [int(frame.planes[0][5, at]) for at in (0, 34, 63)] == [235, 63, 16]
    progress(frame, 0.5, FILM.color((255, 0, 0)))
    assert [int(frame.planes[0][31, at]) for at in (0, 31, 63)] == [63, 63, 16]
