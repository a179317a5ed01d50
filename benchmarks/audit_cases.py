"""The corpus of planted defects: clean texts of invented brands, and what was spoiled in them.

The texts are data (tests/optimizer/defects): written by hand, before the checks were tuned.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from contracts.audit import AuditContent
from contracts.content import Citation, ContentItem
from contracts.design import Asset
from contracts.goal import BrandVoice, Channel
from contracts.research import Finding, FindingKind
from services.optimizer.audit.pictures import SIZES

FOLDER = Path(__file__).parents[1] / "tests" / "optimizer" / "defects"
HELD_OUT = FOLDER / "held_out"
"""Texts written when the checks were done; no check is changed for what they show."""

Swaps = dict[str, str]


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Found(_Read):
    """What research brought, as the corpus writes it."""

    kind: FindingKind
    url: str
    title: str
    quote: str

    def finding(self, finding_id: str) -> Finding:
        quote = self.quote.strip()
        return Finding(
            id=finding_id,
            kind=self.kind,
            claim=quote,
            quote=quote,
            span_start=0,
            span_end=len(quote),
            source_url=self.url,
            source_title=self.title,
            source_digest=hashlib.sha256(quote.encode()).hexdigest(),
            score=0.8,
            agent="market_analyst",
        )


class Text(_Read):
    """One text of a brand; `cites` are pairs of a finding and the words that it carries."""

    title: str
    preheader: str = ""
    body: str
    call: str
    hashtags: tuple[str, ...] = ()
    cites: tuple[tuple[str, str], ...]


class Variant(_Read):
    """A copy of the text under another id, with what differs in it."""

    id: str
    swap: Swaps = Field(default_factory=dict)
    fields: dict[str, str] = Field(default_factory=dict)


class Defect(_Read):
    """What was spoiled in one text, and the rules that must fail at the place `at`.

    `swap` replaces words in the text and in its claims; with `recite` the claims change only as it
    says. `recite_to` cites a claim to another finding, `source` to another address, `uncite` drops
    it. `tone` stands in the brief instead of the brand's. `also` are rules that may rightly fail
    besides.
    """

    id: str
    text: str
    swap: Swaps = Field(default_factory=dict)
    fields: dict[str, str] = Field(default_factory=dict)
    recite: Swaps | None = None
    recite_to: Swaps = Field(default_factory=dict)
    source: Swaps = Field(default_factory=dict)
    uncite: tuple[str, ...] = ()
    variant: Variant | None = None
    picture: dict[str, Any] = Field(default_factory=dict)
    tone: str = ""
    brief: dict[str, str] = Field(default_factory=dict)
    fails: Annotated[tuple[str, ...], Field(min_length=1)]
    at: str = ""
    also: tuple[str, ...] = ()


class Brand(_Read):
    """A brand as its team and research describe it, its clean texts, and what to spoil in them."""

    business_name: str
    website: str
    postal_address: str
    signature: str
    banned_words: tuple[str, ...]
    tone: str = "clear and friendly"
    language: str = "en"
    findings: dict[str, Found]
    texts: dict[str, Text]
    defects: tuple[Defect, ...]


class Case(_Read):
    """One audit of the corpus; a clean one expects nothing."""

    id: str
    subject: AuditContent
    expected: frozenset[tuple[str, str]] = frozenset()
    also: frozenset[str] = frozenset()


@cache
def cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Every case, in the order of the files: a brand's clean texts, all together, its defects."""
    return tuple(case for path in sorted(folder.glob("*.yaml")) for case in _of_brand(path))


def _of_brand(path: Path) -> Iterator[Case]:
    brand = Brand.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    items = {name: _item(brand, name, text, {}) for name, text in brand.texts.items()}
    for name, item in items.items():
        yield Case(id=f"{path.stem}:{name}", subject=_subject(brand, (item,)))
    yield Case(id=f"{path.stem}:all", subject=_subject(brand, tuple(items.values())))
    for defect in brand.defects:
        yield Case(
            id=defect.id,
            subject=_spoiled(brand, defect),
            expected=frozenset((rule, defect.at or defect.text) for rule in defect.fails),
            also=frozenset(defect.also),
        )


def _spoiled(brand: Brand, defect: Defect) -> AuditContent:
    text = _swapped(brand.texts[defect.text], defect.swap, defect.recite)
    text = text.model_copy(update=defect.fields)
    kept = tuple(
        (defect.recite_to.get(claim, finding_id), claim)
        for finding_id, claim in text.cites
        if claim not in defect.uncite
    )
    item = _item(brand, defect.text, text.model_copy(update={"cites": kept}), defect.source)
    items: tuple[ContentItem, ...] = (item,)
    if defect.variant is not None:
        copied = _swapped(text, defect.variant.swap, None).model_copy(update=defect.variant.fields)
        items = (item, _item(brand, defect.variant.id, copied, {}))
    toned = brand.model_copy(update={"tone": defect.tone}) if defect.tone else brand
    return _subject(toned, items, defect.picture).model_copy(update=defect.brief)


def _swapped(text: Text, swaps: Swaps, recite: Swaps | None) -> Text:
    """The text with words replaced. Raises ValueError where they do not stand in it."""
    shown = {name: getattr(text, name) for name in ("title", "preheader", "body", "call")}
    for old, new in swaps.items():
        if not any(old in part for part in shown.values()):
            raise ValueError(f"{old!r} does not stand in the text {text.title!r}")
        shown = {name: part.replace(old, new) for name, part in shown.items()}
    cites = tuple((finding_id, _recited(claim, swaps, recite)) for finding_id, claim in text.cites)
    return text.model_copy(update={**shown, "cites": cites})


def _recited(claim: str, swaps: Swaps, recite: Swaps | None) -> str:
    if recite is not None:
        return recite.get(claim, claim)
    for old, new in swaps.items():
        claim = claim.replace(old, new)
    return claim


def _item(brand: Brand, name: str, text: Text, sources: Mapping[str, str]) -> ContentItem:
    channel, variant = name.split("-")
    addresses = {finding_id: found.url for finding_id, found in brand.findings.items()}
    return ContentItem(
        id=name,
        channel=Channel(channel),
        variant=variant,
        language=brand.language,
        title=text.title,
        preheader=text.preheader,
        body_markdown=text.body,
        call_to_action=text.call,
        hashtags=text.hashtags,
        citations=tuple(
            Citation(
                finding_id=finding_id,
                claim=claim,
                source_url=sources.get(claim, addresses.get(finding_id, brand.website)),
            )
            for finding_id, claim in text.cites
        ),
    )


def _subject(
    brand: Brand, items: tuple[ContentItem, ...], picture: Mapping[str, Any] | None = None
) -> AuditContent:
    channels = dict.fromkeys(item.channel for item in items)
    return AuditContent(
        business_name=brand.business_name,
        items=items,
        assets=tuple(
            _picture(channel, items[0]).model_copy(update=picture) for channel in channels
        ),
        findings=tuple(found.finding(name) for name, found in brand.findings.items()),
        brand_voice=BrandVoice(
            tone=brand.tone, banned_words=brand.banned_words, signature=brand.signature
        ),
        postal_address=brand.postal_address,
        website=brand.website,
    )


def _picture(channel: Channel, item: ContentItem) -> Asset:
    purpose, width, height = SIZES[channel]
    return Asset(
        channel=channel,
        purpose=purpose,
        width=width,
        height=height,
        digest=hashlib.sha256(item.id.encode()).hexdigest(),
        headline=item.title,
        alt_text=item.title,
    )
