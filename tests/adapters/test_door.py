"""The door: nothing without its key, guarded, timed, tried again where that is safe, counted."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.adapters.catalogue import vendors
from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    Kind,
    Outcome,
)
from chassis.adapters.door import Door
from chassis.adapters.failures import CallFailed
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import HIDDEN
from chassis.breaker import STANDARD, State
from chassis.circuits import Circuits
from chassis.errors import CircuitOpen, StepError
from chassis.health import response
from contracts.envelope import FailureReason
from tests.adapters.protocols import figma, grafana, models, slack
from tests.adapters.wire import Says, door_to, opened, serving

TOKEN = "xoxb-secret-token"
MESSAGE = {"channel": "C1", "text": "hello"}
DASHBOARD = {"uid": "c-1", "title": "one"}
AWAY = "http://127.0.0.1:9"


class Ask(Args):
    """What the adapter of these tests is asked."""

    host: str = ""


class Told(Outcome):
    """What it answers."""

    count: int


class Vendor:
    """Answers, fails or hangs as told; counts how often it was called."""

    def __init__(self, *failures: FailureReason) -> None:
        self.failures = list(failures)
        self.calls = 0
        self.hangs = False
        self.called: asyncio.Queue[int] = asyncio.Queue()

    async def run(self, args: Ask, call: Call) -> Told:
        self.calls += 1
        self.called.put_nowait(self.calls)
        if self.hangs:
            await asyncio.Event().wait()
        if self.failures:
            raise CallFailed(self.failures.pop(0), f"no, said the vendor to {TOKEN}")
        return Told(count=self.calls)

    def door(self, circuits: Circuits | None = None, **rules: Any) -> Door:
        action = Action("ask", "ask", Ask, Told, self.run, **rules)
        adapter = Adapter("vendor", Kind.RESEARCH, "for tests", (action,), secrets=(TOKEN,))
        return Door([adapter], circuits=circuits)


@pytest.fixture(autouse=True)
def _no_pause_between_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = asyncio.sleep
    monkeypatch.setattr("chassis.adapters.door.asyncio.sleep", lambda _: sleep(0))


MAKING = ("create", "open", "post", "put")
"""What makes something that stays; a mail that was sent cannot be taken back by anybody."""

ALL = vendors(AdapterSettings.model_construct(browser_program="nobody-installed-this"))


@pytest.mark.parametrize("adapter", ALL, ids=lambda adapter: adapter.name)
async def test_without_its_key_every_adapter_says_so_and_calls_nobody(adapter: Adapter) -> None:
    assert adapter.missing
    door = Door([adapter])
    for action in adapter.actions:
        with pytest.raises(CallFailed, match=adapter.missing[0]) as refusal:
            await door.execute(adapter.name, action.name, action.args.model_construct())
        assert refusal.value.reason is FailureReason.NOT_CONFIGURED
        assert not refusal.value.reason.retryable
    with pytest.raises(CallFailed):
        await door.check(adapter.name)
    assert door.health()["adapters"][adapter.name]["state"].startswith("not configured: ")


async def test_a_call_without_its_key_reaches_nobody() -> None:
    (protocol,) = figma.PROTOCOLS
    with serving([protocol.exchanges[0].says]) as desk:
        async with opened(door_to({"figma_url": desk.root})) as door:
            with suppress(StepError):
                await door.execute(protocol.tool, protocol.action, protocol.args)
    assert desk.requests == []


async def test_behind_an_open_breaker_nobody_is_called() -> None:
    vendor = Vendor(*[FailureReason.UNAVAILABLE] * 9)
    door = vendor.door()
    for _ in range(9):
        with suppress(StepError, CircuitOpen):
            await door.execute("vendor", "ask", {})
    assert vendor.calls == STANDARD.failures


FOR_GOOD = ("merge_pull_request",)
"""What no vendor takes back."""


@pytest.mark.parametrize("adapter", ALL, ids=lambda adapter: adapter.name)
def test_every_action_has_its_rules_and_what_changes_something_its_undo(adapter: Adapter) -> None:
    names = {action.name for action in adapter.actions}
    assert adapter.breaker.failures == STANDARD.failures
    for action in adapter.actions:
        assert action.args.__doc__
        assert action.timeout_s > 0
        assert action.undo in {"", *names}
        assert action.args.model_json_schema()["additionalProperties"] is False
        makes = not action.name.startswith(
            ("delete", "close", "search", "find", "read", "get", "render")
        )
        makes = makes and action.name not in ("shoot_page", "complete", "send_mail", *FOR_GOOD)
        assert bool(action.undo) == makes, action.name


@pytest.mark.parametrize(
    ("tool", "action", "args", "word"),
    [
        ("nobody", "post", {}, "there is no adapter 'nobody'"),
        ("slack", "dance", {}, "slack has no action 'dance'; it has: post_message"),
        ("slack", "post_message", {"channel": "C1"}, "text: Field required"),
        ("slack", "post_message", {**MESSAGE, "colour": "red"}, "colour: Extra inputs"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_name(
    tool: str, action: str, args: Mapping[str, Any], word: str
) -> None:
    with pytest.raises(CallFailed, match=word) as refusal:
        await door_to({"slack_url": AWAY, "slack_bot_token": TOKEN}).execute(tool, action, args)
    assert refusal.value.reason is FailureReason.INVALID_INPUT


@pytest.mark.parametrize(
    ("status", "reason", "nothing_done"),
    [
        (400, FailureReason.REJECTED, True),
        (401, FailureReason.NOT_CONFIGURED, True),
        (403, FailureReason.NOT_CONFIGURED, True),
        (307, FailureReason.REJECTED, True),
        (409, FailureReason.REJECTED, True),
        (429, FailureReason.RATE_LIMITED, True),
        (408, FailureReason.UNAVAILABLE, False),
        (500, FailureReason.UNAVAILABLE, False),
        (503, FailureReason.UNAVAILABLE, False),
    ],
)
async def test_what_a_status_means(status: int, reason: FailureReason, nothing_done: bool) -> None:
    said = Says({"message": f"no, {TOKEN}"}, status, headers={"location": "/elsewhere"})
    with serving([said]) as desk:
        async with opened(door_to({"slack_url": desk.root, "slack_bot_token": TOKEN})) as door:
            with pytest.raises(CallFailed, match=str(status)) as refusal:
                await door.execute("slack", "post_message", MESSAGE)
    assert refusal.value.reason is reason
    assert refusal.value.nothing_done is nothing_done
    assert len(desk.requests) == 1
    assert TOKEN not in str(refusal.value) + refusal.value.message
    assert HIDDEN in refusal.value.message


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("invalid_auth", FailureReason.NOT_CONFIGURED),
        ("channel_not_found", FailureReason.REJECTED),
        ("ratelimited", FailureReason.RATE_LIMITED),
        ("internal_error", FailureReason.UNAVAILABLE),
    ],
)
async def test_slacks_errors_come_with_status_200(error: str, reason: FailureReason) -> None:
    with serving([Says({"ok": False, "error": error})]) as desk:
        async with opened(door_to({"slack_url": desk.root, "slack_bot_token": TOKEN})) as door:
            with pytest.raises(CallFailed, match=error) as refusal:
                await door.execute("slack", "post_message", MESSAGE)
    assert refusal.value.reason is reason


@pytest.mark.parametrize("body", [b"<html>", {"oops": True}, [], {"ok": True, "ts": 1}])
async def test_an_answer_of_another_shape_is_no_answer(body: object) -> None:
    with serving([Says(body)]) as desk:
        async with opened(door_to({"slack_url": desk.root, "slack_bot_token": TOKEN})) as door:
            with pytest.raises(CallFailed, match="something else") as refusal:
                await door.execute("slack", "post_message", MESSAGE)
    assert refusal.value.reason is FailureReason.UNAVAILABLE
    assert not refusal.value.nothing_done


SHAPELESS = [
    ("slack", "post_message", MESSAGE, {"ok": True, "messages": [{"text": "no ts"}]}),
    ("buffer", "find_post", {"channel_id": "c", "text": "t"}, {"data": {"posts": {"edges": [{}]}}}),
    ("buffer", "find_post", {"channel_id": "c", "text": "t"}, {"data": []}),
    ("buffer", "find_post", {"channel_id": "c", "text": "t"}, {"errors": "oops"}),
    ("buffer", "create_post", {"channel_id": "c", "text": "t"}, {"data": {"createPost": {}}}),
    ("notion", "search_database", {"database_id": "0" * 32}, {"results": [{"id": 1}]}),
]


@pytest.mark.parametrize(("tool", "action", "args", "body"), SHAPELESS)
async def test_whatever_a_vendor_answers_is_a_failure_with_a_reason(
    tool: str, action: str, args: dict[str, Any], body: object
) -> None:
    with serving(lambda _: Says(body)) as desk:
        urls = {f"{tool}_url": desk.root}
        keys = {"slack_bot_token": TOKEN, "buffer_access_token": "b", "notion_token": "n"}
        async with opened(door_to({**urls, **keys, "buffer_organization": "o"})) as door:
            with pytest.raises(CallFailed) as refusal:
                await door.execute(tool, action, args, key="key", repeat=True)
    assert refusal.value.reason in (FailureReason.UNAVAILABLE, FailureReason.REJECTED)


async def test_nobody_there_means_that_nothing_was_done() -> None:
    async with opened(door_to({"slack_url": AWAY, "slack_bot_token": TOKEN})) as door:
        with pytest.raises(CallFailed, match="cannot be reached") as refusal:
            await door.execute("slack", "post_message", MESSAGE)
    assert refusal.value.nothing_done


async def test_what_may_be_repeated_is_and_what_may_not_is_not() -> None:
    answer = grafana.PROTOCOLS[0].exchanges[0].says
    with serving([Says(status=503), Says(status=502), answer]) as desk:
        async with opened(door_to({"grafana_url": desk.root, "grafana_token": "t"})) as door:
            await door.execute("grafana", "put_dashboard", DASHBOARD)
    assert len(desk.requests) == 3
    with serving([Says(status=503), slack.POST.says]) as desk:
        async with opened(door_to({"slack_url": desk.root, "slack_bot_token": TOKEN})) as door:
            with pytest.raises(CallFailed):
                await door.execute("slack", "post_message", MESSAGE)
    assert len(desk.requests) == 1


async def test_a_vendor_that_wants_a_longer_pause_than_there_is_time_gets_no_second_call() -> None:
    with serving([Says(status=429, headers={"Retry-After": "3600"})] * 2) as desk:
        async with opened(door_to({"grafana_url": desk.root, "grafana_token": "t"})) as door:
            with pytest.raises(CallFailed, match="429") as refusal:
                await door.execute("grafana", "put_dashboard", DASHBOARD)
    assert refusal.value.reason is FailureReason.RATE_LIMITED
    assert len(desk.requests) == 1


def test_no_secret_stands_in_what_is_shown_of_settings_and_adapters() -> None:
    names = [name for name, info in AdapterSettings.model_fields.items() if not info.repr]
    given: Any = dict.fromkeys(names, "hush")
    settings = AdapterSettings.model_construct(**given)
    assert len(names) >= 10
    assert "hush" not in repr(settings) + repr(vendors(settings))


async def test_health_names_every_adapter_and_why_breakers_are_not_shared() -> None:
    door = door_to({"slack_bot_token": TOKEN})
    body = json.loads(response("/health", [], door.health).partition(b"\r\n\r\n")[2])
    assert body["outside"]["adapters"]["slack"]["state"] == "ready"
    assert body["outside"]["adapters"]["github"]["state"] == "not configured: GITHUB_TOKEN"
    assert "no Redis" in body["outside"]["degraded"]


async def test_five_failures_open_the_breaker_and_then_nobody_is_called() -> None:
    vendor = Vendor(*[FailureReason.UNAVAILABLE] * 9)
    door = vendor.door()
    for _ in range(STANDARD.failures):
        with pytest.raises(StepError):
            await door.execute("vendor", "ask", {})
    with pytest.raises(CircuitOpen) as refusal:
        await door.execute("vendor", "ask", {})
    assert vendor.calls == STANDARD.failures
    assert refusal.value.delay_s is not None
    assert 0 < refusal.value.delay_s <= STANDARD.open_s
    assert door.health()["adapters"]["vendor"] == {
        "state": "ready",
        "circuit": "open",
        "failures": STANDARD.failures,
    }
    gauge = {"service": "vendor"}
    assert REGISTRY.get_sample_value("genesis_circuit_state", gauge) == State.OPEN
    assert REGISTRY.get_sample_value("circuit_breaker_state", gauge) == State.OPEN


@pytest.mark.parametrize(
    "reason", [FailureReason.REJECTED, FailureReason.NOT_CONFIGURED, FailureReason.RATE_LIMITED]
)
async def test_a_vendor_that_refuses_is_there_so_no_breaker_opens(reason: FailureReason) -> None:
    vendor = Vendor(*[reason] * 9)
    door = vendor.door()
    for _ in range(9):
        with pytest.raises(StepError):
            await door.execute("vendor", "ask", {})
    assert vendor.calls == 9


async def test_an_answer_that_takes_too_long_is_given_up_and_counts() -> None:
    vendor = Vendor()
    vendor.hangs = True
    door = vendor.door(timeout_s=0.02)
    for _ in range(STANDARD.failures):
        with pytest.raises(CallFailed) as late:
            await door.execute("vendor", "ask", {})
        assert late.value.reason is FailureReason.TIMEOUT
        assert not late.value.nothing_done
    with pytest.raises(CircuitOpen):
        await door.execute("vendor", "ask", {})


async def test_calls_that_are_called_off_open_no_breaker() -> None:
    vendor = Vendor()
    vendor.hangs = True
    door = vendor.door()
    tasks = [asyncio.create_task(door.execute("vendor", "ask", {})) for _ in range(20)]
    while await vendor.called.get() < 20:
        continue
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    vendor.hangs = False
    await door.execute("vendor", "ask", {})


async def test_a_host_of_its_own_has_a_breaker_of_its_own() -> None:
    vendor = Vendor(*[FailureReason.UNAVAILABLE] * STANDARD.failures)
    door = vendor.door(circuit_of=lambda args: args.host)
    for _ in range(STANDARD.failures):
        with pytest.raises(StepError):
            await door.execute("vendor", "ask", {"host": "dead.example"})
    with pytest.raises(CircuitOpen):
        await door.execute("vendor", "ask", {"host": "dead.example"})
    await door.execute("vendor", "ask", {"host": "alive.example"})


async def test_tries_end_when_the_breaker_opens() -> None:
    vendor = Vendor(*[FailureReason.UNAVAILABLE] * 9)
    door = vendor.door(retry=READING)
    with pytest.raises(StepError):
        await door.execute("vendor", "ask", {})
    with pytest.raises(CircuitOpen):
        await door.execute("vendor", "ask", {})
    assert vendor.calls == STANDARD.failures


async def test_calls_are_counted_by_how_they_ended() -> None:
    def count(outcome: str) -> float:
        labels = {"adapter": "vendor", "action": "ask", "outcome": outcome}
        return REGISTRY.get_sample_value("sagaline_adapter_calls_total", labels) or 0.0

    before = count("ok"), count("rejected")
    door = Vendor(FailureReason.REJECTED).door()
    with pytest.raises(StepError):
        await door.execute("vendor", "ask", {})
    await door.execute("vendor", "ask", {})
    assert (count("ok"), count("rejected")) == (before[0] + 1, before[1] + 1)


async def test_a_model_of_ones_own_needs_no_key() -> None:
    with serving([models.PROTOCOLS[1].exchanges[0].says]) as desk:
        async with opened(door_to({"openai_url": f"{desk.root}/v1"})) as door:
            turns = [{"role": "user", "content": "hi"}]
            await door.execute("openai", "complete", {"model": "local", "messages": turns})
    assert len(desk.requests) == 1


async def test_one_client_serves_all_calls_of_a_process() -> None:
    with serving([slack.POST.says] * 3) as desk:
        async with opened(door_to({"slack_url": desk.root, "slack_bot_token": TOKEN})) as door:
            for _ in range(3):
                await door.execute("slack", "post_message", MESSAGE)
            client = await door._web._client()
            assert await door._web._client() is client
