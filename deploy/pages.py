"""Pages that are generated from the code: which have drifted, and how they are renewed."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

Pages = Mapping[Path, str]
"""What belongs into each generated file, by its path below the checkout."""


def drifted(pages: Pages, root: Path = ROOT) -> list[Path]:
    """The pages below `root` that are missing or say something else than the code."""
    return [path for path, text in pages.items() if _read(root / path) != text]


def write(pages: Pages, root: Path = ROOT) -> list[Path]:
    """Bring every page up to date; returns those that were not."""
    changed = drifted(pages, root)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(pages[path], "utf-8")
    return changed


def main(pages: Pages, module: str, about: str) -> int:
    """The command line of a generator; 1 where `--check` finds that something drifted."""
    parser = ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("--check", action="store_true", help="write nothing; name what drifted")
    check = parser.parse_args().check
    changed = drifted(pages) if check else write(pages)
    for path in changed:
        sys.stdout.write(f"{'drifted' if check else 'wrote'}: {path}\n")
    if check and changed:
        sys.stderr.write(f"run `python -m {module}` and commit what it writes\n")
        return 1
    return 0


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; a bar inside a cell is written so that it stays there."""
    lines = [header, ("---",) * len(header), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None
