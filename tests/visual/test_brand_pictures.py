"""The brand's logo and photo: shown well, refused by name where they are no good or no picture."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from chassis.clock import SystemClock
from chassis.errors import StepError
from contracts.design import DesignRendered
from contracts.envelope import FailureReason
from contracts.goal import Channel, PictureFormat
from services.visual import picture
from services.visual.designs import PictureTemplate, canvas_of, ranked, templates
from services.visual.foreign_svg import NotSafe, tamed
from services.visual.handlers import render_design
from services.visual.lettering import TRACKING, measure_of
from services.visual.likeness import cropped, logo_of, plate_for, scrim_for
from services.visual.palette import TEXT_CONTRAST_MIN, contrast, from_hex, mix
from services.visual.picture import compose
from services.visual.ports import DoesNotFit, PictureOrder
from services.visual.raster import rasterise
from services.visual.typeface import Weight
from tests.visual.builders import (
    HEADLINE,
    NAME,
    design,
    drawing,
    drawing_processes,
    job_at,
    png_size,
)

SIZES = [(1200, 600), (1600, 900), (1200, 627), (1080, 1080), (1080, 1350), (1080, 1920)]
WORDS = {
    "long word": "Donaudampfschifffahrtskapitän sucht Wärmepumpenfachleute",
    "Greek": "Μειώστε τον λογαριασμό θέρμανσης πριν από τον χειμώνα",
    "Cyrillic": "Сократите счёт за отопление на треть до наступления зимы",
    "Spanish": "Reduzca su factura de calefacción un tercio antes del invierno",
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40">{}</svg>'
DARK_LOGO = SVG.format('<path d="M5 5H115V35H5Z M20 12H60V28H20Z" fill="#101830"/>').encode()


def photo(color: tuple[int, int, int] = (250, 250, 250), thing: int = 1_200) -> bytes:
    image = Image.new("RGB", (1_600, 800), color)
    draw = ImageDraw.Draw(image)
    for step in range(8):
        draw.rectangle((thing + step * 20, 300, thing + step * 20 + 10, 600), fill=(10, 60, 20))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def ordered(size: tuple[int, int] = (1200, 600), headline: str = HEADLINE) -> PictureOrder:
    return PictureOrder(
        channel="email",
        width=size[0],
        height=size[1],
        business_name=NAME,
        headline=headline,
        primary="#1f4b99",
        accent="#f2a33a",
        logo=DARK_LOGO,
        photo=photo(),
    )


def fits(template: PictureTemplate, size: tuple[int, int]) -> bool:
    """Whether the longest word fits the design's column at its smallest size."""
    longest = max(WORDS["long word"].split(), key=len)
    width = measure_of(Weight.BOLD, TRACKING)(longest) * template.headline_style.size_min
    return width <= template.plan(canvas_of(*size)).headline.width


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 2.5 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("template", templates(), ids=lambda t: t.name)
def test_texts_stay_in_their_box_and_out_of_the_art_at_every_size(
    template: PictureTemplate, size: tuple[int, int], words: str
) -> None:
    order = PictureOrder("email", *size, NAME, WORDS[words], "#1f4b99", "#f2a33a")
    canvas = canvas_of(*size)
    plan = template.plan(canvas)
    box = plan.headline
    assert box.height > 0
    assert box.x + box.width <= canvas.width
    assert plan.brand_y < box.y < box.y + box.height < plan.action_y
    if canvas.tall:
        assert plan.action_y + 44 < canvas.height - plan.art.height + 1
    else:
        assert plan.action_y + 44 < canvas.height
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "ranked", lambda _: (template,))
        if words == "long word" and not fits(template, size):
            with pytest.raises(DoesNotFit, match="headline"):  # refused, and not cut
                compose(order)
            return
        drawing = compose(order)
    assert all(one.contrast >= TEXT_CONTRAST_MIN for one in drawing.shown)
    assert {one.role for one in drawing.shown} == {"brand", "headline"}
    assert all(one.size_px >= 16 for one in drawing.shown)


@pytest.mark.parametrize("turn", range(8))
def test_every_design_shows_the_photo_and_the_text_on_it_keeps_its_contrast(turn: int) -> None:
    with_photo = ordered()
    template = ranked(with_photo)[turn]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "ranked", lambda _: (template,))
        drawing = compose(with_photo)
    assert drawing.svg.count("data:image/jpeg") == 1
    assert all(one.contrast >= TEXT_CONTRAST_MIN for one in drawing.shown)


