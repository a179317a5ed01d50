"""The next strategy finds lessons that say the same thing in other words; where not, it says so."""

from pathlib import Path
from typing import Any

import pytest

from chassis.artefacts import FolderArtefacts
from chassis.clock import ManualClock
from chassis.embedding import Embedder, NotEmbedded
from chassis.embedding.minilm import MiniLm
from chassis.recall import MemoryRecall, memory_key
from chassis.service import Answer, Wiring
from contracts.envelope import StepOutcome
from contracts.learn import MemoryItem
from contracts.strategy import BuildStrategy, StrategyBuilt
from services.analyst.roles import roles
from services.analyst.settings import AnalystSettings
from tests.analyst.builders import NOW, TENANT, job, strategy_command

LESSONS = {
    "espresso": ("fans of freshly roasted espresso | monthly bean deliveries", "Lead with dates."),
    "boilers": ("households with air-source heating | HVAC servicing", "Name the installer."),
    "yachts": ("weekend yachting enthusiasts | vessel repair docks", "Show the harbour."),
}


class Down(MiniLm):
    """A model that cannot be had."""

    async def embed(self, texts: tuple[str, ...]) -> Any:
        raise NotEmbedded("the package is not installed")


async def strategy(command: BuildStrategy, embedder: type[Embedder], root: Path) -> Answer:
    clock = ManualClock(NOW)
    memory = MemoryRecall(clock, embedder)
    for item_id, (subject, text) in LESSONS.items():
        item = MemoryItem(namespace="lessons", item_id=item_id, subject=subject, text=text)
        memory.learn(memory_key(TENANT, item), TENANT, item)
    wiring = Wiring(FolderArtefacts(root), memory, clock)
    made = roles(AnalystSettings(use_in_memory_store=True, _env_file=None), wiring)
    answer: Answer = await made[0].handlers[BuildStrategy](command, job(root, step="strategy"))
    return answer


@pytest.mark.parametrize(("example", "lesson"), [("coffee", "espresso"), ("heat", "boilers")])
async def test_a_strategy_finds_the_lesson_for_its_audience_in_other_words(
    example: str, lesson: str, tmp_path: Path
) -> None:
    command = strategy_command(example)
    answer = await strategy(command, MiniLm, tmp_path)
    assert isinstance(answer.body, StrategyBuilt)
    assert answer.body.brief.lessons[0].id == lesson
    assert answer.outcome is StepOutcome.SUCCEEDED


async def test_without_vectors_the_strategy_is_degraded_and_its_note_says_why(
    tmp_path: Path,
) -> None:
    answer = await strategy(strategy_command("coffee"), Down, tmp_path)
    assert isinstance(answer.body, StrategyBuilt)
    assert answer.outcome is StepOutcome.DEGRADED
    assert answer.notes[-1] == (
        "Earlier lessons were looked for by their words, not all by their meaning: "
        "the package is not installed"
    )


def test_only_the_strategist_keeps_up_with_memory(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    wiring = Wiring(FolderArtefacts(tmp_path), MemoryRecall(clock), clock)
    made = roles(AnalystSettings(use_in_memory_store=True, _env_file=None), wiring)
    assert {role.name: role.recalls for role in made} == {"strategy": True, "content": False}
