"""`sagaline dead` on a real Kafka: what died is found, tried, put back once, or dropped."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from chassis.broker import Outgoing, TopicPartition
from chassis.clock import SystemClock
from chassis.codec import Codec, Decoded
from chassis.kafka import KafkaBroker
from chassis.messages import record
from chassis.settings import ChassisSettings
from contracts import topics
from contracts.envelope import StepCall, StepDone, StepOutcome
from contracts.requests import CancelCampaign
from contracts.research import ResearchCompleted
from contracts.saga import CancelRequested
from deploy.cli import app
from deploy.cli.talk import CommandFailed
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.engine import forward
from services.orchestrator.saga.role import saga_loop
from tests.broker.admin import Admin
from tests.broker.requests import TENANT, create
from tests.contracts.examples import envelope_of, example_of, header_of, uuid_of

PATIENCE_S = 60.0
CODEC = Codec()
USED = (
    *(topics.REQUESTS, topics.RESULTS, topics.LOG, topics.SNAPSHOTS, topics.DEAD_LETTERS),
    topics.commands_of("research"),
)


class Ground:
    """Topics of its own, a saga role at work on them, and a person at the command line."""

    def __init__(self, bootstrap: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.prefix = f"d{uuid4().hex[:8]}."
        own = {
            "STATE_DIR": str(folder / "state"),
            "KAFKA_BOOTSTRAP": bootstrap,
            "TOPIC_PREFIX": self.prefix,
            "GROUP_PREFIX": self.prefix,
            "USE_IN_MEMORY_STORE": "true",
        }
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        self.folder = folder
        self.settings = ChassisSettings(
            kafka_bootstrap=bootstrap,
            topic_prefix=self.prefix,
            group_prefix=self.prefix,
            use_in_memory_store=True,
        )
        admin = Admin(bootstrap, self.prefix)
        for name in USED:
            admin.create(name, topics.PARTITIONS)
        self.broker = KafkaBroker(self.settings)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        loop = saga_loop(self.settings, self.broker, SystemClock(), CODEC, DEFINITIONS)
        task = asyncio.create_task(loop.run())
        try:
            yield
        finally:
            loop.stop()
            await task

    async def send(self, *records: Outgoing) -> None:
        producer = self.broker.producer()
        await producer.send(records)
        await producer.close()

    async def messages(self, topic: str) -> list[Decoded]:
        reader = self.broker.reader()
        tps = [TopicPartition(topic, number) for number in range(topics.PARTITIONS)]
        ends = {tp: end for tp, (_, end) in (await reader.ends(tps)).items()}
        stream = reader.read(dict.fromkeys(tps, 0), ends)
        found = [CODEC.decode(one.value) async for one in stream]
        await reader.close()
        return found

    async def until(self, topic: str, condition: Callable[[list[Decoded]], bool]) -> list[Decoded]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await self.messages(topic)
                if condition(found):
                    return found

    async def dead(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `sagaline dead …`."""
        done = await asyncio.to_thread(CliRunner().invoke, app, ["dead", *words])
        if isinstance(done.exception, CommandFailed):
            return done.exception.exit_code, done.stdout, f"{done.stderr}{done.exception}"
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    async def letters(self, *words: str) -> list[dict[str, Any]]:
        code, told, failed = await self.dead("list", "--json", *words)
        assert code == 0, failed
        found: list[dict[str, Any]] = json.loads(told)
        return found


def cancel(campaign_id: str, reason: str) -> Outgoing:
    body = CancelCampaign(reason=reason)
    entry = CODEC.catalog.entry_of(CancelCampaign)
    own = {"id": uuid_of(reason), "campaign_id": campaign_id, "tenant_id": TENANT}
    envelope = envelope_of(entry, **own)
    return record(entry.topic, envelope, CODEC.encode(envelope, None, body))


