"""The console as a person uses it: every button, in a real browser, with the real engine behind."""

import pytest

from chassis.claims import FolderClaims
from chassis.optout import opted_out
from chassis.sealing import FileKeyring, seal
from contracts import identity
from contracts.requests import CancelCampaign
from services.orchestrator.edge.review_links import links
from services.orchestrator.saga.state import StepStatus
from tests.browser.chromium import Page
from tests.orchestrator.edge.fakes import Stand
from tests.orchestrator.edge.test_files_and_health import finished
from tests.orchestrator.view import stories
from tests.orchestrator.view.stories import LINK_ID, RECIPIENT, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
HERE = f"/campaigns/{CAMPAIGN}"
CLIPBOARD = ["clipboardReadWrite", "clipboardSanitizedWrite"]
TITLE = '[data-item="email-a"] [data-field="title"]'


def state_is(words: str) -> str:
    return f"(document.querySelector('#state')?.textContent === '{words}')"


async def goes_on(stand: Stand) -> None:
    """Answer what the engine asked for, and let the view and the open streams know."""
    before = len(stand.desk.log)
    stand.desk.run(CAMPAIGN)
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()
    stand.log.tell(before, len(stand.desk.log))


async def at_the_review(stand: Stand, url: str, page: Page) -> None:
    await finished(stand, review_only=True)
    await page.go(url + HERE)
    await page.until("document.querySelectorAll('#log li').length > 5")
    await page.until("!document.querySelector('#live').hidden")


async def test_approving_publishes_and_the_page_follows_to_the_end(
    stand: Stand, url: str, page: Page
) -> None:
    await at_the_review(stand, url, page)
    await page.click('[data-decision="APPROVE"]')
    await page.until("!document.querySelector('#review')")
    assert stand.desk.sagas[CAMPAIGN].steps["review"].status is StepStatus.ANSWERED
    await goes_on(stand)
    await page.until(state_is("completed"))
    await page.until("document.querySelector('.published')")
    assert await page.js("document.querySelector('#percent').textContent") == "100"
    assert page.faults == []


async def test_changes_need_a_reason_and_a_rejected_campaign_ends(
    stand: Stand, url: str, page: Page
) -> None:
    await at_the_review(stand, url, page)
    await page.click('[data-decision="REQUEST_CHANGES"]')
    await page.until("!document.querySelector('#problem').hidden")
    assert "reason" in await page.js("document.querySelector('#problem').textContent")
    assert not await page.js("document.querySelector('[data-decision=APPROVE]').disabled")
    await page.write("#reason", "the subject line promises too much")
    await page.click('[data-decision="REQUEST_CHANGES"]')
    await page.until("!document.querySelector('#review')")
    await goes_on(stand)
    await page.until("document.querySelector('#review')")
    await page.click('[data-decision="REJECT"]')
    await page.until(state_is("rejected") + " || " + state_is("compensating"))
    await goes_on(stand)
    await page.until(state_is("rejected"))
    assert [fault for fault in page.faults if "422" not in fault] == []


async def test_an_edited_text_is_audited_again_and_shown_for_approval(
    stand: Stand, url: str, page: Page
) -> None:
    await at_the_review(stand, url, page)
    old = await page.js("document.querySelector('#review').dataset.digest")
    await page.write(TITLE, "Better coffee, said the office")
    await page.click('[data-decision="EDIT"]')
    await page.until("!document.querySelector('#review')")
    await goes_on(stand)
    await page.until(f"document.querySelector('{TITLE}')")
    shown = await page.js(f"document.querySelector('{TITLE}').value")
    assert shown == "Better coffee, said the office"
    assert await page.js("document.querySelector('#review').dataset.digest") != old
    assert page.faults == []


