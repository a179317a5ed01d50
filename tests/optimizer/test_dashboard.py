"""A campaign's dashboard is made once, shows what the API has, and goes with its undo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from chassis.clock import ManualClock
from chassis.errors import StepError
from contracts.analytics import CleanUpAnalytics, EngagementWindow
from contracts.envelope import FailureReason, StepOutcome
from contracts.saga import StepUndone
from services.optimizer.analytics import Boards, clean_up_analytics, set_up_analytics
from services.optimizer.dashboard import COLUMNS, Shown, dashboard_of, uid_of
from services.orchestrator.edge.app import create_app
from services.orchestrator.settings import OrchestratorSettings
from tests.adapters.wire import Desk, Request, Says, door_to, opened, serving
from tests.optimizer.builders import CAMPAIGN, NOON, TENANT, job
from tests.optimizer.test_analytics import COMMAND

BEFORE = NOON - timedelta(minutes=1)
ROOT = "https://sagaline.example"
UNDO = CleanUpAnalytics()
SHOWN = Shown(TENANT, CAMPAIGN, ROOT, "infinity-1")


@dataclass
class Grafana:
    """As much of a Grafana as the two calls see: dashboards by uid, each with its version."""

    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    puts: int = 0
    down: bool = False

    def answer(self, request: Request) -> Says:
        if request.headers["authorization"] != "Bearer glsa_secret":
            return Says({"message": "Invalid API key"}, 401)
        if self.down:
            return Says({"message": "upstream is away"}, 503)
        if request.method == "DELETE":
            uid = request.path.rpartition("/")[2]
            found = self.boards.pop(uid, None)
            return Says({"uid": uid, "message": "deleted"}, 200 if found else 404)
        body: Any = request.body
        uid = body["dashboard"]["uid"]
        self.puts += 1
        self.boards[uid] = body["dashboard"]
        return Says({"id": 1, "uid": uid, "url": f"/d/{uid}", "status": "success", "version": 1})


@contextmanager
def standing(grafana: Grafana) -> Iterator[Desk]:
    with serving(grafana.answer) as desk:
        yield desk


def boards(desk: Desk, token: str = "glsa_secret") -> Boards:
    door = door_to({"grafana_url": desk.root, "grafana_token": token})
    return Boards(door=door, clock=ManualClock(BEFORE), public_url=ROOT, datasource="infinity-1")


async def test_a_campaign_gets_its_dashboard_once_however_often_it_is_asked_for(
    tmp_path: Path,
) -> None:
    grafana = Grafana()
    with standing(grafana) as desk:
        made = boards(desk)
        async with opened(made.door):
            work = job(tmp_path, step="analytics")
            first = await set_up_analytics(COMMAND, work, boards=made)
            again = await set_up_analytics(COMMAND, work, boards=made)
    assert first == again
    assert first.outcome is StepOutcome.SUCCEEDED
    assert f"dashboard in Grafana: /d/{uid_of(CAMPAIGN)}" in first.notes
    assert grafana.puts == 1
    assert [one["title"] for one in grafana.boards.values()] == [f"campaign-{CAMPAIGN}"]


async def test_the_undo_deletes_it_and_nothing_brings_it_back(tmp_path: Path) -> None:
    grafana = Grafana()
    with standing(grafana) as desk:
        made = boards(desk)
        async with opened(made.door):
            work = job(tmp_path, step="analytics")
            await set_up_analytics(COMMAND, work, boards=made)
            undone = await clean_up_analytics(UNDO, work, boards=made)
            again = await clean_up_analytics(UNDO, work, boards=made)
            assert isinstance(undone.body, StepUndone)
            assert "was deleted" in undone.body.detail
            assert isinstance(again.body, StepUndone)
            assert "was deleted" in again.body.detail
            with pytest.raises(StepError, match="taken back"):
                await set_up_analytics(COMMAND, replace(work, command_id="late"), boards=made)
    assert grafana.boards == {}


async def test_an_undo_that_comes_first_keeps_it_from_coming(tmp_path: Path) -> None:
    grafana = Grafana()
    with standing(grafana) as desk:
        made = boards(desk)
        async with opened(made.door):
            work = job(tmp_path, step="analytics")
            await clean_up_analytics(UNDO, work, boards=made)
            with pytest.raises(StepError) as refused:
                await set_up_analytics(COMMAND, work, boards=made)
    assert refused.value.reason is FailureReason.CANCELLED
    assert grafana.puts == 0


async def test_without_a_grafana_the_figures_are_counted_and_the_note_says_why(
    tmp_path: Path,
) -> None:
    answer = await set_up_analytics(COMMAND, job(tmp_path, step="analytics"))
    assert answer.outcome is StepOutcome.SUCCEEDED
    (note,) = [note for note in answer.notes if "dashboard" in note]
    assert FailureReason.NOT_CONFIGURED in note
    assert "GRAFANA_URL" in note


@pytest.mark.parametrize("fault", ["down", "token"])
async def test_a_grafana_that_does_not_take_it_only_degrades_the_step(
    tmp_path: Path, fault: str
) -> None:
    grafana = Grafana(down=fault == "down")
    with standing(grafana) as desk:
        made = boards(desk, token="wrong" if fault == "token" else "glsa_secret")
        async with opened(made.door):
            answer = await set_up_analytics(COMMAND, job(tmp_path, step="analytics"), boards=made)
    assert answer.outcome is StepOutcome.DEGRADED
    assert len(answer.artefacts) == 1
    assert any(note.startswith("no dashboard: ") for note in answer.notes)


async def test_an_undo_that_grafana_does_not_take_fails_and_is_asked_for_again(
    tmp_path: Path,
) -> None:
    grafana = Grafana()
    with standing(grafana) as desk:
        made = boards(desk)
        async with opened(made.door):
            work = job(tmp_path, step="analytics")
            await set_up_analytics(COMMAND, work, boards=made)
            grafana.down = True
            with pytest.raises(StepError):
                await clean_up_analytics(UNDO, work, boards=made)
            grafana.down = False
            await clean_up_analytics(UNDO, work, boards=made)
    assert grafana.boards == {}


async def test_where_grafanas_settings_are_gone_the_undo_names_what_stays(tmp_path: Path) -> None:
    grafana = Grafana()
    with standing(grafana) as desk:
        made = boards(desk)
        async with opened(made.door):
            work = job(tmp_path, step="analytics")
            await set_up_analytics(COMMAND, work, boards=made)
        answer = await clean_up_analytics(UNDO, work, boards=Boards(clock=ManualClock(BEFORE)))
    assert isinstance(answer.body, StepUndone)
    (stays,) = answer.body.left_behind
    assert uid_of(CAMPAIGN) in stays


def test_the_dashboard_is_one_that_grafana_can_lay_out() -> None:
    """https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/"""
    made = dashboard_of(SHOWN)
    assert made.title == f"campaign-{CAMPAIGN}"
    assert len(made.uid) <= 40
    assert len({panel["id"] for panel in made.panels}) == len(made.panels)
    below = 0
    for panel in made.panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        assert place["y"] >= below, "no panel lies over another"
        below = place["y"] + place["h"]
        for target in panel.get("targets", ()):
            assert target["refId"]
            assert target["datasource"] == panel["datasource"]
            assert target["datasource"]["uid"] == "infinity-1"


def test_its_panels_ask_for_what_the_api_has(tmp_path: Path) -> None:
    settings = OrchestratorSettings(use_in_memory_store=True, state_dir=tmp_path)
    paths = create_app(settings).openapi()["paths"]
    asked = [target for panel in dashboard_of(SHOWN).panels for target in panel.get("targets", ())]
    for target in asked:
        assert target["url"].startswith(ROOT)
        path = urlsplit(target["url"]).path.replace(CAMPAIGN, "{campaign_id}")
        assert "get" in paths[path], path
    windows, variants = asked
    fields = set(EngagementWindow.model_fields)
    assert {column["selector"] for column in windows["columns"]} <= fields
    assert variants["root_selector"] == "channels.variants"
