"""How much of what was planted each check of the audit finds, and how often it cries wolf."""

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel

from benchmarks.audit_cases import Case
from services.optimizer.audit.checks import failing, report_of

Miss = tuple[str, str]
"""The id of a case, and the rule that said too little or too much there."""


class Score(BaseModel):
    """One rule over the whole corpus."""

    rule: str
    planted: int
    found: int
    false_alarms: int

    @property
    def precision(self) -> float | None:
        """The share of its alarms that were right; None where it gave none."""
        alarms = self.found + self.false_alarms
        return self.found / alarms if alarms else None

    @property
    def recall(self) -> float | None:
        """The share of the planted defects that it found; None where none was planted."""
        return self.found / self.planted if self.planted else None


class Reading(BaseModel):
    """The corpus read once."""

    clean: int
    spoiled: int
    scores: list[Score]
    missed: list[Miss]
    false_alarms: list[Miss]


def measure(asked: Sequence[Case]) -> Reading:
    """Audit every case; the checks are pure, so every reading of one commit is the same."""
    found: Counter[str] = Counter()
    rules: set[str] = set()
    missed: list[Miss] = []
    false_alarms: list[Miss] = []
    for case in asked:
        report = report_of(case.subject)
        failed = {(check.name, check.place) for check in failing(report)}
        rules |= {check.name for check in report.checks} | {rule for rule, _ in case.expected}
        found.update(rule for rule, _ in failed & case.expected)
        missed += [(case.id, rule) for rule, _ in sorted(case.expected - failed)]
        false_alarms += [
            (case.id, rule) for rule, _ in sorted(failed - case.expected) if rule not in case.also
        ]
    return Reading(
        clean=sum(not case.expected for case in asked),
        spoiled=sum(bool(case.expected) for case in asked),
        scores=[_score(rule, asked, found, false_alarms) for rule in sorted(rules)],
        missed=missed,
        false_alarms=false_alarms,
    )


def table(reading: Reading) -> str:
    """Precision and recall per rule as a table for docs/performance.md, and what was missed."""
    head = ("| rule | planted | found | false alarms | precision | recall |", "|" + " --- |" * 6)
    rows = [
        f"| {one.rule} | {one.planted} | {one.found} | {one.false_alarms} | "
        f"{_share(one.precision)} | {_share(one.recall)} |"
        for one in (*reading.scores, _together(reading))
        if one.planted or one.false_alarms
    ]
    quiet = [one.rule for one in reading.scores if not one.planted and not one.false_alarms]
    notes = [
        f"- {reading.spoiled} spoiled texts, {reading.clean} clean ones.",
        f"- Nothing planted and no alarm: {', '.join(quiet) or 'none'}.",
        *(f"- Missed: {case} ({rule})" for case, rule in reading.missed),
        *(f"- False alarm: {case} ({rule})" for case, rule in reading.false_alarms),
    ]
    return "\n".join((*head, *rows, "", *notes))


def _score(
    rule: str, asked: Sequence[Case], found: Counter[str], false_alarms: Sequence[Miss]
) -> Score:
    return Score(
        rule=rule,
        planted=sum(rule == expected for case in asked for expected, _ in case.expected),
        found=found[rule],
        false_alarms=sum(rule == alarm for _, alarm in false_alarms),
    )


def _together(reading: Reading) -> Score:
    return Score(
        rule="**all**",
        planted=sum(one.planted for one in reading.scores),
        found=sum(one.found for one in reading.scores),
        false_alarms=sum(one.false_alarms for one in reading.scores),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
