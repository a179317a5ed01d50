"""Documents made for tests: a PDF with its lines, a sitemap with its addresses."""

import zlib
from collections.abc import Iterable

LINE_POINTS = 14


def pdf(*pages: Iterable[str], title: str = "", packed: bool = False) -> bytes:
    """A PDF of these pages, each of these lines, as ISO 32000-1 has it; `packed` by Flate."""
    first = 4
    contents = [first + 1 + 2 * number for number in range(len(pages))]
    kids = " ".join(f"{number - 1} 0 R" for number in contents)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in zip(contents, pages, strict=True):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(_stream(_shown(lines), packed=packed))
    objects.append(f"<< /Title ({title}) >>".encode())
    return _file(objects)


def _shown(lines: Iterable[str]) -> bytes:
    rows = "".join(f"({line}) Tj 0 -{LINE_POINTS} Td\n" for line in lines)
    return f"BT /F1 11 Tf 60 780 Td\n{rows}ET".encode("cp1252")


def _stream(content: bytes, *, packed: bool) -> bytes:
    how = " /Filter /FlateDecode" if packed else ""
    body = zlib.compress(content) if packed else content
    return f"<< /Length {len(body)}{how} >>\nstream\n".encode() + body + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"<< /Size {size} /Root 1 0 R /Info {len(objects)} 0 R >>"
    at = len(made)
    made += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n{trailer}\n".encode()
    return bytes(made) + f"startxref\n{at}\n%%EOF\n".encode()


def sitemap(*entries: tuple[str, str], index: bool = False) -> bytes:
    """A sitemap of (address, day of change), or an index of sitemaps."""
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    listed = "".join(
        f"<{inner}><loc>{address}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{inner}>"
        for address, day in entries
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<{outer} xmlns="{space}">{listed}</{outer}>'.encode()
