"""How far the view has followed each campaign, for holding it against the log."""

from sqlalchemy import select

from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database
from services.orchestrator.view.tables import campaigns


def view_heads(settings: OrchestratorSettings) -> dict[str, tuple[int, str]]:
    """Campaign id to (sequence, hash of its last record) in the view. Raises ViewUnavailable."""
    database = Database(settings.database_url, settings.view_path)
    try:
        database.check()
        wanted = select(campaigns.c.campaign_id, campaigns.c.sequence, campaigns.c.head_hash)
        with database.transaction() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(wanted)}
    finally:
        database.close()