async def test_what_died_is_tried_put_back_in_order_once_or_dropped(
    broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = Ground(broker, tmp_path, monkeypatch)
    campaign_id, creation = create("early", "research-only", CODEC)
    async with ground.at_work():
        await ground.send(cancel(campaign_id, "first"), cancel(campaign_id, "second"))
        await ground.send(replace(cancel(campaign_id, "x"), key=b"other", value=b"rubbish"))
        await ground.until(topics.DEAD_LETTERS, lambda found: len(found) == 3)
        await _look_and_try(ground, campaign_id)
        await _drop_the_rubbish(ground)
        await ground.send(creation)
        await ground.until(topics.LOG, bool)
        await _put_back(ground, campaign_id)
        facts = await ground.until(
            topics.LOG, lambda found: found[-1].entry.name == "RequestRefused"
        )
        (cancelled,) = [one.body for one in facts if isinstance(one.body, CancelRequested)]
        assert cancelled.reason == "first"
        await _not_twice(ground, campaign_id)


async def test_what_broke_the_engine_waits_in_its_campaign_until_it_is_repaired(
    broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = Ground(broker, tmp_path, monkeypatch)
    campaign_id, creation = create("poisoned", "research-only", CODEC)
    answered = forward.answered

    def breaking(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(forward, "answered", breaking)
    async with ground.at_work():
        await ground.send(creation)
        (call,) = await ground.until(topics.commands_of("research"), bool)
        await ground.send(result(call))
        await ground.until(topics.DEAD_LETTERS, bool)
        (letter,) = await ground.letters()
        assert (letter["state"], letter["key"]) == ("parked", campaign_id)
        saved = str(ground.folder / "parked.json")
        assert (await ground.dead("show", letter["letter"], "--save", saved))[0] == 0
        with pytest.raises(AssertionError, match="a bug of ours"):
            await ground.dead("try", saved)
        code, told, failed = await ground.dead("redrive", letter["letter"])
        assert code == 1, told
        assert "1 of them are parked still" in failed
        monkeypatch.setattr(forward, "answered", answered)
        code, told, _ = await ground.dead("try", saved)
        assert (code, "WorkflowCompleted" in told) == (0, True)
        code, told, failed = await ground.dead("redrive", letter["letter"])
        assert code == 0, failed
        assert "REDRIVEN" in told
        facts = await ground.messages(topics.LOG)
        assert facts[-1].entry.name == "WorkflowCompleted"
    done = await asyncio.to_thread(CliRunner().invoke, app, ["gate", "--against", "5", "--json"])
    report = json.loads(done.stdout)
    assert (done.exit_code, report["difference"], report["sagas"]) == (0, "", 1)
    assert report["decided"] >= 2


def result(call: Decoded) -> Outgoing:
    """The answer to the command, as its phase would give it."""
    entry = CODEC.catalog.entry_of(ResearchCompleted)
    envelope = call.envelope.model_copy(
        update={
            "id": uuid_of("an answer"),
            "type": entry.name,
            "schema_version": entry.version,
            "causation_id": call.envelope.id,
        }
    )
    asked = call.header
    assert isinstance(asked, StepCall)
    example = header_of(entry)
    assert isinstance(example, StepDone)
    own = {"step": asked.step, "attempt": asked.attempt, "outcome": StepOutcome.SUCCEEDED}
    header = example.model_copy(update=own)
    value = CODEC.encode(envelope, header, example_of(ResearchCompleted))
    return record(topics.RESULTS, envelope, value)


async def _look_and_try(ground: Ground, campaign_id: str) -> None:
    letters = await ground.letters("--key", campaign_id)
    assert [one["cause"] for one in letters] == [
        "CancelCampaign names a campaign that does not exist"
    ] * 2
    assert letters[0]["holds"].startswith("CancelCampaign v1")
    assert (letters[0]["tenant_id"], letters[0]["attempts"]) == (TENANT, 1)
    saved = ground.folder / "letter.json"
    code, shown, failed = await ground.dead("show", letters[1]["letter"], "--save", str(saved))
    assert code == 0, failed
    assert f"campaign  {campaign_id}" in shown
    assert saved.stat().st_mode & 0o777 == 0o600
    code, content, failed = await ground.dead("try", str(saved))
    assert code == 1
    assert "it is refused: CancelCampaign names a campaign that does not exist" in failed
    assert '"reason": "second"' in content
    code, _, failed = await ground.dead("redrive", letters[1]["letter"])
    assert code == 1
    assert f"{letters[0]['letter']} comes before {letters[1]['letter']}" in failed


async def _drop_the_rubbish(ground: Ground) -> None:
    (rubbish,) = await ground.letters("--cause", "not in the schema registry's frame")
    code, _, failed = await ground.dead("drop", rubbish["letter"])
    assert code == 2
    assert "say why with --reason" in failed
    code, _, failed = await ground.dead("drop", rubbish["letter"], "--reason", "a typo")
    assert code == 0, failed


async def _put_back(ground: Ground, campaign_id: str) -> None:
    (first, second) = await ground.letters()
    saved = str(ground.folder / "again.json")
    assert (await ground.dead("show", first["letter"], "--save", saved))[0] == 0
    code, told, _ = await ground.dead("try", saved, "--now")
    assert code == 0
    assert f"{topics.LOG}: CancelRequested" in told
    code, told, _ = await ground.dead("redrive", "--key", campaign_id, "--dry-run", "--json")
    planned = [one["letter"] for one in json.loads(told)["letters"]]
    assert (code, planned) == (0, [first["letter"], second["letter"]])
    assert len(await ground.letters()) == 2
    code, _, failed = await ground.dead("redrive", "--key", campaign_id, "--since", "1h")
    assert code == 0, failed
    assert "2 letters put back" in failed


async def _not_twice(ground: Ground, campaign_id: str) -> None:
    facts = len(await ground.messages(topics.LOG))
    kept = {one["cause"][:6]: one for one in await ground.letters("--closed")}
    assert {one["closed"][0]["action"] for one in kept.values()} == {"REDRIVEN", "DROPPED"}
    name = kept["Cancel"]["letter"]
    code, _, failed = await ground.dead("redrive", name)
    assert code == 1
    assert f"closed already: {name}" in failed
    code, _, failed = await ground.dead("redrive", name, "--again")
    assert code == 0, failed
    probe = cancel(campaign_id, "a probe behind it")
    await ground.send(probe)
    found = await ground.until(topics.LOG, lambda found: len(found) > facts)
    assert len(found) == facts + 1, "what was put back again changed the campaign"
    assert found[-1].envelope.causation_id == uuid_of("a probe behind it")
