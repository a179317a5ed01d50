"""The optimizer plays four roles, each for its own phase's commands."""

from pathlib import Path

import pytest

from chassis.artefacts import FolderArtefacts
from chassis.clock import ManualClock
from chassis.memory import MemoryBroker
from chassis.recall import MemoryRecall
from chassis.service import Wiring
from contracts.catalog import CATALOG
from contracts.envelope import AppName
from contracts.message import Command
from contracts.topics import commands_of
from services.optimizer.roles import STREAMS, roles
from services.optimizer.settings import OptimizerSettings
from tests.optimizer.builders import NOON


def test_every_command_of_the_optimizers_phases_has_a_handler_in_the_role_of_its_phase(
    tmp_path: Path,
) -> None:
    clock = ManualClock(NOON)
    wiring = Wiring(FolderArtefacts(tmp_path), MemoryRecall(clock), clock)
    settings = OptimizerSettings(
        _env_file=None, use_in_memory_store=True, state_dir=tmp_path, max_in_flight=7
    )
    played = roles(settings, wiring)
    assert [role.name for role in played] == ["audit", "publish", "analytics", "learn"]
    for role in played:
        topic = commands_of(role.name)
        commands = {entry.model for entry in CATALOG.entries if entry.topic == topic}
        assert role.app is AppName.OPTIMIZER
        assert set(role.handlers) == {model for model in commands if issubclass(model, Command)}
        assert role.max_in_flight == 7


@pytest.mark.parametrize("name", ["windows", "notices"])
async def test_what_takes_no_commands_runs_beside_the_roles_and_waits_for_its_partitions(
    tmp_path: Path, name: str
) -> None:
    clock = ManualClock(NOON)
    wiring = Wiring(FolderArtefacts(tmp_path), MemoryRecall(clock), clock)
    settings = OptimizerSettings(_env_file=None, use_in_memory_store=True, state_dir=tmp_path)
    assert set(STREAMS) == {"windows", "notices"}
    made = STREAMS[name](settings, MemoryBroker(), wiring)
    assert made.vitals.role == name
    assert (made.vitals.ready, made.vitals.alive) == (False, True)
    assert "assignment of partitions" in made.vitals.waiting_for
