"""Colours: whatever the brand brings, every text of every design can be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.visual.designs import PictureTemplate, templates
from services.visual.palette import (
    BLACK,
    TEXT_CONTRAST_MIN,
    WHITE,
    Scheme,
    contrast,
    from_hex,
    mix,
    palette_of,
    readable,
    to_hex,
)

COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def test_contrast_is_the_ratio_that_wcag_defines() -> None:
    assert contrast(WHITE, BLACK) == pytest.approx(21.0)
    assert contrast(BLACK, WHITE) == pytest.approx(21.0)
    assert contrast(WHITE, WHITE) == pytest.approx(1.0)
    # The well-known border case of WCAG: #767676 passes on white, #777777 does not.
    assert contrast(from_hex("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast(from_hex("#777777"), WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("template", templates(), ids=lambda t: t.name)
@settings(max_examples=300, deadline=None)
@given(primary=COLORS, accent=COLORS)
def test_every_text_of_every_design_can_be_read_in_any_brand_colours(
    template: PictureTemplate, primary: str, accent: str
) -> None:
    palette = palette_of(primary, accent, template.scheme)
    for text in template.data["texts"]:
        for ground in text["on"]:
            ratio = contrast(getattr(palette, text["ink"]), getattr(palette, ground))
            assert ratio >= TEXT_CONTRAST_MIN, (text["ink"], ground, primary, accent)


@pytest.mark.parametrize("scheme", list(Scheme))
@settings(max_examples=300, deadline=None)
@given(primary=COLORS, accent=COLORS, share=st.floats(0, 1))
def test_a_gradient_is_readable_at_every_point(
    scheme: Scheme, primary: str, accent: str, share: float
) -> None:
    palette = palette_of(primary, accent, scheme)
    between = mix(palette.ground, palette.ground_far, share)
    assert contrast(palette.ink, between) >= TEXT_CONTRAST_MIN
    assert contrast(palette.muted, between) >= TEXT_CONTRAST_MIN


@given(wanted=COLORS, ground=COLORS)
def test_a_readable_colour_is_found_on_any_ground(wanted: str, ground: str) -> None:
    found = readable(from_hex(wanted), [from_hex(ground)])
    assert contrast(found, from_hex(ground)) >= TEXT_CONTRAST_MIN


def test_a_colour_that_is_readable_already_is_left_alone() -> None:
    assert readable(from_hex("#123456"), [WHITE]) == from_hex("#123456")


@given(color=COLORS)
def test_a_colour_survives_its_text_form(color: str) -> None:
    assert to_hex(from_hex(color)) == color


def test_what_is_no_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        from_hex("red")
