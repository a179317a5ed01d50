"""Reviewers told on GitHub and in Slack: once per version, taken back, honest without keys."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chassis.claims import FolderClaims
from chassis.errors import StepError
from chassis.reviewlink import Question, opened
from chassis.service import Answer, Job
from contracts import identity
from contracts.audit import QualityCheck, QualityReport, QualityVerdict
from contracts.envelope import FailureReason, Severity, StepOutcome
from contracts.goal import Channel, NoticePlace
from contracts.review import AnnounceReview, ReviewAnnounced, WithdrawReview
from contracts.saga import StepUndone
from services.optimizer.review.handlers import announce_review, desk_of, withdraw_review
from tests.adapters.wire import Request, Says, serving
from tests.optimizer.publish.builders import TENANT, Died, House, campaign_of, item, picture

REPOSITORY = "molino/marketing-campaigns"
CAMPAIGN = campaign_of(1)
BRANCH = f"sagaline/{CAMPAIGN}"
GITHUB, SLACK = NoticePlace.GITHUB, NoticePlace.SLACK
DIGEST = "ab" * 32
ROOT = "https://sagaline.example"


@dataclass
class Hub:
    """GitHub's branches, contents and pull requests over dictionaries."""

    branches: set[str] = field(default_factory=lambda: {"main"})
    files: dict[str, str] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    loses: int = 0

    def __call__(self, request: Request) -> Says:
        body: Any = request.body
        path = request.path.removeprefix(f"/repos/{REPOSITORY}/")
        if path.startswith("git/"):
            return self._branch(request.method, path, body)
        if path.startswith("contents/"):
            return self._file(request, path.removeprefix("contents/"), body)
        if path == "pulls" and request.method == "GET":
            head = request.params["head"].partition(":")[2]
            return Says([pull for pull in self.pulls if pull["head"] == head])
        if path == "pulls":
            made = {"number": len(self.pulls) + 7, "state": "open", **body}
            made["html_url"] = f"https://github.com/{REPOSITORY}/pull/{made['number']}"
            self.pulls.append(made)
            if self.loses:
                self.loses -= 1
                return Says({"message": "bad gateway"}, 502)
            return Says(made, 201)
        (pull,) = (one for one in self.pulls if f"pulls/{one['number']}" == path)
        pull |= body
        return Says(pull)

    def _branch(self, method: str, path: str, body: Any) -> Says:
        if method == "POST":
            name = body["ref"].removeprefix("refs/heads/")
            if name in self.branches:
                return Says({"message": "Reference already exists"}, 422)
            self.branches.add(name)
        return Says({"object": {"sha": "aa218f56"}}, 201 if method == "POST" else 200)

    def _file(self, request: Request, path: str, body: Any) -> Says:
        if request.method == "PUT":
            self.files[f"{body['branch']}:{path}"] = base64.b64decode(body["content"]).decode()
            return Says({"content": {"path": path, "sha": "95b966ae"}, "commit": {}}, 201)
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

    def __call__(self, request: Request) -> Says:
        body: Any = request.body
        method = request.path.rpartition("/")[2]
        if method == "conversations.list":
            return Says({"ok": True, "channels": [{"id": "C12345678", "name": "reviews"}]})
        if method == "conversations.history":
            assert request.params["channel"] == "C12345678"
            return Says({"ok": True, "messages": self.messages})
        if method == "chat.update":
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
    return replace(made, call=call, command_id=own)


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


class DyingClaims(FolderClaims):
    """Claims of a worker that dies right before it can write down what it told."""

    async def settle(self, key: str, outcome: bytes) -> None:
        if outcome.startswith(b'{"location"'):
            raise Died
        await super().settle(key, outcome)


def mortal(house: House) -> Job:
    claims = DyingClaims(house.settings.artefacts_dir, house.tenant_id)
    return replace(job(house), claims=claims)


def link_in(text: str) -> str:
    found = re.search(rf"{ROOT}(/review/[^)\s>]+)", text)
    assert found is not None
    return found[1]


