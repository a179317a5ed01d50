"""A repository and a channel that reviewers are told in, and what tells them there."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from chassis.service import Answer, Job
from contracts import identity
from contracts.audit import QualityCheck, QualityReport, QualityVerdict
from contracts.envelope import Severity
from contracts.goal import Channel, NoticePlace
from contracts.review import AnnounceReview, WithdrawReview
from contracts.saga import StepUndone
from services.optimizer.review.handlers import announce_review, desk_of, withdraw_review
from tests.adapters.wire import Request, Says, serving
from tests.optimizer.publish.builders import House, item, picture
from tests.specification import CAMPAIGN_ID

REPOSITORY = "molino/marketing-campaigns"
CAMPAIGN = CAMPAIGN_ID
BRANCH = f"sagaline/{CAMPAIGN}"
GITHUB, SLACK = NoticePlace.GITHUB, NoticePlace.SLACK
DIGEST = "ab" * 32
ROOT = "https://sagaline.example"


@dataclass
class Hub:
    """GitHub's branches, contents, pull requests and comments over dictionaries.

    `loses` answers to requests that were carried out; with `protected`, nothing may be merged.
    """

    branches: dict[str, str] = field(default_factory=lambda: {"main": "aa218f56" * 5})
    files: dict[str, str] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    loses: int = 0
    protected: bool = False

    def __call__(self, request: Request) -> Says:
        path = request.path.removeprefix(f"/repos/{REPOSITORY}/")
        says = self._answer(request, path, request.body)
        if request.method == "GET" or path.startswith(("git/", "contents/")):
            return says
        self.writes.append(f"{request.method} {path}")
        if self.loses:
            self.loses -= 1
            return Says({"message": "bad gateway"}, 502)
        return says

    def push(self, branch: str, what: str) -> str:
        """A commit of somebody's on the branch."""
        self.branches[branch] = hashlib.sha1(what.encode()).hexdigest()
        return self.branches[branch]

    def _answer(self, request: Request, path: str, body: Any) -> Says:
        if path.startswith("git/"):
            return self._branch(request.method, path, body)
        if path.startswith("contents/"):
            return self._file(request, path.removeprefix("contents/"), body)
        if path.startswith("issues/"):
            return self._comment(request.method, path, body)
        if path == "pulls" and request.method == "GET":
            head = request.params["head"].partition(":")[2]
            return Says([pull for pull in self.pulls if pull["head"] == head])
        if path == "pulls":
            number = len(self.pulls) + 7
            made = {"number": number, "state": "open", "merged_at": None, **body}
            made["html_url"] = f"https://github.com/{REPOSITORY}/pull/{number}"
            self.pulls.append(made)
            return Says(made, 201)
        (pull,) = (one for one in self.pulls if f"pulls/{one['number']}" in (path, path[:-6]))
        return self._merge(pull, body) if path.endswith("/merge") else self._pull(pull, body)

    def _pull(self, pull: dict[str, Any], body: Any) -> Says:
        if pull["merged_at"] and body and body.get("state") == "open":
            return Says({"message": "Validation Failed"}, 422)
        pull |= body or {}
        return Says(pull)

    def _merge(self, pull: dict[str, Any], body: Any) -> Says:
        if self.protected or pull["state"] != "open":
            return Says({"message": "Pull Request is not mergeable"}, 405)
        if body["sha"] != self.branches[pull["head"]]:
            why = "Head branch was modified. Review and try the merge again."
            return Says({"message": why}, 409)
        pull |= {"state": "closed", "merged_at": "2026-11-20T12:00:00Z"}
        return Says({"sha": "6dcb09b5", "merged": True, "message": "successfully merged"})

    def _comment(self, method: str, path: str, body: Any) -> Says:
        number = int(path.split("/")[1])
        if method == "GET":
            return Says([one for one in self.comments if one["on"] == number])
        made = {"id": len(self.comments) + 1, "on": number, "html_url": "https://…", **body}
        self.comments.append(made)
        return Says(made, 201)

    def _branch(self, method: str, path: str, body: Any) -> Says:
        name = (body["ref"] if method == "POST" else path).rpartition("heads/")[2]
        if method == "POST":
            if name in self.branches:
                return Says({"message": "Reference already exists"}, 422)
            self.branches[name] = body["sha"]
        sha = self.branches[name]
        return Says({"object": {"sha": sha}}, 201 if method == "POST" else 200)

    def _file(self, request: Request, path: str, body: Any) -> Says:
        if request.method == "PUT":
            self.files[f"{body['branch']}:{path}"] = base64.b64decode(body["content"]).decode()
            commit = self.push(body["branch"], path)
            made = {"content": {"path": path, "sha": "95b966ae"}, "commit": {"sha": commit}}
            return Says(made, 201)
        text = self.files.get(f"{request.params['ref']}:{path}")
        if text is None:
            return Says({"message": "Not Found"}, 404)
        coded = base64.b64encode(text.encode()).decode()
        return Says({"path": path, "sha": "95b966ae", "content": coded, "encoding": "base64"})


