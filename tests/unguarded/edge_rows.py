"""What people see rests on: tenants apart, nothing invented, nothing still unseen."""

from typing import Final

from tests.unguarded.places import (
    DOOR,
    EDGE,
    ENGINE,
    OF_DOOR,
    OF_EDGE,
    OF_SAGA,
    OPTIMIZER,
    SAGA,
    VIEW,
)
from tests.unguarded.planting import Row

TENANTS: Final = (
    Row(
        "G7",
        "a campaign is shown to its own tenant only",
        f"{VIEW}/queries.py",
        "View.campaign",
        "found if found is not None and found.saga.tenant_id == tenant_id else None",
        "found",
        f"{OF_EDGE}/test_campaigns.py::test_a_foreign_or_unknown_campaign_is_not_there",
    ),
    Row(
        "G7",
        "a list holds its own tenant's campaigns only",
        f"{VIEW}/queries.py",
        "_page",
        ".where(campaigns.c.tenant_id == tenant_id)",
        "",
        "tests/orchestrator/view/test_projection.py::test_a_tenant_finds_nothing_of_another_tenant",
    ),
    Row(
        "G7",
        "facts are read by tenant and campaign",
        f"{VIEW}/queries.py",
        "_of_campaign",
        "and_(events.c.tenant_id == tenant_id, events.c.campaign_id == campaign_id)",
        "events.c.campaign_id == campaign_id",
        "tests/orchestrator/view/test_projection.py::test_a_tenant_finds_nothing_of_another_tenant",
    ),
    Row(
        "G7",
        "neither view nor stream follows a record that names another tenant",
        f"{VIEW}/following.py",
        "follow",
        "head.saga.tenant_id != decoded.envelope.tenant_id",
        "False",
        "tests/orchestrator/view/test_projection.py"
        "::test_a_record_that_names_another_tenant_is_alarmed_and_never_folded",
    ),
    Row(
        "G7",
        "another system speaks for the named tenants only",
        f"{EDGE}/upstream.py",
        "Intake._accepted",
        "if envelope.tenant_id not in self._tenants:",
        "if False:",
        f"{OF_EDGE}/test_upstream.py::test_who_writes_there_speaks_for_the_named_tenants_only",
    ),
    Row(
        "G7",
        "a record that names another tenant than its campaign's is a dead letter",
        f"{SAGA}/processor.py",
        "SagaProcessor.take",
        "held.saga.tenant_id != envelope.tenant_id",
        "False",
        f"{OF_SAGA}/test_dead_letters.py::test_another_tenants_request_is_a_dead_letter",
    ),
    Row(
        "G7",
        "memory is recalled by tenant",
        "chassis/recall.py",
        "MemoryRecall.recall",
        "shelf = self._shelves.get((tenant_id, namespace))",
        "shelf = next((s for (_, n), s in self._shelves.items() if n == namespace), None)",
        "tests/chassis/test_recall.py::test_another_tenants_items_are_never_found",
    ),
    Row(
        "G7",
        "nobody writes into another tenant's memory",
        "chassis/recall.py",
        "_namespace",
        "tenant != tenant_id or ",
        "",
        "tests/chassis/test_recall.py::test_nobody_writes_or_forgets_under_another_tenants_key",
    ),
    Row(
        "G7",
        "an artefact's digest is no permission: bytes lie under their tenant",
        "chassis/artefacts.py",
        "FolderArtefacts._blob",
        "self._root / tenant_id / ",
        "self._root / ",
        "tests/chassis/test_artefacts.py::test_a_digest_is_no_permission_for_another_tenant",
    ),
)

OUTSIDE: Final = (
    Row(
        "door",
        "an open breaker lets nothing through",
        DOOR,
        "Door._tried",
        "await circuits.admit(circuit, profile)",
        "0",
        f"{OF_DOOR}::test_behind_an_open_breaker_nobody_is_called",
    ),
    Row(
        "door",
        "what copies report at once all counts",
        "chassis/circuits.py",
        "Circuits._change",
        "or await self._replaced(name, raw, after)",
        "or await self._replaced(name, raw, after) or True",
        "tests/chassis/test_circuits.py::test_reports_of_many_calls_at_once_are_none_lost",
    ),
    Row(
        "door",
        "a try after a try looks before it posts",
        "chassis/adapters/vendors/buffer.py",
        "_Buffer.create",
        "call.repeat and",
        "False and",
        "tests/optimizer/publish/test_outside.py::test_an_answer_that_was_lost_makes_no_second_post",
    ),
)

