"""A realistic campaign to publish, a tenant with its people, and the jobs to publish it with."""

import hashlib
import struct
import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from chassis.adapters.catalogue import vendors
from chassis.adapters.door import Door
from chassis.adapters.settings import AdapterSettings
from chassis.artefacts import FolderArtefacts, StepArtefacts
from chassis.claims import FolderClaims
from chassis.clock import ManualClock
from chassis.sealing import FileKeyring, seal, unseal
from chassis.service import Answer, Job
from contracts import identity
from contracts.content import Citation, ContentItem
from contracts.design import Asset, AssetPurpose
from contracts.envelope import StepCall
from contracts.goal import BrandVoice, Channel, SealedText
from contracts.publish import ContentPublished, PublishContent, RollbackPublication
from contracts.research import Finding, FindingKind
from contracts.saga import StepUndone
from services.optimizer.publish.handlers import (
    adapters_of,
    channels_of,
    publish_content,
    rollback_publication,
)
from services.optimizer.settings import OptimizerSettings

TENANT = "7c1d6c36-94d7-4c1b-9a58-0d6cc1f0a001"
OTHER_TENANT = "7c1d6c36-94d7-4c1b-9a58-0d6cc1f0a002"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
STUDY = "https://grain.example/study?year=2025&lang=en"
TRENDS = "https://trends.example/bread"
TITLE = "Why your next loaf starts at the mill"
BODY = """# Why your next loaf starts at the mill

Flour is the one ingredient that most recipes leave to chance. **64 % of home bakers buy flour \
online at least once a month**, and what arrives decides how the dough behaves.

## What freshly milled changes

Searches for stone-milled flour rose by 38 % in 2024. Three things set it apart:

- The germ stays in, so the crumb tastes of grain.
- It takes up more water: start with five per cent more.
- It is best within *six weeks* of milling.

> The bag on the shelf does not say when it was milled. Ours does.

| Flour | Water | Rest |
|---|---|---|
| White | 65 % | 30 min |
| Stone-milled | 70 % | 45 min |

## Try it on one loaf

Order one bag, bake one loaf next to your usual one, and taste the difference.

[Order a sample bag](https://molinoalto.example/samples)
"""


