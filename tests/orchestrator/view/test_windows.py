"""The view keeps what was told last of each window and of each channel's variants."""

import asyncio
from datetime import timedelta

from chassis.broker import Incoming
from chassis.messages import Conversation, Speaker
from contracts import identity, topics
from contracts.analytics import (
    EngagementKind,
    EngagementWindow,
    TrackedLink,
    VariantsCompared,
    VariantStanding,
    VariantsTracked,
)
from contracts.catalog import CATALOG
from contracts.envelope import Actor, ActorKind, AppName
from contracts.goal import Channel
from contracts.message import Record
from contracts.publish import Publication
from services.orchestrator.view.engagement import Count
from services.orchestrator.view.figures import Evidence, figures
from services.orchestrator.view.projection import Outcome
from tests.orchestrator.view.bench import CODEC, ONE, Bench
from tests.orchestrator.view.stories import LINK_ID, OTHER_TENANT, START, TARGET, TENANT

ROLE = Speaker(AppName.OPTIMIZER, Actor(kind=ActorKind.SERVICE, id="windows"))
OTHER_LINK = "11111111-1111-4111-8111-111111111111"
LINKS = tuple(
    TrackedLink(
        id=link, channel=Channel.EMAIL, path=f"/t/{ONE}/{link}", target=TARGET, item_id=item
    )
    for link, item in ((LINK_ID, "email-b"), (OTHER_LINK, "email-a"))
)


def told(body: Record, number: int, topic: str = topics.WINDOWS) -> Incoming:
    event_id = identity.derived(identity.EFFECTS, "told", number)
    entry = CATALOG.entry_of(type(body))
    envelope = ROLE.first(entry, event_id, Conversation(TENANT, ONE), at=START)
    return Incoming(topic, 0, number, b"key", CODEC.encode(envelope, None, body))


def window(hour: int, clicks: int, link: str = LINK_ID) -> EngagementWindow:
    return EngagementWindow(
        size_s=3600,
        begins_at=START + timedelta(hours=hour),
        channel=Channel.EMAIL,
        link_id=link,
        item_id="email-b",
        clicks=clicks,
    )


def compared(winner: str, probability: float) -> VariantsCompared:
    standings = tuple(
        VariantStanding(
            link_id=link.id,
            item_id=link.item_id,
            sent=50,
            trials=50,
            clickers=9,
            clicks=12,
            probability_best=probability,
            traits=("its title asks a question",),
        )
        for link in LINKS
    )
    return VariantsCompared(
        channel=Channel.EMAIL,
        standings=standings,
        winner=winner,
        probability=probability,
        why="" if winner else "not enough evidence: …",
        as_of=START,
    )


def test_the_newest_of_each_window_is_kept_in_the_order_of_time(bench: Bench) -> None:
    bench.projector.apply([told(window(1, 4), 0), told(window(0, 1), 1)])
    bench.projector.apply(
        [told(window(0, 2), 2), told(window(0, 3), 3), told(window(1, 7, OTHER_LINK), 4)]
    )
    found = asyncio.run(bench.view.windows(TENANT, ONE, 3600))
    assert [(one.begins_at, one.link_id, one.clicks) for one in found] == [
        (START, LINK_ID, 3),
        (START + timedelta(hours=1), LINK_ID, 4),
        (START + timedelta(hours=1), OTHER_LINK, 7),
    ]
    assert asyncio.run(bench.view.windows(TENANT, ONE, 60)) == ()
    assert asyncio.run(bench.view.windows(OTHER_TENANT, ONE, 3600)) == ()


def test_the_newest_comparison_counts_and_is_nobody_elses(bench: Bench) -> None:
    bench.projector.apply([told(compared("", 0.6), 0), told(compared("email-b", 0.97), 1)])
    (found,) = asyncio.run(bench.view.comparisons(TENANT, ONE))
    assert found == compared("email-b", 0.97)
    assert asyncio.run(bench.view.comparisons(OTHER_TENANT, ONE)) == ()


def test_what_is_no_window_is_passed_over(bench: Bench) -> None:
    strange = VariantsTracked(campaign_name="Spring", variants=())
    outcomes = bench.projector.apply([told(strange, 0), told(window(0, 1), 1)])
    assert (outcomes[Outcome.REFUSED], outcomes[Outcome.APPLIED]) == (1, 1)


def test_which_variants_there_are_is_no_reader_and_no_alarm(bench: Bench) -> None:
    tracked = VariantsTracked(campaign_name="Spring", variants=())
    outcomes = bench.projector.apply([told(tracked, 0, topics.ENGAGEMENT)])
    assert outcomes[Outcome.REFUSED] == 0
    assert asyncio.run(bench.view.engagement(TENANT, ONE)) == ()


def test_a_channel_shows_its_variants_side_by_side_and_who_won() -> None:
    counts = [
        Count(LINK_ID, "email", EngagementKind.CLICK, 12, START, START),
        Count(OTHER_LINK, "email", EngagementKind.OPEN, 3, START, START),
    ]
    made = tuple(
        Publication(
            channel=Channel.EMAIL,
            item_id=link.item_id,
            location="smtp://mail/1",
            effect_key=OTHER_LINK,
            published_at=START,
            sent=50,
        )
        for link in LINKS
    )
    evidence = Evidence(made, {"email": compared("email-b", 0.97)})
    (channel,) = figures(LINKS, counts, evidence)["channels"]
    first, second = channel["variants"]
    assert (first["item_id"], first["sent"], first["opens"], first["clicks"]) == (
        "email-a",
        50,
        3,
        0,
    )
    assert (second["clicks"], second["clickers"], second["trials"]) == (12, 9, 50)
    assert (channel["winner"], channel["probability"]) == ("email-b", 0.97)


def test_a_channel_of_one_variant_says_that_there_is_nothing_to_compare() -> None:
    (channel,) = figures(LINKS[:1], ())["channels"]
    assert (channel["winner"], channel["probability"]) == (None, None)
    assert "one variant" in channel["why"]
