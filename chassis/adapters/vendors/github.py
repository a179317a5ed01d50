"""GitHub's REST API: files by commit and branches; each can be taken back. Its pull requests too.

https://docs.github.com/en/rest/repos/contents and /git/refs (version 2022-11-28). GitHub has no
idempotency key: a file is known by its path and a key in its text, which is looked up before
anything is written. Pull requests are in github_pulls.py.
"""

import base64
import binascii
from urllib.parse import quote

from pydantic import BaseModel

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    PathBelow,
    Removed,
    adapter_to,
)
from chassis.adapters.failures import CallFailed, misunderstood
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.vendors.github_pulls import Branch, Repository, pull_requests
from chassis.adapters.web import Ask, Said, Vendor
from contracts.envelope import FailureReason

API_VERSION = "2022-11-28"


class CreateFile(Args):
    """A new file, as text or as base64; path or text hold the key, so that a repeat knows it."""

    repository: Repository
    path: PathBelow
    content: str = ""
    content_base64: str = ""
    message: str
    branch: Branch = "main"


class DeleteFile(Args):
    """A file that is removed only where its path or its text holds the call's key."""

    repository: Repository
    path: PathBelow
    message: str
    branch: Branch = "main"


class CreateBranch(Args):
    """A new branch at the tip of another."""

    repository: Repository
    branch: Branch
    base: Branch = "main"


class DeleteBranch(Args):
    """A branch to remove."""

    repository: Repository
    branch: Branch


class Written(Outcome):
    """The file as it stands: its blob and the page that shows it.

    `commit` is the one that wrote it just now; empty where the file stood already.
    """

    path: str
    sha: str
    html_url: str = ""
    commit: str = ""


class Pointed(Outcome):
    """A branch and the commit that it points at."""

    branch: str
    sha: str


class _File(BaseModel):
    path: str
    sha: str
    html_url: str | None = ""
    content: str = ""
    encoding: str = ""


class _Made(BaseModel):
    sha: str = ""


class _Commit(BaseModel):
    content: _File
    commit: _Made = _Made()


class _Target(BaseModel):
    sha: str


class _Ref(BaseModel):
    object: _Target


def github(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = Vendor(
        name="github",
        root=settings.github_url,
        headers={
            "authorization": f"Bearer {settings.github_token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": API_VERSION,
        },
        needs={"GITHUB_TOKEN": settings.github_token},
        secrets=(settings.github_token,),
    )
    return adapter_to(
        vendor,
        Kind.PUBLISHING,
        "files, branches and pull requests of a repository",
        actions=(*_actions(_GitHub(vendor)), *pull_requests(vendor)),
    )


def _actions(calls: "_GitHub") -> tuple[Action, ...]:
    return (*_of_files(calls), *_of_branches(calls))


def _of_files(calls: "_GitHub") -> tuple[Action, ...]:
    return (
        Action(
            name="create_file",
            about="commit a new file",
            args=CreateFile,
            outcome=Written,
            run=calls.create_file,
            timeout_s=15.0,
            key=KeyRule.LOOKED_UP,
            undo="delete_file",
        ),
        Action(
            name="delete_file",
            about="remove a file that holds the key",
            args=DeleteFile,
            outcome=Removed,
            run=calls.delete_file,
            key=KeyRule.LOOKED_UP,
        ),
    )


def _of_branches(calls: "_GitHub") -> tuple[Action, ...]:
    return (
        Action(
            name="create_branch",
            about="create a branch",
            args=CreateBranch,
            outcome=Pointed,
            run=calls.create_branch,
            retry=READING,
            key=KeyRule.NAMES,
            undo="delete_branch",
        ),
        Action(
            name="delete_branch",
            about="remove a branch",
            args=DeleteBranch,
            outcome=Removed,
            run=calls.delete_branch,
            key=KeyRule.NAMES,
        ),
    )


class _GitHub:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    async def create_file(self, args: CreateFile, call: Call) -> Written:
        _holds_key(args, call)
        standing = await self._file(args, call)
        if standing is not None:
            if _is_ours(standing, call):
                return _written(standing)
            raise CallFailed(
                FailureReason.REJECTED,
                f"github: {args.repository} has another file at {args.path}; rename or remove it. "
                "Nothing was written",
            )
        body = {
            "message": args.message,
            "content": args.content_base64 or base64.b64encode(args.content.encode()).decode(),
            "branch": args.branch,
        }
        said = await self._ask(call, "PUT", _contents(args.repository, args.path), body=body)
        made = said.of(_Commit)
        return _written(made.content).model_copy(update={"commit": made.commit.sha})

    async def delete_file(self, args: DeleteFile, call: Call) -> Removed:
        standing = await self._file(args, call)
        if standing is None or not _is_ours(standing, call):
            return Removed(found=False)
        body = {"message": args.message, "sha": standing.sha, "branch": args.branch}
        await self._ask(call, "DELETE", _contents(args.repository, args.path), body=body)
        return Removed(found=True)

    async def create_branch(self, args: CreateBranch, call: Call) -> Pointed:
        root = f"/repos/{args.repository}/git"
        tip = (await self._ask(call, "GET", f"{root}/ref/heads/{args.base}")).of(_Ref).object.sha
        body = {"ref": f"refs/heads/{args.branch}", "sha": tip}
        said = await self._ask(call, "POST", f"{root}/refs", body=body, accepted=(422,))
        if said.status == 422:  # it exists, and is ours by its name
            said = await self._ask(call, "GET", f"{root}/ref/heads/{args.branch}")
        return Pointed(branch=args.branch, sha=said.of(_Ref).object.sha)

    async def delete_branch(self, args: DeleteBranch, call: Call) -> Removed:
        path = f"/repos/{args.repository}/git/refs/heads/{args.branch}"
        said = await self._ask(call, "DELETE", path, accepted=(404, 422))
        return Removed(found=said.status == 204)

    async def _file(self, args: CreateFile | DeleteFile, call: Call) -> _File | None:
        path = _contents(args.repository, args.path)
        said = await self._ask(call, "GET", path, params={"ref": args.branch}, accepted=(404,))
        return None if said.status == 404 else said.of(_File)

    async def _ask(
        self,
        call: Call,
        method: str,
        path: str,
        *,
        accepted: tuple[int, ...] = (),
        **more: dict[str, str],
    ) -> Said:
        ask = Ask(method, path, params=more.get("params", {}), body=more.get("body"))
        return await call.web.ask(self._vendor, ask, accepted=accepted)


def _holds_key(args: CreateFile, call: Call) -> None:
    if not call.key or call.key not in args.path + args.content:
        raise CallFailed(
            FailureReason.INVALID_INPUT,
            "create_file: path or content must hold the call's key, so that a repeat knows it",
        )


def _is_ours(file: _File, call: Call) -> bool:
    return bool(call.key) and (call.key in file.path or call.key in _text(file))


def _contents(repository: str, path: str) -> str:
    return f"/repos/{repository}/contents/{quote(path)}"


def _text(file: _File) -> str:
    if file.encoding != "base64":
        return ""
    try:
        return base64.b64decode(file.content).decode(errors="replace")
    except binascii.Error:
        raise misunderstood("github", "content is not base64") from None


def _written(file: _File) -> Written:
    return Written(path=file.path, sha=file.sha, html_url=file.html_url or "")
