"""The video phase: a film that plays, moves, can be read, and comes out the same each time."""

import asyncio
import io
import re
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from structlog.testing import capture_logs

from chassis.clock import SystemClock
from chassis.errors import StepError
from chassis.service import Answer, Job
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import PictureFormat
from contracts.saga import StepUndone
from contracts.video import DeleteVideo, RenderVideo, VideoRendered
from services.visual.child import ChildShoot
from services.visual.encode import prove_encoder
from services.visual.handlers import delete_video, render_video
from services.visual.ports import EncoderMissing
from tests.visual.builders import (
    HEADLINE,
    drawing_processes,
    job_at,
    png_size,
    read_by_machine,
    video,
)

SMALL, REAL = 360, 1080


async def filmed(command: RenderVideo, job: Job, height: int = SMALL) -> Answer:
    return await render_video(
        command, job, shoot=ChildShoot(100), clock=SystemClock(), height=height
    )


def body_of(answer: Answer) -> VideoRendered:
    assert isinstance(answer.body, VideoRendered)
    return answer.body


def frames_of(mp4: bytes) -> tuple[list[Image.Image], float]:
    """First, middle and last frame as shown, and the length in seconds."""
    av = pytest.importorskip("av", reason="the extra `video` is not installed")
    with av.open(io.BytesIO(mp4)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == 25
        length = container.duration / 1_000_000
        frames = [frame.to_image() for frame in container.decode(video=0)]
    return [frames[0], frames[len(frames) // 2], frames[-1]], length


async def test_a_film_plays_moves_and_is_what_the_answer_says(tmp_path: Path) -> None:
    job = job_at(tmp_path, step="video")
    with capture_logs() as logs:
        answer = await filmed(video(), job)
    body = body_of(answer)
    mp4 = await job.artefacts.get(body.digest)
    assert mp4.index(b"moov") < mp4.index(b"mdat"), "players must be able to start early"
    shown, length = frames_of(mp4)
    assert length >= 10
    assert round(length * 1_000) == body.duration_ms
    assert {frame.size for frame in shown} == {(body.width, body.height)} == {(640, SMALL)}
    assert len({frame.tobytes() for frame in shown}) == 3
    assert body.scenes[1] == HEADLINE
    assert body.scenes[-1] == "Book a free check · nordlicht.example"
    scenes = [entry["scene"] for entry in logs if entry["event"] == "scene_filmed"]
    assert scenes == list(range(1, len(body.scenes) + 1))
    assert answer.outcome is StepOutcome.SUCCEEDED
    again = body_of(await filmed(video(), job_at(tmp_path / "again", step="video")))
    assert again == body
    await poster_and_captions_belong_to_it(body, job)


async def poster_and_captions_belong_to_it(body: VideoRendered, job: Job) -> None:
    poster = await job.artefacts.get(body.poster_digest)
    assert png_size(poster) == (640, SMALL)
    assert HEADLINE in read_by_machine(poster)
    vtt = (await job.artefacts.get(body.captions_digest)).decode()
    spans = re.findall(r"^([\d:.]+) --> ([\d:.]+)$", vtt, re.MULTILINE)
    assert len(spans) == len(body.scenes)
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert HEADLINE in vtt
    names = [ref.name for ref in await job.artefacts.references()]
    assert names == ["film-captions.vtt", "film-poster.png", "film.mp4"]
    undone = await delete_video(DeleteVideo(), job)
    assert isinstance(undone.body, StepUndone)
    assert await job.artefacts.references() == ()


async def test_a_brief_that_wants_a_story_gets_an_upright_film_too(tmp_path: Path) -> None:
    job = job_at(tmp_path, step="video")
    body = body_of(await filmed(video(formats=(PictureFormat.STORY,)), job))
    (upright,) = body.upright
    assert (upright.width, upright.height) == (SMALL, 640)
    shown, length = frames_of(await job.artefacts.get(upright.digest))
    assert round(length * 1_000) == body.duration_ms
    assert {frame.size for frame in shown} == {(SMALL, 640)}
    # The ground reaches the lower end: a wide ground in an upright frame would leave it black.
    darkest = [min(np.asarray(frame.convert("L"))[600]) for frame in shown]
    assert all(light > 10 for light in darkest), darkest


@pytest.mark.slow
async def test_a_film_of_full_size_is_made_in_under_a_minute(tmp_path: Path) -> None:
    job = job_at(tmp_path, step="video")
    begun = asyncio.get_running_loop().time()
    body = body_of(await filmed(video(), job, REAL))
    assert asyncio.get_running_loop().time() - begun < 60
    shown, length = frames_of(await job.artefacts.get(body.digest))
    assert length >= 15
    assert {frame.size for frame in shown} == {(1920, 1080)}


def test_without_the_extra_the_operator_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(EncoderMissing, match=r"pip install sagaline\[video\]"):
        prove_encoder()


async def test_a_missing_encoder_is_not_configured(tmp_path: Path) -> None:
    async def without_encoder(order: object, log: object) -> None:
        raise EncoderMissing("install the extra: pip install sagaline[video]")

    with pytest.raises(StepError, match="install the extra") as failure:
        await render_video(
            video(),
            job_at(tmp_path, step="video"),
            shoot=without_encoder,  # type: ignore[arg-type]
            clock=SystemClock(),
            height=SMALL,
        )
    assert failure.value.reason is FailureReason.NOT_CONFIGURED


async def test_a_headline_too_long_to_film_is_invalid_input(tmp_path: Path) -> None:
    command = video(headline=("long words " * 40)[:299])
    with pytest.raises(StepError, match="headline") as failure:
        await filmed(command, job_at(tmp_path, step="video"))
    assert failure.value.reason is FailureReason.INVALID_INPUT


async def test_a_cancelled_film_leaves_no_process_behind(tmp_path: Path) -> None:
    if drawing_processes() is None:
        pytest.skip("this system does not list a process's children in /proc")
    task = asyncio.create_task(filmed(video(), job_at(tmp_path, step="video"), REAL))
    assert await asyncio.to_thread(drawing_begins), "the film was never begun"
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=2)
    assert done, "a cancelled film must not run to its end"
    assert task.cancelled()
    assert not drawing_processes()


def drawing_begins() -> bool:
    for _ in range(200):
        if drawing_processes():
            return True
        time.sleep(0.05)
    return False
