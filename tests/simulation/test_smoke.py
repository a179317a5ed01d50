"""A real brief walks the whole road on the in-memory twin, and what it leaves behind is opened."""

import asyncio
import email
import email.policy
import io
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import av
import lxml.html
import pytest
from PIL import Image

from chassis.broker import Incoming
from contracts import topics
from contracts.plan import Phase
from services.orchestrator.settings import DEFAULT_TENANT
from services.visual.handlers import FRAMES_PER_SECOND
from tests.simulation.driving import Run, example
from tests.simulation.world import EDGE, FILM_LINES, running

PATIENCE_S = 100
"""The walk takes some ten seconds; the film makes it long where others use the processors."""

NEIGHBOUR = "22222222-2222-4222-8222-222222222222"
PICTURE_SIZES = {"email": (1200, 600), "blog": (1600, 900), "linkedin": (1200, 627)}
BRIEF = example("coffee")


class Walk(NamedTuple):
    """Three campaigns that ended, and everything that was seen of them."""

    state_dir: Path
    campaign: Run
    stream: list[dict[str, Any]]
    page: bytes
    pictures: dict[str, bytes]
    film: bytes
    next: Run
    neighbours: Run
    records: list[Incoming]
    report: dict[str, Any]


async def walked(state_dir: Path) -> Walk:
    async with asyncio.timeout(PATIENCE_S), running(state_dir) as world:
        campaign_id = await world.create(BRIEF)
        _, campaign, stream = await asyncio.gather(
            world.start(campaign_id), world.follow(campaign_id), world.listen(campaign_id)
        )
        made = campaign.results
        again, theirs = await asyncio.gather(
            world.complete(BRIEF, "multi-agent"), world.complete(BRIEF, "multi-agent", NEIGHBOUR)
        )
        return Walk(
            state_dir=state_dir,
            campaign=campaign,
            stream=stream,
            page=await world.opened(blog_address(campaign)),
            pictures={
                asset["channel"]: await world.opened(f"/artefacts/{asset['digest']}")
                for asset in made["assets"]
            },
            film=await world.opened(f"/artefacts/{made['video']['digest']}"),
            next=again,
            neighbours=theirs,
            records=await world.everything(),
            report=await world.verified(),
        )


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """One walk for all tests of this module."""
    return asyncio.run(walked(tmp_path_factory.mktemp("world")))


def blog_address(campaign: Run) -> str:
    (address,) = [
        made["location"] for made in campaign.results["publications"] if made["channel"] == "blog"
    ]
    return str(address)


def letters(walk: Walk) -> list[EmailMessage]:
    """The tenant's mail folder, parsed strictly."""
    folder = walk.state_dir / "mail" / DEFAULT_TENANT / "new"
    strict = email.policy.default.clone(raise_on_defect=True)
    return [email.message_from_bytes(file.read_bytes(), policy=strict) for file in folder.iterdir()]


def test_a_brief_becomes_a_completed_campaign_and_every_phase_answers_for_its_part(
    walk: Walk,
) -> None:
    story = [name for name, _ in walk.campaign.story]
    assert story[:3] == ["GoalReceived", "PlanGenerated", "ToolCallRequested"]
    assert story.count("ReviewRequested") == story.count("ReviewDecided") == 1
    assert story[-1] == "WorkflowCompleted"
    told = walk.campaign.detail
    assert (told["state"], told["progress_percentage"], told["failure"]) == ("COMPLETED", 100, None)
    trace = told["trace"]
    answered = {step["phase"] for step in trace if step["outcome"] == "SUCCEEDED"}
    assert answered == {phase.value for phase in Phase}
    left_out = {step["step"] for step in trace if step["status"] == "SKIPPED"}
    assert left_out == {"publish.linkedin"}, "nobody gave this process an account there"


