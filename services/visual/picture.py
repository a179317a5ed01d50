"""One picture as SVG: picks a design, fits the words into it, colours it; it draws no pixel."""

import math
from dataclasses import dataclass

from PIL import Image

from services.visual.bands import Veil, veil
from services.visual.designs import Canvas, PictureTemplate, Plan, canvas_of, ranked
from services.visual.layout import Box, Fitted, Measure, TextStyle, fit, room_for
from services.visual.lettering import (
    TRACKING,
    action_svg,
    brand_svg,
    measure_of,
    text_svg,
)
from services.visual.likeness import Cropped, Logo, cropped, logo_of, scrim_for
from services.visual.palette import Palette, Rgb, contrast, mix, palette_of
from services.visual.ports import DoesNotFit, PictureOrder, Shown
from services.visual.typeface import Weight

SUPPORT = TextStyle(size_max=36, size_min=30, lines_max=3, leading=1.36)
SUPPORT_GAP = 44.0
SCRIM_FADE = 0.2
"""The part of a picture over which a scrim goes, from where texts end."""

SCRIM_REST = 0.1
"""What is left of a scrim where no text stands."""

PHOTO = "photo-color"
"""Stands in a drawing for the colour of the window that the photo is seen through."""

SUPPORT_SHARE = 0.7
"""The part of the headline's box that the headline may take where a second text follows."""