async def test_a_reviewer_edits_and_approves_by_a_link_alone(
    stand: Stand, url: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.clock.SystemClock.now", lambda self: stand.desk.clock.now())
    await finished(stand, review_only=True)
    keyring = FileKeyring(stand.settings.keyring_dir)
    (link,) = links(keyring, url, stand.desk.sagas[CAMPAIGN])
    await page.go(str(link["url"]))
    await page.click("#email-a .rewrite summary")
    await page.write('[name="title.email-a"]', "Better coffee, said the office")
    await page.click('[value="EDIT"]')
    await page.until("document.querySelector('[data-standing=in_work]')")
    await goes_on(stand)
    await page.until("document.querySelector('a.go')")  # the page looks again by itself
    await page.click("a.go")
    subject = "document.querySelector('#email-a .subject')?.textContent"
    await page.until(f"{subject} === 'Better coffee, said the office'")
    await page.click('[value="APPROVE"]')
    await page.until("document.querySelector('[data-standing=approved]')")
    assert stand.desk.sagas[CAMPAIGN].steps["review"].status is StepStatus.ANSWERED
    assert page.faults == []


async def test_a_campaign_is_started_and_cancelled(stand: Stand, url: str, page: Page) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir), start=False)
    await stand.log.publish()
    await page.go(url + HERE)
    await page.click('[data-post="start"]')
    await page.until("document.querySelector('[data-post=cancel]') && !" + state_is("idle"))
    await page.until("!document.querySelector('[data-post=start]')")
    await page.click('[data-post="cancel"]')  # the browser asks whether this is meant: yes
    await page.until(state_is("cancelled"))
    assert page.faults == []


async def test_long_notes_take_two_lines_until_somebody_reads_them(
    stand: Stand, url: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stories._done
    notes = ("3 of 4 recipients: sent by maildir", "1 of 4 recipients had unsubscribed " * 5)
    monkeypatch.setattr(stories, "_done", lambda step: {**told(step), "notes": notes})
    await finished(stand, review_only=True)
    await page.go(url + HERE)
    await page.until("document.querySelectorAll('#log li').length > 5")
    height = "document.querySelector('#notes-research').getBoundingClientRect().height"
    line = await page.js(
        "parseFloat(getComputedStyle(document.querySelector('#notes-research')).lineHeight)"
    )
    assert await page.js(height) <= 2 * line + 1
    await page.click("#notes-research summary")
    await page.until(f"{height} > {4 * line}")
    stand.desk.ask(CAMPAIGN, CancelCampaign(reason="the budget is gone"))
    before = len(stand.desk.log)
    await goes_on(stand)
    stand.log.tell(before - 1, before)
    await page.until("!document.querySelector('#review')")  # the page was made anew
    assert await page.js("document.querySelector('#notes-research').open")


async def test_figures_are_counted_and_an_address_is_copied(
    stand: Stand, url: str, page: Page
) -> None:
    await finished(stand)
    await page.ask("Browser.grantPermissions", permissions=CLIPBOARD, origin=url)
    await page.go(f"{url}{HERE}/figures")
    await page.click("[data-copy]")
    await page.until("document.querySelector('[data-copy]').textContent === 'Copied'")
    assert await page.js("navigator.clipboard.readText()") == f"{url}/t/x/{LINK_ID}"
    assert page.faults == []


async def test_a_reader_leaves_with_one_button(stand: Stand, url: str, page: Page) -> None:
    subject = seal(FileKeyring(stand.settings.keyring_dir), TENANT, RECIPIENT).subject_id
    await page.go(f"{url}/unsubscribe/{TENANT}/{subject}?campaign={CAMPAIGN}")
    claims = FolderClaims(stand.settings.artefacts_dir, TENANT)
    assert not await opted_out(claims, subject)
    await page.click("button")
    await page.until("document.querySelector('h1').textContent === 'You are unsubscribed'")
    assert await opted_out(claims, subject)
    assert page.faults == []


async def test_the_docs_list_every_route_without_a_network(
    stand: Stand, url: str, page: Page
) -> None:
    await page.go(f"{url}/docs")
    await page.until("document.querySelectorAll('.opblock').length > 30")
    paths = await page.js(
        "[...document.querySelectorAll('.opblock-summary-path')].map((e) => e.dataset.path)"
    )
    described = await page.js("fetch('/openapi.json').then((a) => a.json())")
    assert set(paths) == set(described["paths"])
    assert page.faults == []
