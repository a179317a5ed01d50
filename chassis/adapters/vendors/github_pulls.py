"""GitHub's pull requests: opened, reopened, commented on, merged and closed. It knows no files.

https://docs.github.com/en/rest/pulls/pulls and /issues/comments (version 2022-11-28). GitHub has no
idempotency key: a pull request is known by its branch, a comment by a key in its text, and both are
looked up before anything is written.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from chassis.adapters.description import (
    READING,
    Action,
    Args,
    Call,
    KeyRule,
    Outcome,
    PathBelow,
    Removed,
)
from chassis.adapters.failures import CallFailed, misunderstood
from chassis.adapters.web import Ask, Said, Vendor, shaped
from contracts.envelope import FailureReason

Repository = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$")]
Branch = Annotated[PathBelow, Field(pattern=r"^[A-Za-z0-9._/-]+$")]

OPEN = "open"
COMMENTS_A_PAGE = 100
COMMENT_PAGES_MAX = 10
"""A thousand comments: a repeat looks no further."""

PASSING = "Base branch was modified"
"""What GitHub says (405) where another merge went first: the same call succeeds a moment later."""


class OpenPullRequest(Args):
    """A pull request from `head` into `base`; one per head, besides those that were merged."""

    repository: Repository
    title: str
    head: Branch
    base: Branch = "main"
    body: str = ""


class FindPullRequest(Args):
    """The pull request from `head` into `base`, open or closed, that was not merged."""

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


class MergePullRequest(Args):
    """A pull request to merge, only while `sha` is the newest commit of its branch."""

    repository: Repository
    number: int
    sha: Annotated[str, Field(pattern=r"^[0-9a-f]{40,64}$")]
    title: str


class WriteComment(Args):
    """What to say below a pull request; the text holds the key, so that a repeat knows it."""

    repository: Repository
    number: int
    body: str


class DeleteComment(Args):
    """A comment to take back."""

    repository: Repository
    id: int


class PullRequest(Outcome):
    """A pull request as GitHub numbers it; `merged_at` is empty where it was not merged."""

    number: int
    html_url: str
    state: str
    merged_at: str | None = None


class FoundPullRequest(Outcome):
    """Its number; 0 where there is none."""

    number: int


class Merged(Outcome):
    """Whether it is merged, and what GitHub says where it is not."""

    merged: bool
    why: str = ""


class Commented(Outcome):
    """The comment's number and page."""

    id: int
    html_url: str


class _Comment(BaseModel):
    id: int
    html_url: str
    body: str | None = ""


class _Refusal(BaseModel):
    message: str = "no reason given"


def pull_requests(vendor: Vendor) -> tuple[Action, ...]:
    """Everything that is done with pull requests."""
    calls = _PullRequests(vendor)
    return (*_opening(calls), *_ending(calls))


def _opening(calls: "_PullRequests") -> tuple[Action, ...]:
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
    )


