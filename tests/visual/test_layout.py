"""Text in boxes: nothing overflows, and nothing is lost on the way."""

import io
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.visual import typeface
from services.visual.layout import Box, TextStyle, balanced, fit, room_for, wrap
from services.visual.lettering import TRACKING, measure_of, text_svg
from services.visual.raster import rasterise
from services.visual.typeface import Weight
from services.visual.wording import shown

BOX = Box(100, 60, 900, 460)
STYLE = TextStyle(size_max=130, size_min=44, lines_max=5, leading=1.1)
BOLD = measure_of(Weight.BOLD, TRACKING)
LETTERS = st.characters(
    codec="utf-8", categories=["L", "N", "P", "Zs"], max_codepoint=0x4FF
).filter(typeface.drawable)
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=14), min_size=1, max_size=30).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(text=WORDS)
def test_a_fitted_text_never_leaves_its_box_by_the_font_s_own_widths(text: str) -> None:
    fitted = fit(text, BOX, STYLE, BOLD)
    if fitted is None:
        return
    assert len(fitted.lines) <= STYLE.lines_max
    assert all(BOLD(line) * fitted.size <= BOX.width + 1e-6 for line in fitted.lines)
    assert fitted.height <= BOX.height
    assert "".join(fitted.lines).replace(" ", "") == "".join(text.split())


@settings(max_examples=40, deadline=None)
@given(text=WORDS)
def test_no_drawn_pixel_lies_outside_the_box(text: str) -> None:
    clean = shown(text, typeface.drawable).text
    fitted = fit(clean, BOX, STYLE, BOLD) if clean else None
    if fitted is None:
        return
    drawing = text_svg(fitted, (BOX.x, BOX.y), Weight.BOLD, "#000000", TRACKING)
    png = rasterise(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="600">{drawing}</svg>'
    )
    ink = Image.open(io.BytesIO(png)).getchannel("A").getbbox()
    if ink is None:
        return
    # Sideways a letter may lean out by its overhang; upwards accents stand above the capitals.
    overhang, accents = 0.08 * fitted.size, 0.45 * fitted.size
    assert ink[0] >= BOX.x - overhang
    assert ink[2] <= BOX.x + BOX.width + overhang
    assert ink[1] >= BOX.y - accents
    assert ink[3] <= BOX.y + BOX.height + 0.1 * fitted.size


@pytest.mark.parametrize(
    "text", ["AVATAR To We", "WWWWWWWW", "ĩĩĩĩĩĩĩĩ", "їїїїї", "Œuvre ærlig", "a*a|*|"]
)
def test_the_measured_width_is_never_less_than_the_drawn_one(text: str) -> None:
    box = Box(10, 10, 2_000, 200)
    fitted = fit(text, box, TextStyle(100, 100, 1), partial(typeface.width, weight=Weight.BOLD))
    assert fitted is not None
    drawing = text_svg(fitted, (10, 10), Weight.BOLD, "#000000")
    png = rasterise(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="2100" height="240">{drawing}</svg>'
    )
    ink = Image.open(io.BytesIO(png)).getchannel("A").getbbox()
    assert ink is not None
    overhang = 6  # of the last letter: an accent may be wider than its letter
    assert ink[2] - 10 <= fitted.width + overhang
    assert fitted.width <= (ink[2] - ink[0]) * 1.12


def test_a_longer_text_is_set_smaller_and_one_too_long_is_refused() -> None:
    sizes = []
    for words in (2, 5, 9, 14):
        fitted = fit(" ".join(["headline"] * words), BOX, STYLE, BOLD)
        assert fitted is not None
        sizes.append(fitted.size)
    assert sizes == sorted(sizes, reverse=True)
    assert fit(" ".join(["headline"] * 60), BOX, STYLE, BOLD) is None


def test_the_room_that_is_named_to_the_author_is_really_there() -> None:
    room = room_for(BOX, STYLE, BOLD)
    text = ("plain words about a warm house " * 20)[:room].strip()
    assert fit(text, BOX, STYLE, BOLD) is not None


def test_a_word_wider_than_its_line_is_not_cut() -> None:
    assert wrap("Donaudampfschifffahrtsgesellschaft", 5, BOLD) is None
    assert wrap("state-of-the-art", 5, BOLD) == ("state-of-", "the-art")


def test_lines_are_evened_out() -> None:
    text = "a headline that would leave one word alone"
    greedy, even = wrap(text, 19, BOLD), balanced(text, 19, BOLD)
    assert greedy is not None
    assert even is not None
    assert len(greedy) == len(even)
    widths = [BOLD(line) for line in even]
    assert max(widths) <= max(BOLD(line) for line in greedy)
    assert min(widths) > 0.6 * max(widths)
