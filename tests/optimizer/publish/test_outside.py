"""Publishing through SendGrid, GitHub and Buffer: once each, taken back, honest without keys."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import CircuitOpen, Retryable, StepError
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import Channel
from tests.adapters.wire import Desk, Request, Says, serving
from tests.optimizer.publish.builders import NOON, Died, House, item, mortal, png

EMAIL, BLOG, LINKEDIN = Channel.EMAIL, Channel.BLOG, Channel.LINKEDIN
PEOPLE = ("ada@reader.example", "bo@reader.example")
POST = "_posts/2026-11-20-why-your-next-loaf-starts-at-the-mill.md"
REPOSITORY = "molino/company-blog"


@dataclass
class Repository:
    """GitHub's contents API over a dictionary."""

    files: dict[str, bytes] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Says:
        path = request.path.removeprefix(f"/repos/{REPOSITORY}/contents/")
        body: Any = request.body
        if request.method == "PUT":
            self.files[path] = base64.b64decode(body["content"])
            self.written.append(path)
            return Says({"content": self._file(path), "commit": {}}, 201)
        if path not in self.files:
            return Says({"message": "Not Found"}, 404)
        if request.method == "DELETE":
            del self.files[path]
            return Says({"content": None, "commit": {}})
        content = base64.b64encode(self.files[path]).decode()
        return Says({**self._file(path), "encoding": "base64", "content": content})

    def _file(self, path: str) -> dict[str, str]:
        return {"path": path, "sha": "95b966ae", "html_url": f"https://github.com/{path}"}