def _ending(calls: "_PullRequests") -> tuple[Action, ...]:
    return (
        Action(
            name="comment_on_pull_request",
            about="say something below a pull request",
            args=WriteComment,
            outcome=Commented,
            run=calls.comment,
            key=KeyRule.LOOKED_UP,
            undo="delete_comment",
        ),
        Action(
            name="delete_comment",
            about="take back what was said below a pull request",
            args=DeleteComment,
            outcome=Removed,
            run=calls.delete_comment,
            key=KeyRule.NAMES,
        ),
        Action(
            name="merge_pull_request",
            about="merge a pull request whose newest commit is the one named",
            args=MergePullRequest,
            outcome=Merged,
            run=calls.merge_pull_request,
            key=KeyRule.NAMES,
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


class _PullRequests:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    async def open_pull_request(self, args: OpenPullRequest, call: Call) -> PullRequest:
        if found := await self._unmerged(args, call):
            return found
        body = {"title": args.title, "head": args.head, "base": args.base, "body": args.body}
        asked = Ask("POST", f"/repos/{args.repository}/pulls", body=body)
        return (await self._ask(call, asked)).of(PullRequest)

    async def find_pull_request(self, args: FindPullRequest, call: Call) -> FoundPullRequest:
        found = await self._unmerged(args, call)
        return FoundPullRequest(number=found.number if found else 0)

    async def reopen_pull_request(self, args: ReopenPullRequest, call: Call) -> PullRequest:
        asked = Ask("PATCH", _pull(args), body={"body": args.body, "state": OPEN})
        return (await self._ask(call, asked)).of(PullRequest)

    async def close_pull_request(self, args: ClosePullRequest, call: Call) -> PullRequest:
        standing = (await self._ask(call, Ask("GET", _pull(args)))).of(PullRequest)
        if standing.state != OPEN:
            return standing
        asked = Ask("PATCH", _pull(args), body={"state": "closed"})
        return (await self._ask(call, asked)).of(PullRequest)

    async def merge_pull_request(self, args: MergePullRequest, call: Call) -> Merged:
        standing = (await self._ask(call, Ask("GET", _pull(args)))).of(PullRequest)
        if standing.merged_at:
            return Merged(merged=True)
        if standing.state != OPEN:
            return Merged(merged=False, why="it was closed before")
        body = {"commit_title": args.title, "sha": args.sha}
        asked = Ask("PUT", f"{_pull(args)}/merge", body=body)
        said = await self._ask(call, asked, accepted=(405, 409, 422))
        if said.status == 200:
            return Merged(merged=True)
        why = said.of(_Refusal).message
        if PASSING in why:
            raise CallFailed(FailureReason.UNAVAILABLE, f"github: {why}", status=said.status)
        return Merged(merged=False, why=why)

    async def comment(self, args: WriteComment, call: Call) -> Commented:
        if not call.key or call.key not in args.body:
            raise CallFailed(
                FailureReason.INVALID_INPUT,
                "comment_on_pull_request: the text must hold the call's key, so that a repeat "
                "knows it",
            )
        path = f"/repos/{args.repository}/issues/{args.number}/comments"
        standing = await self._ours(path, call) if call.repeat else None
        if standing is None:
            asked = Ask("POST", path, body={"body": args.body})
            standing = (await self._ask(call, asked)).of(_Comment)
        return Commented(id=standing.id, html_url=standing.html_url)

    async def delete_comment(self, args: DeleteComment, call: Call) -> Removed:
        asked = Ask("DELETE", f"/repos/{args.repository}/issues/comments/{args.id}")
        said = await self._ask(call, asked, accepted=(404,))
        return Removed(found=said.status != 404)

    async def _ours(self, path: str, call: Call) -> _Comment | None:
        for page in range(1, COMMENT_PAGES_MAX + 1):
            params = {"per_page": str(COMMENTS_A_PAGE), "page": str(page)}
            found = (await self._ask(call, Ask("GET", path, params))).json()
            if not isinstance(found, list):
                raise misunderstood("github", "no list of comments")
            comments = [shaped("github", _Comment, one) for one in found]
            if ours := [one for one in comments if call.key in (one.body or "")]:
                return ours[0]
            if len(comments) < COMMENTS_A_PAGE:
                break
        return None

    async def _unmerged(
        self, args: OpenPullRequest | FindPullRequest, call: Call
    ) -> PullRequest | None:
        """The branch's pull request; a merged one is history, and can never be opened again."""
        owner = args.repository.split("/")[0]
        params = {"head": f"{owner}:{args.head}", "base": args.base, "state": "all"}
        asked = Ask("GET", f"/repos/{args.repository}/pulls", params)
        found = (await self._ask(call, asked)).json()
        if not isinstance(found, list):
            raise misunderstood("github", "no list of pull requests")
        standing = [shaped("github", PullRequest, one) for one in found]
        return next((one for one in standing if not one.merged_at), None)

    async def _ask(self, call: Call, asked: Ask, *, accepted: tuple[int, ...] = ()) -> Said:
        return await call.web.ask(self._vendor, asked, accepted=accepted)


def _pull(args: ReopenPullRequest | ClosePullRequest | MergePullRequest) -> str:
    return f"/repos/{args.repository}/pulls/{args.number}"