def png(width: int = 40, height: int = 20, grey: int = 90) -> bytes:
    """A valid PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([grey]) * width) * height
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    return start + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def finding(finding_id: str, claim: str, url: str, title: str) -> Finding:
    return Finding(
        id=finding_id,
        kind=FindingKind.MARKET,
        claim=claim,
        quote=claim,
        span_start=0,
        span_end=len(claim),
        source_url=url,
        source_title=title,
        source_digest=hashlib.sha256(url.encode()).hexdigest(),
        score=0.9,
        agent="market_analyst",
    )


FINDINGS = (
    finding(
        "F1",
        "64 % of home bakers buy flour online at least once a month",
        STUDY,
        "How households buy flour, 2025",
    ),
    finding(
        "F2",
        "Searches for stone-milled flour rose by 38 % in 2024",
        TRENDS,
        "Bread trends: the year in searches",
    ),
)


def item(channel: Channel, variant: str = "a", **changes: object) -> ContentItem:
    made = ContentItem(
        id=f"{channel}-{variant}",
        channel=channel,
        variant=variant,
        language="en",
        title=TITLE,
        preheader="A bag of flour that says when it was milled.",
        body_markdown=BODY,
        call_to_action="Order a sample bag",
        hashtags=("#sourdough", "#baking"),
        citations=tuple(
            Citation(finding_id=f.id, claim=f.claim, source_url=f.source_url) for f in FINDINGS
        ),
    )
    return made.model_copy(update=changes)


@dataclass
class House:
    """A tenant's whole publishing set-up below one folder; kill and revive it at will."""

    root: Path
    tenant_id: str = TENANT
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    options: dict[str, object] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    doors: list[Door] = field(default_factory=list)

    @property
    def settings(self) -> OptimizerSettings:
        return OptimizerSettings.model_validate(
            {"use_in_memory_store": True, "state_dir": self.root, **self.options}
        )

    @property
    def door(self) -> Door:
        """The one door of this house, with what is configured now."""
        keys: Any = self.keys
        outside = AdapterSettings.model_construct(**keys)
        if not self.doors:
            self.doors.append(Door(clock=self.clock))
        self.doors[0].register(*vendors(outside), *adapters_of(self.settings))
        return self.doors[0]

    async def close(self) -> None:
        """Give up the connections to the outside."""
        for door in self.doors:
            await door.close()

    @property
    def site(self) -> Path:
        return self.settings.site_dir / self.tenant_id

    @property
    def mail(self) -> Path:
        return self.settings.mail_dir / self.tenant_id

    @property
    def claims(self) -> FolderClaims:
        return FolderClaims(self.settings.artefacts_dir, self.tenant_id)

    @property
    def keyring(self) -> FileKeyring:
        return FileKeyring(self.settings.keyring_dir)

    def sealed(self, address: str) -> SealedText:
        return seal(self.keyring, self.tenant_id, address)

    def effect(self, campaign: int, channel: Channel, round_: int = 0) -> str:
        return identity.effect_key(campaign_of(campaign), f"publish.{channel}", round_)

    def job(
        self,
        channel: Channel,
        *,
        campaign: int = 1,
        attempt: int = 1,
        round_: int = 0,
        step: str = "",
        lease_s: float = 60.0,
    ) -> Job:
        store = FolderArtefacts(self.settings.artefacts_dir)
        campaign_id, name = campaign_of(campaign), f"publish.{channel}"
        return Job(
            tenant_id=self.tenant_id,
            campaign_id=campaign_id,
            command_id=identity.command_id(campaign_id, step or name, attempt),
            call=StepCall(
                step=name,
                attempt=attempt,
                round=round_,
                effect_key=self.effect(campaign, channel, round_),
                not_after=self.clock.now() + timedelta(seconds=lease_s),
            ),
            artefacts=StepArtefacts(store, self.tenant_id, campaign_id, name),
            claims=self.claims,
            unseal=partial(unseal, self.keyring, self.tenant_id),
            log=structlog.get_logger(),
        )

    async def order(self, channel: Channel, **changes: object) -> PublishContent:
        """A command for the channel, its picture stored."""
        digest = await FolderArtefacts(self.settings.artefacts_dir).put(self.tenant_id, png())
        command = PublishContent(
            channel=channel,
            campaign_name="Autumn samples",
            business_name="Molino Alto",
            items=(item(channel, "b", title="The other one"), item(channel)),
            assets=(picture(channel, digest),),
            findings=FINDINGS,
            brand_voice=BrandVoice(
                primary_color="#7a3b1d", accent_color="#f2b84b", signature="The Molino Alto team"
            ),
            contact_email=self.sealed("hello@molinoalto.example"),
            website="https://molinoalto.example/",
            postal_address="24 Harbour Street, Bristol BS1 4RN",
        )
        return command.model_copy(update=changes)

    async def publish(
        self, command: PublishContent, job: Job | None = None, **circumstances: Any
    ) -> tuple[Answer, ContentPublished]:
        answer = await publish_content(
            command,
            job or self.job(command.channel, **circumstances),
            channels=channels_of(self.settings, self.door),
            clock=self.clock,
        )
        assert isinstance(answer.body, ContentPublished)
        return answer, answer.body

    async def undo(
        self, channel: Channel, job: Job | None = None, **circumstances: Any
    ) -> StepUndone:
        answer = await rollback_publication(
            RollbackPublication(channel=channel),
            job or self.job(channel, step=f"undo:publish.{channel}", **circumstances),
            channels=channels_of(self.settings, self.door),
            clock=self.clock,
        )
        assert isinstance(answer.body, StepUndone)
        return answer.body


def campaign_of(number: int) -> str:
    return identity.campaign_id(TENANT, f"campaign {number}")


def picture(channel: Channel, digest: str) -> Asset:
    purposes = {Channel.EMAIL: AssetPurpose.EMAIL_BANNER, Channel.BLOG: AssetPurpose.BLOG_HERO}
    return Asset(
        channel=channel,
        purpose=purposes.get(channel, AssetPurpose.SOCIAL_POST_IMAGE),
        width=40,
        height=20,
        digest=digest,
        headline=TITLE,
        alt_text="A sack of flour in front of a mill stone",
    )


class Died(Exception):
    """The process is gone at this point."""


class DyingClaims(FolderClaims):
    """Claims of a worker that dies right before it can write an outcome down."""

    async def settle(self, key: str, outcome: bytes) -> None:
        if outcome.startswith((b'{"verdict"', b'{"publications"')):
            raise Died
        await super().settle(key, outcome)


def mortal(house: House, job: Job) -> Job:
    """The job of a worker that dies between the effect and its outcome."""
    return replace(job, claims=DyingClaims(house.settings.artefacts_dir, house.tenant_id))
