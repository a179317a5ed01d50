"""What the log rests on: nothing lost, once, one fold, dead letters, builds."""

from typing import Final

from tests.unguarded.places import EDGE, ENGINE, OF_EDGE, OF_SAGA, OPTIMIZER, SAGA, VIEW
from tests.unguarded.planting import Row

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
        "a goal that could not go on is read again",
        f"{EDGE}/upstream.py",
        "Intake._take_all",
        "self._again.setdefault(later.source, later.offset)",
        "pass",
        f"{OF_EDGE}/test_upstream.py::test_a_log_that_does_not_answer_loses_no_goal",
    ),
    Row(
        "G1",
        "a command counts as done only once its answer is sent",
        "chassis/loop.py",
        "PhaseLoop._work",
        "self._outbox.add(work, answers)",
        "work.progress.finish(work.incoming.offset)\n        self._outbox.add(work, answers)",
        "tests/chassis/test_phase_loop.py::test_a_role_stops_also_while_the_broker_is_away",
    ),
    Row(
        "G1",
        "an answer that the brokers did not take is sent again",
        "chassis/outbox.py",
        "Outbox._went_together",
        "return False",
        "return True",
        "tests/chassis/test_outbox.py::test_an_answer_that_is_not_taken_holds_back_no_other",
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
        "what a reader did counts once, however often it is told",
        f"{OPTIMIZER}/windows.py",
        "CampaignCounts.take",
        "if event in self._seen:",
        "if False:",
        "tests/optimizer/test_windows.py::test_a_repeated_event_is_told_apart_from_a_new_one",
    ),
    Row(
        "G2",
        "a campaign's dashboard is made once",
        f"{OPTIMIZER}/dashboard.py",
        "put_up",
        "if recorded is not None:",
        "if False:",
        "tests/optimizer/test_dashboard.py"
        "::test_a_campaign_gets_its_dashboard_once_however_often_it_is_asked_for",
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
        "a partition without a leader is not taken for an empty one",
        "chassis/kafka/bounds.py",
        "Bounds._require_all",
        "if offset < 0",
        "if False",
        "tests/chassis/test_kafka_bounds.py::test_a_partition_without_a_leader_has_no_end",
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
