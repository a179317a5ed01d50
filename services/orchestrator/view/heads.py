"""How far the view has followed each campaign, for holding it against the log."""

from collections.abc import Collection

from sqlalchemy import select

from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database
from services.orchestrator.view.tables import campaigns

IDS_PER_QUERY = 500

_HEAD = (campaigns.c.campaign_id, campaigns.c.sequence, campaigns.c.head_hash)


def view_heads(settings: OrchestratorSettings) -> dict[str, tuple[int, str]]:
    """Campaign id to (sequence, hash of its last record) in the view. Raises ViewUnavailable."""
    database = Database(settings.database_url, settings.view_path)
    try:
        database.check()
        with database.transaction() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(select(*_HEAD))}
    finally:
        database.close()


def heads_of(database: Database, ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """The same for some campaigns; one that the view does not know is left out."""
    wanted, found = sorted(ids), dict[str, tuple[int, str]]()
    database.check()
    for start in range(0, len(wanted), IDS_PER_QUERY):
        some = campaigns.c.campaign_id.in_(wanted[start : start + IDS_PER_QUERY])
        with database.transaction() as connection:
            rows = connection.execute(select(*_HEAD).where(some))
            found.update({row[0]: (row[1], row[2]) for row in rows})
    return found
