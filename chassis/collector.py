"""How often a process looks for cyclic garbage, and where not at all."""

import gc

YOUNG_OBJECTS = 50_000
YOUNG_ROUNDS = 20
MIDDLE_ROUNDS = 100


def settle_collector() -> None:
    """Let Python's collector never walk over what start-up has made: call it when that is over.

    With Python's own thresholds its walks over modules and schemas, which never become garbage,
    took a tenth of a busy phase's time. What comes later is collected as ever.
    """
    gc.collect()
    gc.freeze()


def calm_collector() -> None:
    """Let Python's collector run seldom, and never over what start-up has made.

    State that is immutable and has no cycles is freed when nobody refers to it; the collector
    walks over all of it again and again and finds nothing. With Python's own thresholds that took
    a tenth of the saga role's time, more with every saga held (docs/performance.md).
    """
    settle_collector()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS)
