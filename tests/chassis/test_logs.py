"""Every line that a process writes is an event with the agreed keys, a library's lines too."""

import json
import subprocess
import sys

SAYING = """
import logging, warnings
import structlog
from chassis.telemetry import configure_logs

configure_logs("INFO", "tester")
structlog.get_logger().info("ours", workflow_id="w", step="s")
logging.getLogger("some.library").error("no %s", "luck")
logging.getLogger("some.library").info("chatter")
warnings.warn("old", DeprecationWarning)
try:
    raise LookupError("lost")
except LookupError:
    logging.getLogger("some.library").exception("two\\nlines")
"""


def test_every_line_is_an_event_even_a_librarys() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", SAYING], check=True, capture_output=True, text=True
    )
    assert done.stdout == ""
    events = [json.loads(line) for line in done.stderr.splitlines()]
    for event in events:
        assert list(event) == [
            "level",
            "timestamp",
            "workflow_id",
            "correlation_id",
            "activity",
            "message",
            "extra",
        ]
    told = [(event["level"], event["extra"].get("detail", "")) for event in events]
    assert told[:2] == [("info", ""), ("error", "no luck")]
    assert told[2][0] == "warning"
    assert "DeprecationWarning: old" in told[2][1]
    assert told[3:] == [("error", "two\nlines")]
    assert "LookupError: lost" in events[3]["extra"]["exception"]
