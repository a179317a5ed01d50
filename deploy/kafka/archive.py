"""Java's archive of the server's classes: a node that maps it starts in half the time.

It is made once, by a node that starts and stops. Java passes over one that is not of its own build
or not of these jars, and starts as it would without.
"""

import os
import tempfile
from pathlib import Path

from deploy.kafka.broker import ARCHIVE, QUIETLY, LocalBroker
from deploy.kafka.jars import BrokerUnavailable, Say, libs_folder, say_on_stderr

WRITING_S = 60.0


class _Archiving(LocalBroker):
    """A node that writes the archive when it stops."""

    def __init__(self, archive: Path, home: Path, say: Say) -> None:
        super().__init__(home, say=say)
        self._archive = archive

    def _class_sharing(self, _: Path) -> tuple[str, ...]:
        return (f"-XX:ArchiveClassesAtExit={self._archive}", QUIETLY)


def ensure_archive(*, say: Say = say_on_stderr) -> None:
    """Make the archive of the jars, unless it is there; without it all works as well."""
    libs = libs_folder()
    archive = libs / ARCHIVE
    if archive.exists() or not os.access(libs, os.W_OK):
        return
    say("archiving the server's classes, so that it starts faster (some seconds, once)")
    with tempfile.TemporaryDirectory(prefix="coming-", dir=libs) as folder:
        coming = Path(folder) / ARCHIVE
        node = _Archiving(coming, Path(folder) / "node", say)
        try:
            node.start()
            node.stop(WRITING_S)
            coming.replace(archive)
        except (BrokerUnavailable, OSError) as hindrance:
            say(f"there is no archive, the server will start slower: {hindrance}")
