"""One tenant's blog in a folder: posts as JSON, pages rebuilt from them. It knows no campaign.

`data/<effect key>.json` is the claim: created exclusively, or replaced by a withdrawal that no
later publish passes. Everything else (`posts/`, `media/`, `index.html`, `rss.xml`) follows from
these files and is made again under the site's lock, so a crash at any point heals itself.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from chassis.artefacts import write_once
from chassis.errors import Retryable
from contracts.message import Message
from services.optimizer.publish.pages import Post, page_of, render_feed, render_index

LOCK_WAIT_S_MAX = 20.0
_LOCK_POLL_S = 0.02


class Withdrawn(Exception):
    """The post was taken back; it does not come back under the same key."""


class Slot(Message):
    """What a data file holds: a post, or who withdrew it and where it was."""

    post: Post | None = None
    withdrawn_by: str = ""
    slug: str = ""


class Site:
    """The blog of one tenant below `root`; safe with many processes on one machine."""

    def __init__(self, root: Path, tenant_id: str, public_url: str) -> None:
        tenant = str(UUID(tenant_id))
        self._folder = root / tenant
        self.address = f"{public_url.rstrip('/')}/site/{tenant}"

    def publish(
        self, post: Post, media: Mapping[str, bytes], may_start: Callable[[], None]
    ) -> Post:
        """Put the post up; the one that stands already where this key was published before.

        `may_start` is asked right before the claim. Raises Withdrawn, Retryable, OSError.
        """
        with self._lock():
            slot = self._slot(post.effect_key)
            if slot is None:
                may_start()
                self._put_media(media)
                slot = Slot(post=self._with_free_slug(post))
                write_once(self._data(post.effect_key), slot.model_dump_json().encode())
            if slot.post is None:
                raise Withdrawn(post.effect_key)
            self._put_media(media)
            self._rebuild()
            return slot.post

    def withdraw(self, effect_key: str, owner: str) -> str | None:
        """Take the post down, or keep it from coming; its slug where there was one."""
        with self._lock():
            slot = self._slot(effect_key)
            slug = "" if slot is None else slot.slug
            if slot is not None and slot.post is not None:
                slug = slot.post.slug
            if slot is None or slot.post is not None:
                mark = Slot(withdrawn_by=owner, slug=slug).model_dump_json()
                _replace(self._data(effect_key), mark.encode())
            self._take_down(slug)
            self._rebuild()
            return slug or None

    def location(self, post: Post) -> str:
        """The post's public address."""
        return f"{self.address}/{page_of(post)}"

    def _slot(self, effect_key: str) -> Slot | None:
        try:
            return Slot.model_validate_json(self._data(effect_key).read_bytes())
        except FileNotFoundError:
            return None

    def _live(self) -> list[Post]:
        """All posts that stand, newest first."""
        folder = self._folder / "data"
        files = folder.glob("*.json") if folder.is_dir() else ()
        slots = (Slot.model_validate_json(file.read_bytes()) for file in files)
        posts = [slot.post for slot in slots if slot.post is not None]
        return sorted(posts, key=lambda post: (post.published_at, post.effect_key), reverse=True)

    def _with_free_slug(self, post: Post) -> Post:
        if post.slug and post.slug not in {other.slug for other in self._live()}:
            return post
        short = post.effect_key[:8]
        return post.model_copy(update={"slug": f"{post.slug or 'post'}-{short}"})

    def _put_media(self, media: Mapping[str, bytes]) -> None:
        for name, data in media.items():
            write_once(self._folder / "media" / name, data)

    def _rebuild(self) -> None:
        posts = self._live()
        for post in posts:
            page = self._folder / page_of(post)
            if not page.exists():
                _replace(page, post.render(self.address).encode())
        _replace(self._folder / "index.html", render_index(posts, self.address).encode())
        _replace(self._folder / "rss.xml", render_feed(posts, self.address).encode())

    def _take_down(self, slug: str) -> None:
        """Remove the page, and the pictures and films that no standing post shows."""
        posts = self._live()
        if slug and slug not in {post.slug for post in posts}:
            (self._folder / "posts" / f"{slug}.html").unlink(missing_ok=True)
        shown = {name for post in posts for name in post.media_names}
        folder = self._folder / "media"
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.name not in shown and not file.name.startswith("."):
                file.unlink(missing_ok=True)

    def _data(self, effect_key: str) -> Path:
        return self._folder / "data" / f"{UUID(effect_key)}.json"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """The site's one lock (flock: the kernel drops it when its holder dies)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("ab") as handle:
            patience = time.monotonic() + LOCK_WAIT_S_MAX
            while not _locked(handle.fileno()):
                if time.monotonic() > patience:
                    raise Retryable(
                        f"the blog in {self._folder.name} has been locked for "
                        f"{LOCK_WAIT_S_MAX:.0f} s by another publisher; it is tried again"
                    )
                time.sleep(_LOCK_POLL_S)
            yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _replace(path: Path, data: bytes) -> None:
    """Write the file whole or not at all, in place of what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    draft.write_bytes(data)
    draft.replace(path)
