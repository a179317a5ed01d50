"""The archive of the server's classes makes a node start faster, and never keeps it from it."""

from pathlib import Path

import pytest

from deploy.kafka.archive import ensure_archive
from deploy.kafka.broker import ARCHIVE, LocalBroker
from deploy.kafka.jars import LIBS_VARIABLE, libs_folder

RUBBISH = b"no archive"


@pytest.fixture
def libs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The jars in a folder of their own, without an archive."""
    folder = tmp_path / "libs"
    folder.mkdir()
    for one in libs_folder().iterdir():
        if one.name != ARCHIVE:
            (folder / one.name).symlink_to(one)
    monkeypatch.setenv(LIBS_VARIABLE, str(folder))
    return folder


def _mapped(node: LocalBroker) -> bool:
    return ARCHIVE in Path(f"/proc/{node.pid}/maps").read_text("utf-8")


def _said(node: LocalBroker) -> str:
    return (node.home / "kafka.out").read_text("utf-8")


def test_a_node_maps_the_archive_that_was_made_of_its_jars(libs: Path, tmp_path: Path) -> None:
    said: list[str] = []
    ensure_archive(say=said.append)
    ensure_archive(say=said.append)
    assert len(said) == 1, "it is made once"
    assert sorted(one.name for one in libs.iterdir() if not one.is_symlink()) == [ARCHIVE]
    with LocalBroker(tmp_path / "node", say=said.append) as node:
        assert _mapped(node)
        assert not _said(node)


def test_a_node_starts_with_an_archive_that_is_none(libs: Path, tmp_path: Path) -> None:
    (libs / ARCHIVE).write_bytes(RUBBISH)
    with LocalBroker(tmp_path / "node", say=lambda _: None) as node:
        assert not _mapped(node)
        assert not _said(node)


def test_jars_that_cannot_be_written_to_stay_without_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LIBS_VARIABLE, str(tmp_path / "nowhere"))
    said: list[str] = []
    ensure_archive(say=said.append)
    assert not said
