"""Grafana's HTTP API: a dashboard under a uid of ours, written whole, and deleted again.

https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/. The uid is at most 40
characters and names the dashboard, so that writing it again changes nothing.
"""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    Removed,
    adapter_to,
)
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, bearer

SCHEMA_VERSION = 39

Uid = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class PutDashboard(Args):
    """A dashboard as Grafana describes it; one of the same uid is replaced."""

    uid: Uid
    title: str
    panels: tuple[dict[str, Any], ...] = ()
    tags: tuple[str, ...] = ("sagaline",)


class DeleteDashboard(Args):
    """A dashboard to delete."""

    uid: Uid


class Dashboard(Outcome):
    """The dashboard as it stands: its path below Grafana's address, and its version."""

    uid: str
    url: str
    version: int


def grafana(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = bearer("grafana", settings.grafana_url, "GRAFANA_TOKEN", settings.grafana_token)
    vendor = replace(vendor, needs={"GRAFANA_URL": settings.grafana_url, **vendor.needs})

    async def put(args: PutDashboard, call: Call) -> Dashboard:
        dashboard = {
            "uid": args.uid,
            "title": args.title,
            "tags": args.tags,
            "timezone": "browser",
            "schemaVersion": SCHEMA_VERSION,
            "panels": args.panels,
        }
        body = {"dashboard": dashboard, "overwrite": True, "message": "Sagaline"}
        return (await call.web.ask(vendor, Ask("POST", "/api/dashboards/db", body=body))).of(
            Dashboard
        )

    async def delete(args: DeleteDashboard, call: Call) -> Removed:
        ask = Ask("DELETE", f"/api/dashboards/uid/{args.uid}")
        said = await call.web.ask(vendor, ask, accepted=(404,))
        return Removed(found=said.status != 404)

    return adapter_to(
        vendor,
        Kind.ANALYTICS,
        "a dashboard per campaign",
        actions=(
            Action(
                name="put_dashboard",
                about="write a dashboard",
                args=PutDashboard,
                outcome=Dashboard,
                run=put,
                retry=READING,
                key=KeyRule.NAMES,
                undo="delete_dashboard",
            ),
            Action(
                name="delete_dashboard",
                about="delete a dashboard",
                args=DeleteDashboard,
                outcome=Removed,
                run=delete,
                retry=READING,
                key=KeyRule.NAMES,
            ),
        ),
    )
