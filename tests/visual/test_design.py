"""The design phase, from command to answer, through the real drawing processes."""

import asyncio
from pathlib import Path

import pytest

from chassis.clock import SystemClock
from chassis.errors import StepError
from chassis.service import Answer, Job
from contracts.design import AssetPurpose, DeleteDesignAssets, DesignRendered, RenderDesign
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import Channel
from contracts.saga import StepUndone
from services.visual.handlers import delete_design_assets, render_design
from services.visual.ports import DoesNotFit, Draw, Picture, PictureOrder
from tests.visual.builders import (
    HEADLINE,
    NAME,
    TENANT,
    design,
    drawing,
    drawing_processes,
    item,
    job_at,
    png_size,
    read_by_machine,
    store_at,
)

THREE = (Channel.EMAIL, Channel.BLOG, Channel.LINKEDIN)
SIZES = {
    Channel.EMAIL: (1200, 600, AssetPurpose.EMAIL_BANNER),
    Channel.BLOG: (1600, 900, AssetPurpose.BLOG_HERO),
    Channel.LINKEDIN: (1200, 627, AssetPurpose.SOCIAL_POST_IMAGE),
    Channel.TWITTER: (1600, 900, AssetPurpose.SOCIAL_POST_IMAGE),
    Channel.WEBHOOK: (1200, 628, AssetPurpose.SOCIAL_POST_IMAGE),
}


async def answered(command: RenderDesign, job: Job, draw: Draw | None = None) -> Answer:
    async with drawing() as own:
        return await render_design(command, job, draw=draw or own, clock=SystemClock())


def rendered(answer: Answer) -> DesignRendered:
    assert isinstance(answer.body, DesignRendered)
    return answer.body


async def test_every_channel_gets_its_picture_in_exactly_its_size(tmp_path: Path) -> None:
    job = job_at(tmp_path)
    answer = await answered(design(*SIZES), job)
    assets = rendered(answer).assets
    assert [asset.channel for asset in assets] == list(SIZES)
    for asset, ref in zip(assets, answer.artefacts, strict=True):
        png = await job.artefacts.get(asset.digest)
        assert png_size(png) == (asset.width, asset.height)
        assert (asset.width, asset.height, asset.purpose) == SIZES[asset.channel]
        assert (asset.headline, asset.alt_text) == (HEADLINE, f"{NAME}: {HEADLINE}")
        assert HEADLINE in read_by_machine(png)
        assert (ref.digest, ref.media_type, ref.size_bytes) == (asset.digest, "image/png", len(png))
    for asset in assets:
        assert {text.role for text in asset.texts} == {"brand", "headline", "action"}
        assert all(text.contrast >= 4.5 and text.size_px >= 16 for text in asset.texts)
    assert "email-banner.png" in [ref.name for ref in answer.artefacts]
    assert answer.outcome is StepOutcome.SUCCEEDED


async def test_a_redelivered_command_yields_the_same_digests(tmp_path: Path) -> None:
    first = await answered(design(*THREE), job_at(tmp_path / "a"))
    again = await answered(design(*THREE), job_at(tmp_path / "b"))
    assert rendered(first) == rendered(again)


async def test_three_pictures_are_drawn_at_the_same_time(tmp_path: Path) -> None:
    together = asyncio.Barrier(3)

    async def meets_the_others(order: PictureOrder) -> Picture:
        async with asyncio.timeout(5):
            await together.wait()
        return Picture(order.channel.encode())

    answer = await answered(design(*THREE), job_at(tmp_path), meets_the_others)
    assert len(rendered(answer).assets) == 3


async def test_the_loop_stays_free_while_pictures_are_drawn(tmp_path: Path) -> None:
    longest = 0.0
    loop = asyncio.get_running_loop()

    async def watch() -> None:
        nonlocal longest
        while True:
            begun = loop.time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - begun)

    watcher = asyncio.create_task(watch())
    begun = loop.time()
    await answered(design(*THREE), job_at(tmp_path))
    took = loop.time() - begun
    watcher.cancel()
    # Drawing in a thread would hold the loop for a whole picture: resvg keeps the lock.
    assert longest < max(0.25, took / 3)