@pytest.mark.parametrize("pixel", [(255, 255, 255), (0, 0, 0), (128, 128, 128), (255, 0, 0)])
def test_a_scrim_keeps_text_readable_on_any_photo(pixel: tuple[int, int, int]) -> None:
    photo_of = cropped(photo(pixel), (400, 400))
    ground, ink = from_hex("#12284f"), from_hex("#ffffff")
    share = scrim_for(photo_of, ground, (ink,))
    for extreme in (photo_of.brightest, photo_of.darkest):
        assert contrast(ink, mix(extreme, ground, share)) >= TEXT_CONTRAST_MIN


def test_the_crop_keeps_what_the_photo_is_of() -> None:
    for thing in (200, 1_200):
        uri = cropped(photo(thing=thing), (400, 400)).uri
        drawn = Image.open(
            io.BytesIO(
                rasterise(
                    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400">'
                    f'<image width="400" height="400" href="{uri}"/></svg>'
                )
            )
        )
        dark = np.asarray(drawn.convert("L")) < 100
        assert dark.sum() > 4_000, thing


def test_a_logo_gets_a_plate_only_where_it_would_not_show() -> None:
    logo = logo_of(DARK_LOGO)
    assert plate_for(logo, (from_hex("#12284f"),)) == "#ffffff"
    assert plate_for(logo, (from_hex("#f8f8fa"),)) == ""


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        ('<image href="file:///etc/passwd"/>', "<image>"),
        ("<script>alert(1)</script>", "<script>"),
        ('<use href="#a"/>', "<use>"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<rect fill="url(http://x.example/a)" width="9" height="9"/>', "outside"),
        ('<rect style="fill:url(//x)" width="9" height="9"/>', "outside"),
        ('<path href="x"/>', "links"),
        ("<g>" * 60 + "</g>" * 60, "deeper"),
        ("<g/>" * 6_000, "elements"),
        ("<g>", "well formed"),
    ],
)
def test_hostile_svg_is_refused_with_a_reason(inner: str, told: str) -> None:
    with pytest.raises(NotSafe, match=told):
        tamed(SVG.format(inner).encode(), 100)


def test_svg_with_entities_is_refused() -> None:
    with pytest.raises(NotSafe, match="entities"):
        tamed(b'<!DOCTYPE svg [<!ENTITY a "x">]>' + SVG.format("&a;").encode(), 100)


@pytest.mark.parametrize("raw", [b"GIF89a....", photo()[:900], bomb()], ids=["gif", "cut", "bomb"])
def test_a_bad_photo_is_refused_and_named(raw: bytes) -> None:
    with pytest.raises(DoesNotFit, match=r"^photo: .*give"):
        cropped(raw, (400, 400))


async def test_logo_photo_and_formats_reach_the_pictures_and_come_out_the_same(
    tmp_path: Path,
) -> None:
    bodies = []
    for place in ("a", "b"):
        job = job_at(tmp_path / place)
        logo = await job.artefacts.put(DARK_LOGO, name="brand-logo", media_type="image/svg+xml")
        shot = await job.artefacts.put(photo(), name="brand-photo", media_type="image/png")
        command = design(
            Channel.EMAIL,
            logo_digest=logo.digest,
            photo_digest=shot.digest,
            formats=(PictureFormat.STORY,),
        )
        async with drawing() as draw:
            answer = await render_design(command, job, draw=draw, clock=SystemClock())
            assert not drawing_processes(), "it has opened somebody's files and draws on"
        assert isinstance(answer.body, DesignRendered)
        bodies.append(answer.body)
        (story,) = answer.body.further
        assert png_size(await job.artefacts.get(story.digest)) == (1080, 1920)
        assert {text.role for text in story.texts} >= {"headline", "action"}
    assert bodies[0] == bodies[1]


async def test_a_logo_that_is_no_picture_is_invalid_input(tmp_path: Path) -> None:
    job = job_at(tmp_path)
    logo = await job.artefacts.put(b"<svg nothing", name="brand-logo", media_type="image/svg+xml")
    command = design(Channel.EMAIL, logo_digest=logo.digest)
    with pytest.raises(StepError, match=r"^logo: ") as failure:
        async with drawing() as draw:
            await render_design(command, job, draw=draw, clock=SystemClock())
    assert failure.value.reason is FailureReason.INVALID_INPUT
