"""What a command is answered: the first result again, a failure in words, or nothing if late."""

from pathlib import Path

import pytest

from chassis.artefacts import FolderArtefacts, StepArtefacts
from chassis.broker import Position
from chassis.codec import Decoded
from chassis.errors import CircuitOpen, Retryable, StepError
from chassis.service import Answer, Handler, Job
from contracts import topics
from contracts.envelope import FailureReason, StepDone, StepOutcome, Usage
from contracts.identity import effect_key
from contracts.learn import MemoryItem
from contracts.message import Command
from contracts.saga import StepFailed, StepUndone
from tests.chassis.phase import (
    TENANT,
    Hands,
    Stage,
    campaign,
    command,
    numbers,
    until,
)


def failure_of(result: Decoded) -> StepFailed:
    assert isinstance(result.body, StepFailed)
    return result.body


async def test_a_result_answers_its_command(stage: Stage) -> None:
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    asked = command(1)
    (incoming,) = await stage.read(topics.RESULTS)
    assert incoming.key == asked.key == campaign(1).encode()
    assert result.envelope.causation_id == result.envelope.execution_id
    assert result.envelope.campaign_id == campaign(1)
    assert isinstance(result.header, StepDone)
    assert (result.header.step, result.header.attempt) == ("content", 1)
    assert dict(incoming.headers)["ce_type"] == b"StepUndone"


async def test_a_second_delivery_gets_the_first_result(stage: Stage, hands: Hands) -> None:
    await stage.send(command(1), command(2))
    stage.start()
    await stage.answered(2)
    await stage.send(command(1))
    results = await stage.answered(3)
    first, second = (it.value for it in results if it.envelope.campaign_id == campaign(1))
    assert first == second
    assert hands.begun_by(1) == [1]


async def test_a_second_delivery_brings_everything_that_went_with_the_first(
    stage: Stage,
) -> None:
    calls = []

    async def learns(_: object, job: Job) -> Answer:
        calls.append(job.command_id)
        items = [MemoryItem(namespace="lessons", item_id=i, text=f"lesson {i}") for i in "ab"]
        also = tuple((f"{job.tenant_id}:lessons:{item.item_id}", item) for item in items)
        return Answer(StepUndone(), also=also)

    stage.handler = learns
    await stage.send(command(1))
    stage.start()
    await stage.answered(1)
    before = await stage.read(topics.MEMORY)
    assert [len(before), len(calls)] == [2, 1]
    await stage.send(command(1))
    await stage.answered(2)
    await until(lambda: True)
    both = await stage.read(topics.MEMORY)
    assert len(calls) == 1
    assert len(both) == 4
    for written in before:
        again = [it for it in both if (it.key, it.value) == (written.key, written.value)]
        assert len(again) == 2


async def test_a_role_that_remembers_nothing_works_again(stage: Stage, hands: Hands) -> None:
    stage.remembers = False
    await stage.send(command(1), command(1))
    stage.start()
    first, second = await stage.answered(2)
    assert hands.begun_by(1) == [1, 1]
    assert first.envelope.id == second.envelope.id


async def test_a_handler_that_breaks_is_a_failed_step_with_the_error_in_words(
    stage: Stage,
) -> None:
    async def breaks(_: object, __: Job) -> Answer:
        raise KeyError("no such template")

    stage.handler = breaks
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    failure = failure_of(result)
    assert failure.reason is FailureReason.INTERNAL
    assert failure.message == "KeyError: 'no such template'"
    await stage.commits(1)


async def test_a_step_error_passes_whole(stage: Stage) -> None:
    async def refuses(_: object, __: Job) -> Answer:
        raise StepError(
            FailureReason.QUALITY_BLOCKED,
            "two claims have no source; cite them",
            feedback=("cite F1", "cite F2"),
            usage=Usage(provider="p", cost_micros=17),
        )

    stage.handler = refuses
    await stage.send(command(1), command(1))
    stage.start()
    first, second = await stage.answered(2)
    failure, done = failure_of(first), first.header
    assert failure.reason is FailureReason.QUALITY_BLOCKED
    assert failure.message == "two claims have no source; cite them"
    assert failure.feedback == ("cite F1", "cite F2")
    assert isinstance(done, StepDone)
    assert done.outcome is StepOutcome.DEGRADED
    assert (done.usage.provider, done.usage.cost_micros) == ("p", 17)
    assert [agent.succeeded for agent in done.agents] == [False]
    assert first.value == second.value  # nothing but time would change it: it is remembered


async def mistyped(_: object, __: Job) -> Answer:
    return Answer(StepUndone().model_copy(update={"detail": 17}))


async def nothing_at_all(_: object, __: Job) -> Answer:
    return None  # type: ignore[return-value]


async def not_a_message(_: object, __: Job) -> Answer:
    class Uncatalogued(StepUndone):
        pass

    return Answer(Uncatalogued())


async def endless(_: object, __: Job) -> Answer:
    raise StepError(FailureReason.INVALID_INPUT, "x" * 9_000)


async def enormous(_: object, __: Job) -> Answer:
    return Answer(StepUndone(left_behind=("x" * 600_000, "y" * 600_000)))


