"""A projector without a broker, the view that it fills, and a campaign's whole story for it."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import select

from chassis.codec import Codec
from contracts import identity
from contracts.requests import DecideReview, ReviewDecision
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database
from services.orchestrator.view.following import LogEntry
from services.orchestrator.view.projector import Projector
from services.orchestrator.view.queries import CampaignView, View
from services.orchestrator.view.tables import artefacts, campaigns, engagement, events, positions
from tests.orchestrator.view.stories import TENANT, Desk, goal_of

ONE = identity.campaign_id(TENANT, "one")
CODEC = Codec()


class Bench:
    """A projector without a broker, its alarms, and the view that it fills."""

    def __init__(self, state_dir: Path) -> None:
        self.settings = OrchestratorSettings(use_in_memory_store=True, state_dir=state_dir)
        self.alarms: list[tuple[str, str]] = []
        nothing: Any = None
        self.projector = Projector(
            self.settings, nothing, CODEC, lambda who, why: self.alarms.append((who, why))
        )
        self.database = Database("", self.settings.view_path, writes=True)
        self.database.prepare()
        self.view = View(Database("", self.settings.view_path))

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        with self.database.transaction() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table))]
                for table in (campaigns, events, artefacts, engagement, positions)
            }

    def campaign(self, campaign_id: str = ONE, tenant: str = TENANT) -> CampaignView:
        found = asyncio.run(self.view.campaign(tenant, campaign_id))
        assert found is not None
        return found

    def events(self, campaign_id: str = ONE, tenant: str = TENANT) -> tuple[LogEntry, ...]:
        return asyncio.run(self.view.events(tenant, campaign_id, after=0))

    def close(self) -> None:
        self.view.close()
        self.database.close()
        self.projector._database.close()


def completed(desk: Desk, tmp_path: Path) -> None:
    desk.create(ONE, goal_of(tmp_path / "keys"))
    desk.run(ONE)
    digest = desk.sagas[ONE].steps["review"].shown_digest
    desk.ask(
        ONE,
        DecideReview(step="review", decision=ReviewDecision.APPROVE, shown_digest=digest),
    )
    desk.run(ONE)
