"""The storm's own bookkeeping: a clean run has no anomaly, and each broken promise is one."""

from collections.abc import Callable

import pytest

from contracts.goal import SealedText
from tests.chaos.storm.count import CANCELLED, COMPLETED, FAILED, Accepted, Ended, Told, compared
from tests.chaos.storm.sagas import DOOMED, MAILED, POSTED, keys, publications, retraction
from tests.chaos.storm.witness import MAIL, POST, RETRACTION, Arrival

CONTACT = SealedText(subject_id="00000000-0000-4000-8000-0000000000aa", token="sealed")
SORTS = {
    "00000000-0000-4000-8000-000000000011": POSTED,
    "00000000-0000-4000-8000-000000000012": MAILED,
    "00000000-0000-4000-8000-000000000013": DOOMED,
    "00000000-0000-4000-8000-000000000014": POSTED,
}
DONE, MAILS, UNDONE, STOPPED = SORTS
HOW = {DONE: COMPLETED, MAILS: COMPLETED, UNDONE: FAILED, STOPPED: CANCELLED}
ENDED_AT = 100.0


class Run:
    """A run in which everything went well; tests spoil it."""

    def __init__(self) -> None:
        self.log = Told()
        self.seen: list[Arrival] = []
        for campaign_id, sort in SORTS.items():
            self.log.sagas.add(campaign_id)
            self.log.ends[campaign_id] = Ended(HOW[campaign_id], ENDED_AT, ())
            self.log.acknowledged[campaign_id] = set(publications(sort))
            for key in keys(campaign_id, sort, CONTACT):
                kind = MAIL if sort == MAILED else POST
                self.seen.append(Arrival(kind, key, 1.0, key))
                if HOW[campaign_id] != COMPLETED:
                    self.seen.append(Arrival(RETRACTION, retraction(key), 2.0, key))

    def anomalies(self) -> list[str]:
        accepted = Accepted(SORTS, frozenset(SORTS), CONTACT)
        return [
            line.partition(":")[0] for line in compared(self.log, accepted, self.seen).anomalies
        ]

    def first(self, campaign_id: str) -> int:
        """Where the first arrival of a saga stands."""
        key = next(iter(keys(campaign_id, SORTS[campaign_id], CONTACT)))
        return next(n for n, arrival in enumerate(self.seen) if arrival.key == key)


def _lose(run: Run) -> None:
    del run.seen[run.first(DONE)]


def _never_ask(run: Run) -> None:
    del run.seen[run.first(DONE)]
    run.log.acknowledged[DONE].remove(publications(POSTED)[0])


def _change(run: Run) -> None:
    run.seen.append(run.seen[run.first(DONE)]._replace(content="other"))


def _mail_again(run: Run) -> None:
    run.seen.append(run.seen[run.first(MAILS)])


def _come_late(run: Run) -> None:
    run.seen.append(run.seen[run.first(STOPPED)]._replace(at=ENDED_AT + 0.001))


def _keep(run: Run) -> None:
    kept = retraction(run.seen[run.first(UNDONE)].key)
    run.seen = [arrival for arrival in run.seen if arrival.key != kept]


def _invent(run: Run) -> None:
    run.seen.append(Arrival(POST, "00000000-0000-4000-8000-0000000000ff", 1.0, "x"))


def _strand(run: Run) -> None:
    del run.log.ends[DONE]


def _forget(run: Run) -> None:
    run.log.sagas.remove(MAILS)
    del run.log.ends[MAILS]


def _fail(run: Run) -> None:
    run.log.ends[STOPPED] = Ended(FAILED, ENDED_AT, ())


def test_a_clean_run_has_no_anomaly() -> None:
    assert Run().anomalies() == []


def test_a_call_repeated_under_its_key_with_the_same_content_is_within_the_contract() -> None:
    run = Run()
    run.seen.append(run.seen[run.first(DONE)])
    assert run.anomalies() == []


def test_a_mail_that_was_held_need_not_have_come() -> None:
    run = Run()
    del run.seen[run.first(MAILS)]
    run.log.acknowledged[MAILS].remove(publications(MAILED)[0])
    run.log.held[MAILS].add(publications(MAILED)[0])
    assert run.anomalies() == []


def test_what_is_named_as_left_behind_need_not_be_taken_back() -> None:
    run = Run()
    _keep(run)
    left = f"{publications(DOOMED)[0]}: the undo failed"
    run.log.ends[UNDONE] = Ended(FAILED, ENDED_AT, (left,))
    assert run.anomalies() == []


@pytest.mark.parametrize(
    ("spoil", "anomalies"),
    [
        (
            _lose,
            [
                "publications lost after acknowledgement",
                "publications that a completed saga lacks",
            ],
        ),
        (_never_ask, ["publications that a completed saga lacks"]),
        (_change, ["keys with two contents"]),
        (_mail_again, ["mails that came twice"]),
        (_come_late, ["publications after a confirmed end"]),
        (_keep, ["publications neither taken back nor named"]),
        (_invent, ["keys that nobody should know"]),
        (_strand, ["sagas without an end"]),
        (_forget, ["sagas lost after acknowledgement"]),
        (_fail, ["sagas that failed and should not have"]),
    ],
)
def test_a_broken_promise_is_found(spoil: Callable[[Run], None], anomalies: list[str]) -> None:
    run = Run()
    spoil(run)
    assert run.anomalies() == anomalies
