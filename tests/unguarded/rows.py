"""What each guarantee of docs/guarantees.md rests on: switched off, its named test must notice.

A row marked `broker` needs a real Kafka; the others run in seconds without one.
"""

from typing import Final

from tests.unguarded.planting import Row

SAGA: Final = "services/orchestrator/saga"
ENGINE: Final = f"{SAGA}/engine"
EDGE: Final = "services/orchestrator/edge"
VIEW: Final = "services/orchestrator/view"
OPTIMIZER: Final = "services/optimizer"

OF_SAGA: Final = "tests/orchestrator/saga"
OF_EDGE: Final = "tests/orchestrator/edge"

NOTHING_LOST: Final = (
    Row(
        "G1",
        "a request counts as taken only once the log has it",
        f"{EDGE}/asking.py",
        "send",
        "await edge.log.send("
        "replace(record(topics.REQUESTS, envelope, value), partition=partition))",
        "sent = replace(record(topics.REQUESTS, envelope, value), partition=partition)\n"
        "    asyncio.create_task(edge.log.send(sent))",
        f"{OF_EDGE}/test_campaigns.py::test_a_log_that_does_not_answer_accepts_nothing",
    ),
    Row(
        "G1",
        "a command counts as done only once its answer is sent",
        "chassis/loop.py",
        "PhaseLoop._work",
        "if await self._send(answers):",
        "work.progress.finish(work.incoming.offset)\n            if await self._send(answers):",
        "tests/chassis/test_phase_loop.py::test_a_role_stops_also_while_the_broker_is_away",
    ),
    Row(
        "G1",
        "the input of an aborted tick is read again",
        "chassis/transaction.py",
        "TransactionalLoop._commit",
        "self._astray.update(positions)",
        "pass",
        "tests/chassis/test_transactional_loop.py"
        "::test_an_aborted_tick_leaves_nothing_and_is_done_again",
    ),
)

ONCE: Final = (
    Row(
        "G2",
        "a command delivered twice gets the first answer again",
        "chassis/worker.py",
        "Worker.answer",
        "if stored:",
        "if False:",
        "tests/chassis/test_worker.py::test_a_second_delivery_gets_the_first_result",
    ),
    Row(
        "G2",
        "an answer counts only while its command is waited for",
        f"{ENGINE}/forward.py",
        "answered",
        "state.status is not StepStatus.CALLED",
        "False",
        f"{OF_SAGA}/test_retries.py::test_the_same_answer_twice_counts_once",
    ),
    Row(
        "G2",
        "an effect keeps its key over every attempt",
        f"{ENGINE}/forward.py",
        "_ask_phase",
        "identity.effect_key(saga.campaign_id, planned.name, state.round)",
        "identity.effect_key(saga.campaign_id, planned.name, attempt)",
        f"{OF_SAGA}/test_retries.py::test_each_try_is_a_new_command_under_the_same_key",
    ),
    Row(
        "G2",
        "a mail in doubt is held, not sent again",
        f"{OPTIMIZER}/publish/email.py",
        "_Sending.__init__",
        'carrier.deduplicates or settings.on_unknown == "resend"',
        "True",
        "tests/optimizer/publish/test_smtp.py"
        "::test_a_mail_in_doubt_is_held_by_default_and_the_others_go_out",
    ),
)

FOLD: Final = (
    Row(
        "G3",
        "the log behind the snapshots is read",
        f"{SAGA}/restore.py",
        "restore",
        "restored[record.partition].try_fact(record)",
        "pass",
        f"{OF_SAGA}/test_restore.py::test_snapshots_and_tail_give_the_same_as_the_whole_log",
    ),
    Row(
        "G3",
        "only what follows on the chain is folded",
        f"{SAGA}/restore.py",
        "Restored._follows",
        "position.previous_hash == head and ",
        "",
        f"{OF_SAGA}/test_restore.py::test_a_second_history_behind_our_end_stops_the_partition",
    ),
    Row(
        "G3",
        "the view folds a record once",
        f"{VIEW}/projection.py",
        "Projection.project",
        "if sequence <= followed.head.sequence:",
        "if False:",
        "tests/orchestrator/view/test_projection.py"
        "::test_a_record_that_was_read_before_changes_nothing",
    ),
)

