"""The blog: what a post's page shows, that a post appears once, and that its undo holds."""

import asyncio
import multiprocessing
import re
import threading
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import feedparser
import pytest

from chassis.artefacts import FolderArtefacts
from chassis.errors import StepError
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import Channel
from services.optimizer.publish import site as site_module
from services.optimizer.publish.pages import Post, render_index
from tests.optimizer.publish.builders import (
    BODY,
    OTHER_TENANT,
    STUDY,
    TITLE,
    TRENDS,
    House,
    campaign_of,
    item,
    png,
)

BLOG = Channel.BLOG
SLUG = "why-your-next-loaf-starts-at-the-mill"


class Page(HTMLParser):
    """The tags and the text of a page; refuses a page whose tags do not close."""

    EMPTY = frozenset({"meta", "link", "img", "br", "hr", "source", "input"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words += data

    def values(self, tag: str, attribute: str) -> list[str]:
        return [attrs[attribute] for name, attrs in self.tags if name == tag and attribute in attrs]

    def meta(self, name: str) -> str:
        (found,) = (
            attrs["content"]
            for tag, attrs in self.tags
            if tag == "meta" and name in {attrs.get("property"), attrs.get("name")}
        )
        return found


def page(house: House, slug: str = SLUG) -> Page:
    return Page((house.site / "posts" / f"{slug}.html").read_text(encoding="utf-8"))


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


async def test_a_post_shows_title_picture_text_sources_and_button(house: House) -> None:
    _, body = await house.publish(await house.order(BLOG))
    shown = page(house)
    assert shown.words.count(TITLE) == 2  # the browser's tab and the heading, not the text again
    assert "The germ stays in" in shown.words
    (hero,) = shown.values("img", "src")
    assert (house.site / "posts" / hero).resolve().read_bytes() == png()
    assert shown.values("img", "alt") == ["A sack of flour in front of a mill stone"]
    links = shown.values("a", "href")
    assert {STUDY, TRENDS, "https://molinoalto.example/samples", "#source-1"} <= set(links)
    assert [i for i in shown.values("li", "id") if i.startswith("source")] == [
        "source-1",
        "source-2",
    ]
    assert body.publications[0].item_id == "blog-a"


async def test_every_link_of_a_post_leads_somewhere(house: House) -> None:
    await house.publish(await house.order(BLOG))
    shown = page(house)
    ids = set(shown.values("li", "id"))
    for link in (*shown.values("a", "href"), *shown.values("img", "src")):
        if link.startswith("#"):
            assert link[1:] in ids
        elif not link.startswith("https://"):
            assert (house.site / "posts" / link).resolve().is_file()


async def test_a_post_tells_other_sites_what_it_is(house: House) -> None:
    _, body = await house.publish(await house.order(BLOG))
    shown = page(house)
    assert shown.meta("og:title") == TITLE
    assert shown.meta("og:url") == body.publications[0].location
    assert shown.meta("og:image").startswith(f"http://127.0.0.1:8000/site/{house.tenant_id}/media/")
    assert shown.meta("description") == "A bag of flour that says when it was milled."


async def test_a_film_is_embedded_where_there_is_one(house: House) -> None:
    film = await FolderArtefacts(house.settings.artefacts_dir).put(house.tenant_id, b"film")
    await house.publish(await house.order(BLOG, video_digest=film))
    (source,) = page(house).values("source", "src")
    assert (house.site / "posts" / source).resolve().read_bytes() == b"film"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "zh"])
async def test_a_post_opens_in_every_language(house: House, language: str) -> None:
    text = item(BLOG, language=language)
    await house.publish(await house.order(BLOG, items=(text,)))
    assert page(house).values("html", "lang") == [language]


async def test_a_text_that_names_its_sources_gets_no_second_list(house: House) -> None:
    body = f"{BODY}\n\nSee [the study]({STUDY}) and [the trends](https://trends.example/brea%64)."
    await house.publish(await house.order(BLOG, items=(item(BLOG, body_markdown=body),)))
    shown = page(house)
    assert [i for i in shown.values("li", "id") if i.startswith("source")] == []
    assert not [tag for tag, _ in shown.tags if tag == "sup"]


async def test_a_text_with_a_list_of_its_own_gets_no_second_one(house: House) -> None:
    body = f"{BODY}\n\n## Sources\n\n- [1]({STUDY})\n- Notes from our visits"
    await house.publish(await house.order(BLOG, items=(item(BLOG, body_markdown=body),)))
    shown = page(house)
    assert [i for i in shown.values("li", "id") if i.startswith("source")] == []
    assert not [tag for tag, _ in shown.tags if tag == "sup"]


HOSTILE = """Hello <script>alert(1)</script> <img src=x onerror=alert(2)>

<div onclick="alert(3)">block</div>

[one](javascript:alert(4)) [two](&#106;avascript:alert(5)) [three](JaVa\tScRiPt:alert(6))
[four](data:text/html,<script>alert(7)</script>) ![five](javascript:alert(8))
<javascript:alert(9)> [six][ref] [seven](https://ok.example/"onmouseover="alert(10))

[ref]: javascript:alert(11)

```html onload=alert(12)
</code></pre><script>alert(13)</script>
```

`</code><script>alert(14)</script>`
"""


