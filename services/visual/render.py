"""An order drawn: from its words and pictures to PNG bytes.

The rasteriser takes seconds to pack a photo's pixels into a PNG. So it never sees the photo: it
draws what lies round and over it, and the photo is put in behind that.
"""

import io

from PIL import Image, ImageChops

from services.visual import picture
from services.visual.designs import Canvas
from services.visual.picture import PHOTO, Drawing, Photo
from services.visual.ports import Picture, PictureOrder
from services.visual.raster import rasterise

PNG_LEVEL = 2
"""Of 9: a photo packed harder takes twice as long and is a twentieth shorter."""


def draw_picture(order: PictureOrder) -> Picture:
    """The picture of exactly the ordered size. Raises DoesNotFit and FontsMissing."""
    drawing = picture.compose(order)
    return Picture(png_of(drawing), drawing.notes, drawing.shown)


def png_of(drawing: Drawing) -> bytes:
    """The drawing as PNG; the same drawing gives the same bytes. Raises FontsMissing."""
    if drawing.photo is None:
        return rasterise(drawing.svg)
    done = _over(drawing, drawing.photo) if drawing.photo.below else _inside(drawing, drawing.photo)
    file = io.BytesIO()
    done.save(file, format="PNG", compress_level=PNG_LEVEL)
    return file.getvalue()


def _over(drawing: Drawing, photo: Photo) -> Image.Image:
    """The drawing, which has no ground of its own, over the photo."""
    over = _image(drawing.svg)
    done = photo.image.copy()
    done.paste(over.convert("RGB"), mask=over.getchannel("A"))
    return done


def _inside(drawing: Drawing, photo: Photo) -> Image.Image:
    """The photo in the window that the drawing leaves for it.

    The window is what changes where its colour goes from black to white; how far it changes is
    how much of the photo shows there, at the window's soft edges and under what is over it.
    """
    (width, height), scale = photo.image.size, drawing.size[0] / drawing.canvas.width
    (left, top), area = photo.corner, Canvas(width / scale, height / scale)
    white = drawing.content.replace(PHOTO, "#ffffff")
    bright = _image(picture.svg((width, height), area, white, (left / scale, top / scale)))
    black = drawing.content.replace(PHOTO, "#000000")
    done = _image(picture.svg(drawing.size, drawing.canvas, black)).convert("RGB")
    dark = done.crop((left, top, left + width, top + height))
    window = ImageChops.subtract(bright.convert("RGB"), dark)
    done.paste(ImageChops.add(dark, ImageChops.multiply(photo.image, window)), (left, top))
    return done


def _image(svg: str) -> Image.Image:
    with Image.open(io.BytesIO(rasterise(svg))) as image:
        image.load()
        return image
