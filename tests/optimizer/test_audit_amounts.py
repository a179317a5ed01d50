"""A report stays small however bad a text is."""

from contracts.audit import AuditContent
from services.optimizer.audit.checks import failing, report_of
from services.optimizer.audit.rule import REASON_CHARS_MAX, REASONS_MAX
from tests.optimizer.builders import CLEAN, item


def bad_campaign() -> AuditContent:
    body = " ".join(f"{number} loaves," for number in range(10_000, 12_000))
    return CLEAN.model_copy(update={"items": (item("webhook-a", body[:20_000], ()),)})


def test_a_text_full_of_invented_figures_gives_a_short_report_that_counts_the_rest() -> None:
    found = [c for c in failing(report_of(bad_campaign())) if c.name == "figure_stands_in_a_quote"]
    assert len(found) == REASONS_MAX
    assert "more of this kind" in found[-1].reason
    assert all(len(check.reason) <= REASON_CHARS_MAX for check in found)
