"""What a projector keeps of campaigns between batches is never believed over the view itself."""

from pathlib import Path
from typing import Any

import pytest

from chassis.broker import Incoming
from contracts import topics
from services.orchestrator.view.database import ViewUnavailable
from services.orchestrator.view.known import Followed, Known
from services.orchestrator.view.projector import Projector
from tests.orchestrator.view.bench import CODEC, ONE, Bench, completed
from tests.orchestrator.view.stories import Desk


def test_what_another_copy_has_projected_meanwhile_is_read_from_the_view(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    nothing: Any = None
    other = Projector(bench.settings, nothing, CODEC)
    bench.projector.apply(desk.log[:3])
    other.apply(desk.log[:7])
    bench.projector.apply(desk.log)
    assert bench.campaign().saga == desk.sagas[ONE]
    assert len(bench.events()) == len(desk.log)
    assert bench.alarms == []
    other._database.close()


def test_a_batch_that_fails_leaves_nothing_behind(bench: Bench, desk: Desk, tmp_path: Path) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log[:3])

    def failing(who: str, why: str) -> None:
        raise ViewUnavailable(f"{who}: {why}")

    bench.projector._alarm = failing
    rubbish = Incoming(topics.LOG, 0, 60, b"x", b"\x00nothing")
    with pytest.raises(ViewUnavailable):
        bench.projector.apply([*desk.log[3:6], rubbish])
    bench.projector.apply(desk.log[3:])
    assert bench.campaign().saga == desk.sagas[ONE]
    assert [entry.value for entry in bench.events()] == [record.value for record in desk.log]


def test_what_is_known_of_campaigns_is_bounded_and_what_was_used_last_stays() -> None:
    known = Known(chars_max=10)
    for name in "abc":
        followed = Followed(None)
        followed.chars = 4
        known.keep(name, followed)
    assert [known.take(name) is not None for name in "abc"] == [False, True, True]
    assert known.take("c") is None