async def test_a_headline_too_long_for_a_channel_is_invalid_input(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"headline.*shorten") as failure:
        await answered(design(*THREE, headline=("long words " * 40)[:299]), job_at(tmp_path))
    assert failure.value.reason is FailureReason.INVALID_INPUT


async def test_a_step_that_fails_leaves_no_picture_behind(tmp_path: Path) -> None:
    async def fails_for_blog(order: PictureOrder) -> Picture:
        if order.channel == "blog":
            raise DoesNotFit("headline: too long; shorten it")
        return Picture(b"png")

    job = job_at(tmp_path)
    with pytest.raises(StepError):
        await answered(design(*THREE), job, fails_for_blog)
    assert await job.artefacts.references() == ()


async def test_letters_that_cannot_be_drawn_are_invalid_input_and_named(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"headline .*珈 \(U\+73C8\)") as failure:
        await answered(design(Channel.EMAIL, headline="Kaffee 珈琲"), job_at(tmp_path))
    assert failure.value.reason is FailureReason.INVALID_INPUT


async def test_emoji_in_a_headline_are_left_out_with_a_note(tmp_path: Path) -> None:
    hostile = 'Fish & "chips" <now> 🚀'
    job = job_at(tmp_path)
    answer = await answered(design(Channel.EMAIL, headline=hostile), job)
    (asset,) = rendered(answer).assets
    assert asset.headline == 'Fish & "chips" <now>'
    assert answer.notes == ("headline is shown without 🚀 (U+1F680)",)
    read = read_by_machine(await job.artefacts.get(asset.digest))
    assert "Fish &" in read
    assert "chips" in read


async def test_a_wish_that_cannot_be_drawn_is_left_out_and_the_answer_says_degraded(
    tmp_path: Path,
) -> None:
    odd = item(Channel.EMAIL, call_to_action="今すぐ")
    answer = await answered(design(Channel.EMAIL, items=(odd,)), job_at(tmp_path))
    assert answer.outcome is StepOutcome.DEGRADED
    assert "email-a.call_to_action is left out" in answer.notes[0]


async def test_no_channel_is_invalid_input(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="channels is empty"):
        await answered(design(), job_at(tmp_path))


async def test_work_sent_back_comes_back_as_another_picture(tmp_path: Path) -> None:
    first = await answered(design(Channel.EMAIL), job_at(tmp_path))
    second = await answered(design(Channel.EMAIL), job_at(tmp_path, round_=1))
    assert rendered(first).assets[0].digest != rendered(second).assets[0].digest


async def test_undo_drops_this_campaigns_references_and_keeps_shared_bytes(tmp_path: Path) -> None:
    one, other = job_at(tmp_path), job_at(tmp_path, campaign="other")
    answer = await answered(design(Channel.EMAIL), one)
    await answered(design(Channel.EMAIL), other)
    undone = await delete_design_assets(DeleteDesignAssets(), one)
    assert isinstance(undone.body, StepUndone)
    assert "released 1 pictures" in undone.body.detail
    assert await one.artefacts.references() == ()
    assert len(await other.artefacts.references()) == 1
    assert await store_at(tmp_path).get(TENANT, rendered(answer).assets[0].digest)


async def test_undoing_what_never_happened_changes_nothing(tmp_path: Path) -> None:
    undone = await delete_design_assets(DeleteDesignAssets(), job_at(tmp_path))
    assert isinstance(undone.body, StepUndone)
    assert "released 0 pictures" in undone.body.detail


async def test_a_picture_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="stopped") as failure:
        async with drawing(timeout_s=0.001) as hurried:
            await answered(design(Channel.EMAIL), job_at(tmp_path), hurried)
    assert failure.value.reason is FailureReason.TIMEOUT


async def test_one_process_draws_picture_after_picture(tmp_path: Path) -> None:
    if drawing_processes() is None:
        pytest.skip("this system does not list a process's children in /proc")
    async with drawing(at_once=1) as draw:
        seen = []
        for campaign in ("one", "two"):
            await answered(design(*THREE), job_at(tmp_path, campaign=campaign), draw)
            seen.append(drawing_processes())
        assert seen[0] == seen[1]
        assert len(seen[0] or {}) == 1
    assert not drawing_processes()
