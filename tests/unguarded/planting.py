"""Switching a mechanism off: one change to one function's text, in a copy of the tree.

Where the text is no longer there, the planting fails loudly: then the mechanism has moved, and its
row is to be written anew.
"""

import ast
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
BORROWED: Final = (".venv", ".sagaline/kafka")
"""What a copy of the tree shares with it: no test of ours writes there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One mechanism of one guarantee, how it is switched off, and the test that must notice.

    `function` is the qualified name; empty, where the text stands once in the whole file.
    """

    guarantee: str
    off: str
    file: str
    function: str
    old: str
    new: str
    test: str
    broker: bool = False


class Moved(Exception):
    """What a row changes is not there any more, or not once."""


def changed(row: Row, source: str) -> str:
    """The file's text with the mechanism off. Raises Moved."""
    first, last = _span(row, source)
    lines = source.splitlines(keepends=True)
    own = "".join(lines[first:last])
    count = own.count(row.old)
    if count != 1:
        raise Moved(
            f"{row.guarantee}: `{row.old}` stands {count} times in {row.function} of {row.file}; "
            "switch the mechanism off where it is now"
        )
    made = "".join([*lines[:first], own.replace(row.old, row.new), *lines[last:]])
    ast.parse(made)
    return made


def switched_off(row: Row, sound: Path, target: Path) -> None:
    """Make `target` a copy of the tree `sound` in which the row's mechanism is off.

    The copies share their files, compiled ones too; the changed one is new, and newer.
    """
    shutil.copytree(sound, target, symlinks=True, copy_function=os.link)
    file = target / row.file
    made = changed(row, file.read_text("utf-8"))
    file.unlink()
    file.write_text(made, "utf-8")


def copied(target: Path) -> None:
    """Make `target` a copy of the working tree, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for name in BORROWED:
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).symlink_to(ROOT / name, target_is_directory=True)


def _span(row: Row, source: str) -> tuple[int, int]:
    """The function's lines, first to behind the last."""
    scope: ast.AST = ast.parse(source)
    if not row.function:
        return 0, len(source.splitlines())
    for name in row.function.split("."):
        found = [
            node
            for node in ast.iter_child_nodes(scope)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and node.name == name
        ]
        if len(found) != 1:
            raise Moved(f"{row.guarantee}: {row.function} is not once in {row.file}")
        scope = found[0]
    assert isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return scope.lineno - 1, scope.end_lineno or scope.lineno
