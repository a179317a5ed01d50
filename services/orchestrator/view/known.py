"""Campaigns as the view holds them: each one's head, and those kept between two batches."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from services.orchestrator.saga.state import Saga
from services.orchestrator.view.following import Head

NO_FAILURE = {"failure_reason": "", "failure_step": "", "failure_message": ""}
_NOTED: dict[str, Any] = {"started_at": None, "ended_at": None, "fingerprint": "", **NO_FAILURE}
"""The columns that the state does not hold, as they are before the first fact."""

KNOWN_CHARS_MAX: Final = 8 * 2**20
"""States kept between batches, measured as the JSON that they are stored as."""


class Followed:
    """One campaign: its head, and the columns that the state does not hold."""

    def __init__(self, row: Mapping[str, Any] | None) -> None:
        self.stored = row is not None
        self.head = (
            Head(Saga.model_validate_json(row["state_json"]), row["head_hash"]) if row else Head()
        )
        self.broken: str = row["broken"] if row else ""
        self.noted = {name: row[name] if row else empty for name, empty in _NOTED.items()}
        self.chars = 0


class Known:
    """Campaigns as the view holds them, kept between batches so that none is read back each time.

    True only while nobody else writes the view's rows: whoever holds it forgets everything where
    a stored position is not the one that it left there, or where a batch failed.
    """

    def __init__(self, chars_max: int = KNOWN_CHARS_MAX) -> None:
        self._chars_max = chars_max
        self._chars = 0
        self._campaigns: OrderedDict[str, Followed] = OrderedDict()

    def forget(self) -> None:
        """Everything is to be read from the view again."""
        self._chars = 0
        self._campaigns.clear()

    def take(self, campaign_id: str) -> Followed | None:
        """The campaign, out of here, or None where it is not known."""
        found = self._campaigns.pop(campaign_id, None)
        self._chars -= found.chars if found else 0
        return found

    def keep(self, campaign_id: str, followed: Followed) -> None:
        """Keep a campaign as it was just written; what was used longest ago goes first."""
        self._campaigns[campaign_id] = followed
        self._chars += followed.chars
        while self._chars > self._chars_max:
            _, oldest = self._campaigns.popitem(last=False)
            self._chars -= oldest.chars
