"""What documentation says of its subject is heard; how to operate the thing is not."""

import pytest

from services.radar.plain_analyst import plain_signal

SAYS_WHAT_IT_IS_OR_DOES = [
    "DRD is a Valgrind tool for detecting errors in multithreaded C and C++ programs.",
    "Most but not all data races are programming errors and are the cause of subtle bugs.",
    "Reliably detecting races is a difficult problem that testing alone seldom solves.",
    "Helgrind can be very helpful in finding and resolving threading-related problems.",
    "A calendar of the museum helps families to find a quiet hour.",
]
OPERATES_IT = [
    "If the option is set, Massif records a peak only when the heap grows by one percent.",
    "When memory is read or written, the relevant bits are consulted and errors are reported.",
    "Increasing --peak-inaccuracy gives faster runs and finds fewer peaks.",
    "The function malloc_trim() releases memory and reduces what the process holds.",
    "Problems like these can be difficult to find by other means.",
    "See the next section for the errors that Memcheck detects.",
    "The weather in the north was mild that week.",
]


@pytest.mark.parametrize("sentence", SAYS_WHAT_IT_IS_OR_DOES)
def test_a_definition_a_use_or_a_consequence_is_heard(sentence: str) -> None:
    assert plain_signal(sentence) >= 0.35


@pytest.mark.parametrize("sentence", OPERATES_IT)
def test_instructions_and_inner_workings_are_not(sentence: str) -> None:
    assert plain_signal(sentence) == 0.0