@pytest.mark.parametrize(
    ("handler", "reason", "message"),
    [
        (mistyped, FailureReason.INTERNAL, "the result cannot be written: StepUndone"),
        (nothing_at_all, FailureReason.INTERNAL, "the handler answered NoneType, not Answer"),
        (not_a_message, FailureReason.INTERNAL, "Uncatalogued"),
        (endless, FailureReason.INVALID_INPUT, "x" * 4_000),
        (enormous, FailureReason.INTERNAL, "at most 1000000 are taken: keep the bytes as an"),
    ],
)
async def test_an_answer_that_cannot_be_sent_is_a_failed_step_and_no_stopped_role(
    stage: Stage,
    handler: Handler,
    reason: FailureReason,
    message: str,
) -> None:
    stage.handler = handler
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    assert failure_of(result).reason is reason
    assert message in failure_of(result).message
    await stage.commits(1)


async def test_what_an_answer_cost_is_told_also_where_it_cannot_be_sent(stage: Stage) -> None:
    async def dear(_: object, __: Job) -> Answer:
        usage = Usage(provider="p", cost_micros=17)
        return Answer(StepUndone().model_copy(update={"detail": 17}), usage=usage)

    stage.handler = dear
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    assert isinstance(result.header, StepDone)
    assert (result.header.usage.provider, result.header.usage.cost_micros) == ("p", 17)


async def test_a_failure_that_time_may_cure_is_not_remembered(stage: Stage) -> None:
    tries = []

    async def at_last(_: object, job: Job) -> Answer:
        tries.append(job.command_id)
        if len(tries) == 1:
            raise StepError(FailureReason.UNAVAILABLE, "the engine is away; try again")
        return Answer(StepUndone())

    stage.handler = at_last
    await stage.send(command(1), command(1))
    stage.start()
    first, second = await stage.answered(2)
    assert failure_of(first).reason is FailureReason.UNAVAILABLE
    assert isinstance(second.body, StepUndone)


async def test_a_fault_of_our_own_ends_the_role_with_the_work_uncommitted(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / TENANT).write_text("no folder: results cannot be kept here")
    await stage.send(command(1))
    _, task = stage.start()
    await until(task.done)
    assert isinstance(task.exception(), OSError)
    stage.forget(task)
    assert stage.committed() in (None, Position(0))


async def test_work_ends_with_its_lease(stage: Stage, hands: Hands) -> None:
    hands.close(1)
    await stage.send(command(1, lease_s=0.05))
    stage.start()
    (result,) = await stage.answered(1)
    assert failure_of(result).reason is FailureReason.TIMEOUT
    assert failure_of(result).message == "`content` took longer than its lease"
    assert hands.ended == []


async def test_a_handlers_own_time_out_is_not_blamed_on_the_lease(stage: Stage) -> None:
    async def gives_up(_: object, __: Job) -> Answer:
        raise TimeoutError("no word from example.org")

    stage.handler = gives_up
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    assert failure_of(result).reason is FailureReason.TIMEOUT
    assert "no word from example.org" in failure_of(result).message
    assert "lease" not in failure_of(result).message


async def test_a_command_whose_lease_has_passed_is_not_answered(stage: Stage, hands: Hands) -> None:
    await stage.send(command(1, lease_s=0), command(2))
    stage.start()
    assert numbers(await stage.answered(1)) == [2]
    await stage.commits(2)
    assert hands.begun_by(1) == []


async def test_behind_an_open_breaker_a_handler_is_asked_again_when_its_time_is_over(
    stage: Stage,
) -> None:
    tries = []

    async def refused_once(_: object, job: Job) -> Answer:
        tries.append(job.command_id)
        if len(tries) == 1:
            raise CircuitOpen("slack is left alone", delay_s=0.01)
        return Answer(StepUndone(detail="done"))

    stage.handler = refused_once
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    assert isinstance(result.body, StepUndone)
    assert len(tries) == 2


async def test_a_breaker_that_stays_open_beyond_the_lease_is_a_failure_at_once(
    stage: Stage,
) -> None:
    async def refused(_: object, __: Job) -> Answer:
        raise CircuitOpen("slack is left alone for another 3600 s", delay_s=3_600.0)

    stage.handler = refused
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    assert failure_of(result).reason is FailureReason.UNAVAILABLE
    assert failure_of(result).reason.retryable
    assert "slack is left alone" in failure_of(result).message


async def test_a_handler_that_only_lacks_infrastructure_is_asked_again(stage: Stage) -> None:
    tries = []

    async def later(_: object, job: Job) -> Answer:
        tries.append(job.command_id)
        if len(tries) < 3:
            raise Retryable("the store is away")
        return Answer(StepUndone(detail="done"))

    stage.handler = later
    await stage.send(command(1))
    stage.start()
    (result,) = await stage.answered(1)
    assert isinstance(result.body, StepUndone)
    assert len(tries) == 3


async def test_an_undo_ends_what_a_copy_still_does_for_an_earlier_round(
    stage: Stage, tmp_path: Path
) -> None:
    """A copy that was given up in round 0 may wake after round 1 was undone."""

    async def undo(_: Command, job: Job) -> Answer:
        return Answer(StepUndone(detail=f"{await job.artefacts.release()}"))

    stage.handler = undo
    await stage.send(command(1, round_=1))
    stage.start()
    await stage.answered(1)
    store = FolderArtefacts(tmp_path)
    for round_ in range(2):
        key = effect_key(campaign(1), "content", round_)
        late = StepArtefacts(store, TENANT, campaign(1), "content", key)
        with pytest.raises(StepError) as refusal:
            await late.put(b"a draft", name="draft", media_type="text/plain")
        assert refusal.value.reason is FailureReason.CANCELLED
        assert await late.references() == ()
