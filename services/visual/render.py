"""An order drawn: from its words and pictures to PNG bytes."""

from services.visual import picture
from services.visual.ports import Picture, PictureOrder
from services.visual.raster import rasterise


def draw_picture(order: PictureOrder) -> Picture:
    """The picture of exactly the ordered size. Raises DoesNotFit and FontsMissing."""
    drawing = picture.compose(order)
    return Picture(rasterise(drawing.svg), drawing.notes, drawing.shown)
