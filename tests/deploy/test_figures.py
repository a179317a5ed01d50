"""What a process says of its work, as the status command reads it."""

import math

from deploy.stack.figures import Figures, figures_in

BACKLOG = "sagaline_consumer_backlog_records"
DRAIN = "sagaline_drain_seconds"


def test_the_backlog_is_the_sum_over_a_process_s_roles() -> None:
    text = (
        f'# HELP {BACKLOG} x\n{BACKLOG}{{role="audit"}} 2.0\n{BACKLOG}{{role="learn"}} 3.0\no 9\n'
    )
    assert figures_in(text).backlog == 5
    assert figures_in("other 9\n") == Figures()


def test_the_forecast_is_the_slowest_role_s() -> None:
    text = f'{DRAIN}{{role="audit"}} 2.4\n{DRAIN}{{role="learn"}} 41.7\n'
    found = figures_in(text)
    assert found.drain_s == {"audit": 2.4, "learn": 41.7}
    assert found.drain == "learn: 42 s"
    assert figures_in(f'{DRAIN}{{role="audit"}} 0.0\n').drain == ""


def test_what_is_not_worked_on_has_no_end() -> None:
    found = figures_in(f'{DRAIN}{{role="audit"}} +Inf\n')
    assert math.isinf(found.drain_s["audit"])
    assert found.drain == "audit: no end"


def test_stalled_sagas_are_named_by_reason_where_there_are_any() -> None:
    text = 'sagas_stalled{reason="overdue"} 2.0\nsagas_stalled{reason="no_obligation"} 0.0\n'
    assert figures_in(text).stalled == {"overdue": 2}
