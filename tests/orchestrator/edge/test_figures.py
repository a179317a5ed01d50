"""A campaign's figures: what readers did with its links, over HTTP and in the console."""

from contracts import identity
from tests.orchestrator.edge.fakes import Stand
from tests.orchestrator.edge.test_files_and_health import finished, get
from tests.orchestrator.view.stories import LINK_ID, OTHER_TENANT, TARGET, TENANT

CAMPAIGN = identity.campaign_id(TENANT, "one")
API = f"/api/v1/campaigns/{CAMPAIGN}/figures"
PAGE = f"/campaigns/{CAMPAIGN}/figures"
NOTHING = {"clicks": 0, "opens": 0, "conversions": 0, "first": None, "last": None}


async def test_clicks_are_counted_by_link_and_channel(stand: Stand) -> None:
    await finished(stand)
    path = f"/t/x/{LINK_ID}"  # as the story's analytics step answered
    empty = (await get(stand, API)).json()
    assert empty["links"] == [
        {
            "id": LINK_ID,
            "channel": "email",
            "path": path,
            "target": TARGET,
            "item_id": "",
            "address": path,
            **NOTHING,
        }
    ]
    for _ in range(3):
        await get(stand, f"/t/{CAMPAIGN}/{LINK_ID}")
    told = (await get(stand, API)).json()
    (link,) = told["links"]
    assert (link["clicks"], link["opens"], link["conversions"]) == (3, 0, 0)
    assert link["first"] < link["last"]
    sums = {name: link[name] for name in NOTHING}
    (channel,) = told["channels"]
    assert {name: channel[name] for name in ("channel", *sums)} == {"channel": "email", **sums}
    assert told["total"] == sums


async def test_the_page_shows_each_link_with_its_whole_address_and_its_counts(
    stand: Stand,
) -> None:
    await finished(stand)
    await get(stand, f"/t/{CAMPAIGN}/{LINK_ID}")
    page = await get(stand, PAGE)
    assert page.status_code == 200
    assert f'value="http://edge/t/x/{LINK_ID}"' in page.text
    assert '<td class="number">1</td>' in page.text
    assert TARGET in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    campaign = (await get(stand, f"/campaigns/{CAMPAIGN}")).text
    assert f'href="{PAGE}"' in campaign
    links = (await get(stand, f"/api/v1/campaigns/{CAMPAIGN}")).json()["api"]
    assert links["figures"].endswith(API)


async def test_a_campaign_that_published_nothing_has_no_figures_yet(stand: Stand) -> None:
    await finished(stand, review_only=True)
    assert "Nothing is counted yet" in (await get(stand, PAGE)).text
    told = (await get(stand, API)).json()
    assert (told["links"], told["channels"], told["total"]) == ([], [], NOTHING)


async def test_another_tenants_figures_are_not_there(stand: Stand) -> None:
    await finished(stand)
    for path in (API, PAGE):
        answer = await get(stand, f"{path}?tenant={OTHER_TENANT}")
        assert answer.status_code == 404
