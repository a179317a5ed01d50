"""How the command line talks: data on stdout, everything else on stderr. NO_COLOR is obeyed."""

import json
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

from rich.console import Console

EXIT_FAILED = 1
EXIT_INPUT = 2

out = Console(markup=False, highlight=False, soft_wrap=True)
"""What a command was asked for: this may be piped."""

err = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
"""What a person wants to know meanwhile."""


class CommandFailed(Exception):
    """A command cannot do what it was asked; the message says why, line by line."""

    def __init__(self, message: str, exit_code: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def plain(text: str) -> str:
    """The text without control characters: what came from outside must not steer a terminal."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")


def say(line: str) -> None:
    """One line for the person, as it is: no markup is read in it."""
    err.print(plain(line))


def fail(line: str) -> None:
    """Say what went wrong."""
    for one in line.splitlines() or ["failed without a reason"]:
        err.print(plain(f"sagaline: {one}"), style="red")


def put_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """The command's answer as JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def put_rows(rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns on stdout; nothing is cut or wrapped, so that lines can be piped."""
    cells = [["" if cell is None else plain(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.print(line.rstrip())


def can_ask() -> bool:
    """True where a person sits at both ends: questions go to stderr, answers come from stdin."""
    return sys.stdin.isatty() and sys.stderr.isatty()
