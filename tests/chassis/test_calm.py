"""The same thing is said once in a while, and what was said long ago is kept nowhere."""

import time

import pytest

from chassis.calm import SAY_AGAIN_S, Calm


def test_the_same_is_due_again_after_a_while_and_what_is_old_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    said = Calm()
    assert [said.due("a"), said.due("a"), said.due("b")] == [True, False, True]
    now[0] += SAY_AGAIN_S - 0.1
    assert not said.due("a")
    for number in range(1_000):
        now[0] += SAY_AGAIN_S + 0.1
        assert said.due("a")
        assert said.due(str(number))
    assert len(said._said) <= 4