async def test_a_review_is_one_pull_request_and_one_message_also_when_told_again(
    house: House,
) -> None:
    with outside(house) as (hub, chat):
        first = await announce(house)
        again = await announce(house)
        retry = await announce(house, attempt=2)
    assert first.body == again.body == retry.body
    (pull,) = hub.pulls
    assert (pull["title"], pull["head"], pull["base"]) == (
        "Campaign: Autumn samples",
        BRANCH,
        "main",
    )
    for part in ("## Audit", "split two sentences", "`email-a`", "stone-milled", "## Pictures"):
        assert part in pull["body"]
    assert f"{ROOT}/artefacts/{'cd' * 32}?tenant={TENANT}" in pull["body"]
    (message,) = chat.messages
    assert message["channel"] == "reviews"
    kinds = [block["type"] for block in message["blocks"]]
    assert kinds == ["header", "section", "section", "section", "actions", "context"]
    assert "Campaign: Autumn samples" in message["text"]
    assert isinstance(first.body, ReviewAnnounced)
    assert [told.place for told in first.body.told] == [GITHUB, SLACK]
    assert first.outcome is StepOutcome.SUCCEEDED


async def test_the_link_in_both_places_opens_this_gate_and_stands_nowhere_else(
    house: House,
) -> None:
    with outside(house) as (hub, chat):
        answer = await announce(house)
    link = link_in(hub.pulls[0]["body"])
    assert link == link_in(json.dumps(chat.messages[0]["blocks"]).replace('"', " "))
    token = link.rpartition("/")[2]
    asked = Question(CAMPAIGN, "review", DIGEST)
    assert opened(house.keyring, TENANT, CAMPAIGN, token) == asked
    secret = token.rpartition("~")[2]
    assert secret not in str(answer)
    assert not any(secret in text for text in hub.files.values())
    kept = [path for path in house.root.rglob("*") if path.is_file()]
    assert not any(secret.encode() in path.read_bytes() for path in kept)


async def test_named_reviewers_links_are_told_in_no_place_that_others_read(house: House) -> None:
    with outside(house) as (hub, chat):
        await announce(house, command(reviewers=("ana", "ben")))
    told = hub.pulls[0]["body"] + json.dumps(chat.messages)
    assert "/review/" not in told
    assert f"{ROOT}/campaigns/{CAMPAIGN}" in told
    assert "ana, ben" in told


async def test_after_a_death_nothing_is_opened_or_posted_twice(house: House) -> None:
    with outside(house) as (hub, chat):
        with pytest.raises(Died):
            await announce(house, command(notices=(GITHUB,)), job=mortal(house))
        with pytest.raises(Died):
            await announce(house, command(notices=(SLACK,)), job=mortal(house))
        house.clock.advance(600)
        await announce(house, attempt=2)
    assert (len(hub.pulls), len(chat.messages)) == (1, 1)


async def test_an_answer_that_is_lost_on_its_way_makes_no_second_one(house: House) -> None:
    with outside(house) as (hub, chat):
        hub.loses = chat.loses = 1
        with pytest.raises(StepError) as lost:
            await announce(house)
        assert lost.value.reason is FailureReason.UNAVAILABLE
        answer = await announce(house, attempt=2)
    assert (len(hub.pulls), len(chat.messages)) == (1, 1)
    assert answer.outcome is StepOutcome.SUCCEEDED


async def test_a_new_version_has_a_message_of_its_own_and_the_same_pull_request(
    house: House,
) -> None:
    with outside(house) as (hub, chat):
        await announce(house)
        await announce(house, command(shown_digest="ef" * 32), round_=1)
    (pull,) = hub.pulls
    old, new = chat.messages
    assert len([path for path in hub.files if CAMPAIGN in path]) == 2
    assert "changed since" in old["text"]
    assert "/review/" not in json.dumps(old)
    assert link_in(pull["body"]) == link_in(new["text"])
    token = link_in(new["text"]).rpartition("/")[2]
    assert opened(house.keyring, TENANT, CAMPAIGN, token).shown_digest == "ef" * 32


