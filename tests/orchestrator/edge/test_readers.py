"""What readers do is counted under the variant that they got, also while the campaign goes on."""

import httpx
import pytest

from contracts import identity, topics
from contracts.analytics import EngagementKind, EngagementRecorded, link_id
from contracts.goal import Channel
from contracts.requests import DecideReview, ReviewDecision
from services.orchestrator.edge.api.readers import PIXEL
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import LINK_ID, OTHER_TENANT, TARGET, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
READER_KEY = "8c200507-16b1-5842-aef4-5dc596f1cd76"
SITE = "https://harbour.example/offer?size=small"


async def begun(stand: Stand, *, publishes: bool = True, ends: bool = False) -> None:
    """A campaign that is approved; where it does not end, its publishing is under way."""
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir, website=SITE))
    stand.desk.run(CAMPAIGN)
    if publishes:
        digest = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
        word = DecideReview(step="review", decision=ReviewDecision.APPROVE, shown_digest=digest)
        stand.desk.ask(CAMPAIGN, word)
    if ends:
        stand.desk.run(CAMPAIGN)
    await stand.log.publish()


def mail_link(stand: Stand, item: str) -> str:
    key = stand.desk.sagas[CAMPAIGN].steps["publish.email"].effect_key
    return link_id(CAMPAIGN, Channel.EMAIL, item, key)


async def asked(stand: Stand, method: str, path: str) -> httpx.Response:
    async with stand.client() as client:
        return await client.request(method, path)


def recorded(stand: Stand) -> list[EngagementRecorded]:
    found = []
    for record in stand.log.sent:
        assert (record.topic, record.key) == (topics.ENGAGEMENT, CAMPAIGN.encode())
        body = CODEC.decode(record.value).body
        assert isinstance(body, EngagementRecorded)
        found.append(body)
    return found


async def test_a_mails_link_leads_on_before_the_campaign_knows_that_it_was_sent(
    stand: Stand,
) -> None:
    await begun(stand)
    link = mail_link(stand, "email-a")
    answer = await asked(stand, "GET", f"/t/{CAMPAIGN}/{link}?r={READER_KEY}")
    assert answer.status_code == 302
    assert answer.headers["location"] == (
        "https://harbour.example/offer?utm_source=sagaline&utm_medium=email"
        f"&utm_campaign={CAMPAIGN}&utm_content=email-a&size=small"
    )
    (done,) = recorded(stand)
    assert (done.kind, done.link_id, done.reader_id) == (EngagementKind.CLICK, link, READER_KEY)


async def test_a_posts_link_leads_on_as_soon_as_it_may_stand(stand: Stand) -> None:
    await begun(stand)
    key = stand.desk.sagas[CAMPAIGN].steps["publish.blog"].effect_key
    link = link_id(CAMPAIGN, Channel.BLOG, "blog-a", key)
    answer = await asked(stand, "GET", f"/t/{CAMPAIGN}/{link}")
    assert answer.status_code == 302
    assert "utm_medium=blog" in answer.headers["location"]
    (done,) = recorded(stand)
    assert (done.kind, done.channel) == (EngagementKind.CLICK, Channel.BLOG)
    assert (done.link_id, done.reader_id) == (link, "")


async def test_no_link_leads_anywhere_before_the_campaign_may_publish(stand: Stand) -> None:
    await begun(stand, publishes=False)
    answer = await asked(
        stand, "GET", f"/t/{CAMPAIGN}/{link_id(CAMPAIGN, Channel.EMAIL, 'email-a', '')}"
    )
    assert answer.status_code == 404
    assert stand.log.sent == []


async def test_an_opened_mail_is_counted_by_a_picture_that_nobody_sees(stand: Stand) -> None:
    await begun(stand)
    link = mail_link(stand, "email-a")
    answer = await asked(stand, "GET", f"/o/{CAMPAIGN}/{link}.gif?r={READER_KEY}")
    assert (answer.status_code, answer.content) == (200, PIXEL)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    (done,) = recorded(stand)
    assert (done.kind, done.link_id, done.reader_id) == (EngagementKind.OPEN, link, READER_KEY)


async def test_a_picture_of_no_link_counts_nothing_and_shows_no_hole(stand: Stand) -> None:
    await begun(stand)
    answer = await asked(stand, "GET", f"/o/{CAMPAIGN}/{OTHER_TENANT}.gif")
    assert (answer.status_code, answer.content) == (200, PIXEL)
    assert stand.log.sent == []


async def test_an_order_counts_once_however_often_it_is_told(stand: Stand) -> None:
    await begun(stand, ends=True)
    path = f"/collect/{CAMPAIGN}/{LINK_ID}"
    answers = [await asked(stand, "POST", f"{path}?order=A-77") for _ in range(2)]
    await asked(stand, "POST", f"{path}?order=A-78")
    assert {answer.status_code for answer in answers} == {202}
    assert answers[0].headers["access-control-allow-origin"] == "*"
    ids = [CODEC.decode(record.value).envelope.id for record in stand.log.sent]
    assert ids[0] == ids[1] != ids[2]
    assert {done.kind for done in recorded(stand)} == {EngagementKind.CONVERSION}


async def test_a_conversion_by_a_link_that_nobody_made_is_refused(stand: Stand) -> None:
    await begun(stand, ends=True)
    answer = await asked(stand, "POST", f"/collect/{CAMPAIGN}/{OTHER_TENANT}")
    assert answer.status_code == 404
    assert stand.log.sent == []


@pytest.mark.parametrize("reader", ["jo.reader@example.org", "1", "x" * 36])
async def test_what_is_no_key_of_ours_is_not_kept_as_a_reader(stand: Stand, reader: str) -> None:
    await begun(stand, ends=True)
    answer = await asked(stand, "GET", f"/t/{CAMPAIGN}/{LINK_ID}?r={reader}")
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    (done,) = recorded(stand)
    assert done.reader_id == ""