@dataclass
class Posts:
    """Buffer's three calls over a list; loses the answer of a creation when told to."""

    posts: list[dict[str, str]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    loses: int = 0

    def __call__(self, request: Request) -> Says:
        body: Any = request.body
        given = body["variables"]
        if "createPost" in body["query"]:
            self.asked.append(given["input"])
            post = {"id": f"p{len(self.asked)}", "text": given["input"]["text"], "status": "sent"}
            self.posts.append(post)
            if self.loses:
                self.loses -= 1
                return Says({"message": "bad gateway"}, 502)
            return Says({"data": {"createPost": {"post": post}}})
        if "deletePost" in body["query"]:
            self.posts = [post for post in self.posts if post["id"] != given["id"]]
            return Says({"data": {"deletePost": {"id": given["id"]}}})
        return Says({"data": {"posts": {"edges": [{"node": post} for post in self.posts]}}})


@contextmanager
def github(house: House) -> Iterator[Repository]:
    repository = Repository()
    with serving(repository) as desk:
        house.keys |= {"github_url": desk.root, "github_token": "ghp_secret"}
        house.options |= {"github_blog": REPOSITORY}
        yield repository


@contextmanager
def buffer(house: House) -> Iterator[Posts]:
    posts = Posts()
    with serving(posts) as desk:
        house.keys |= {
            "buffer_url": desk.root,
            "buffer_access_token": "buffer-secret",
            "buffer_organization": "org",
        }
        house.options |= {"buffer_linkedin": "channel", "public_url": "https://molinoalto.example"}
        yield posts


@contextmanager
def sendgrid(house: House, *answers: Says) -> Iterator[Desk]:
    taken = Says(status=202, headers={"X-Message-Id": "1"})
    left = list(answers)
    with serving(lambda _: left.pop(0) if left else taken) as desk:
        house.keys |= {"sendgrid_url": desk.root, "sendgrid_api_key": "SG.secret"}
        yield desk


async def test_a_post_is_committed_once_with_its_picture(house: House) -> None:
    with github(house) as repository:
        command = await house.order(BLOG)
        first, body = await house.publish(command)
        again, _ = await house.publish(command)
        retry, _ = await house.publish(command, attempt=2)
    picture = f"assets/img/{house.effect(1, BLOG)}.png"
    assert repository.written == [picture, POST]
    assert repository.files[picture] == png()
    assert first == again == retry
    assert first.usage.provider == "github"
    assert body.publications[0].location == f"https://github.com/{POST}"
    text = repository.files[POST].decode()
    head, _, rest = text.removeprefix("---\n").partition("\n---\n")
    front = dict(line.split(": ", 1) for line in head.splitlines())
    assert json.loads(front["title"]) == "Why your next loaf starts at the mill"
    assert json.loads(front["effect_key"]) == house.effect(1, BLOG)
    assert json.loads(front["image"]) == f"/{picture}"
    assert json.loads(front["tags"]) == ["sourdough", "baking"]
    assert "# Why your next loaf" not in rest
    assert "stone-milled" in rest


async def test_after_a_death_the_post_stands_and_is_not_written_again(house: House) -> None:
    with github(house) as repository:
        command = await house.order(BLOG)
        with pytest.raises(Died):
            await house.publish(command, mortal(house, house.job(BLOG)))
        house.clock.advance(24 * 3_600)
        await house.publish(command, attempt=2)
    assert len(repository.written) == 2


async def test_somebody_elses_file_is_neither_overwritten_nor_removed(house: House) -> None:
    with github(house) as repository:
        repository.files[POST] = b"somebody's own words"
        with pytest.raises(StepError, match="another file") as refusal:
            await house.publish(await house.order(BLOG))
        await house.undo(BLOG)
    assert refusal.value.reason is FailureReason.REJECTED
    assert repository.files == {POST: b"somebody's own words"}


async def test_the_undo_removes_what_was_committed_and_names_what_stays(house: House) -> None:
    with github(house) as repository:
        await house.publish(await house.order(BLOG))
        undone = await house.undo(BLOG)
        assert await house.undo(BLOG) == undone
        with pytest.raises(StepError) as late:
            await house.publish(await house.order(BLOG), attempt=2)
    assert repository.files == {}
    assert POST in undone.detail
    assert len(undone.left_behind) == 1
    assert late.value.reason is FailureReason.CANCELLED


async def test_undoing_a_post_that_never_was_asks_nobody(house: House) -> None:
    with github(house) as repository:
        undone = await house.undo(BLOG)
        with pytest.raises(StepError):
            await house.publish(await house.order(BLOG))
    assert (repository.written, undone.left_behind) == ([], ())


async def test_a_social_post_goes_out_once_with_its_picture(house: House) -> None:
    with buffer(house) as posts:
        command = await house.order(LINKEDIN, items=(item(LINKEDIN, body_markdown="Bake **it**."),))
        first, body = await house.publish(command)
        again, _ = await house.publish(command, attempt=2)
    (asked,) = posts.asked
    digest = command.assets[0].digest
    url = f"https://molinoalto.example/site/{house.tenant_id}/social/{digest}.png"
    assert asked == {
        "text": "Bake it.",
        "channelId": "channel",
        "schedulingType": "automatic",
        "mode": "shareNow",
        "assets": [{"image": {"url": url}}],
    }
    assert (house.site / "social" / f"{digest}.png").read_bytes() == png()
    assert first == again
    assert first.usage.provider == "buffer"
    assert body.publications[0].location == "buffer:p1"


async def test_an_answer_that_was_lost_makes_no_second_post(house: House) -> None:
    with buffer(house) as posts:
        posts.loses = 1
        command = await house.order(LINKEDIN)
        with pytest.raises(StepError, match="502") as failure:
            await house.publish(command)
        _, body = await house.publish(command, attempt=2)
    assert failure.value.reason is FailureReason.UNAVAILABLE
    assert len(posts.posts) == 1
    assert body.publications[0].location == "buffer:p1"


async def test_a_post_for_later_is_scheduled_and_said_to_be(house: House) -> None:
    due = NOON + timedelta(days=3)
    with buffer(house) as posts:
        command = await house.order(LINKEDIN, scheduled_at=due)
        answer, body = await house.publish(command)
    assert posts.asked[0]["mode"] == "customScheduled"
    assert posts.asked[0]["dueAt"] == due.isoformat()
    assert body.publications[0].published_at == due
    assert not any("at once" in note for note in answer.notes)


async def test_without_a_public_address_a_post_goes_out_without_its_picture(house: House) -> None:
    with buffer(house) as posts:
        house.options["public_url"] = "http://127.0.0.1:8000"
        answer, _ = await house.publish(await house.order(LINKEDIN))
    assert "assets" not in posts.asked[0]
    assert any("PUBLIC_URL" in note for note in answer.notes)


async def test_the_undo_deletes_the_post_even_where_its_answer_was_lost(house: House) -> None:
    with buffer(house) as posts:
        await house.publish(await house.order(LINKEDIN))
        undone = await house.undo(LINKEDIN)
        posts.loses = 1
        with pytest.raises(StepError):
            await house.publish(await house.order(LINKEDIN), campaign=2)
        assert len(posts.posts) == 1
        lost = await house.undo(LINKEDIN, campaign=2)
    assert posts.posts == []
    assert "p1" in undone.detail
    assert "p2" in lost.detail
    assert undone.left_behind


@pytest.mark.parametrize(
    ("missing", "setting"),
    [
        ("buffer_access_token", "BUFFER_ACCESS_TOKEN"),
        ("buffer_organization", "BUFFER_ORGANIZATION"),
        ("buffer_linkedin", "BUFFER_LINKEDIN"),
    ],
)
async def test_a_social_channel_without_all_its_settings_posts_nothing(
    house: House, missing: str, setting: str
) -> None:
    with buffer(house) as posts:
        kept: Any = house.keys if missing in house.keys else house.options
        kept[missing] = ""
        with pytest.raises(StepError, match=setting) as refusal:
            await house.publish(await house.order(LINKEDIN))
    assert refusal.value.reason is FailureReason.NOT_CONFIGURED
    assert posts.asked == []


async def test_a_blog_at_github_without_its_token_commits_nothing(house: House) -> None:
    with github(house) as repository:
        house.keys["github_token"] = ""
        with pytest.raises(StepError, match="GITHUB_TOKEN") as refusal:
            await house.publish(await house.order(BLOG))
    assert refusal.value.reason is FailureReason.NOT_CONFIGURED
    assert repository.written == []


async def test_everybody_gets_one_mail_through_sendgrid(house: House) -> None:
    with sendgrid(house) as desk:
        command = await house.order(EMAIL, recipients=tuple(house.sealed(p) for p in PEOPLE))
        first, body = await house.publish(command)
        again, _ = await house.publish(command, attempt=2)
    sent: list[Any] = [request.body for request in desk.requests]
    assert [mail["personalizations"][0]["to"][0]["email"] for mail in sent] == list(PEOPLE)
    assert first == again
    assert first.outcome is StepOutcome.SUCCEEDED
    assert body.publications[0].location.startswith("sendgrid:")
    mail = sent[0]
    assert mail["from"] == {"email": "no-reply@molinoalto.example", "name": "Molino Alto"}
    assert mail["reply_to"] == {"email": "hello@molinoalto.example"}
    assert [part["type"] for part in mail["content"]] == ["text/plain", "text/html"]
    assert base64.b64decode(mail["attachments"][0]["content"]) == png()
    assert f"cid:{mail['attachments'][0]['content_id']}" in mail["content"][1]["value"]
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    keys = {one["custom_args"]["effect_key"] for one in sent}
    assert len(keys) == len(PEOPLE)


async def test_a_mail_that_sendgrid_may_have_taken_is_held_and_not_sent_again(
    house: House,
) -> None:
    with sendgrid(house, Says({"errors": [{"message": "oops"}]}, 500)) as desk:
        command = await house.order(EMAIL, recipients=tuple(house.sealed(p) for p in PEOPLE))
        answer, _ = await house.publish(command)
        held, _ = await house.publish(command, attempt=2)
    assert (answer.outcome, held.outcome) == (StepOutcome.HELD, StepOutcome.HELD)
    assert len(desk.requests) == 2


@pytest.mark.parametrize("status", [429, 503, 401])
async def test_a_mail_that_sendgrid_certainly_did_not_take_is_sent_by_the_next_attempt(
    house: House, status: int
) -> None:
    with sendgrid(house, Says({"errors": [{"message": "later"}]}, status)) as desk:
        command = await house.order(EMAIL)
        with pytest.raises(StepError) as failure:
            await house.publish(command)
        answer, _ = await house.publish(command, attempt=2)
    assert failure.value.reason is FailureReason.UNAVAILABLE
    assert str(status) in failure.value.message
    assert "SG.secret" not in failure.value.message
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert len(desk.requests) == 2


async def test_what_sendgrid_sent_is_named_by_the_undo(house: House) -> None:
    with sendgrid(house):
        await house.publish(await house.order(EMAIL))
        undone = await house.undo(EMAIL)
    assert "was sent and cannot be recalled" in undone.left_behind[0]


async def test_while_a_breaker_is_open_the_command_waits_and_nobody_is_called(
    house: House,
) -> None:
    away = [Says(status=503)] * 5
    with sendgrid(house, *away) as desk:
        for campaign in range(5):
            with pytest.raises(StepError):
                await house.publish(await house.order(EMAIL), campaign=campaign)
        with pytest.raises(CircuitOpen) as circuit:
            await house.publish(await house.order(EMAIL), campaign=9)
        assert len(desk.requests) == 5
    assert isinstance(circuit.value, Retryable)
    assert circuit.value.delay_s
