"""A campaign that asks for a film gets one that plays."""

import io
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.road.driving import Road

pytestmark = pytest.mark.slow

SECONDS_MIN = 10.0
DIFFERENCE_MIN = 2.0
"""Of 255, on average over all pixels: far above what encoding alone does to a still picture."""


def frames_of(film: bytes) -> tuple[list[NDArray[Any]], int, float]:
    """First, middle and last frame, how many there are, and seconds to the end of the last."""
    shown: list[NDArray[Any]] = []
    ends = 0.0
    with av.open(io.BytesIO(film), mode="r") as container:
        stream = container.streams.video[0]
        count = stream.frames
        for number, frame in enumerate(container.decode(stream)):
            if number in (0, count // 2, count - 1):
                shown.append(frame.to_ndarray(format="rgb24").astype(np.int16))
            ends = (frame.time or 0.0) + 1 / float(stream.average_rate or 1)
    return shown, count, ends


def test_the_film_plays_for_ten_seconds_and_moves(road: Road) -> None:
    run = road.complete(road.brief("coffee"))
    film = run.results["video"]
    shown, count, seconds = frames_of(road.artefact(film["digest"]))
    assert len(shown) == 3
    assert seconds >= SECONDS_MIN
    assert abs(seconds * 1_000 - film["duration_ms"]) < 100
    assert count == round(seconds * film["frames_per_second"])
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert np.abs(shown[one] - shown[other]).mean() > DIFFERENCE_MIN
    poster = road.artefact(film["poster_digest"])
    assert poster.startswith(b"\x89PNG")
    assert road.artefact(film["captions_digest"]).startswith(b"WEBVTT")
