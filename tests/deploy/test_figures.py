"""What a process says of its backlog."""

from deploy.stack.figures import backlog_in


def test_the_backlog_is_the_sum_over_a_process_s_roles() -> None:
    name = "sagaline_consumer_backlog_records"
    text = f'# HELP {name} x\n{name}{{role="audit"}} 2.0\n{name}{{role="learn"}} 3.0\nother 9\n'
    assert backlog_in(text) == 5
    assert backlog_in("other 9\n") is None
