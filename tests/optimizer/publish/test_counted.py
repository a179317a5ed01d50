"""A channel that publishes one text counts who follows its call, by channel and variant."""

import json

import pytest

from contracts.analytics import link_id
from contracts.goal import Channel
from contracts.publish import PublishContent
from services.optimizer.publish.variants import traits_of
from tests.optimizer.publish.builders import House, campaign_of, item
from tests.optimizer.publish.conftest import Receiver
from tests.optimizer.publish.test_blog import page
from tests.optimizer.publish.test_outside import POST, buffer, github

BLOG, LINKEDIN, WEBHOOK = Channel.BLOG, Channel.LINKEDIN, Channel.WEBHOOK
SITE = "https://molinoalto.example"
EDGE = "https://campaigns.example"


async def order(house: House, channel: Channel) -> PublishContent:
    """A text whose call leads to the website, as our writers set it."""
    own = item(channel, body_markdown=f"One loaf at a time.\n\n[Order a bag]({SITE})\n")
    return await house.order(channel, items=(own,), website=SITE)


def link(house: House, channel: Channel, root: str) -> str:
    campaign_id, key = campaign_of(1), house.effect(1, channel)
    own = link_id(campaign_id, channel, f"{channel}-a", key)
    return f"{root}/t/{campaign_id}/{own}"


async def test_the_call_of_a_post_on_our_own_blog_is_counted(house: House) -> None:
    _, body = await house.publish(await order(house, BLOG))
    links = page(house).values("a", "href")
    assert link(house, BLOG, house.settings.public_url) in links
    (made,) = body.publications
    assert (made.item_id, made.leads_to) == ("blog-a", SITE)
    assert len(made.traits) == len(traits_of(item(BLOG)))


async def test_the_call_of_a_post_in_a_repository_is_counted(house: House) -> None:
    house.options["public_url"] = EDGE
    with github(house) as repository:
        _, body = await house.publish(await order(house, BLOG))
    text = repository.files[POST].decode()
    assert f"[Order a bag]({link(house, BLOG, EDGE)})" in text
    assert f"({SITE})" not in text
    assert body.publications[0].leads_to == SITE


async def test_the_call_of_a_social_post_is_counted(house: House) -> None:
    with buffer(house) as posts:
        house.options["public_url"] = EDGE
        _, body = await house.publish(await order(house, LINKEDIN))
        _, again = await house.publish(await order(house, LINKEDIN), attempt=2)
    (asked,) = posts.asked
    assert link(house, LINKEDIN, EDGE) in asked["text"]
    assert SITE not in asked["text"]
    assert body == again
    assert body.publications[0].leads_to == SITE


@pytest.mark.parametrize("root", ["http://127.0.0.1:8000", "http://campaigns.example"])
async def test_a_text_elsewhere_leads_straight_on_where_readers_may_not_reach_the_edge(
    house: House, root: str
) -> None:
    with buffer(house) as posts:
        house.options["public_url"] = root
        _, body = await house.publish(await order(house, LINKEDIN))
    assert f"Order a bag: {SITE}" in posts.asked[0]["text"]
    assert "/t/" not in posts.asked[0]["text"]
    assert body.publications[0].leads_to == ""


async def test_a_webhooks_receiver_is_told_the_link_to_lead_readers_by(
    house: House, receiver: Receiver
) -> None:
    house.options["public_url"] = EDGE
    _, body = await house.publish(await order(house, WEBHOOK))
    ((_, sent),) = receiver.requests
    data = json.loads(sent)["data"]
    assert data["leads_to"] == link(house, WEBHOOK, EDGE)
    assert body.publications[0].leads_to == SITE


async def test_without_a_website_nothing_leads_anywhere(house: House) -> None:
    _, body = await house.publish(await house.order(BLOG, website=""))
    assert not any("/t/" in link for link in page(house).values("a", "href"))
    assert body.publications[0].leads_to == ""