UNDONE: Final = (
    Row(
        "G4",
        "what was called last is undone first",
        f"{ENGINE}/backward.py",
        "undo_plan",
        "-saga.steps[name].called_order",
        "saga.steps[name].called_order",
        f"{OF_SAGA}/test_every_failure.py"
        "::test_a_failure_anywhere_is_undone_whole_once_and_last_first",
    ),
    Row(
        "G4",
        "an undo that keeps failing lets the others run, and waits for a person",
        f"{ENGINE}/backward.py",
        "undo_failed",
        "if final:",
        "if False:",
        f"{OF_SAGA}/test_undo.py"
        "::test_an_undo_that_never_succeeds_is_parked_then_left_and_named_and_the_rest_still_run",
    ),
    Row(
        "G4",
        "what an undo could not take back is named",
        f"{ENGINE}/backward.py",
        "undone",
        "left_behind=answer.left_behind",
        "left_behind=()",
        f"{OF_SAGA}/test_undo.py::test_what_an_undo_could_not_take_back_is_named_at_the_end",
    ),
)

NEIGHBOURS: Final = (
    Row(
        "G5",
        "what is finished behind a slow one is committed beside the watermark",
        "chassis/offsets.py",
        "Progress.position",
        "Position(watermark, _note(self._runs(watermark)))",
        "Position(watermark)",
        "tests/chassis/test_phase_loop.py"
        "::test_a_slow_one_holds_nobody_back_and_a_crash_repeats_only_it",
    ),
    Row(
        "G5",
        "rubbish becomes a dead letter, whole",
        "chassis/loop.py",
        "PhaseLoop._bury",
        "letter = self._letters.letter(incoming, ",
        "letter = self._letters.letter(replace(incoming, value=None), ",
        "tests/chassis/test_phase_loop.py"
        "::test_rubbish_goes_whole_to_the_dead_letters_and_its_partition_goes_on",
    ),
    Row(
        "G5",
        "an input that breaks the engine waits in its own campaign",
        f"{SAGA}/processor.py",
        "SagaProcessor._set_aside",
        "if message is not None and not isinstance(fault, Rejected):",
        "if False:",
        f"{OF_SAGA}/test_parking.py"
        "::test_what_breaks_the_fold_is_kept_in_the_log_whole_and_nothing_of_it_is_folded",
    ),
    Row(
        "G5",
        "what comes behind a parked input waits with it",
        f"{SAGA}/parking.py",
        "Parking.must_wait",
        "return saga is not None and not passes(saga, message.body)",
        "return False",
        f"{OF_SAGA}/test_parking.py"
        "::test_later_inputs_of_the_campaign_queue_behind_it_and_others_go_on",
    ),
)

COPIES: Final = (
    Row(
        "G6",
        "input offsets go into the transaction, under the batch's membership",
        "chassis/kafka/transactions.py",
        "KafkaTransactions._commit",
        "producer.send_offsets_to_transaction(offsets, membership, CALL_TIMEOUT_S)",
        "pass",
        "tests/broker/test_zombies.py::test_a_former_owner_cannot_write_what_it_had_in_hand",
        broker=True,
    ),
    Row(
        "G6",
        "a tick that only time caused sends its partition's position again",
        "chassis/transaction.py",
        "TransactionalLoop._timer_tick",
        "{anchor: self._positions[anchor]}",
        "{anchor: Position(0)}",
        "tests/chassis/test_transactional_loop.py"
        "::test_an_alarm_rings_once_and_its_tick_sends_a_position_again",
    ),
    Row(
        "G6",
        "a tick is committed under the membership that its batch was read with (in the twin)",
        "chassis/memory/ledger.py",
        "Ledger.stage",
        "group.check(membership)",
        "pass",
        "tests/chassis/test_transactional_loop.py"
        "::test_a_former_owner_that_wakes_up_writes_nothing",
    ),
    Row(
        "G6",
        "whoever takes a name over fences its holder (in the twin)",
        "chassis/memory/ledger.py",
        "Ledger.start",
        "self._epochs.get(transactional_id, 0) + 1",
        "1",
        "tests/chassis/test_memory_broker.py"
        "::test_a_holder_that_is_replaced_between_two_steps_writes_nothing",
    ),
    Row(
        "G6",
        "sagas of a partition that was given up are forgotten",
        f"{SAGA}/processor.py",
        "SagaProcessor.drop",
        "self._store.drop(partition)",
        "pass",
        f"{OF_SAGA}/test_processor.py::test_a_partition_given_up_is_forgotten",
    ),
)

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

