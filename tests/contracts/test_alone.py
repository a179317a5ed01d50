"""The contracts are a package of their own: installed alone, they import, and drag nothing in."""

import json
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
OTHER_ROOMS = ("chassis", "services", "deploy", "tests", "fastavro", "structlog")
EXTRA = re.compile(r";.*extra\s*==")

TELL = """
import importlib, json, sys
names = json.loads(sys.argv[1])
for name in names:
    importlib.import_module(name)
foreign = []
for room in json.loads(sys.argv[2]):
    try:
        importlib.import_module(room)
    except ModuleNotFoundError:
        continue
    foreign.append(room)
import contracts
from contracts.catalog import CATALOG
from contracts.generate.committed import committed_ids
print(json.dumps({
    "where": contracts.__file__,
    "foreign": foreign,
    "messages": len(CATALOG.entries),
    "ids": len(committed_ids()),
}))
"""


def module_names() -> list[str]:
    return [
        ".".join(("contracts", *path.relative_to(CONTRACTS).with_suffix("").parts)).removesuffix(
            ".__init__"
        )
        for path in sorted(CONTRACTS.rglob("*.py"))
        if "build" not in path.relative_to(CONTRACTS).parts
    ]


def required(name: str, known: dict[str, Distribution]) -> dict[str, Distribution]:
    """A distribution and all that it needs, its extras left out."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key not in known:
        known[key] = distribution(name)
        for line in known[key].requires or ():
            if not EXTRA.search(line) and "python_version <" not in line:
                required(re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0], known)
    return known


def link_into(folder: Path, found: Distribution) -> None:
    """Make an installed distribution importable from `folder`."""
    tops = {Path(str(file)).parts[0] for file in found.files or ()} - {".."}
    for top in tops:
        target = Path(str(found.locate_file(top)))
        if target.exists() and not (folder / top).exists():
            (folder / top).symlink_to(target)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: the build leaves folders beside the sources."""
    work = tmp_path_factory.mktemp("contracts-alone")
    left_out = shutil.ignore_patterns("build", "dist", "*.egg-info", "__pycache__")
    shutil.copytree(CONTRACTS, work / "contracts", ignore=left_out)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(work / "out")]
    built = subprocess.run(
        [*command, str(work / "contracts")], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = (work / "out").glob("*.whl")
    return found


def test_the_wheel_holds_every_module_and_every_schema(wheel: Path) -> None:
    assert wheel.name.startswith("sagaline_contracts-")
    held = set(zipfile.ZipFile(wheel).namelist())
    sources = [*CONTRACTS.rglob("*.py"), *CONTRACTS.rglob("*.avsc")]
    sources += [CONTRACTS / "schemas/ids.json", CONTRACTS / "typescript/messages.ts"]
    wanted = {
        f"contracts/{path.relative_to(CONTRACTS).as_posix()}"
        for path in sources
        if "build" not in path.relative_to(CONTRACTS).parts
    }
    assert wanted - held == set()
    assert {name.split("/")[0] for name in held} == {
        "contracts",
        f"{'-'.join(wheel.name.split('-')[:2])}.dist-info",
    }


def test_every_module_imports_where_nothing_else_of_ours_is_installed(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv/bin/python"
    (site,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    needed = required("pydantic", {})
    required("email-validator", needed)  # the extra that the package asks for
    for found in needed.values():
        link_into(site, found)
    told = subprocess.run(
        [python, "-I", "-c", TELL, json.dumps(module_names()), json.dumps(OTHER_ROOMS)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert Path(answer["where"]).is_relative_to(site)
    assert answer["foreign"] == []
    assert answer["messages"] > 0
    assert answer["ids"] >= answer["messages"]


def test_there_are_modules_to_import() -> None:
    assert {"contracts", "contracts.saga", "contracts.generate.avro"} <= set(module_names())
