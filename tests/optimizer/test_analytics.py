"""Analytics gives every publication a counted link, keeps it for the edge, and lets go of it."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from contracts.analytics import AnalyticsReady, CleanUpAnalytics, SetUpAnalytics
from contracts.envelope import StepOutcome
from contracts.goal import Channel
from contracts.publish import Publication
from contracts.saga import StepUndone
from services.optimizer.analytics import (
    LINKS_NAME,
    clean_up_analytics,
    set_up_analytics,
    tracked_links,
)
from tests.optimizer.builders import CAMPAIGN, job, publication

BLOG = publication(Channel.BLOG, "https://molinoalto.example/blog/flour")
EMAIL = publication(Channel.EMAIL, "maildir:new/1.eml")
COMMAND = SetUpAnalytics(campaign_name="Spring", publications=(EMAIL, BLOG), kpis=("clicks",))


async def test_each_publication_has_a_link_that_leads_to_it(tmp_path: Path) -> None:
    answer = await set_up_analytics(COMMAND, job(tmp_path, step="analytics"))
    assert isinstance(answer.body, AnalyticsReady)
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert answer.body.view_path == f"/campaigns/{CAMPAIGN}/figures"
    targets = {link.channel: link.target for link in answer.body.links}
    assert targets == {made.channel: made.location for made in (BLOG, EMAIL)}
    assert all(link.path == f"/t/{CAMPAIGN}/{link.id}" for link in answer.body.links)


async def test_the_edge_finds_the_links_in_the_stored_document(tmp_path: Path) -> None:
    work = job(tmp_path, step="analytics")
    answer = await set_up_analytics(COMMAND, work)
    assert isinstance(answer.body, AnalyticsReady)
    (ref,) = await work.artefacts.references()
    assert (ref,) == answer.artefacts
    assert (ref.name, ref.media_type) == (LINKS_NAME, "application/json")
    document = json.loads(await work.artefacts.get(ref.digest))
    assert document["campaign_id"] == CAMPAIGN
    assert document["kpis"] == ["clicks"]
    assert document["links"] == [link.model_dump(mode="json") for link in answer.body.links]


async def test_a_place_that_no_browser_can_open_is_named(tmp_path: Path) -> None:
    answer = await set_up_analytics(COMMAND, job(tmp_path, step="analytics"))
    note = answer.notes[0]
    assert "maildir:new/1.eml" in note


async def test_a_second_delivery_gives_the_same_answer_and_stores_nothing_new(
    tmp_path: Path,
) -> None:
    work = job(tmp_path, step="analytics")
    first = await set_up_analytics(COMMAND, work)
    assert await set_up_analytics(COMMAND, work) == first
    assert await work.artefacts.references() == first.artefacts


async def test_a_new_round_replaces_the_links_of_the_old_one(tmp_path: Path) -> None:
    work = job(tmp_path, step="analytics")
    await set_up_analytics(COMMAND, work)
    answer = await set_up_analytics(COMMAND.model_copy(update={"publications": (BLOG,)}), work)
    assert await work.artefacts.references() == answer.artefacts


async def test_without_publications_the_step_says_that_it_did_nothing(tmp_path: Path) -> None:
    work = job(tmp_path, step="analytics")
    answer = await set_up_analytics(SetUpAnalytics(campaign_name="Spring"), work)
    assert isinstance(answer.body, AnalyticsReady)
    assert answer.outcome is StepOutcome.SKIPPED
    assert answer.body.links == ()
    assert await work.artefacts.references() == ()
    assert "nothing was published" in answer.notes[0]


async def test_the_undo_leaves_no_reference_and_may_come_twice_or_first(tmp_path: Path) -> None:
    work = job(tmp_path, step="analytics")
    early = await clean_up_analytics(CleanUpAnalytics(), work)
    await set_up_analytics(COMMAND, work)
    undone = await clean_up_analytics(CleanUpAnalytics(), work)
    again = await clean_up_analytics(CleanUpAnalytics(), work)
    assert await work.artefacts.references() == ()
    details = [a.body.detail for a in (early, undone, again) if isinstance(a.body, StepUndone)]
    nothing = "nothing was being counted"
    assert details == [nothing, f"stopped counting: {LINKS_NAME} released", nothing]


async def test_the_undo_leaves_another_step_alone(tmp_path: Path) -> None:
    other = job(tmp_path, step="content")
    kept = await other.artefacts.put(b"draft", name="draft.md", media_type="text/markdown")
    await set_up_analytics(COMMAND, job(tmp_path, step="analytics"))
    await clean_up_analytics(CleanUpAnalytics(), job(tmp_path, step="analytics"))
    assert await other.artefacts.references() == (kept,)


@given(order=st.permutations([BLOG, EMAIL, publication(Channel.BLOG, "/b", item_id="blog-b")]))
def test_links_do_not_depend_on_the_order_of_publications(order: list[Publication]) -> None:
    links = tracked_links(CAMPAIGN, order)
    assert len({link.id for link in links}) == 3
    assert links == tracked_links(CAMPAIGN, list(reversed(order)))


def test_another_campaign_has_other_links() -> None:
    (here,) = tracked_links(CAMPAIGN, [BLOG])
    (there,) = tracked_links("55555555-5555-4555-8555-555555555555", [BLOG])
    assert here.id != there.id
