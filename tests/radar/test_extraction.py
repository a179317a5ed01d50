"""The children that read foreign bytes: what they read, and how they die without hurting us."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.errors import StepError
from chassis.guard import SourceRefused
from contracts.envelope import FailureReason
from services.radar.extraction import ExtractionPool
from services.radar.ports import TextKind
from tests.radar.builders import EXAMPLES, article

SENTENCE = "Coffee subscriptions grew by 31 percent between 2025 and 2026."
ENOUGH = (SENTENCE, "Roasters print the date on every bag that leaves the house. " * 4)
WIDE_CELL = b"<td colspan=999999999>some words</td>"


def hostile_table(rows: int, cells: int) -> bytes:
    """A small page that unfolds: every cell claims to span a hundred million columns."""
    table = (b"<tr>" + WIDE_CELL * cells + b"</tr>") * rows
    start, end = article(*ENOUGH).split(b"</article>")
    return start + b"<table>" + table + b"</table></article>" + end


async def test_a_page_gives_its_article_without_the_furniture(pool: ExtractionPool) -> None:
    raw = (EXAMPLES / "sites" / "coffee" / "subscriptions.html").read_bytes()
    read = await pool.extract(TextKind.PAGE, raw)
    assert read.title == "Coffee subscriptions take the supermarket shelf's place"
    assert "Flexible delivery doubled its share" in read.text
    for crumb in ("cookies", "Only necessary", "Sign up for our weekly letter", "Privacy"):
        assert crumb not in read.text
    assert read.passages[0].published_at == datetime(2026, 9, 14, 7, 30, tzinfo=UTC)


async def test_a_selector_takes_the_named_elements_only(pool: ExtractionPool) -> None:
    raw = (EXAMPLES / "sites" / "coffee" / "subscriptions.html").read_bytes()
    read = await pool.extract(TextKind.PAGE, raw, selector="h1, h2")
    assert read.text.splitlines()[:2] == [
        "# Coffee subscriptions take the supermarket shelf's place",
        "# Freshness moves to the front",
    ]
    with pytest.raises(SourceRefused, match="not valid CSS"):
        await pool.extract(TextKind.PAGE, raw, selector="p:::")


async def test_a_feed_gives_a_passage_for_each_entry_with_its_own_date(
    pool: ExtractionPool,
) -> None:
    raw = (EXAMPLES / "sites" / "coffee" / "rss.xml").read_bytes()
    read = await pool.extract(TextKind.FEED, raw)
    assert read.title == "The Cupping Table"
    assert [passage.title for passage in read.passages][1] == "Barista schools turn to home brewers"
    second = read.passages[1]
    assert read.text[second.start : second.end].startswith("# Barista schools")
    assert second.published_at == datetime(2026, 9, 17, 8, tzinfo=UTC)
    with pytest.raises(SourceRefused, match="not a feed"):
        await pool.extract(TextKind.FEED, b"<html><p>no feed at all")


async def test_a_feed_is_data_and_never_an_address_to_open(pool: ExtractionPool) -> None:
    with pytest.raises(SourceRefused):
        await pool.extract(TextKind.FEED, b"file:///etc/hostname")


@pytest.mark.parametrize(
    ("memory_limit_mb", "seconds_max", "rows", "cells", "reason"),
    [(128, 60.0, 20_000, 1, "memory"), (512, 0.5, 1, 5_000, "longer than")],
)
async def test_a_hostile_table_ends_the_child_and_leaves_the_parent_unharmed(
    memory_limit_mb: int, seconds_max: float, rows: int, cells: int, reason: str
) -> None:
    pool = ExtractionPool(memory_limit_mb=memory_limit_mb, seconds_max=seconds_max, children=1)
    before = own_memory_kb()
    try:
        with pytest.raises(SourceRefused, match=reason):
            await pool.extract(TextKind.PAGE, hostile_table(rows, cells))
        assert own_memory_kb() - before < 50_000
        assert SENTENCE in (await pool.extract(TextKind.PAGE, article(*ENOUGH))).text
    finally:
        await pool.close()


def own_memory_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


async def test_a_given_up_request_does_not_answer_the_next_one(pool: ExtractionPool) -> None:
    asking = asyncio.create_task(pool.extract(TextKind.PAGE, hostile_table(1, 5_000)))
    await asyncio.sleep(0.5)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert SENTENCE in (await pool.extract(TextKind.PAGE, article(*ENOUGH))).text


async def test_the_child_sees_nothing_of_our_environment(
    pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVICE", "x")
    await pool.extract(TextKind.PAGE, article(*ENOUGH))
    child = pool._idle[0]._process.pid
    environ = await asyncio.to_thread(Path(f"/proc/{child}/environ").read_bytes)
    assert b"LC_ALL" in environ
    assert b"SECRET_OF_THE_SERVICE" not in environ


async def test_invisible_and_control_characters_do_not_survive(pool: ExtractionPool) -> None:
    hidden = "Coffee\u200b subscriptions\u202e grew\u00a0by\x01 31 percent in 2026, the guild says."
    read = await pool.extract(TextKind.TEXT, hidden.encode())
    assert read.text == "Coffee subscriptions grew by 31 percent in 2026, the guild says."


async def test_a_child_that_cannot_start_is_a_matter_of_configuration() -> None:
    pool = ExtractionPool(memory_limit_mb=40, seconds_max=5, children=1)
    with pytest.raises(StepError, match="MEMORY_LIMIT_MB") as failure:
        await pool.extract(TextKind.TEXT, b"hello")
    assert failure.value.reason is FailureReason.NOT_CONFIGURED
