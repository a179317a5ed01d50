"""Somebody else's SVG made safe to rasterise: only shapes and colours of a short list are kept.

Nothing is loaded from anywhere, nothing refers to anything but gradients and clips of the same
file, and nothing may multiply (`use`, `pattern`, `filter`, entities).
"""

import re
from xml.etree import ElementTree as ET

BYTES_MAX = 500_000
ELEMENTS_MAX = 5_000
DEPTH_MAX = 40
SVG = "http://www.w3.org/2000/svg"
HEAD_BYTES = 2_000

SHAPES = frozenset(
    {
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "defs",
        "linearGradient",
        "radialGradient",
        "stop",
        "clipPath",
    }
)
SILENT = frozenset({"title", "desc", "metadata"})
"""Elements that show nothing: left out."""

ATTRIBUTES = frozenset(
    {
        "id",
        "class",
        "d",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "fx",
        "fy",
        "width",
        "height",
        "points",
        "viewBox",
        "transform",
        "fill",
        "fill-opacity",
        "fill-rule",
        "stroke",
        "stroke-width",
        "stroke-opacity",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-dasharray",
        "stroke-dashoffset",
        "opacity",
        "offset",
        "stop-color",
        "stop-opacity",
        "gradientUnits",
        "gradientTransform",
        "spreadMethod",
        "clip-path",
        "clip-rule",
        "clipPathUnits",
        "style",
        "preserveAspectRatio",
        "display",
        "visibility",
        "color",
    }
)

_LINK = re.compile(r"url\(\s*['\"]?(?!#)", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*([0-9]*\.?[0-9]+)(?:px)?\s*$")


class NotSafe(ValueError):
    """The file is not drawn; the message says why and what to give."""


def looks_like_svg(raw: bytes) -> bool:
    """True for what is meant as SVG; whether it is one, `tamed` finds out."""
    return b"<svg" in raw[:HEAD_BYTES]


def tamed(raw: bytes, side: int) -> str:
    """The drawing with only what is known to be harmless, `side` pixels on its longer side.

    Raises NotSafe.
    """
    if len(raw) > BYTES_MAX:
        raise NotSafe(f"the SVG has more than {BYTES_MAX:,} bytes; simplify it, or give a PNG")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotSafe("the SVG is not UTF-8; save it as UTF-8, or give a PNG") from None
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise NotSafe("the SVG has a document type or entities; save it without, or give a PNG")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a document type there are no entities
    except ET.ParseError as reason:
        raise NotSafe(f"the SVG is not well formed ({reason}); export it again") from None
    if root.tag != f"{{{SVG}}}svg":
        raise NotSafe("the file's first element is no <svg>; export it again, or give a PNG")
    if sum(1 for _ in root.iter()) > ELEMENTS_MAX:
        raise NotSafe(f"the SVG has more than {ELEMENTS_MAX:,} elements; simplify it")
    width, height = _size(root)
    clean = _kept(root, 0)
    scale = side / max(width, height)
    clean.set("viewBox", root.get("viewBox") or f"0 0 {width:g} {height:g}")
    clean.set("width", str(max(1, round(width * scale))))
    clean.set("height", str(max(1, round(height * scale))))
    ET.register_namespace("", SVG)
    return ET.tostring(clean, encoding="unicode")


def _kept(element: ET.Element, depth: int) -> ET.Element:
    if depth > DEPTH_MAX:
        raise NotSafe(f"the SVG's elements are nested deeper than {DEPTH_MAX}; simplify it")
    kept = ET.Element(element.tag)
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES:
            if name.rpartition("}")[2] == "href":
                raise NotSafe("the SVG links to something; embed its shapes, or give a PNG")
            continue
        if _LINK.search(value) or "\\" in value:
            raise NotSafe("the SVG refers to something outside of it; give a PNG")
        kept.set(name, value)
    for child in element:
        space, _, name = str(child.tag).rpartition("}")
        if space != f"{{{SVG}" or name in SILENT:
            continue
        if name not in SHAPES:
            raise NotSafe(
                f"the SVG uses <{name[:40]}>, which is not drawn from a foreign file; convert it "
                "to plain paths, or give a PNG"
            )
        kept.append(_kept(child, depth + 1))
    return kept


def _size(root: ET.Element) -> tuple[float, float]:
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    parts = box[2:] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    found = [_NUMBER.match(part) for part in parts]
    sizes = [float(match[1]) for match in found if match]
    if len(sizes) != 2 or min(sizes) <= 0 or max(sizes) / min(sizes) > 20:
        raise NotSafe("the SVG states no usable viewBox, nor width and height in pixels; set one")
    return sizes[0], sizes[1]
