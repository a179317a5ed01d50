"""The embedded carrier: a maildir per tenant, one file per recipient key. It sends nothing.

A file's name is `<effect key>.<recipient key>`; it is created exclusively, so the same key twice is
one message (D. J. Bernstein's maildir: written in `tmp`, linked into `new`, moved to `cur` by
whoever reads it).
"""

import os
from pathlib import Path
from uuid import UUID

from chassis.errors import StepError
from contracts.envelope import FailureReason
from services.optimizer.publish.carriers import Handed, Mail, Verdict


class Maildir:
    """A BlockingCarrier into `<mail_dir>/<tenant>/new`."""

    name = "maildir"
    deduplicates = True

    def __init__(self, mail_dir: Path, tenant_id: str) -> None:
        tenant = str(UUID(tenant_id))
        self._folder = mail_dir / tenant
        self.location = f"maildir:{tenant}/new"

    def ready(self) -> None:
        """Make the three folders. Raises StepError UNAVAILABLE."""
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from error

    def hand_over(self, mail: Mail) -> Handed:
        """Create the message's file, unless it is there or was read already."""
        name = f"{mail.effect_key}.{mail.key}"
        if any((self._folder / "cur").glob(f"{name}*")):
            return Handed(Verdict.SENT)
        draft = self._folder / "tmp" / f"{name}.{os.getpid()}"
        try:
            draft.write_bytes(mail.data)
            try:
                os.link(draft, self._folder / "new" / name)
            except FileExistsError:
                return Handed(Verdict.SENT)
            finally:
                draft.unlink()
        except OSError as error:
            raise _unwritable(error) from error
        return Handed(Verdict.SENT)

    def close(self) -> None:
        """Nothing is held open."""

    def recall(self, effect_key: str) -> tuple[int, tuple[str, ...]]:
        """Remove the effect's unread messages: how many, and the recipient keys already read."""
        unread = list((self._folder / "new").glob(f"{UUID(effect_key)}.*"))
        for file in unread:
            file.unlink(missing_ok=True)
        read = (self._folder / "cur").glob(f"{UUID(effect_key)}.*")
        keys = sorted(file.name.split(".")[1].partition(":")[0] for file in read)
        return len(unread), tuple(keys)


def _unwritable(error: OSError) -> StepError:
    return StepError(
        FailureReason.UNAVAILABLE,
        f"the mail folder cannot be written ({error.strerror}); free space or grant access to "
        "MAIL_DIR, then retry the step",
    )