def test_the_log_holds_link_by_link_and_the_view_agrees_with_it(walk: Walk) -> None:
    assert walk.report["problems"] == []
    assert walk.report["without_obligation"] == []
    ended = {run.campaign_id: len(run.facts) for run in (walk.campaign, walk.next, walk.neighbours)}
    found = walk.report["campaigns"]
    assert {campaign_id: found[campaign_id]["sequence"] for campaign_id in found} == ended
    assert {one["state"] for one in found.values()} == {"COMPLETED"}


def test_what_people_asked_for_stands_in_the_topic_of_requests(walk: Walk) -> None:
    asked = [
        dict(record.headers)["ce_type"].decode()
        for record in walk.records
        if (record.topic, record.key) == (topics.REQUESTS, walk.campaign.campaign_id.encode())
    ]
    assert asked == ["CreateCampaign", "StartCampaign", "DecideReview"]


def test_nobody_received_what_they_could_not_work_on(walk: Walk) -> None:
    written = {record.topic for record in walk.records}
    assert topics.DEAD_LETTERS not in written
    assert {topics.commands_of(phase) for phase in Phase} <= written


def test_the_stream_tells_every_fact_once_and_in_order(walk: Walk) -> None:
    told = [(event["sequence"], event["type"]) for event in walk.stream]
    assert told == list(enumerate((name for name, _ in walk.campaign.story), start=1))


def test_the_blog_page_opens_with_its_title_its_sources_and_its_picture(walk: Walk) -> None:
    page = lxml.html.document_fromstring(walk.page.decode())
    (published,) = [item for item in walk.campaign.results["content"] if item["id"] == "blog-a"]
    assert [h1.text_content() for h1 in page.iter("h1")] == [published["title"]]
    assert [h2.text_content() for h2 in page.iter("h2")].count("Sources") == 1
    (hero,) = page.cssselect("figure.hero img")
    on_disk = walk.state_dir / blog_address(walk.campaign).removeprefix(f"{EDGE}/")
    assert on_disk.read_bytes() == walk.page
    assert (on_disk.parent / hero.attrib["src"]).read_bytes() == walk.pictures["blog"]


def test_every_recipient_has_one_letter_at_the_address_that_the_brief_names(walk: Walk) -> None:
    found = letters(walk)
    assert sorted(letter["To"] for letter in found) == sorted(BRIEF.recipients)
    variants = [i for i in walk.campaign.results["content"] if i["channel"] == "email"]
    for letter in found:
        assert letter["Subject"] in {item["title"] for item in variants}
        for kind in ("plain", "html"):
            part = letter.get_body((kind,))
            assert part is not None
            assert BRIEF.postal_address in lxml.html.fromstring(part.get_content()).text_content()


def test_no_record_of_any_topic_holds_an_address(walk: Walk) -> None:
    addresses = [address.encode() for address in (BRIEF.contact_email, *BRIEF.recipients)]
    leaks = {
        record.topic
        for record in walk.records
        for address in addresses
        if address in (record.value or b"") + (record.key or b"")
    }
    assert leaks == set()


def test_every_picture_has_its_channels_size(walk: Walk) -> None:
    sizes = {}
    for channel, png in walk.pictures.items():
        with Image.open(io.BytesIO(png)) as image:
            image.load()
            assert image.format == "PNG"
            sizes[channel] = image.size
    assert sizes == PICTURE_SIZES


def test_the_film_plays_to_its_last_picture(walk: Walk) -> None:
    with av.open(io.BytesIO(walk.film), "r") as film:
        shown = [frame.height for frame in film.decode(video=0)]
    seconds = walk.campaign.results["video"]["duration_ms"] / 1_000
    assert shown == [FILM_LINES] * round(seconds * FRAMES_PER_SECOND)
    assert seconds > 1


def test_the_next_strategy_weighs_what_this_campaign_taught_and_no_neighbour_hears_it(
    walk: Walk,
) -> None:
    taught = {lesson["id"]: lesson for lesson in walk.campaign.results["lessons"]}
    recalled = walk.next.results["strategy"]["lessons"]
    assert recalled
    for lesson in recalled:
        assert lesson == taught[lesson["id"]]
    assert walk.neighbours.results["strategy"]["lessons"] == []
