"""The blog channel where the blog is a GitHub repository: a Jekyll post, committed once.

`_posts/{date}-{slug}.md` holds the effect's key in its front matter, its picture has it in its
path; so a repeat finds what stands, and the undo removes nothing of anybody else.
"""

import base64
import json
from dataclasses import dataclass

from chassis.adapters.description import Removed
from chassis.adapters.door import Door
from chassis.adapters.vendors.github import CreateFile, DeleteFile, Written
from chassis.service import Job
from contracts.envelope import Usage
from contracts.message import Message
from contracts.publish import Publication
from services.optimizer.publish.counted import Counted, counted
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.once import published_once, retracted_once
from services.optimizer.publish.ports import Order, Published, Retracted
from services.optimizer.publish.prose import without_title
from services.optimizer.publish.selection import (
    bytes_of,
    clean,
    one_line,
    picture_of,
    slug_of,
    sources_of,
)
from services.optimizer.publish.variants import traits_of

TOOL = "github"
EFFECT_S_MAX = 40.0
"""Two commits of 15 s each at most: they are given up before, or their process is ended."""


@dataclass(frozen=True, slots=True)
class Repository:
    """Where posts go: owner/name, and the branch that the site is built from."""

    name: str
    branch: str


class _Files(Message):
    """What is to be committed, as it was noted first."""

    post_path: str
    post: str
    picture_path: str = ""
    picture_digest: str = ""


class GitHubBlog:
    """Commits posts to a repository."""

    def __init__(self, repository: Repository, public_url: str, door: Door) -> None:
        self._repository = repository
        self._public_url = public_url
        self._door = door

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Commit picture and post once. Raises StepError."""
        await self._door.check(TOOL)
        return await published_once(effect, lambda: self._commit(order, effect))

    async def retract(self, effect: Effect) -> Retracted:
        """Remove what was committed under the key; its history stays in the repository."""
        nothing = "no post had been published; none will be under this key"
        return await retracted_once(effect, nothing, EFFECT_S_MAX, lambda: self._remove(effect))

    async def _commit(self, order: Order, effect: Effect) -> Published:
        lead = counted(order, effect, self._public_url)
        made = _files(order, effect, lead)
        noted = await effect.noted("files", made.model_dump_json().encode())
        files = _Files.model_validate_json(noted)
        picture = b""
        if files.picture_digest:
            picture = await bytes_of(effect.job, files.picture_digest, "assets: the blog's picture")
        async with effect.acting(EFFECT_S_MAX):
            if picture:
                await self._put(effect, files.picture_path, picture)
            written, usage = await self._put(effect, files.post_path, files.post)
        publication = Publication(
            channel=order.command.channel,
            item_id=order.item.id,
            location=written.html_url or f"github:{self._repository.name}/{written.path}",
            effect_key=effect.key,
            published_at=effect.clock.now(),
            leads_to=lead.leads_to,
            traits=traits_of(order.item),
        )
        return Published(publications=(publication,), usage=usage)

    async def _put(self, effect: Effect, path: str, content: str | bytes) -> tuple[Written, Usage]:
        named = {"content": content} if isinstance(content, str) else _binary(content)
        args = CreateFile(
            repository=self._repository.name,
            branch=self._repository.branch,
            path=path,
            message=f"Publish {path}",
            **named,
        )
        done = await self._door.execute(TOOL, "create_file", args, key=effect.key)
        assert isinstance(done.outcome, Written)
        return done.outcome, done.usage

    async def _remove(self, effect: Effect) -> Retracted:
        noted = await effect.note("files")
        files = _Files.model_validate_json(noted) if noted else None
        paths = (files.post_path, files.picture_path) if files else ()
        removed = [path for path in paths if path and await self._delete(effect, path)]
        if not removed:
            return Retracted(detail="no file of this campaign stands in the repository")
        stays = (
            f"blog: the history of {self._repository.name} keeps what was removed, and the site "
            "shows it until it is built again"
        )
        detail = f"removed from {self._repository.name}: {', '.join(removed)}"
        return Retracted(detail=detail, left_behind=(stays,))

    async def _delete(self, effect: Effect, path: str) -> bool:
        args = DeleteFile(
            repository=self._repository.name,
            branch=self._repository.branch,
            path=path,
            message=f"Take back {path}",
        )
        done = await self._door.execute(TOOL, "delete_file", args, key=effect.key)
        assert isinstance(done.outcome, Removed)
        return done.outcome.found


def _binary(content: bytes) -> dict[str, str]:
    return {"content_base64": base64.b64encode(content).decode()}


def _files(order: Order, effect: Effect, lead: Counted) -> _Files:
    item, now = order.item, effect.clock.now()
    day = (order.due(now) or now).date().isoformat()
    picture = picture_of(order.command)
    picture_path = f"assets/img/{effect.key}.png" if picture else ""
    return _Files(
        post_path=f"_posts/{day}-{slug_of(item.title) or effect.key}.md",
        post=_markdown(order, effect.job, lead, (picture_path, day)),
        picture_path=picture_path,
        picture_digest=picture.digest if picture else "",
    )


def _markdown(order: Order, job: Job, lead: Counted, placed: tuple[str, str]) -> str:
    """The post with its front matter; JSON strings are YAML strings (YAML 1.2, 1.3).

    `placed` is the path of its picture, and its day.
    """
    item, command, (picture_path, day) = order.item, order.command, placed
    front = {
        "layout": "post",
        "title": one_line(item.title),
        "date": day,
        "description": one_line(item.preheader),
        "lang": item.language,
        "tags": [one_line(tag).lstrip("#") for tag in item.hashtags],
        "image": f"/{picture_path}" if picture_path else "",
        "campaign_id": job.campaign_id,
        "effect_key": job.call.effect_key,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    body = lead.led(without_title(clean(item.body_markdown), item.title).strip())
    parts = ["\n".join(("---", *lines, "---")), body]
    if lead.address and lead.address not in body:
        parts.append(f"[{one_line(item.call_to_action)}]({lead.address})")
    if sources := sources_of(command, item):
        parts.append("\n".join(f"{s.number}. [{s.title}]({s.url})" for s in sources if s.url))
    return "\n\n".join(filter(None, parts)) + "\n"