@dataclass
class Chat:
    """Slack's messages of one channel; loses the answer of a post when told to."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    loses: int = 0
    updates: int = 0

    def __call__(self, request: Request) -> Says:
        body: Any = request.body
        method = request.path.rpartition("/")[2]
        if method == "conversations.list":
            return Says({"ok": True, "channels": [{"id": "C12345678", "name": "reviews"}]})
        if method == "conversations.history":
            assert request.params["channel"] == "C12345678"
            return Says({"ok": True, "messages": self.messages})
        if method == "chat.update":
            self.updates += 1
            found = [one for one in self.messages if one["ts"] == body["ts"]]
            if not found:
                return Says({"ok": False, "error": "message_not_found"})
            found[0] |= body
            return Says({"ok": True, "channel": "C12345678", "ts": body["ts"]})
        self.messages.append({"ts": f"1700.{len(self.messages)}", **body})
        if self.loses:
            self.loses -= 1
            return Says({"message": "bad gateway"}, 502)
        return Says({"ok": True, "channel": "C12345678", "ts": self.messages[-1]["ts"]})


@contextmanager
def outside(house: House, *, github: bool = True, slack: bool = True) -> Iterator[tuple[Hub, Chat]]:
    hub, chat = Hub(), Chat()
    with serving(hub) as theirs, serving(chat) as other:
        if github:
            house.keys |= {"github_url": theirs.root, "github_token": "ghp_secret"}
            house.options |= {"github_reviews": REPOSITORY}
        if slack:
            house.keys |= {"slack_url": other.root, "slack_bot_token": "xoxb-secret"}
        house.options |= {"public_url": ROOT, "slack_reviews": "reviews"}
        yield hub, chat


def command(**changes: object) -> AnnounceReview:
    checks = (
        QualityCheck(name="links", severity=Severity.LOW, verdict=QualityVerdict.PASS),
        QualityCheck(
            name="reading_ease",
            place="blog-a",
            severity=Severity.LOW,
            verdict=QualityVerdict.WARN,
            reason="split two sentences",
        ),
    )
    made = AnnounceReview(
        notices=(GITHUB, SLACK),
        gate="review",
        shown_digest=DIGEST,
        campaign_name="Autumn samples",
        business_name="Molino Alto",
        items=(item(Channel.EMAIL), item(Channel.BLOG)),
        assets=(picture(Channel.EMAIL, "cd" * 32),),
        report=QualityReport(verdict=QualityVerdict.WARN, checks=checks, content_digest=DIGEST),
    )
    return made.model_copy(update=changes)


def job(house: House, *, attempt: int = 1, round_: int = 0, undo: bool = False) -> Job:
    made = house.job(Channel.BLOG, attempt=attempt, round_=round_)
    key = identity.effect_key(CAMPAIGN, "announce", round_)
    call = made.call.model_copy(update={"step": "announce", "effect_key": key})
    step = "undo:announce" if undo else "announce"
    own = identity.command_id(CAMPAIGN, step, 10 * round_ + attempt)
    return replace(made, campaign_id=CAMPAIGN, call=call, command_id=own)


async def announce(house: House, wanted: AnnounceReview | None = None, **told: Any) -> Answer:
    desk = desk_of(house.settings, house.door)
    given = told.pop("job", None) or job(house, **told)
    return await announce_review(wanted or command(), given, desk=desk, clock=house.clock)


async def withdraw(house: House, round_: int = 0) -> StepUndone:
    desk = desk_of(house.settings, house.door)
    asked = WithdrawReview(notices=(GITHUB, SLACK), campaign_name="Autumn samples")
    given = job(house, round_=round_, undo=True)
    answer = await withdraw_review(asked, given, desk=desk, clock=house.clock)
    assert isinstance(answer.body, StepUndone)
    return answer.body
