"""The generated TypeScript compiles, serves a client, and stops a client that is wrong."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from contracts.generate.files import ROOT

HERE = Path(__file__).resolve().parent / "typescript"
CACHE = ROOT / ".sagaline"
INSTALL_S_MAX = 90
COMPILE_S_MAX = 60


@pytest.fixture(scope="module")
def compiler() -> Path:
    """TypeScript's compiler as the lock file pins it, installed once per lock file."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not on PATH: contracts/typescript/messages.ts was not compiled")
    lock = (HERE / "package-lock.json").read_bytes()
    home = CACHE / f"typescript-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not home.exists():
        CACHE.mkdir(exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=CACHE, prefix="typescript-new-"))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, fresh)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=fresh, check=True, capture_output=True, timeout=INSTALL_S_MAX)
        try:
            fresh.rename(home)
        except OSError:  # another test run was first
            shutil.rmtree(fresh)
    return home / "node_modules" / "typescript" / "bin" / "tsc"


def compile_project(compiler: Path, config: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", os.fspath(compiler), "--project", config],
        cwd=HERE,
        check=False,
        capture_output=True,
        text=True,
        timeout=COMPILE_S_MAX,
    )


def test_a_client_that_keeps_to_the_types_compiles(compiler: Path) -> None:
    compiled = compile_project(compiler, "tsconfig.json")
    assert (compiled.returncode, compiled.stdout) == (0, "")


def test_a_client_that_does_not_is_stopped_at_the_field(compiler: Path) -> None:
    compiled = compile_project(compiler, "tsconfig.bad.json")
    assert compiled.returncode != 0
    source = (HERE / "bad.ts").read_text("utf-8").splitlines()
    found = [line for line in compiled.stdout.splitlines() if "error TS" in line]
    assert all(line.startswith("bad.ts(") for line in found), compiled.stdout
    places = [int(line.split("(")[1].split(",")[0]) for line in found]
    said = [f"{source[place - 1]} {line}" for place, line in zip(places, found, strict=True)]
    wrong = (
        "failed_sequence",
        "channel",
        "left_behind",
        "surprise",
        "forged",
        "unknownMessage",
        "parent_campaign_id",
    )
    for field, error in zip(wrong, said, strict=True):
        assert field in error


def test_the_lock_file_names_no_registry() -> None:
    for name in ("package.json", "package-lock.json"):
        text = (HERE / name).read_text("utf-8")
        assert "://" not in text
        assert "resolved" not in text
