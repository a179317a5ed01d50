"""What the local Kafka node is started with, and what it says when it does not start."""

from pathlib import Path

from deploy.kafka.broker import _why_java_failed, new_cluster_id


def test_no_cluster_id_looks_like_an_option_of_the_format_tool() -> None:
    assert not any(new_cluster_id().startswith("-") for _ in range(2_000))


def test_the_last_line_is_told_where_no_line_names_an_error() -> None:
    said = "usage: storage-tool [-h]\nstorage-tool: expected one argument\n\n"
    assert "storage-tool: expected one argument" in _why_java_failed(said, Path("home"))
    assert "it said nothing" in _why_java_failed("", Path("home"))