NOT_INVENTED: Final = (
    Row(
        "G8",
        "an adapter without its key calls nobody",
        DOOR,
        "Door._guarded",
        "if adapter.missing:",
        "if False:",
        f"{OF_DOOR}::test_a_call_without_its_key_reaches_nobody",
    ),
    Row(
        "G8",
        "a webhook without address or secret is not configured",
        f"{OPTIMIZER}/publish/webhook.py",
        "WebhookChannel._check_configured",
        "if missing:",
        "if False:",
        "tests/optimizer/publish/test_webhook.py"
        "::test_a_webhook_that_is_not_configured_says_what_to_set",
    ),
    Row(
        "G8",
        "what was left out is named at the end",
        f"{ENGINE}/forward.py",
        "advance",
        "WorkflowCompleted(degraded=degraded)",
        "WorkflowCompleted(degraded=())",
        f"{OF_SAGA}/test_good_road.py::test_an_optional_step_that_fails_for_good_is_given_up_and_named",
    ),
    Row(
        "G8",
        "the audit looks for every figure",
        f"{OPTIMIZER}/audit/grounding.py",
        "grounding",
        "checks += GROUNDED_FIGURE.verdicts(item.id, _invented(item, subject, findings))",
        "pass",
        "tests/optimizer/test_audit_defects.py"
        "::test_a_planted_defect_is_caught_at_its_place_with_its_words",
    ),
    Row(
        "G8",
        "a figure must stand in a quote that its own text cites",
        f"{OPTIMIZER}/audit/grounding.py",
        "_cited",
        "return tuple(findings[finding_id] for finding_id in ids if finding_id in findings)",
        "return tuple(findings.values())",
        "tests/optimizer/test_audit_report.py"
        "::test_a_figure_that_stands_only_in_a_quote_nobody_cites_here_blocks",
    ),
    Row(
        "G8",
        "a critical finding blocks the step",
        f"{OPTIMIZER}/audit_handlers.py",
        "audit_content",
        "StepOutcome.BLOCKED if blocked else ",
        "",
        "tests/optimizer/test_audit_report.py"
        "::test_a_blocked_campaign_tells_the_writer_what_to_change",
    ),
    Row(
        "G8",
        "a blocked audit publishes nothing",
        f"{ENGINE}/forward.py",
        "answered",
        "if done.outcome is StepOutcome.BLOCKED:",
        "if False:",
        f"{OF_SAGA}/test_audit_rounds.py"
        "::test_after_the_last_round_the_campaign_fails_for_its_quality_and_is_undone",
    ),
)

SEEN: Final = (
    Row(
        "live",
        "an event loop that does not answer ends its process",
        "chassis/watchdog.py",
        "Watchdog.look",
        "if self._silent_s > self._limit_s:",
        "if False:",
        "tests/chassis/test_watchdog.py"
        "::test_a_blocked_event_loop_ends_its_process_and_is_shown_where_it_hangs",
    ),
    Row(
        "live",
        "a transaction in which Kafka's client never answers is given up",
        "chassis/kafka/transactions.py",
        "KafkaTransactions._timed",
        "asyncio.wait_for(work, GIVEN_UP_AFTER_S)",
        "work",
        "tests/chassis/test_kafka_silence.py"
        "::test_a_silent_client_is_given_up_and_a_new_one_goes_on",
    ),
    Row(
        "live",
        "a role that takes nothing of what waits is not alive",
        "chassis/movement.py",
        "Movement.standing",
        "if self._owed:",
        "if False:",
        "tests/chassis/test_movement.py"
        "::test_a_role_that_polls_and_takes_nothing_of_what_waits_is_not_alive",
    ),
    Row(
        "live",
        "an overdue saga is alarmed",
        f"{SAGA}/stalling.py",
        "stalled",
        "elif first is not None and now - first.at > patience:",
        "elif False:",
        "tests/orchestrator/view/test_auditor.py"
        "::test_a_deadline_that_nobody_looked_at_is_alarmed_until_somebody_does",
    ),
    Row(
        "live",
        "a view behind the log is alarmed",
        f"{SAGA}/stalling.py",
        "served_late",
        "elif sequence < saga.sequence and now - saga.updated_at > patience:",
        "elif False:",
        "tests/orchestrator/view/test_auditor.py"
        "::test_a_view_that_stands_behind_the_log_is_alarmed_after_a_while",
    ),
    Row(
        "live",
        "open sagas that wait for nothing are counted",
        f"{SAGA}/census.py",
        "Census.take",
        "sum(not brief.obliged for brief in opened)",
        "0",
        f"{OF_SAGA}/test_census.py::test_an_open_saga_without_a_deadline_is_counted",
    ),
    Row(
        "live",
        "a flood of one tenant leaves places to the others",
        "chassis/dispatch.py",
        "Dispatch._turn",
        "return (self._in_hand[tenant], at_ms, arrival)",
        "return (0, at_ms, arrival)",
        "tests/chassis/test_dispatch.py::test_a_long_queue_of_one_tenant_leaves_places_to_another",
    ),
    Row(
        "live",
        "a canary that does not come back is said to be lost",
        f"{EDGE}/canary.py",
        "Canary._late",
        "Outcome.LOST",
        "Outcome.COMPLETED",
        "tests/simulation/test_canary.py"
        "::test_a_canary_that_does_not_end_in_time_is_lost_and_said_so",
    ),
)