@dataclass(frozen=True, slots=True)
class Photo:
    """The photo's pixels, where their upper left corner is, and whether all else is over them."""

    image: Image.Image
    corner: tuple[int, int]
    below: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG, notes on what was left out, and how each of its texts stands.

    Where there is a `photo`, PHOTO stands in the content for its window's colour.
    """

    content: str
    size: tuple[int, int]
    canvas: Canvas
    notes: tuple[str, ...]
    shown: tuple[Shown, ...]
    photo: Photo | None = None

    @property
    def svg(self) -> str:
        """The whole picture as a document, without its photo."""
        return svg(self.size, self.canvas, self.content)


def compose(order: PictureOrder) -> Drawing:
    """The picture's drawing.

    Raises DoesNotFit where the headline fits no design at a size that can be read, or where logo
    or photo cannot be drawn.
    """
    canvas = canvas_of(order.width, order.height)
    choices = ranked(order)
    measure: Measure = measure_of(Weight.BOLD, TRACKING)
    for template in choices:
        headline = fit(
            order.headline, template.plan(canvas).headline, template.headline_style, measure
        )
        if headline is not None:
            return _Composition(order, template, canvas).drawn(headline)
    room = max(
        room_for(t.plan(canvas).headline, t.headline_style, measure_of(Weight.BOLD))
        for t in choices
    )
    raise DoesNotFit(
        f"headline: its {len(order.headline)} characters do not fit a picture of "
        f"{order.width}x{order.height} at a size that can be read; shorten it to about {room} "
        "characters, with no very long word"
    )


def svg(
    size: tuple[int, int], canvas: Canvas, content: str, at: tuple[float, float] = (0.0, 0.0)
) -> str:
    """A whole document of `size` pixels over the canvas, or over a part of one that begins `at`."""
    area = f"{at[0]:.4f} {at[1]:.4f} {canvas.width:.4f} {canvas.height:.4f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="{area}">{content}</svg>'
    )


class _Composition:
    """One design filled for one order."""

    def __init__(self, order: PictureOrder, template: PictureTemplate, canvas: Canvas) -> None:
        self._order = order
        self._template = template
        self._canvas = canvas
        self._plan: Plan = template.plan(canvas)
        self._palette: Palette = palette_of(order.primary, order.accent, template.scheme)
        self._scale = order.width / canvas.width
        self._logo: Logo | None = logo_of(order.logo) if order.logo else None
        self._photo: Cropped | None = None
        if order.photo:
            left, top, right, bottom = self._pixels(self._plan.art)
            self._photo = cropped(order.photo, (right - left, bottom - top), self._plan.focus)
        self._grounds = self._behind()
        self._notes: list[str] = []
        self._shown: list[Shown] = []

    def drawn(self, headline: Fitted) -> Drawing:
        order, plan, colors = self._order, self._plan, self._palette.as_hex()
        parts = [self._backdrop(colors)]
        brand, size = brand_svg(
            order.business_name, plan.headline, plan.brand_y, colors, self._logo
        )
        parts.append(brand)
        if size:
            self._show("brand", size, self._palette.ink, self._grounds)
        parts.append(self._middle(headline, colors))
        if order.action:
            parts.append(self._action(colors))
        photo = None
        if self._photo:
            corner = self._pixels(plan.art)[:2]
            photo = Photo(self._photo.image, corner, below=self._template.covers)
        return Drawing(
            content="".join(parts),
            size=(order.width, order.height),
            canvas=self._canvas,
            notes=tuple(self._notes),
            shown=tuple(self._shown),
            photo=photo,
        )

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        """The whole pixels that the box touches: left, top, right, bottom."""
        scale, order = self._scale, self._order
        return (
            int(box.x * scale),
            int(box.y * scale),
            min(order.width, math.ceil((box.x + box.width) * scale)),
            min(order.height, math.ceil((box.y + box.height) * scale)),
        )

    def _behind(self) -> tuple[Rgb, ...]:
        """Every colour that a text may stand on."""
        colors = self._palette
        if self._photo is None or not self._template.covers:
            return (colors.ground, colors.ground_far, colors.tint)
        share = self._scrim()
        return (
            colors.ground,
            mix(self._photo.brightest, colors.ground, share),
            mix(self._photo.darkest, colors.ground, share),
        )

    def _scrim(self) -> float:
        assert self._photo is not None
        colors = self._palette
        return scrim_for(self._photo, colors.ground, (colors.ink, colors.muted))

    def _backdrop(self, colors: dict[str, str]) -> str:
        if self._photo is None:
            return self._template.drawing(self._canvas, colors)
        if self._template.covers:
            colors = {**colors, "veil": self._veil()}
        return self._template.drawing(self._canvas, colors, PHOTO)

    def _veil(self) -> str:
        """The ground's colour over a photo that fills the picture, thick where texts stand."""
        canvas, box, plan = self._canvas, self._plan.headline, self._plan
        end = (
            (plan.action_y + 60) / canvas.height
            if canvas.tall
            else (box.x + box.width) / canvas.width
        )
        way = Veil(self._scrim(), SCRIM_REST, end, min(1.0, end + SCRIM_FADE), down=canvas.tall)
        return veil(canvas.width, canvas.height, self._palette.ground, way)

    def _middle(self, headline: Fitted, colors: dict[str, str]) -> str:
        """Headline and supporting text as one block, centred in the headline's box."""
        order, box = self._order, self._plan.headline
        support = None
        if order.support:
            smaller, support = self._with_support(box)
            headline = smaller if smaller is not None and support is not None else headline
            if support is None:
                self._notes.append(
                    f"{order.channel}: no room for the supporting text; it is left out"
                )
        total = headline.height + (SUPPORT_GAP + support.height if support else 0.0)
        top = box.y if self._canvas.story else box.y + (box.height - total) / 2
        parts = [text_svg(headline, (box.x, top), Weight.BOLD, colors["ink"], TRACKING)]
        self._show("headline", headline.size, self._palette.ink, self._grounds)
        if support is not None:
            under = (box.x, top + headline.height + SUPPORT_GAP)
            parts.append(text_svg(support, under, Weight.MEDIUM, colors["muted"]))
            self._show("support", support.size, self._palette.muted, self._grounds)
        return "".join(parts)

    def _with_support(self, box: Box) -> tuple[Fitted | None, Fitted | None]:
        """The headline in the upper part of the box, and the supporting text under it."""
        upper = Box(box.x, box.y, box.width, box.height * SUPPORT_SHARE)
        style = self._template.headline_style
        smaller = fit(self._order.headline, upper, style, measure_of(Weight.BOLD, TRACKING))
        if smaller is None:
            return None, None
        lower = Box(box.x, 0, box.width, box.height - smaller.height - SUPPORT_GAP)
        return smaller, fit(self._order.support, lower, SUPPORT, measure_of(Weight.MEDIUM))

    def _action(self, colors: dict[str, str]) -> str:
        pill = self._template.data["action"]["style"] == "pill"
        plan = self._plan
        found = action_svg(self._order.action, plan.headline, plan.action_y, colors, pill=pill)
        if found is None:
            self._notes.append("the call to action is too long for a picture; it is left out")
            return ""
        drawing, size = found
        if pill:
            self._show("action", size, self._palette.on_accent, (self._palette.accent,))
        else:
            self._show("action", size, self._palette.ink, self._grounds)
        return drawing

    def _show(self, role: str, size: float, ink: Rgb, grounds: tuple[Rgb, ...]) -> None:
        least = min(contrast(ink, ground) for ground in grounds)
        self._shown.append(Shown(role, round(size * self._scale, 1), int(least * 100) / 100))
