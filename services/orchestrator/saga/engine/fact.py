"""What the engine folds: an event, when it was written, and whose it is."""

from datetime import datetime
from typing import NamedTuple

from contracts.message import LogEvent


class Fact(NamedTuple):
    """A log event with the envelope values that matter to state. `cause` is the input's id."""

    event: LogEvent
    at: datetime
    campaign_id: str
    tenant_id: str
    correlation_id: str
    cause: str
