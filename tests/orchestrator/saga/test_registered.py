"""SAGA-17: several saga types on one engine; the start-up log names them and what they ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from chassis.adapters.catalogue import unconfigured
from chassis.artefacts import FolderArtefacts
from chassis.clock import SystemClock
from chassis.recall import MemoryRecall
from chassis.service import Wiring
from contracts.catalog import CATALOG
from contracts.goal import Channel
from services.analyst.roles import roles as analyst_roles
from services.analyst.settings import AnalystSettings
from services.optimizer.publish.handlers import channels_of
from services.optimizer.roles import roles as optimizer_roles
from services.optimizer.settings import OptimizerSettings
from services.orchestrator import __main__ as process
from services.orchestrator.saga.definitions import DEFINITIONS, activities
from services.radar.roles import roles as radar_roles
from services.radar.settings import RadarSettings
from services.visual.roles import roles as visual_roles
from services.visual.settings import VisualSettings

SAGAS = {"campaign", "multi-agent", "project", "research-only", "session"}
SAGAS_MIN = 5
HANDLERS_MIN = 21


def handled(folder: Path) -> Iterator[str]:
    """Every command that some phase service has a handler for."""
    wiring = Wiring(FolderArtefacts(folder), MemoryRecall(SystemClock()), SystemClock())
    shared: dict[str, Any] = {"use_in_memory_store": True, "state_dir": folder}
    roles = (
        *radar_roles(RadarSettings(**shared), wiring),
        *analyst_roles(AnalystSettings(**shared), wiring),
        *visual_roles(VisualSettings(**shared), wiring),
        *optimizer_roles(OptimizerSettings(**shared), wiring),
    )
    for role in roles:
        yield from (CATALOG.entry_of(command).name for command in role.handlers)


def test_the_start_up_log_names_the_saga_types_and_the_handlers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["orchestrator", "--role", "saga"])
    monkeypatch.setenv("USE_IN_MEMORY_STORE", "true")
    monkeypatch.setattr(process, "configure_logs", lambda *_: None)
    monkeypatch.setattr(process, "_run", lambda *_: 0)
    with capture_logs() as logs:
        assert process.main() == 0
    (said,) = [line for line in logs if line["event"] == "sagas_registered"]
    assert set(said["sagas"]) == SAGAS == set(DEFINITIONS)
    assert said["counts"] == {"sagas": len(said["sagas"]), "handlers": len(said["handlers"])}
    assert said["counts"]["sagas"] >= SAGAS_MIN
    assert said["counts"]["handlers"] >= HANDLERS_MIN


def test_every_handler_that_is_named_is_there_and_no_other(tmp_path: Path) -> None:
    commands = {name.partition(":")[0] for name in activities()}
    assert commands == set(handled(tmp_path))
    channels = {name.partition(":")[2] for name in activities()} - {""}
    settings = OptimizerSettings(use_in_memory_store=True, state_dir=tmp_path)
    assert channels == set(Channel) == set(channels_of(settings, unconfigured()))


def test_no_two_saga_types_walk_the_same_steps() -> None:
    goal = {"channels": ["email"], "generate_video": True}
    plans = [tuple(step.name for step in one.plan(goal).steps) for one in DEFINITIONS.values()]
    assert len(set(plans)) == len(plans)
