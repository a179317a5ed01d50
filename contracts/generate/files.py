"""Which files are generated, what belongs into them, and which of them have drifted."""

import json
from pathlib import Path

from contracts.catalog import CATALOG, Catalog
from contracts.generate.asyncapi import asyncapi
from contracts.generate.avro import avro_schema
from contracts.generate.committed import IDS, committed_ids, ids_with, key_of
from contracts.generate.markdown import messages_page
from contracts.generate.typescript import typescript

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMAS = Path("contracts/schemas")


def generated(root: Path = ROOT, catalog: Catalog = CATALOG) -> dict[Path, str]:
    """Every generated file, by its path below `root`. Older versions' schemas are not among them.

    The committed ids are read, for an id that was given once stays given: IdMoved otherwise.
    """
    schemas = {
        SCHEMAS / f"{key_of(entry.name, entry.version)}.avsc": _json(avro_schema(entry))
        for entry in catalog.entries
    }
    return {
        **schemas,
        SCHEMAS / IDS: _json(ids_with(catalog, committed_ids(root / SCHEMAS))),
        Path("contracts/typescript/messages.ts"): typescript(catalog),
        Path("docs/messages.md"): messages_page(catalog),
        Path("docs/asyncapi.json"): _json(asyncapi(catalog)),
    }


def drifted(root: Path = ROOT, catalog: Catalog = CATALOG) -> list[Path]:
    """The generated files below `root` that are missing or say something else than the models."""
    return [path for path, text in generated(root, catalog).items() if _read(root / path) != text]


def write(root: Path = ROOT, catalog: Catalog = CATALOG) -> list[Path]:
    """Bring every generated file up to date; returns those that were not."""
    changed = drifted(root, catalog)
    texts = generated(root, catalog)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(texts[path], "utf-8")
    return changed


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
