"""Pictures look as they did when a person looked at them; a change has to be looked at again."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image

from services.visual.picture import compose
from tests.visual.golden.__main__ import FOLDER, Case, cases, difference, picture_of

EVERY = tuple(cases())
SAMPLES = tuple(case for case in EVERY if case.name.endswith(("-wide", "-story")))
ADVICE = (
    "{name} is no longer what was looked at: {found}. If that is wanted, run "
    "`python -m tests.visual.golden`, look at the picture, and commit it"
)
BYTES_MAX = 1_500_000


def kept(case: Case) -> Image.Image:
    with Image.open(FOLDER / f"{case.name}.png") as image:
        return image.convert("RGB")


def clipped(content: str) -> str:
    """The headline's last line without the lowest eight units of its letters."""
    line = re.findall(r'<text [^>]*font-weight="700"[^>]*>[^<]{5,}</text>', content)[-1]
    baseline = re.search(r' y="([\d.]+)"', line)
    assert baseline is not None
    cut = float(baseline[1]) - 8
    return content.replace(line, f'<svg width="9999" height="{cut:.2f}">{line}</svg>')


def recolored(content: str) -> str:
    """The accent a little redder, or less so."""
    for color, near in {"#f2a33a": "#f28f3a", "#ff7a59": "#ff8e59"}.items():
        content = content.replace(f'fill="{color}"', f'fill="{near}"')
    return content


def moved(content: str) -> str:
    """The call to action ten units to the right."""
    begin = content.rindex("<rect ", 0, content.rindex("<text "))
    return f'{content[:begin]}<g transform="translate(10 0)">{content[begin:]}</g>'


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_a_picture_looks_as_it_did_when_it_was_looked_at(case: Case) -> None:
    found = difference(kept(case), picture_of(compose(case.order), case.smaller))
    assert not found.seen, ADVICE.format(name=case.name, found=found)


@pytest.mark.parametrize("change", [clipped, recolored, moved])
@pytest.mark.parametrize("case", SAMPLES[::5], ids=lambda case: case.name)
def test_a_planted_change_is_seen(case: Case, change: Callable[[str], str]) -> None:
    drawing = compose(case.order)
    planted = replace(drawing, content=change(drawing.content))
    assert planted != drawing
    assert difference(kept(case), picture_of(planted, case.smaller)).seen


def test_the_kept_pictures_are_few_bytes_and_each_has_its_case() -> None:
    files = list(FOLDER.glob("*.png"))
    assert {file.stem for file in files} == {case.name for case in EVERY}
    assert sum(file.stat().st_size for file in files) < BYTES_MAX
