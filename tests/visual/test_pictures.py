"""Pictures: right size, readable by a machine, the same each time, safe against hostile words."""

import io
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from services.visual import picture, raster, render, typeface
from services.visual.designs import PictureTemplate, ranked, templates
from services.visual.picture import compose
from services.visual.ports import DoesNotFit, PictureOrder
from services.visual.raster import rasterise
from tests.visual.builders import HEADLINE, NAME, png_size, read_by_machine

ORDER = PictureOrder(
    channel="email",
    width=1200,
    height=600,
    business_name=NAME,
    headline=HEADLINE,
    primary="#1f4b99",
    accent="#f2a33a",
    action="Book a free check",
)
HOSTILE = "Fish & \"chips\" <b>now</b> ]]> '£5' &amp; </svg>"


def changed(**changes: Any) -> PictureOrder:
    fields: dict[str, Any] = {name: getattr(ORDER, name) for name in ORDER.__slots__}
    return PictureOrder(**{**fields, **changes})


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, template: PictureTemplate) -> PictureTemplate:
    monkeypatch.setattr(picture, "ranked", lambda order: (template,))
    return template


EVERY = pytest.mark.parametrize("template", templates(), ids=lambda t: t.name)


@EVERY
@pytest.mark.usefixtures("only")
def test_the_headline_on_every_design_is_read_back_by_a_machine() -> None:
    drawn = render.draw_picture(ORDER)
    assert png_size(drawn.png) == (1200, 600)
    read = read_by_machine(drawn.png)
    assert HEADLINE in read
    assert NAME in read


@EVERY
@pytest.mark.usefixtures("only")
def test_hostile_words_stay_words(template: PictureTemplate) -> None:
    drawing = compose(changed(headline=HOSTILE, business_name="<A> & B", action="a<b>&c")).svg
    root = ET.fromstring(drawing)
    texts = [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "".join(HOSTILE.split()) in "".join("".join(texts).split())
    assert not list(root.iter("{http://www.w3.org/2000/svg}b"))
    assert png_size(rasterise(drawing)) == (1200, 600)


def test_there_are_at_least_three_designs_and_channel_and_words_choose() -> None:
    assert len(templates()) >= 3
    assert ranked(ORDER) == ranked(changed())
    chosen = {ranked(changed(headline=f"{HEADLINE} {n}"))[0].name for n in range(20)}
    assert len(chosen) >= 3
    channels = [
        ranked(changed(channel=c))[0].name for c in ("email", "blog", "linkedin", "twitter")
    ]
    assert len(set(channels)) > 1


def test_work_sent_back_takes_another_design() -> None:
    firsts = [ranked(changed(turn=turn))[0].name for turn in range(len(templates()))]
    assert sorted(firsts) == sorted(t.name for t in templates())


def test_the_same_order_gives_the_same_bytes() -> None:
    assert render.draw_picture(ORDER).png == render.draw_picture(ORDER).png


def test_a_headline_beyond_the_limit_is_refused_with_the_length_that_would_fit() -> None:
    with pytest.raises(DoesNotFit, match=r"headline: its 299 characters .* about \d+ characters"):
        compose(changed(headline=("long words " * 40)[:299]))


def test_a_business_name_beyond_the_limit_is_refused_by_name() -> None:
    with pytest.raises(DoesNotFit, match="business_name"):
        compose(changed(business_name="Very Long Name " * 12))


def test_what_has_no_room_is_left_out_and_said() -> None:
    notes = compose(changed(support="x" * 200, action="y" * 100)).notes
    assert len(notes) == 2


def test_only_the_bundled_fonts_draw() -> None:
    def drawn(family: str, text: str) -> bytes:
        return rasterise(
            '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60">'
            f'<text x="5" y="45" font-size="40" font-family="{family}">{text}</text></svg>'
        )

    # A font of the machine is not found, even where it is installed: nothing is drawn.
    assert drawn("DejaVu Sans", "Hello") == drawn("DejaVu Sans", "")
    ink = Image.open(io.BytesIO(drawn("Inter", "Hello"))).getchannel("A").getbbox()
    assert ink is not None


def test_a_missing_font_is_an_error_and_not_a_picture_without_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = dict.fromkeys(typeface.FILES, typeface.FOLDER / "lost.ttf")
    monkeypatch.setattr(typeface, "FILES", lost)
    raster.prove_fonts.cache_clear()
    with pytest.raises(raster.FontsMissing, match="restore"):
        render.draw_picture(ORDER)
    raster.prove_fonts.cache_clear()


def test_the_fonts_come_with_their_licence_and_stay_small() -> None:
    licence = (typeface.FOLDER / "LICENSE.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "The Inter Project Authors" in licence
    assert all(file.stat().st_size < 1_000_000 for file in typeface.FILES.values())
