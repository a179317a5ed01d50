"""The brand's logo and photo are got as sources are, and refused by field where they are not."""

from pathlib import Path
from typing import Any

import pytest

from chassis.errors import StepError
from contracts.envelope import FailureReason
from services.radar.branding import PNG, SVG, branded, kind_of
from services.radar.extraction import ExtractionPool
from tests.radar.asked import asking
from tests.radar.builders import job, library

PICTURE = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
def shelf(tmp_path: Path) -> Any:
    (tmp_path / "logo.png").write_bytes(PICTURE)
    (tmp_path / "words.png").write_bytes(b"no picture")
    pool = ExtractionPool(memory_limit_mb=512, seconds_max=5, children=1)
    return library(pool, "", folder=tmp_path)


def test_the_first_bytes_say_what_a_file_is() -> None:
    assert kind_of(PICTURE) == PNG
    assert kind_of(b'<?xml version="1.0"?><svg/>') == SVG
    assert kind_of(b"GIF89a") == ""


async def test_a_logo_is_stored_as_it_came_under_its_digest(tmp_path: Path, shelf: Any) -> None:
    command = asking().model_copy(update={"logo": "logo.png"})
    work = job(tmp_path)
    logo, photo = await branded(command, work, shelf)
    assert photo is None
    assert logo is not None
    assert await work.artefacts.get(logo.digest) == PICTURE
    assert logo.media_type == PNG


@pytest.mark.parametrize(
    "location",
    ["words.png", "../logo.png", "/etc/passwd", "missing.png", "http://127.0.0.1/a.png"],
)
async def test_what_may_not_or_cannot_be_got_names_the_field(
    tmp_path: Path, shelf: Any, location: str
) -> None:
    command = asking().model_copy(update={"photo": location})
    with pytest.raises(StepError, match=r"^photo: ") as failure:
        await branded(command, job(tmp_path), shelf)
    reasons = {FailureReason.INVALID_INPUT, FailureReason.UNAVAILABLE}
    assert failure.value.reason in reasons
    if location != "missing.png":
        assert failure.value.reason is FailureReason.INVALID_INPUT
