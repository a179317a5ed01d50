"""`sagaline mirror` writes nothing where it cannot know which region works."""

import pytest

from deploy.cli.mirror import mirror
from deploy.cli.talk import EXIT_INPUT, CommandFailed


def test_without_the_servers_that_know_who_works_nothing_is_mirrored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("USE_IN_MEMORY_STORE", "true")
    with pytest.raises(CommandFailed, match="REDIS_URL is required") as refused:
        mirror("127.0.0.1:1", "127.0.0.1:2")
    assert refused.value.exit_code == EXIT_INPUT
