"""The corpus of planted defects: each is found by its rule at its place, and clean texts pass.

What is still missed stands here by name, so that a new miss, and one that is found at last, fail.
"""

from collections import Counter

import pytest

from benchmarks.audit import measure
from benchmarks.audit_cases import Case, cases
from services.optimizer.audit.checks import failing, report_of

NOT_BUILT: frozenset[str] = frozenset(
    {
        "email_names_its_sender",
        "link_is_well_formed",
        "link_leads_to_a_known_site",
        "subject_is_honest",
        "subject_reads_like_no_spam",
    }
)
"""Rules that the corpus asks for and nobody has written."""

KNOWN_MISSES: dict[str, str] = {
    "halden-survey-said-of-everybody": "claim_follows_its_quote",
    "kestrel-flight-over-train": "claim_follows_its_quote",
    "riverkeep-denied-outside-the-cited-words": "claim_keeps_its_negation",
}

CLEAN = [case for case in cases() if not case.expected]
SPOILED = [case for case in cases() if case.expected]


def by_id(case: Case) -> str:
    return case.id


@pytest.mark.parametrize("case", CLEAN, ids=by_id)
def test_a_clean_text_passes_every_check(case: Case) -> None:
    reasons = [
        (check.place, check.name, check.reason) for check in failing(report_of(case.subject))
    ]
    assert reasons == []


@pytest.mark.parametrize("case", SPOILED, ids=by_id)
def test_a_planted_defect_is_found_or_known_to_be_missed(case: Case) -> None:
    failed = {(check.name, check.place) for check in failing(report_of(case.subject))}
    missed = {rule for rule, _ in case.expected - failed} - NOT_BUILT
    known = {KNOWN_MISSES[case.id]} if case.id in KNOWN_MISSES else set()
    assert missed == known
    assert {rule for rule, _ in failed - case.expected} - case.also == set()


def test_the_corpus_is_large_and_names_its_cases_once() -> None:
    assert len(SPOILED) >= 60
    assert len(CLEAN) >= 20
    assert max(Counter(case.id for case in cases()).values()) == 1
    assert set(KNOWN_MISSES) <= {case.id for case in SPOILED}
    assert sum(case.subject.items[0].language == "es" for case in CLEAN) >= 4


def test_the_benchmark_counts_what_the_tests_see() -> None:
    reading = measure()
    assert reading.spoiled == len(SPOILED)
    assert {case for case, rule in reading.missed if rule not in NOT_BUILT} == set(KNOWN_MISSES)
    assert reading.false_alarms == []
    assert sum(one.planted - one.found for one in reading.scores) == len(reading.missed)
