"""Where the peers live: under .sagaline/peers, with pinned versions, never in the product."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".sagaline" / "peers"
INSTALL_TIMEOUT_S = 600.0
TOLD_CHARS = 300
QUIET = ("--quiet", "--disable-pip-version-check", "--no-input")


class Unavailable(Exception):
    """A peer cannot be had here; the text says why."""


def python_with(name: str, packages: Sequence[str]) -> Path:
    """The Python of an environment with exactly these packages asked for; made where it is not.

    Raises Unavailable.
    """
    folder = FOLDER / name
    python = folder / "bin" / "python"
    if _stands(folder, packages):
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _run("making its environment", (sys.executable, "-m", "venv", str(folder)))
    _run("pip", (str(python), "-m", "pip", "install", *QUIET, *packages))
    _stamp(folder, packages)
    return python


def program_of(name: str, package: str, program: str) -> Path:
    """A program that an npm package of this version carries. Raises Unavailable."""
    folder = FOLDER / name
    if not _stands(folder, [package]):
        npm = shutil.which("npm")
        if npm is None:
            raise Unavailable("there is no npm here, which its server is installed with")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        words = ("install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder))
        _run("npm", (npm, *words, package))
        _stamp(folder, [package])
    found = sorted(folder.glob(f"node_modules/**/bin/{program}"))
    if not found:
        raise Unavailable(f"{package} carries no {program} for this machine")
    return found[0]


def _run(what: str, words: Sequence[str]) -> None:
    """Raises Unavailable with the last words of a command that fails or never ends."""
    try:
        done = subprocess.run(
            words, check=False, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as late:
        raise Unavailable(f"{what} did not end within {INSTALL_TIMEOUT_S:.0f} s") from late
    if done.returncode != 0:
        told = " ".join((done.stderr or done.stdout).split())[-TOLD_CHARS:]
        raise Unavailable(f"{what} failed: {told}")


def _digest(packages: Sequence[str]) -> str:
    return hashlib.sha256("\n".join((sys.version, *packages)).encode()).hexdigest()


def _stands(folder: Path, packages: Sequence[str]) -> bool:
    stamp = folder / ".made-of"
    return stamp.exists() and stamp.read_text("utf-8") == _digest(packages)


def _stamp(folder: Path, packages: Sequence[str]) -> None:
    (folder / ".made-of").write_text(_digest(packages), "utf-8")
