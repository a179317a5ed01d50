"""The service's roles: which commands it takes, under which name, how many at once."""

from pathlib import Path

import pytest

from chassis.clock import SystemClock
from chassis.recall import Recalled
from chassis.service import Wiring
from contracts.design import DeleteDesignAssets, RenderDesign
from contracts.envelope import AppName
from contracts.goal import Channel
from contracts.video import DeleteVideo, RenderVideo
from services.visual.roles import roles
from services.visual.settings import VisualSettings
from tests.visual.builders import design, drawing_processes, job_at, store_at


class NothingLearned:
    async def recall(self, tenant_id: str, namespace: str, *, query: str, limit: int) -> Recalled:
        return Recalled()


def test_the_service_draws_and_films(tmp_path: Path) -> None:
    settings = VisualSettings(use_in_memory_store=True, _env_file=None)
    wiring = Wiring(store_at(tmp_path), NothingLearned(), SystemClock())
    design, video = roles(settings, wiring)
    assert (design.name, video.name) == ("design", "video")
    assert {design.app, video.app} == {AppName.VISUAL}
    assert set(design.handlers) == {RenderDesign, DeleteDesignAssets}
    assert set(video.handlers) == {RenderVideo, DeleteVideo}
    assert video.max_in_flight == 1


async def test_a_role_that_stops_leaves_no_process_behind(tmp_path: Path) -> None:
    settings = VisualSettings(use_in_memory_store=True, _env_file=None)
    wiring = Wiring(store_at(tmp_path), NothingLearned(), SystemClock())
    drawing, _ = roles(settings, wiring)
    await drawing.handlers[RenderDesign](design(Channel.EMAIL), job_at(tmp_path))
    if drawing_processes() is None:
        pytest.skip("this system does not list a process's children in /proc")
    assert len(drawing_processes() or {}) == 1
    await drawing.close()
    assert not drawing_processes()
