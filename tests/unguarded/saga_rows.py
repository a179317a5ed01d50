"""What sagas rest on: undo, neighbours, copies, pauses, gates, the past."""

from typing import Final

from tests.unguarded.places import ENGINE, OF_EDGE, OF_SAGA, SAGA, VIEW
from tests.unguarded.planting import Row

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
        "if due is None:",
        "if False:",
        f"{OF_SAGA}/test_undo.py"
        "::test_an_undo_that_never_succeeds_is_parked_then_left_and_named_and_the_rest_still_run",
    ),
    Row(
        "G4",
        "what an undo released stays released, also for the rounds before",
        "chassis/worker.py",
        "Worker._artefacts",
        "rounds = range(call.round)",
        "rounds = range(0)",
        "tests/chassis/test_worker.py"
        "::test_an_undo_ends_what_a_copy_still_does_for_an_earlier_round",
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

TRIES: Final = (
    Row(
        "tries",
        "what nobody answered takes no try",
        f"{ENGINE}/forward.py",
        "failed",
        "unanswered=failure.unanswered and planned.retry.budget_ms > 0,",
        "unanswered=False,",
        f"{OF_SAGA}/test_silence.py"
        "::test_a_command_that_nobody_answers_is_asked_for_more_often_than_it_may_fail",
    ),
    Row(
        "tries",
        "a saga that does not end in its time is undone",
        f"{ENGINE}/decide.py",
        "_fell_due",
        'backward.fail(story, FailureReason.TIMEOUT, "", late)',
        "pass",
        f"{OF_SAGA}/test_silence.py::test_a_campaign_that_does_not_end_in_its_time_is_undone",
    ),
    Row(
        "tries",
        "each lease that passes in silence makes the next one longer",
        f"{ENGINE}/forward.py",
        "_ask_phase",
        "stretched(_ms(planned.timeout_ms), state.silent)",
        "_ms(planned.timeout_ms)",
        f"{OF_SAGA}/test_silence.py"
        "::test_a_call_after_silence_has_more_time_so_that_a_long_queue_gets_shorter",
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
        "what the brokers forgot under a name is ended when the name starts",
        "chassis/kafka/transactions.py",
        "KafkaTransactions._start",
        "ended = self._hanging.end(producer) if self._hanging else ()",
        "ended = ()",
        "tests/chaos/test_hanging.py::test_what_hung_does_not_count_with_the_next_commit",
        broker=True,
    ),
    Row(
        "G6",
        "a start that came to no end is gone on with by the same client",
        "chassis/kafka/transactions.py",
        "KafkaTransactions._holding_the_name",
        "self._starting = producer",
        "pass",
        "tests/broker/test_slow_start.py"
        "::test_a_name_whose_start_was_late_is_not_fenced_by_what_it_asked_for_first",
        broker=True,
    ),
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

DATE: Final = (
    Row(
        "date",
        "a step begins no earlier than its date",
        f"{ENGINE}/forward.py",
        "launch",
        "planned.not_before is not None and story.now < planned.not_before",
        "False",
        f"{OF_SAGA}/test_scheduling.py::test_it_publishes_on_its_date_and_not_a_millisecond_before",
    ),
    Row(
        "date",
        "a pause does not move the date",
        f"{ENGINE}/holds.py",
        "_moved",
        "if state.status is StepStatus.SCHEDULED:",
        "if False:",
        f"{OF_SAGA}/test_scheduling.py::test_a_pause_holds_the_date_back_only_while_it_lasts",
    ),
    Row(
        "date",
        "a cancelled campaign is not published now",
        f"{ENGINE}/lifting.py",
        "_waiting",
        "if saga.life is not Life.RUNNING:",
        "if False:",
        f"{OF_SAGA}/test_scheduling.py::test_a_cancel_wins_over_publishing_now_whichever_comes_first",
    ),
    Row(
        "date",
        "the campaign's own time begins anew at its date",
        f"{ENGINE}/scheduling.py",
        "scheduled",
        'changed["finish_by"] = later',
        "pass",
        f"{OF_SAGA}/test_scheduling.py::test_the_campaigns_own_time_begins_anew_on_its_date",
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
        f"{ENGINE}/rerun.py",
        "to_rerun",
        "return tuple(dict.fromkeys((*named, gate, *sorted(begun))))",
        "return ()",
        f"{OF_SAGA}/test_review.py::test_an_edit_replaces_the_text_and_runs_the_audit_again",
    ),
    Row(
        "gate",
        "a reviewer link opens what it was signed for, and nothing else",
        "chassis/reviewlink.py",
        "opened",
        "if not hmac.compare_digest(signature.encode(), right.encode()):",
        "if False:",
        f"{OF_EDGE}/test_review_links.py::test_a_link_that_was_tampered_with_opens_nothing",
    ),
    Row(
        "gate",
        "a reviewer link ends with its gate's time",
        "services/orchestrator/edge/review_links.py",
        "standing",
        "if state.deadline is not None and state.deadline <= now:",
        "if False:",
        f"{OF_EDGE}/test_review_links.py::test_a_link_ends_with_its_gates_time",
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
