"""Artefacts: stored once under their digest, whole or not at all, and per tenant."""

import asyncio
import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis import artefacts as module
from chassis.artefacts import (
    ArtefactMissing,
    FolderArtefacts,
    StepArtefacts,
    UndoneArtefacts,
    write_once,
)
from chassis.errors import StepError
from contracts.envelope import FailureReason

OURS = "10000000-0000-4000-8000-000000000001"
THEIRS = "20000000-0000-4000-8000-000000000002"
CAMPAIGN = "30000000-0000-4000-8000-000000000003"
PICTURE = b"\x89PNG and so on"


@pytest.fixture
def store(tmp_path: Path) -> FolderArtefacts:
    return FolderArtefacts(tmp_path)


def step(store: FolderArtefacts, name: str = "design", campaign: str = CAMPAIGN) -> StepArtefacts:
    return StepArtefacts(store, OURS, campaign, name)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_bytes_are_stored_once_under_their_own_digest(
    store: FolderArtefacts, tmp_path: Path
) -> None:
    digest = await store.put(OURS, PICTURE)
    assert digest == hashlib.sha256(PICTURE).hexdigest()
    before = files(tmp_path)[0].stat()
    assert await store.put(OURS, PICTURE) == digest
    assert await store.get(OURS, digest) == PICTURE
    assert len(files(tmp_path)) == 1
    assert files(tmp_path)[0].stat().st_ino == before.st_ino


async def test_a_digest_is_no_permission_for_another_tenant(store: FolderArtefacts) -> None:
    digest = await store.put(OURS, PICTURE)
    with pytest.raises(ArtefactMissing, match=THEIRS):
        await store.get(THEIRS, digest)
    await store.put(THEIRS, PICTURE)
    assert await store.get(THEIRS, digest) == PICTURE


async def test_the_same_bytes_may_be_put_by_many_at_once(
    store: FolderArtefacts, tmp_path: Path
) -> None:
    digests = await asyncio.gather(*(store.put(OURS, PICTURE) for _ in range(60)))
    assert set(digests) == {hashlib.sha256(PICTURE).hexdigest()}
    assert len(files(tmp_path)) == 1


async def test_a_step_refers_to_what_it_put_and_an_undo_drops_references_only(
    store: FolderArtefacts,
) -> None:
    ours, other = step(store), step(store, campaign="30000000-0000-4000-8000-000000000004")
    ref = await ours.put(PICTURE, name="email", media_type="image/png")
    await other.put(PICTURE, name="email", media_type="image/png")
    assert await ours.references() == (ref,)
    assert await step(store, "video").references() == ()
    assert await ours.release() == 1
    assert await ours.release() == 0
    assert await ours.references() == ()
    assert await other.references() == (ref,)
    assert await other.get(ref.digest) == PICTURE


async def test_two_names_for_the_same_bytes_are_two_references(store: FolderArtefacts) -> None:
    ours = step(store)
    blog = await ours.put(PICTURE, name="blog", media_type="image/png")
    email = await ours.put(PICTURE, name="email", media_type="image/png")
    again = await ours.put(PICTURE, name="email", media_type="image/png")
    assert again == email
    assert await ours.references() == (blog, email)


async def test_after_an_undo_its_effect_keeps_nothing_and_the_next_round_does(
    store: FolderArtefacts,
) -> None:
    """A copy that was given up may still work on what another copy has undone."""
    campaign = "30000000-0000-4000-8000-000000000009"
    late = StepArtefacts(store, OURS, campaign, "design", "round-0")
    undo = UndoneArtefacts(store, OURS, campaign, "design", ("round-0",))
    again = StepArtefacts(store, OURS, campaign, "design", "round-1")
    await late.put(PICTURE, name="email", media_type="image/png")
    assert await undo.release() == 1
    with pytest.raises(StepError) as refusal:
        await late.put(PICTURE, name="email", media_type="image/png")
    assert refusal.value.reason is FailureReason.CANCELLED
    assert await late.references() == ()
    kept = await again.put(PICTURE, name="email", media_type="image/png")
    assert await undo.references() == (kept,)


async def test_references_can_be_read_while_they_are_released(store: FolderArtefacts) -> None:
    ours = step(store)

    async def fill_and_release() -> None:
        for _ in range(20):
            for number in range(5):
                await ours.put(b"%d" % number, name=str(number), media_type="text/plain")
            await ours.release()

    async def read() -> None:
        for _ in range(200):
            await ours.references()

    await asyncio.gather(fill_and_release(), read(), read())


def test_a_reader_sees_nothing_or_everything_while_it_is_written(tmp_path: Path) -> None:
    data = os.urandom(8_000_000)
    target = tmp_path / "blob"
    seen: set[int] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            if target.exists():
                seen.add(len(target.read_bytes()))

    for _ in range(5):
        looker = threading.Thread(target=look)
        done.clear()
        looker.start()
        assert write_once(target, data)
        done.set()
        looker.join()
        target.unlink()
    assert seen <= {len(data)}


def test_a_writer_killed_in_the_middle_leaves_nothing_to_be_read(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from chassis import artefacts\n"
        "os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "artefacts.write_once(Path(sys.argv[1]), b'x' * 1_000_000)\n"
    )
    target = tmp_path / "blob"
    root = Path(module.__file__).parents[1]
    killed = subprocess.run([sys.executable, "-c", program, str(target)], cwd=root, check=False)
    assert killed.returncode == -9
    assert not target.exists()
    assert write_once(target, b"whole")
    assert target.read_bytes() == b"whole"


def test_a_write_that_fails_leaves_neither_the_file_nor_a_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space"):
        write_once(tmp_path / "blob", b"data")
    assert files(tmp_path) == []


def test_of_many_writers_of_the_same_bytes_object_exactly_one_creates_the_file(
    tmp_path: Path,
) -> None:
    """The empty and the one-byte object are the same in every thread of a process."""
    for attempt, data in enumerate([b"", b"a", PICTURE] * 5):
        target = tmp_path / str(attempt)
        start = threading.Barrier(50)

        def write(
            target: Path = target, data: bytes = data, start: threading.Barrier = start
        ) -> bool:
            start.wait(30)
            return write_once(target, data)

        with ThreadPoolExecutor(50) as pool:
            wrote = [done.result() for done in [pool.submit(write) for _ in range(50)]]
        assert wrote.count(True) == 1
        assert target.read_bytes() == data
    assert len(files(tmp_path)) == 15