async def test_hostile_text_is_shown_and_never_obeyed(house: House) -> None:
    title = 'Sale </title><script>alert("t")</script> & "more"\r\nSet-Cookie: a=b'
    nasty = item(BLOG, title=title, preheader='"><svg onload=alert(0)>', body_markdown=HOSTILE)
    hostile = await house.order(
        BLOG, items=(nasty,), business_name="<b>Shop</b>", website="javascript:alert(1)"
    )
    await house.publish(hostile)
    (file,) = (house.site / "posts").glob("*.html")
    for name in (file, house.site / "index.html"):
        shown = Page(name.read_text(encoding="utf-8"))
        assert not {"script", "svg", "iframe"} & {tag for tag, _ in shown.tags}
        assert "<b>Shop</b>" in shown.words
        for _, attrs in shown.tags:
            assert not [attribute for attribute in attrs if attribute.startswith("on")]
            for address in (attrs.get("href", ""), attrs.get("src", "")):
                assert re.match(
                    r"^(https?://|\.\./|posts/|media/|rss\.xml|index\.html|#|$)", address
                )
    feed = feedparser.parse((house.site / "rss.xml").read_bytes())
    assert not feed.bozo
    assert "alert(14)" in Page(file.read_text(encoding="utf-8")).words


async def test_the_feed_parses_and_lists_exactly_the_posts(house: House) -> None:
    for number in (1, 2, 3):
        text = item(BLOG, title=f"Post {number} & more")
        await house.publish(await house.order(BLOG, items=(text,)), campaign=number)
        house.clock.advance(60)
    feed = feedparser.parse((house.site / "rss.xml").read_bytes())
    assert (feed.bozo, feed.version) == (False, "rss20")
    assert [entry.title for entry in feed.entries] == [f"Post {n} & more" for n in (3, 2, 1)]
    assert [entry.id for entry in feed.entries] == [house.effect(n, BLOG) for n in (3, 2, 1)]
    pages = [entry.link.rpartition("/")[2] for entry in feed.entries]
    assert sorted(pages) == sorted(file.name for file in (house.site / "posts").glob("*.html"))
    links = Page((house.site / "index.html").read_text()).values("a", "href")
    assert [link for link in links if link.startswith("posts/")] == [f"posts/{p}" for p in pages]


async def test_the_same_command_again_and_a_new_attempt_change_nothing(house: House) -> None:
    command = await house.order(BLOG)
    first, _ = await house.publish(command)
    before = everything(house.site)
    house.clock.advance(3600)
    again, _ = await house.publish(command)
    retry, _ = await house.publish(command, attempt=2)
    assert first == again == retry
    assert everything(house.site) == before


