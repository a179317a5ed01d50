"""The saga role and a phase role, whole, on the in-memory twin: a real brief is researched."""

import asyncio
from pathlib import Path

from chassis.artefacts import FolderArtefacts
from chassis.broker import TopicPartition
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.main import phase_loop
from chassis.memory import MemoryBroker
from chassis.recall import MemoryRecall
from chassis.service import Wiring
from contracts import topics
from contracts.goal import Source, SourceKind
from services.orchestrator.saga.role import saga_loop
from services.radar.roles import roles as radar_roles
from services.radar.settings import RadarSettings
from tests.broker import requests

SOURCES = Path(__file__).parents[2] / "examples" / "sources"


async def test_a_brief_is_researched_without_any_broker_process(tmp_path: Path) -> None:
    settings = RadarSettings(use_in_memory_store=True, state_dir=tmp_path, sources_dir=SOURCES)
    clock, codec = SystemClock(), Codec()
    broker = MemoryBroker(clock=clock)
    for spec in topics.TOPICS:
        broker.create(spec.name, spec.partitions)
    wiring = Wiring(FolderArtefacts(settings.artefacts_dir), MemoryRecall(clock), clock)
    saga = saga_loop(settings, broker, clock, codec)
    research = phase_loop(radar_roles(settings, wiring)[0], settings, broker, wiring)
    source = Source(kind=SourceKind.FILE, location="heatpumps/service-notes.md")
    goal = requests.goal().model_copy(
        update={"sources": (source,), "industry": "industrial heat pumps and maintenance"}
    )
    _, request = requests.create("simulated", "research-only", codec, goal)
    tasks = [asyncio.create_task(loop.run()) for loop in (saga, research)]
    await broker.producer().send((request,))
    facts: list[str] = []
    async with asyncio.timeout(30):
        starts = {TopicPartition(topics.LOG, number): 0 for number in range(topics.PARTITIONS)}
        async for record in broker.reader().tail(starts):
            facts.append(codec.decode(record.value).entry.name)
            if facts[-1] in ("WorkflowCompleted", "WorkflowFailed"):
                break
    for loop in (saga, research):
        loop.stop()
    await asyncio.gather(*tasks)
    assert facts[:3] == ["GoalReceived", "PlanGenerated", "ToolCallRequested"]
    assert facts[-1] == "WorkflowCompleted"
