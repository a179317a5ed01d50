"""A realistic, clean campaign for audits, and the circumstances of a command."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import structlog

from chassis.artefacts import FolderArtefacts, StepArtefacts
from chassis.claims import FolderClaims
from chassis.service import Job
from contracts.audit import AuditContent
from contracts.content import Citation, ContentItem
from contracts.design import Asset
from contracts.envelope import StepCall
from contracts.goal import BrandVoice, Channel, SealedText
from contracts.publish import Publication
from contracts.research import Finding, FindingKind
from services.optimizer.audit.pictures import SIZES

TENANT = "11111111-1111-4111-8111-111111111111"
CAMPAIGN = "22222222-2222-4222-8222-222222222222"
COMMAND = "33333333-3333-4333-8333-333333333333"
EFFECT = "44444444-4444-4444-8444-444444444444"
NOON = datetime(2025, 5, 12, 12, 0, tzinfo=UTC)

ADDRESS = "Molino Alto, 24 Harbour Street, Bristol BS1 4RN"
SIGNATURE = "The Molino Alto team, hello@molinoalto.example, +44 117 496 0123"
CALL = "Order a sample bag"

STUDY = "https://grain.example/study"
TRENDS = "https://trends.example/bread-2025"
RIVAL = "https://rival.example/prices"

QUOTES = {
    "F1": (
        FindingKind.MARKET,
        "64 % of home bakers buy flour online at least once a month",
        "In our survey, 64% of home bakers said they buy flour online at least once a month.",
        STUDY,
    ),
    "F2": (
        FindingKind.TREND,
        "searches for stone-milled flour rose by 38 % in 2024",
        "Searches for stone-milled flour rose by 38 percent in 2024, the fastest rise of any term.",
        TRENDS,
    ),
    "F3": (
        FindingKind.COMPETITOR,
        "the usual price of a kilo is $4.50",
        "The usual price of a kilo is $4.50, and delivery takes 3 to 5 days.",
        RIVAL,
    ),
    "F4": (
        FindingKind.MARKET,
        "1,200 households took part",
        "1,200 households in twelve cities took part in the study.",
        STUDY,
    ),
}


def finding(finding_id: str, *, quote: str = "") -> Finding:
    kind, claim, kept, url = QUOTES[finding_id]
    text = quote or kept
    return Finding(
        id=finding_id,
        kind=kind,
        claim=claim,
        quote=text,
        span_start=0,
        span_end=len(text),
        source_url=url,
        source_title=f"Bread report of 2025 | {url.split('/')[2]}",
        source_digest=hashlib.sha256(url.encode()).hexdigest(),
        score=0.8,
        agent="market_analyst",
    )


FINDINGS = tuple(finding(finding_id) for finding_id in QUOTES)


def cite(finding_id: str, claim: str) -> Citation:
    return Citation(finding_id=finding_id, claim=claim, source_url=QUOTES[finding_id][3])


EMAIL_A = f"""# Your flour, fresh from the stone

Most bakers we know are tired of stale bags. You are not alone: 64 % of home bakers buy flour
online at least once a month[^1], and searches for stone-milled flour rose by 38% in 2024[^2].

1. We mill on Monday, and you bake on Thursday.
2. The price is plain: a kilo elsewhere is $4.50.