@pytest.mark.parametrize("rounds", [1, 2])
async def test_the_undo_closes_the_pull_request_and_says_so_in_every_message(
    house: House, rounds: int
) -> None:
    with outside(house) as (hub, chat):
        for number in range(rounds):
            await announce(house, round_=number)
        first = await withdraw(house, rounds - 1)
        again = await withdraw(house, rounds - 1)
    assert [pull["state"] for pull in hub.pulls] == ["closed"]
    assert all("the review is over" in message["text"] for message in chat.messages)
    assert len(chat.messages) == rounds
    assert first == again
    assert any(BRANCH in left for left in first.left_behind)


async def test_the_undo_finds_what_nobody_wrote_down(house: House) -> None:
    with outside(house) as (hub, chat):
        for place in (GITHUB, SLACK):
            with pytest.raises(Died):
                await announce(house, command(notices=(place,)), job=mortal(house))
        house.clock.advance(600)
        await withdraw(house)
    assert [pull["state"] for pull in hub.pulls] == ["closed"]
    assert "the review is over" in chat.messages[0]["text"]


async def test_undoing_what_never_happened_keeps_it_from_happening(house: House) -> None:
    with outside(house) as (hub, chat):
        await withdraw(house)
        with pytest.raises(StepError) as refusal:
            await announce(house)
    assert refusal.value.reason is FailureReason.CANCELLED
    assert (hub.pulls, chat.messages) == ([], [])


async def test_after_an_undo_another_round_opens_the_pull_request_again(house: House) -> None:
    with outside(house) as (hub, chat):
        await announce(house)
        await withdraw(house)
        await announce(house, round_=1)
    assert [pull["state"] for pull in hub.pulls] == ["open"]
    assert len(chat.messages) == 2


async def test_a_place_without_its_key_is_named_and_the_other_is_told(house: House) -> None:
    with outside(house, github=False) as (hub, chat):
        answer = await announce(house)
    assert answer.outcome is StepOutcome.DEGRADED
    assert any("GITHUB_TOKEN" in note for note in answer.notes)
    assert (len(hub.pulls), len(chat.messages)) == (0, 1)


async def test_without_any_key_nobody_is_called_and_the_failure_says_what_is_missing(
    house: House,
) -> None:
    with outside(house, github=False, slack=False) as (hub, chat):
        with pytest.raises(StepError) as failure:
            await announce(house)
        undone = await withdraw(house)
    assert failure.value.reason is FailureReason.NOT_CONFIGURED
    assert (hub.pulls, chat.messages) == ([], [])
    assert undone.left_behind == ()


async def test_text_from_outside_calls_nobody_and_is_no_markup(house: House) -> None:
    wicked = "<img src=x> @everyone #12 <!channel> <https://evil.example|here>"
    items = (item(Channel.BLOG, title=wicked, body_markdown=wicked),)
    with outside(house) as (hub, chat):
        await announce(house, command(items=items, campaign_name="A <!here> b"))
    body = hub.pulls[0]["body"]
    assert "<img" not in body
    assert "@everyone" not in body
    assert "#12" not in body
    sections = [b["text"]["text"] for b in chat.messages[0]["blocks"] if b["type"] == "section"]
    assert not any("<" in text for text in sections)


async def test_a_long_campaign_fits_into_what_the_vendors_take(house: House) -> None:
    long = tuple(item(Channel.BLOG, variant, body_markdown="word " * 3_900) for variant in "abcd")
    with outside(house) as (hub, chat):
        await announce(house, command(items=long, campaign_name="n" * 300))
    assert len(hub.pulls[0]["body"]) <= 65_536
    assert "too long for this place" in hub.pulls[0]["body"]
    header = chat.messages[0]["blocks"][0]["text"]["text"]
    assert len(header) == 150
    assert len(hub.pulls[0]["title"]) <= 256


async def test_a_message_that_somebody_deleted_holds_nothing_up(house: House) -> None:
    with outside(house) as (hub, chat):
        await announce(house)
        chat.messages.clear()
        await announce(house, command(shown_digest="ef" * 32), round_=1)
        chat.messages.clear()
        undone = await withdraw(house, 1)
    assert "no message of this campaign stands in Slack" in undone.detail
    assert [pull["state"] for pull in hub.pulls] == ["closed"]