async def test_a_worker_that_died_after_its_claim_is_taken_up_where_it_stopped(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = await house.order(BLOG)

    def die(*_: object) -> None:
        raise ProcessLookupError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(site_module, "render_index", die)
        with pytest.raises(StepError):
            await house.publish(command)
    house.clock.advance(30)
    _, body = await house.publish(command, attempt=2)
    assert len(list((house.site / "data").iterdir())) == 1
    assert len(feedparser.parse((house.site / "rss.xml").read_bytes()).entries) == 1
    assert body.publications[0].published_at == house.clock.now() - timedelta(seconds=30)


async def test_two_posts_of_one_title_get_pages_of_their_own(house: House) -> None:
    command = await house.order(BLOG)
    _, one = await house.publish(command, campaign=1)
    _, two = await house.publish(command, campaign=2)
    assert one.publications[0].location != two.publications[0].location
    assert len(list((house.site / "posts").glob("*.html"))) == 2


async def test_a_title_without_latin_letters_still_gets_a_page(house: House) -> None:
    await house.publish(await house.order(BLOG, items=(item(BLOG, title="春のパン"),)))
    (file,) = (house.site / "posts").glob("*.html")
    assert file.name == f"post-{house.effect(1, BLOG)[:8]}.html"


async def test_the_undo_leaves_the_site_as_it_was_before(house: House) -> None:
    await house.publish(await house.order(BLOG, items=(item(BLOG, title="Stays"),)), campaign=1)
    before = everything(house.site)
    other = await FolderArtefacts(house.settings.artefacts_dir).put(house.tenant_id, png(grey=200))
    command = await house.order(BLOG)
    shown = command.assets[0].model_copy(update={"digest": other})
    await house.publish(command.model_copy(update={"assets": (shown,)}), campaign=2)
    assert everything(house.site) != before
    undone = await house.undo(BLOG, campaign=2)
    again = await house.undo(BLOG, campaign=2)
    mark = f"data/{house.effect(2, BLOG)}.json"
    after = {name: data for name, data in everything(house.site).items() if name != mark}
    assert after == before
    assert (undone.left_behind, again) == ((), undone)


async def test_a_publish_that_comes_after_its_undo_is_refused(house: House) -> None:
    await house.undo(BLOG)
    with pytest.raises(StepError) as refusal:
        await house.publish(await house.order(BLOG))
    assert refusal.value.reason is FailureReason.CANCELLED
    assert list((house.site / "posts").glob("*")) == []


async def test_a_post_that_was_taken_down_does_not_come_back_by_a_late_attempt(
    house: House,
) -> None:
    command = await house.order(BLOG)
    await house.publish(command)
    await house.undo(BLOG)
    with pytest.raises(StepError, match="taken back"):
        await house.publish(command, attempt=2)
    assert list((house.site / "posts").glob("*.html")) == []
    await house.publish(command, round_=1)
    assert (house.site / "posts" / f"{SLUG}.html").is_file()


async def test_nothing_is_published_when_the_lease_is_over(house: House) -> None:
    command = await house.order(BLOG)
    job = house.job(BLOG, lease_s=5)
    house.clock.advance(5)
    with pytest.raises(StepError) as refusal:
        await house.publish(command, job)
    assert refusal.value.reason is FailureReason.TIMEOUT
    assert list(house.site.glob("data/*")) == []


async def test_tenants_write_into_folders_of_their_own(house: House) -> None:
    other = House(house.root, tenant_id=OTHER_TENANT, clock=house.clock)
    await house.publish(await house.order(BLOG))
    before = everything(house.site)
    await other.publish(await other.order(BLOG, items=(item(BLOG, title="Elsewhere"),)))
    await other.undo(BLOG)
    assert everything(house.site) == before
    assert sorted(p.name for p in house.settings.site_dir.iterdir()) == sorted(
        (house.tenant_id, OTHER_TENANT)
    )


async def test_another_tenants_picture_cannot_be_shown(house: House) -> None:
    other = House(house.root, tenant_id=OTHER_TENANT)
    command = await other.order(BLOG)
    with pytest.raises(StepError) as refusal:
        await house.publish(command)
    assert refusal.value.reason is FailureReason.INVALID_INPUT


async def test_a_date_in_the_future_is_shown_and_said_not_to_be_waited_for(house: House) -> None:
    planned = house.clock.now() + timedelta(days=3)
    answer, _ = await house.publish(await house.order(BLOG, scheduled_at=planned))
    assert "published at once" in answer.notes[-1]
    assert "23 November 2026" in page(house).words


async def test_a_channel_without_a_text_is_refused_by_name(house: House) -> None:
    with pytest.raises(StepError, match="items: there is no text for channel blog"):
        await house.publish(await house.order(BLOG, items=()))


async def test_a_slow_publisher_never_overwrites_what_came_after_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_is_done, first_renders = threading.Event(), threading.Event()

    def slowly(posts: list[Post], address: str) -> str:
        overview = render_index(posts, address)
        if not first_renders.is_set():
            first_renders.set()
            second_is_done.wait(0.4)  # without the lock the second one gets by in this time
        return overview

    monkeypatch.setattr(site_module, "render_index", slowly)
    one = await house.order(BLOG, items=(item(BLOG, title="One"),))
    two = await house.order(BLOG, items=(item(BLOG, title="Two"),))
    slow = asyncio.create_task(house.publish(one, campaign=1))
    await asyncio.to_thread(first_renders.wait)
    await house.publish(two, campaign=2)
    second_is_done.set()
    await slow
    links = Page((house.site / "index.html").read_text()).values("a", "href")
    assert {"posts/one.html", "posts/two.html"} <= set(links)


def publish_many(root: Path, numbers: range) -> None:
    house = House(root)

    async def all_of_them() -> None:
        for number in numbers:
            text = item(BLOG, title=f"Post number {number}", body_markdown=BODY)
            await house.publish(await house.order(BLOG, items=(text,)), campaign=number)
            if number % 5 == 0:
                await house.undo(BLOG, campaign=number)

    asyncio.run(all_of_them())


def test_two_processes_publishing_at_once_never_spoil_overview_or_feed(house: House) -> None:
    context = multiprocessing.get_context("spawn")
    ranges = (range(1, 16), range(101, 116))
    workers: list[Any] = [
        context.Process(target=publish_many, args=(house.root, r)) for r in ranges
    ]
    for worker in workers:
        worker.start()
    seen = 0
    while any(worker.is_alive() for worker in workers):
        workers[0].join(0.02)
        if (house.site / "rss.xml").exists():
            feed = feedparser.parse((house.site / "rss.xml").read_bytes())
            assert not feed.bozo
            Page((house.site / "index.html").read_text(encoding="utf-8"))
            seen += 1
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert seen > 0
    kept = {f"Post number {n}" for r in ranges for n in r if n % 5}
    feed = feedparser.parse((house.site / "rss.xml").read_bytes())
    assert {entry.title for entry in feed.entries} == kept
    assert len(list((house.site / "posts").glob("*.html"))) == len(kept)
    assert campaign_of(1) != campaign_of(101)


async def test_the_outcome_of_a_published_post_is_success(house: House) -> None:
    answer, _ = await house.publish(await house.order(BLOG))
    assert answer.outcome is StepOutcome.SUCCEEDED
