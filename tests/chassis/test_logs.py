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
for luck in ("luck", "luck", "chance", "luck"):
    logging.getLogger("some.library").error("no %s", luck)
logging.getLogger("some.library").info("chatter")
warnings.warn("old", DeprecationWarning)
for _ in range(2):
    try:
        raise LookupError("lost")
    except LookupError:
        logging.getLogger("some.library").exception("two\\nlines")
"""


def test_every_line_is_an_event_even_a_librarys_and_its_words_come_once_in_a_while() -> None:
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
    assert told[:3] == [("info", ""), ("error", "no luck"), ("error", "no chance")]
    assert told[3][0] == "warning"
    assert "DeprecationWarning: old" in told[3][1]
    assert told[4:] == [("error", "two\nlines")] * 2
    assert all("LookupError: lost" in event["extra"]["exception"] for event in events[4:])
