"""The way out of a mailing: a GET changes nothing, a POST is taken for ever, nobody logs in."""

import re
from pathlib import Path

import httpx
import pytest

from chassis.claims import FolderClaims
from chassis.optout import opted_out
from chassis.sealing import FileKeyring, seal
from tests.orchestrator.edge.fakes import Stand
from tests.orchestrator.view.stories import OTHER_TENANT, RECIPIENT, TENANT

CAMPAIGN = "8f14e45f-ceea-567f-a9c4-1d2b3c4d5e6f"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def reader(stand: Stand) -> str:
    """Somebody whom the tenant wrote to."""
    return seal(FileKeyring(stand.settings.keyring_dir), TENANT, RECIPIENT).subject_id


def link(subject: str, tenant: str = TENANT) -> str:
    return f"/unsubscribe/{tenant}/{subject}?campaign={CAMPAIGN}"


async def ask(stand: Stand, method: str, path: str, **given: object) -> httpx.Response:
    async with stand.client() as client:
        return await client.request(method, path, **given)  # type: ignore[arg-type]


async def out(stand: Stand, subject: str, tenant: str = TENANT) -> bool:
    return await opted_out(FolderClaims(stand.settings.artefacts_dir, tenant), subject)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_looking_at_the_page_changes_nothing(stand: Stand) -> None:
    subject = reader(stand)
    before = files(stand.settings.state_dir)
    answer = await ask(stand, "GET", link(subject))
    assert answer.status_code == 200
    assert '<form method="post">' in answer.text
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert files(stand.settings.state_dir) == before
    assert not await out(stand, subject)


@pytest.mark.parametrize(
    "form", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {}]
)
async def test_one_click_takes_a_reader_off_in_every_form_that_mail_programs_send(
    stand: Stand, form: dict[str, object]
) -> None:
    subject = reader(stand)
    answer = await ask(stand, "POST", link(subject), **form)
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    assert await out(stand, subject)
    assert not await out(stand, subject, OTHER_TENANT)


async def test_the_pages_button_sends_what_a_mail_program_sends(stand: Stand) -> None:
    subject = reader(stand)
    page = (await ask(stand, "GET", link(subject))).text
    field = re.search(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', page)
    assert field is not None
    assert {field[1]: field[2]} == ONE_CLICK
    assert "action=" not in page  # it posts to the address it was read at


async def test_saying_it_again_changes_nothing_and_the_page_knows_it(stand: Stand) -> None:
    subject = reader(stand)
    first = await ask(stand, "POST", link(subject), data=ONE_CLICK)
    claim = next(stand.settings.artefacts_dir.rglob(f"optout-{subject}"))
    said = claim.read_text()
    again = await ask(stand, "POST", f"/unsubscribe/{TENANT}/{subject}", data=ONE_CLICK)
    page = await ask(stand, "GET", link(subject))
    assert (again.status_code, again.text, page.text) == (200, first.text, first.text)
    assert claim.read_text() == said
    assert said.endswith(CAMPAIGN)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nobody_the_tenant_knows_is_nobody_to_unsubscribe(stand: Stand, method: str) -> None:
    subject = reader(stand)
    before = files(stand.settings.state_dir)
    for tenant, who in (
        (TENANT, OTHER_TENANT),
        (OTHER_TENANT, subject),
        (TENANT, TENANT),  # the tenant's own pepper lies there
        (TENANT, subject.upper()),
        (TENANT, "..%2f..%2fkeyring"),
        ("nobody", subject),
        (TENANT, f"{subject}%0a"),
    ):
        answer = await ask(stand, method, f"/unsubscribe/{tenant}/{who}", follow_redirects=True)
        assert answer.status_code == 404, (tenant, who)
    assert files(stand.settings.state_dir) == before


async def test_what_the_link_says_of_its_campaign_is_not_believed(stand: Stand) -> None:
    subject = reader(stand)
    path = f"/unsubscribe/{TENANT}/{subject}?campaign=%3Cscript%3E{RECIPIENT}"
    assert (await ask(stand, "POST", path)).status_code == 200
    claim = next(stand.settings.artefacts_dir.rglob(f"optout-{subject}"))
    assert "script" not in claim.read_text()