NOT_INVENTED: Final = (
    Row(
        "G8",
        "a social channel without an engine refuses",
        f"{OPTIMIZER}/publish/social.py",
        "UnconfiguredChannel.publish",
        "raise StepError(",
        "return Published(publications=())\n        raise StepError(",
        "tests/optimizer/publish/test_webhook.py"
        "::test_a_social_channel_says_that_it_is_not_configured",
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
        "sum(not saga.deadlines for saga in opened)",
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

PAUSE: Final = (
    Row(
        "pause",
        "nothing is launched while a pause holds",
        f"{ENGINE}/forward.py",
        "_next_ready",
        "and saga.held_since(planned.name) is None",
        "",
        f"{OF_SAGA}/test_pausing.py"
        "::test_an_answer_during_a_pause_is_taken_in_and_launches_nothing_until_it_is_over",
    ),
    Row(
        "pause",
        "deadlines stand still while a pause holds",
        f"{ENGINE}/holds.py",
        "_moved",
        "if not length:",
        "if True:",
        f"{OF_SAGA}/test_pausing.py::test_a_steps_time_stands_still_during_a_pause",
    ),
    Row(
        "pause",
        "a cancel wins over a pause",
        f"{ENGINE}/pausing.py",
        "lift",
        "for one in story.saga.pauses:",
        "for one in ():",
        f"{OF_SAGA}/test_pausing.py::test_a_cancel_wins_over_a_pause",
    ),
    Row(
        "pause",
        "the end of a wider pause releases what it held",
        f"{ENGINE}/pausing.py",
        "conform",
        "gone = [key for key in had if key not in wanted]",
        "gone: list[tuple[PauseScope, str]] = []",
        f"{OF_SAGA}/test_wider_pauses.py"
        "::test_the_end_of_a_wider_pause_releases_exactly_what_it_held",
    ),
)

GATE: Final = (
    Row(
        "gate",
        "an approval counts for what it was shown",
        f"{ENGINE}/gate.py",
        "_why_not",
        "if request.shown_digest != state.shown_digest:",
        "if False:",
        f"{OF_SAGA}/test_review.py::test_an_approval_of_what_was_shown_before_an_edit_is_refused",
    ),
    Row(
        "gate",
        "an account counts once",
        f"{ENGINE}/gate.py",
        "_why_not",
        "actor in {v.voter for v in state.votes}",
        "False",
        f"{OF_SAGA}/test_gates.py::test_the_same_account_counts_once_however_often_it_approves",
    ),
    Row(
        "gate",
        "as many approvals as the goal asks for",
        f"{ENGINE}/gate.py",
        "_approve",
        "if votes < gate.approvals_needed:",
        "if False:",
        f"{OF_SAGA}/test_gates.py"
        "::test_the_first_of_two_approvals_is_counted_and_publishes_nothing",
    ),
    Row(
        "gate",
        "an edit is audited again, and the gate is asked anew",
        f"{ENGINE}/evolve.py",
        "",
        "for name in (*saga.planned(event.by).reruns, event.by):",
        "for name in ():",
        f"{OF_SAGA}/test_review.py::test_an_edit_replaces_the_text_and_runs_the_audit_again",
    ),
    Row(
        "gate",
        "what nobody decided in time is rejected",
        f"{ENGINE}/decide.py",
        "_fell_due",
        'backward.reject(story, deadline.step, "nobody decided in time")',
        "pass",
        f"{OF_SAGA}/test_review.py::test_nobody_deciding_in_time_rejects_and_undoes",
    ),
    Row(
        "gate",
        "it reminds before its time ends",
        f"{ENGINE}/decide.py",
        "_fell_due",
        "gate.remind(story, deadline)",
        "pass",
        f"{OF_SAGA}/test_gates.py::test_three_quarters_into_its_time_a_gate_reminds_once",
    ),
)

PAST: Final = (
    Row(
        "past",
        "only the facts up to a point are folded",
        f"{VIEW}/history.py",
        "past",
        "for entry in entries[:upto]:",
        "for entry in entries:",
        f"{OF_EDGE}/test_history.py"
        "::test_every_sequence_is_the_fold_of_the_facts_up_to_it_and_of_no_later_one",
    ),
    Row(
        "past",
        "a fork takes over nothing that was done outside",
        f"{ENGINE}/forking.py",
        "may_take_over",
        " and not planned.outside",
        "",
        f"{OF_SAGA}/test_forks.py::test_what_a_step_did_outside_is_never_taken_over_gate_or_not",
    ),
    Row(
        "past",
        "a fork asks its gates anew",
        f"{ENGINE}/forking.py",
        "may_take_over",
        "if own and planned.name in offered and needs(planned, plan) <= taken:",
        "if planned.name in offered and needs(planned, plan) <= taken:",
        f"{OF_SAGA}/test_forks.py::test_gates_are_asked_anew_and_publication_waits_for_the_answer",
    ),
    Row(
        "past",
        "what is taken over is not the fork's to undo",
        f"{ENGINE}/forking.py",
        "taken_over",
        '"taken_over": True,',
        '"taken_over": True,\n            "called_order": saga.sequence + 1,',
        f"{OF_SAGA}/test_forks.py::test_a_fork_that_is_cancelled_undoes_its_own_steps_only",
    ),
)

DEAD: Final = (
    Row(
        "dead",
        "record and note stand in one transaction",
        "chassis/redrive.py",
        "Clerk.redrive",
        "            await self._pen.write(records)\n",
        "            for one in records:\n                await self._pen.write([one])\n",
        "tests/chassis/test_redrive.py"
        "::test_a_redrive_that_is_cut_off_leaves_no_record_without_its_note",
    ),
    Row(
        "dead",
        "letters of a key go back in their original order",
        "chassis/redrive.py",
        "Clerk.redrive",
        "sorted(letters, key=lambda letter: letter.order)",
        "list(reversed(letters))",
        "tests/chassis/test_redrive.py::test_letters_of_a_key_go_back_in_their_original_order",
    ),
    Row(
        "dead",
        "a clerk takes the counter over before reading the letters",
        "chassis/redrive.py",
        "Clerk.open",
        "await self._pen.start()\n        return await self._box.letters()",
        "found = await self._box.letters()\n        await self._pen.start()\n        return found",
        "tests/chassis/test_redrive.py::test_what_a_clerk_has_read_no_earlier_one_closes_any_more",
    ),
    Row(
        "dead",
        "a letter that was closed is not offered again",
        "chassis/letterbox.py",
        "Letters.open",
        "if one.open and which.means(one)",
        "if which.means(one)",
        "tests/chassis/test_redrive.py::test_two_letters_about_one_record_are_one",
    ),
    Row(
        "dead",
        "who closed a letter, and why, is kept beside it",
        "chassis/letterbox.py",
        "Letterbox.letters",
        "if letter_id in found:",
        "if False:",
        "tests/chassis/test_redrive.py::test_who_closed_a_letter_when_and_why_is_kept_beside_it",
    ),
)

BUILD: Final = (
    Row(
        "build",
        "a running saga keeps the plan on record",
        f"{SAGA}/replaying.py",
        "OnRecord.plan",
        "return self.recorded",
        "return SagaDefinition.plan(self, goal)",
        "tests/histories/test_histories.py::test_every_input_brings_about_what_it_did_then",
    ),
    Row(
        "build",
        "what this build decides is held against what was logged",
        f"{SAGA}/replaying.py",
        "_difference",
        "if was != is_now:",
        "if False:",
        "tests/histories/test_histories.py::test_another_wait_before_the_next_try_is_a_difference",
    ),
    Row(
        "build",
        "an older version's record is made what the newest would have been read as",
        "chassis/codec.py",
        "Codec.decode",
        "return self._renewed(decoded)",
        "return decoded",
        "tests/contracts/test_older_versions.py::test_two_old_records_share_no_default",
    ),
    Row(
        "build",
        "what this build folds is held against the snapshot",
        f"{SAGA}/against.py",
        "_first_unlike",
        "elif was != now:",
        "elif False:",
        "tests/histories/test_against.py::test_a_state_that_is_folded_otherwise_is_found_by_its_place",
    ),
)

ROWS: Final = (
    *NOTHING_LOST,
    *ONCE,
    *FOLD,
    *UNDONE,
    *NEIGHBOURS,
    *COPIES,
    *TENANTS,
    *NOT_INVENTED,
    *SEEN,
    *PAUSE,
    *GATE,
    *PAST,
    *DEAD,
    *BUILD,
)
