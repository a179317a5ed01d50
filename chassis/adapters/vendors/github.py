"""GitHub's REST API: files by commit, branches, pull requests; each can be taken back.

https://docs.github.com/en/rest/repos/contents, /git/refs and /pulls (version 2022-11-28). GitHub
has no idempotency key: a file is known by its path and a key in its text, a pull request by its
branch, and both are looked up before anything is written.
"""

import base64
import binascii
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, Field

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
from chassis.adapters.web import Ask, Said, Vendor, shaped
from contracts.envelope import FailureReason

API_VERSION = "2022-11-28"

Repository = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$")]
Branch = Annotated[PathBelow, Field(pattern=r"^[A-Za-z0-9._/-]+$")]


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


class OpenPullRequest(Args):
    """A pull request from `head` into `base`; one per head."""

    repository: Repository
    title: str
    head: Branch
    base: Branch = "main"
    body: str = ""


class FindPullRequest(Args):
    """The pull request from `head` into `base`, open or closed."""

    repository: Repository
    head: Branch
    base: Branch = "main"


class ReopenPullRequest(Args):
    """A pull request that is to be open, with this text."""

    repository: Repository
    number: int
    body: str


class ClosePullRequest(Args):
    """A pull request to close."""

    repository: Repository
    number: int


class Written(Outcome):
    """The file as it stands: its blob and the page that shows it."""

    path: str
    sha: str
    html_url: str = ""


class Pointed(Outcome):
    """A branch and the commit that it points at."""

    branch: str
    sha: str


class PullRequest(Outcome):
    """A pull request as GitHub numbers it."""

    number: int
    html_url: str
    state: str


class FoundPullRequest(Outcome):
    """Its number; 0 where there is none."""

    number: int


class _File(BaseModel):
    path: str
    sha: str
    html_url: str | None = ""
    content: str = ""
    encoding: str = ""


class _Commit(BaseModel):
    content: _File


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
        actions=_actions(_GitHub(vendor)),
    )


def _actions(calls: "_GitHub") -> tuple[Action, ...]:
    return (*_of_files(calls), *_of_branches(calls), *_of_pull_requests(calls))


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


def _of_pull_requests(calls: "_GitHub") -> tuple[Action, ...]:
    return (
        Action(
            name="open_pull_request",
            about="open a pull request, one per branch",
            args=OpenPullRequest,
            outcome=PullRequest,
            run=calls.open_pull_request,
            key=KeyRule.LOOKED_UP,
            undo="close_pull_request",
        ),
        Action(
            name="find_pull_request",
            about="look for a branch's pull request",
            args=FindPullRequest,
            outcome=FoundPullRequest,
            run=calls.find_pull_request,
            retry=READING,
        ),
        Action(
            name="reopen_pull_request",
            about="give a pull request its text, and open it where it was closed",
            args=ReopenPullRequest,
            outcome=PullRequest,
            run=calls.reopen_pull_request,
            key=KeyRule.NAMES,
            undo="close_pull_request",
        ),
        Action(
            name="close_pull_request",
            about="close a pull request",
            args=ClosePullRequest,
            outcome=PullRequest,
            run=calls.close_pull_request,
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
        return _written(said.of(_Commit).content)

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

    async def open_pull_request(self, args: OpenPullRequest, call: Call) -> PullRequest:
        if found := await self._pull_request(args, call):
            return found
        path = f"/repos/{args.repository}/pulls"
        body = {"title": args.title, "head": args.head, "base": args.base, "body": args.body}
        return (await self._ask(call, "POST", path, body=body)).of(PullRequest)

    async def find_pull_request(self, args: FindPullRequest, call: Call) -> FoundPullRequest:
        found = await self._pull_request(args, call)
        return FoundPullRequest(number=found.number if found else 0)

    async def reopen_pull_request(self, args: ReopenPullRequest, call: Call) -> PullRequest:
        path = f"/repos/{args.repository}/pulls/{args.number}"
        body = {"body": args.body, "state": "open"}
        return (await self._ask(call, "PATCH", path, body=body)).of(PullRequest)

    async def close_pull_request(self, args: ClosePullRequest, call: Call) -> PullRequest:
        path = f"/repos/{args.repository}/pulls/{args.number}"
        return (await self._ask(call, "PATCH", path, body={"state": "closed"})).of(PullRequest)

    async def _pull_request(
        self, args: OpenPullRequest | FindPullRequest, call: Call
    ) -> PullRequest | None:
        path, owner = f"/repos/{args.repository}/pulls", args.repository.split("/")[0]
        params = {"head": f"{owner}:{args.head}", "base": args.base, "state": "all"}
        found = (await self._ask(call, "GET", path, params=params)).json()
        if not isinstance(found, list):
            raise misunderstood("github", "no list of pull requests")
        return shaped("github", PullRequest, found[0]) if found else None

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
