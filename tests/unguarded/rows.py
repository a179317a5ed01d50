"""What each guarantee of docs/guarantees.md rests on: switched off, its named test must notice.

A row marked `broker` needs a real Kafka; the others run in seconds without one.
"""

from typing import Final

from tests.unguarded.edge_rows import NOT_INVENTED, OUTSIDE, SEEN, TENANTS
from tests.unguarded.log_rows import BUILD, DEAD, FOLD, NOTHING_LOST, ONCE
from tests.unguarded.region_rows import REGIONS
from tests.unguarded.saga_rows import COPIES, DATE, GATE, NEIGHBOURS, PAST, PAUSE, TRIES, UNDONE

ROWS: Final = (
    *NOTHING_LOST,
    *ONCE,
    *FOLD,
    *UNDONE,
    *TRIES,
    *NEIGHBOURS,
    *COPIES,
    *TENANTS,
    *NOT_INVENTED,
    *OUTSIDE,
    *SEEN,
    *PAUSE,
    *GATE,
    *DATE,
    *PAST,
    *DEAD,
    *BUILD,
    *REGIONS,
)
