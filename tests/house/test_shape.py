"""The house rules that a machine can check: sizes, names, opening sentences, one broad except."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ROOMS = ("contracts", "chassis", "services", "deploy")
FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 400
PARAMETERS_MAX = 5
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base"}
BROAD_EXCEPTS = {
    "chassis/following.py",
    "chassis/kafka/thread.py",
    "chassis/worker.py",
    "services/optimizer/stream.py",
    "services/orchestrator/edge/upstream.py",
    "services/orchestrator/saga/processor.py",
    "tests/simulation/seeded/clockwork.py",
}
"""The rims, one per loop: where a bug becomes a typed failure, or a dead letter.

And a client's thread and the simulated event loop, which hand on what a call raised.
"""


class Function(NamedTuple):
    where: str
    lines: int
    parameters: int


def tracked(pattern: str) -> list[Path]:
    """Files that belong to the project: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def modules() -> list[Path]:
    return [
        path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in (*ROOMS, "tests")
    ]


def functions() -> Iterator[Function]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                named = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
                given = [name for name in named if name not in ("self", "cls")]
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                where = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                yield Function(where, lines, len(given) + len(node.args.kwonlyargs))


def _is_broad(caught: ast.expr | None) -> bool:
    return isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException")


def _cleans_up(node: ast.AST) -> bool:
    """True where the handler only tidies and lets the error go on."""
    last = node.body[-1] if isinstance(node, ast.ExceptHandler) else None
    return isinstance(last, ast.Raise) and last.exc is None


def test_no_function_outgrows_the_screen() -> None:
    own = [f for f in functions() if not f.where.startswith("tests/")]
    assert [f.where for f in own if f.lines > FUNCTION_LINES_MAX] == []


def test_no_function_takes_more_than_five_things() -> None:
    own = [f for f in functions() if not f.where.startswith("tests/")]
    assert [f.where for f in own if f.parameters > PARAMETERS_MAX] == []


def test_no_module_outgrows_its_purpose() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in modules()
        if (lines := len(path.read_text().splitlines())) > MODULE_LINES_MAX
    ]
    assert long == []


def test_every_module_opens_with_one_sentence() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.read_text().strip() and not (ast.get_docstring(ast.parse(path.read_text())) or "")
    ]
    assert silent == []


def test_no_module_is_named_after_nothing() -> None:
    assert [str(path) for path in modules() if path.stem in BANNED_NAMES] == []


def test_a_broad_except_stands_only_at_the_rim() -> None:
    broad = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            caught = node.type if isinstance(node, ast.ExceptHandler) else None
            if _is_broad(caught) and not _cleans_up(node):
                broad.add(str(path.relative_to(ROOT)))
    assert broad - BROAD_EXCEPTS == set()


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    hosts = ("pypi" + ".org", "registry.npm" + "js", "repo1.mav" + "en", "deb.deb" + "ian")
    paths = ("/work" + "/main", "/ro" + "ot/")
    found = []
    for path in tracked("*"):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {word}" for word in hosts + paths if word in text]
    assert found == []
