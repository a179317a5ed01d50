"""SVG to PNG with resvg, from the bundled fonts alone; the only door to resvg.

resvg draws no text at all, and says nothing, where a font is missing: so the fonts are proven
before the first picture.
"""

from functools import lru_cache

from services.visual import typeface


class FontsMissing(RuntimeError):
    """The bundled fonts are not there or draw nothing; the installation is incomplete."""


def rasterise(drawing: str) -> bytes:
    """The drawing as PNG bytes; the same drawing gives the same bytes. Raises FontsMissing."""
    prove_fonts()
    return _rasterise(drawing)


@lru_cache(maxsize=1)
def prove_fonts() -> None:
    """Draws one letter in each weight and compares with an empty picture. Raises FontsMissing."""
    for weight, file in typeface.FILES.items():
        if _rasterise(_probe("H", weight)) == _rasterise(_probe("", weight)):
            raise FontsMissing(
                f"the font {file.name} draws nothing: pictures would have no text; restore "
                "services/visual/fonts from the distribution"
            )


def _probe(text: str, weight: typeface.Weight) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="4" y="32" '
        f'font-family="{typeface.FAMILY}" font-weight="{weight.value}">{text}</text></svg>'
    )


def _rasterise(drawing: str) -> bytes:
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=drawing,
        skip_system_fonts=True,
        font_files=[str(file) for file in typeface.FILES.values()],
        font_family=typeface.FAMILY,
        sans_serif_family=typeface.FAMILY,
        dpi=96.0,
        shape_rendering="geometric_precision",
        text_rendering="geometric_precision",
    )
