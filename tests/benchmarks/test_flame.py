"""A flame graph's boxes are as wide as their share, and name no place of a machine."""

import xml.etree.ElementTree as ET

from benchmarks.flame import WIDTH, folded, picture

HOME = "/somewhere/else"
RAW = (
    f"run ({HOME}/chassis/transaction.py:12);think ({HOME}/services/orchestrator/saga/x.py:3) 3",
    f"run ({HOME}/chassis/transaction.py:14);encode ({HOME}/lib/fastavro/_write.py:9) 1",
    "run (chassis/transaction.py:12);<lambda> (<string>:1) 4",
    "run (threading.py:1);_work (chassis/kafka/thread.py:9) 7",
)


def test_a_frame_is_its_function_and_the_end_of_its_file() -> None:
    stacks = folded(RAW)
    assert stacks[("run chassis/transaction.py", "think services/orchestrator/saga/x.py")] == 3
    assert stacks[("run chassis/transaction.py", "encode _write.py")] == 1
    assert HOME not in picture("A", stacks)


def test_a_box_is_as_wide_as_its_share() -> None:
    text = picture("A & B", folded(RAW))
    boxes = [
        (group[0].text, float(group[1].get("width", "0")))
        for group in ET.fromstring(text)
        if group.tag.endswith("}g")
    ]
    assert ("run chassis/transaction.py: 100.0%", WIDTH) in boxes
    assert ("encode _write.py: 12.5%", WIDTH / 8) in boxes
    assert len(boxes) == 4