[{CALL}](https://molinoalto.example/sample?utm=2025)

[^1]: Bread report of 2025, grain.example, {STUDY}

{ADDRESS}
[Leave this list]({{{{unsubscribe_url}}}})
"""

EMAIL_B = f"""# What do other bakers pay?

We asked around before we set our own price. Here is what we found: $4.50 is the usual price of
a kilo, and you wait 3\u20135 days for it. In the same study 1200 households took part, and more
than half of them bake bread every week. That is a lot of bread, and a lot of waiting.

Try ours, taste the grain, and tell us what you think of it.

{ADDRESS} · {{{{ unsubscribe_url }}}}
"""

LINKEDIN_A = """Bread is back, and the people who bake it at home have become careful buyers.

In a study of 1,200 households, 64% of home bakers buy flour online at least once a month. They
look for the mill behind the bag: searches for stone-milled flour rose by 38 % in 2024.

We are a small B2B mill, and we talk to the people who use our flour. What do you look for?
"""

TWITTER_A = "Searches for stone-milled flour rose by 38 % in 2024. We mill it, you bake it."

BLOG_PARAGRAPH = """We went to see how people bake at home and what they ask of a bag of flour.
They want to know where the grain was grown, who milled it, and when. They want a bag that keeps,
a fair price, and a short wait at the door. Most of all they want bread that tastes of something.

A good flour tells you where it comes from. It smells of the field, it takes up water in its own
time, and it gives the dough a colour that no white powder has. You can see the bran in it, and you
can taste it in the crust. That is why we mill on stone, slowly, and sell what we mill at once.
"""

BLOG_A = f"""# How people buy flour now

{BLOG_PARAGRAPH}
## Where they buy

The study is clear: 64% of home bakers buy flour online at least once a month. It asked widely,
since 1,200 households took part, and it asked them twice.

{BLOG_PARAGRAPH}
## What they look for

It is not the price alone, though the usual price of a kilo is $4.50 in most shops. It is the mill:
searches for stone-milled flour rose by 38 percent in 2024.

{BLOG_PARAGRAPH}
Sources: [Bread report of 2025, trends.example]({TRENDS}), [the study]({STUDY}).
"""

SPANISH = """Si haces pan en casa, ya sabes que la harina lo es todo. Según el estudio, el 64 % de
los panaderos compra harina en línea cada mes, y las búsquedas de harina de piedra subieron un 38 %
en 2024. El precio de un kilo es de $4,50 en las tiendas, con una espera de tres a cinco días."""


def item(
    item_id: str, body: str, citations: tuple[Citation, ...], **changed: object
) -> ContentItem:
    channel, variant = item_id.split("-")
    fields = {
        "id": item_id,
        "channel": Channel(channel),
        "variant": variant,
        "language": "en",
        "title": "Flour as it should be",
        "body_markdown": body,
        "call_to_action": CALL,
        "citations": citations,
    }
    return ContentItem.model_validate(fields | changed, strict=False)


ITEMS = (
    item(
        "email-a",
        EMAIL_A,
        (
            cite("F1", "64 % of home bakers buy flour\nonline at least once a month"),
            cite("F2", "searches for stone-milled flour rose by 38% in 2024"),
            cite("F3", "a kilo elsewhere is $4.50"),
        ),
        preheader="Milled on Monday, baked on Thursday",
    ),
    item(
        "email-b",
        EMAIL_B,
        (
            cite("F3", "$4.50 is the usual price of\na kilo"),
            cite("F3", "you wait 3\u20135 days for it"),
            cite("F4", "1200 households took part"),
        ),
        title="What do other bakers pay?",
    ),
    item(
        "blog-a",
        BLOG_A,
        (
            cite("F1", "64% of home bakers buy flour online at least once a month"),
            cite("F4", "1,200 households took part"),
            cite("F3", "the usual price of a kilo is $4.50"),
            cite("F2", "searches for stone-milled flour rose by 38 percent in 2024"),
        ),
    ),
    item(
        "linkedin-a",
        LINKEDIN_A,
        (
            cite("F4", "a study of 1,200 households"),
            cite("F1", "64% of home bakers buy flour online at least once a month"),
            cite("F2", "searches for stone-milled flour rose by 38 % in 2024"),
        ),
        hashtags=("#Baking", "#Flour"),
    ),
    item(
        "twitter-a",
        TWITTER_A,
        (cite("F2", "Searches for stone-milled flour rose by 38 % in 2024"),),
        hashtags=("#Baking",),
    ),
)


def asset(channel: Channel, **changed: object) -> Asset:
    purpose, width, height = SIZES[channel]
    fields = {
        "channel": channel,
        "purpose": purpose,
        "width": width,
        "height": height,
        "digest": hashlib.sha256(channel.encode()).hexdigest(),
        "headline": "Flour as it should be",
        "alt_text": "A paper bag of flour beside a loaf of dark bread",
    }
    return Asset.model_validate(fields | changed, strict=False)


ASSETS = tuple(asset(channel) for channel in SIZES)

CLEAN = AuditContent(
    business_name="Molino Alto",
    items=ITEMS,
    assets=ASSETS,
    findings=FINDINGS,
    brand_voice=BrandVoice(banned_words=("cheap", "world class"), signature=SIGNATURE),
    postal_address=ADDRESS,
)


def publication(channel: Channel, location: str, *, item_id: str = "") -> Publication:
    return Publication(
        channel=channel,
        item_id=item_id or f"{channel}-a",
        location=location,
        effect_key=EFFECT,
        published_at=NOON,
    )


def job(root: Path, *, step: str = "audit", round_: int = 0) -> Job:
    def sealed_shut(sealed: SealedText) -> str:
        raise AssertionError(f"nothing here may open the field of {sealed.subject_id}")

    return Job(
        tenant_id=TENANT,
        campaign_id=CAMPAIGN,
        command_id=COMMAND,
        call=StepCall(step=step, attempt=1, round=round_, effect_key=EFFECT, not_after=NOON),
        artefacts=StepArtefacts(FolderArtefacts(root), TENANT, CAMPAIGN, step),
        claims=FolderClaims(root, TENANT),
        unseal=sealed_shut,
        log=structlog.get_logger(),
    )


BY_ID = {text.id: text for text in ITEMS}


def changed(item_id: str, **fields: object) -> AuditContent:
    """The clean campaign with one text changed."""
    items = tuple(text.model_copy(update=fields) if text.id == item_id else text for text in ITEMS)
    return CLEAN.model_copy(update={"items": items})


def with_line(item_id: str, line: str) -> AuditContent:
    """The clean campaign with a line put before one text."""
    return changed(item_id, body_markdown=f"{line}\n\n{BY_ID[item_id].body_markdown}")
