"""Fetches the pinned jars of the Kafka server once; it does not know how a server is run."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
LIBS_DEFAULT = Path(".sagaline/kafka/libs")
LIBS_VARIABLE = "SAGALINE_KAFKA_LIBS"
STAMP = ".pom-sha256"
FETCH_TIMEOUT_S = 900
DISK_BYTES_MIN = 300 * 1024 * 1024

Say = Callable[[str], None]


class BrokerUnavailable(Exception):
    """The local Kafka cannot be had; the message is one line that says why and what to do."""


def say_on_stderr(line: str) -> None:
    """Show one line of progress to whoever started the program."""
    sys.stderr.write(f"kafka: {line}\n")
    sys.stderr.flush()


def libs_folder() -> Path:
    """Return the folder of the jars: SAGALINE_KAFKA_LIBS, or `.sagaline/kafka/libs` here."""
    return Path(os.environ.get(LIBS_VARIABLE) or LIBS_DEFAULT).absolute()


def ensure_jars(libs: Path | None = None, *, say: Say = say_on_stderr) -> Path:
    """Return the folder that holds the jars of `pom.xml`, fetching them with Maven if need be.

    An interrupted fetch leaves nothing that looks finished, and two processes fetch once.
    Raises `BrokerUnavailable` when Maven, the disk or the network is missing.
    """
    libs = libs or libs_folder()
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    if _stamp_of(libs) == wanted:
        return libs
    require_disk(libs, DISK_BYTES_MIN)
    with _lock_beside(libs):
        if _stamp_of(libs) != wanted:
            _fetch(libs, wanted, say)
    return libs


def require_disk(folder: Path, bytes_min: int) -> None:
    """Make the folder's parents, and raise `BrokerUnavailable` unless `bytes_min` are free."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder.parent).free
    except OSError as error:
        raise BrokerUnavailable(
            f"The folder {folder.parent} cannot be used: {error.strerror}. Choose another."
        ) from error
    if free < bytes_min:
        raise BrokerUnavailable(
            f"Only {free // 2**20} MB are free at {folder.parent}, Kafka needs "
            f"{bytes_min // 2**20} MB. Free some disk, or choose another folder."
        )


def _stamp_of(libs: Path) -> str | None:
    try:
        return (libs / STAMP).read_text(encoding="ascii")
    except OSError:
        return None


@contextmanager
def _lock_beside(libs: Path) -> Iterator[None]:
    with libs.with_name(f"{libs.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(libs: Path, wanted: str, say: Say) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerUnavailable(
            "Maven is missing, and Kafka's jars are fetched with it. "
            "Install it (Debian: apt-get install maven), or run make setup."
        )
    say(f"fetching the server's jars with Maven into {libs} (about 45 MB, once)")
    coming = libs.with_name(f"{libs.name}.coming")
    shutil.rmtree(coming, ignore_errors=True)
    _run_maven([maven, "-B", "-q", "-f", str(POM), "dependency:copy-dependencies"], coming)
    (coming / STAMP).write_text(wanted, encoding="ascii")
    shutil.rmtree(libs, ignore_errors=True)
    coming.rename(libs)
    say(f"{len(list(libs.glob('*.jar')))} jars are there")


def _run_maven(command: list[str], output: Path) -> None:
    try:
        done = subprocess.run(
            [*command, f"-DoutputDirectory={output}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FETCH_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerUnavailable(
            f"Maven fetched nothing within {FETCH_TIMEOUT_S} s. Look at the network and try again."
        ) from error
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if "ERROR" in line] or ["no message"]
        raise BrokerUnavailable(
            f"Maven could not fetch Kafka's jars: {errors[0].strip()[:300]} "
            "Look at the network or Maven's settings and try again."
        )
