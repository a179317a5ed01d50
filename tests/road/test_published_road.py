"""What a published campaign left behind, looked at from outside: pages, mails, pictures, texts."""

import email
import email.policy
import io
import os
import shutil
import subprocess
from email.message import EmailMessage
from typing import Any
from urllib.parse import urljoin

import feedparser
import lxml.html
import pytest
from PIL import Image

from services.orchestrator.settings import DEFAULT_TENANT
from tests.road.conftest import RECIPIENTS
from tests.road.driving import Road, Run

PICTURE_SIZES = {
    "email": (1200, 600),
    "blog": (1600, 900),
    "linkedin": (1200, 627),
    "twitter": (1600, 900),
}
FINDINGS_MIN = 10
CITATIONS_MIN = {"email": 3, "blog": 3, "linkedin": 3, "twitter": 1}
READ_AT = (1.0, 0.5)
"""Tesseract knows letters of some 30 pixels; the largest headlines are read at half their size."""


def blog_address(run: Run) -> str:
    places = [made["location"] for made in run.results["publications"] if made["channel"] == "blog"]
    assert len(places) == 1, run.results["publications"]
    return str(places[0])


def item_of(run: Run, item_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(i for i in run.results["content"] if i["id"] == item_id)
    return found


def variants_of_the_mail(run: Run) -> list[dict[str, Any]]:
    """The variants of the mail: each reader gets one of them."""
    return [item for item in run.results["content"] if item["channel"] == "email"]


def mails_of(road: Road) -> list[EmailMessage]:
    """The letters of the default tenant's mail folder, parsed strictly."""
    folder = road.state_dir / "mail" / DEFAULT_TENANT / "new"
    strict = email.policy.default.clone(raise_on_defect=True)
    return [email.message_from_bytes(file.read_bytes(), policy=strict) for file in folder.iterdir()]


def read_by_machine(png: bytes, scale: float) -> str:
    """What tesseract reads in the picture, on one line."""
    with Image.open(io.BytesIO(png)) as image:
        size = (round(image.width * scale), round(image.height * scale))
        shown = io.BytesIO()
        image.convert("L").resize(size, Image.Resampling.LANCZOS).save(shown, "PNG")
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", "eng", "--psm", "3"],
        input=shown.getvalue(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return " ".join(done.stdout.decode().split())


def test_the_blog_page_opens_with_its_title_its_picture_and_its_sources(
    road: Road, campaign: Run
) -> None:
    address = blog_address(campaign)
    assert address.startswith(road.stack.edge_url)
    answer = road.api.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    page = lxml.html.document_fromstring(answer.text)
    published = item_of(campaign, "blog-a")
    assert [h1.text_content() for h1 in page.iter("h1")] == [published["title"]]
    assert [h2.text_content() for h2 in page.iter("h2")].count("Sources") == 1
    assert "(source)" not in page.text_content()
    (hero,) = page.cssselect("figure.hero img")
    picture = road.api.get(urljoin(address, hero.attrib["src"]))
    assert picture.status_code == 200
    with Image.open(io.BytesIO(picture.content)) as image:
        image.load()
        assert image.size == PICTURE_SIZES["blog"]
    links = {link.attrib.get("href", "") for link in page.iter("a")}
    cited = {citation["source_url"] for citation in published["citations"]}
    on_the_web = {source for source in cited if source.startswith("http")}
    assert on_the_web
    assert on_the_web <= links


def test_the_feed_parses_and_names_the_post(road: Road, campaign: Run) -> None:
    answer = road.api.get(f"/site/{DEFAULT_TENANT}/rss.xml")
    assert answer.status_code == 200
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.get("bozo_exception")
    assert blog_address(campaign) in [entry.link for entry in feed.entries]


def test_every_reader_has_one_letter_with_a_text_and_a_page(road: Road, campaign: Run) -> None:
    written = {item["title"]: item for item in variants_of_the_mail(campaign)}
    mine = [letter for letter in mails_of(road) if letter["To"] in RECIPIENTS]
    assert sorted(letter["To"] for letter in mine) == sorted(RECIPIENTS)
    for letter in mine:
        published = written[letter["Subject"]]
        text = letter.get_body(("plain",))
        page = letter.get_body(("html",))
        assert text is not None
        assert page is not None
        for part in (
            text.get_content(),
            lxml.html.document_fromstring(page.get_content()).text_content(),
        ):
            assert published["call_to_action"] in part
            assert "Tessel Thermal, Werkstrasse 8" in part
        pictures = [part for part in letter.walk() if part.get_content_type() == "image/png"]
        for part in pictures:
            with Image.open(io.BytesIO(part.get_content())) as image:
                image.load()


def without_marks(read: str, headline: str) -> str:
    """What was read without lone signs: a round ornament beside a line is taken for a letter."""
    own = headline.split()
    return " ".join(word for word in read.split() if len(word) > 1 or word in own)


def test_every_picture_has_its_channels_size(road: Road, campaign: Run) -> None:
    sizes = {}
    for asset in campaign.results["assets"]:
        with Image.open(io.BytesIO(road.artefact(asset["digest"]))) as image:
            image.load()
            assert image.format == "PNG"
            sizes[asset["channel"]] = image.size
    assert sizes == PICTURE_SIZES


def test_the_headline_is_read_back_from_every_picture(road: Road, campaign: Run) -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed: no headline was read back from a picture")
    unread = {}
    for asset in campaign.results["assets"]:
        png = road.artefact(asset["digest"])
        read = []
        for scale in READ_AT:
            read.append(read_by_machine(png, scale))
            if asset["headline"] in without_marks(read[-1], asset["headline"]):
                break
        else:
            unread[asset["channel"]] = (asset["headline"], read)
    assert unread == {}


def test_findings_quote_their_stored_source_word_for_word(road: Road, campaign: Run) -> None:
    findings = campaign.results["findings"]
    assert len(findings) >= FINDINGS_MIN
    texts = {
        digest: road.artefact(digest).decode()
        for digest in {finding["source_digest"] for finding in findings}
    }
    for finding in findings:
        text = texts[finding["source_digest"]]
        assert finding["quote"]
        assert text[finding["span_start"] : finding["span_end"]] == finding["quote"]


def test_every_text_cites_findings_that_exist(campaign: Run) -> None:
    findings = {finding["id"]: finding for finding in campaign.results["findings"]}
    items = campaign.results["content"]
    assert {item["channel"] for item in items} == set(CITATIONS_MIN)
    for item in items:
        assert len(item["citations"]) >= CITATIONS_MIN[item["channel"]], item["id"]
        for citation in item["citations"]:
            finding = findings[citation["finding_id"]]
            assert citation["source_url"] == finding["source_url"]
            assert citation["claim"] in item["body_markdown"]


def test_another_tenant_cannot_have_the_campaigns_bytes(road: Road, campaign: Run) -> None:
    stranger = "11111111-1111-4111-8111-111111111111"
    asked = {"X-Tenant-Id": stranger}
    digest = campaign.results["assets"][0]["digest"]
    assert road.api.get(f"/artefacts/{digest}", headers=asked).status_code == 404
    own = f"/api/v1/campaigns/{campaign.campaign_id}"
    assert road.api.get(own, headers=asked).status_code == 404
