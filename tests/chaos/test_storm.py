"""A minute of seeded weather on a real Kafka: nothing lost, twice, or after a cancel."""

from pathlib import Path

import pytest

from tests.chaos.storm.faults import Pace
from tests.chaos.storm.storm import Wish, storm

SHORT = Wish(
    minutes=1.0,
    seed=20_261,
    open_max=100,
    session_s=2.0,
    pace=Pace(phases_s=(2.0, 5.0), saga_s=(8.0, 14.0), broker_s=(22.0, 28.0)),
)
PUBLICATIONS_MIN = 100

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(480)]


def test_a_storm_loses_nothing_doubles_nothing_and_publishes_nothing_after_a_cancel(
    tmp_path: Path, figures: list[str]
) -> None:
    report = storm(SHORT, tmp_path)
    found = report.figures
    figures.append(f"storm, seed {report.seed}: faults {report.faults}, exits {report.exits}")
    figures.append(f"storm: {report.sagas_per_s} sagas/s, drained in {report.drain_s} s; {found}")
    assert report.anomalies == []
    assert found["publications seen"] >= PUBLICATIONS_MIN
    assert found["sagas cancelled"] > 0
    assert found["sagas failed"] > 0
    assert report.faults["kill -9 broker"] > 0
    assert {"kill -9 publish", "pause publish", "kill -9 chores"} <= report.faults.keys()
