"""A campaign's dashboard in Grafana: what stands on it, and putting it up and taking it down once.

Its panels read the edge's own API through Grafana's Infinity data source
(https://grafana.com/docs/plugins/yesoreyeram-infinity-datasource/latest/), so no campaign needs a
metric of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.adapters.description import Removed
from chassis.adapters.door import Door
from chassis.adapters.vendors.grafana import Dashboard, DeleteDashboard, PutDashboard
from contracts.message import Message
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.ports import Retracted

TOOL = "grafana"
INFINITY = "yesoreyeram-infinity-datasource"
EFFECT_S_MAX = 40.0
"""No call is under way longer than this: it is given up before, or its process is ended."""

NONE_MADE = Retracted(detail="no dashboard had been made")

COLUMNS = 24
"""The width of Grafana's grid."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a dashboard is made for."""

    tenant_id: str
    campaign_id: str
    public_url: str
    datasource: str = ""


class Placed(Message):
    """Where the dashboard stands below Grafana's address; kept beside the claim."""

    url: str


def dashboard_of(shown: Shown) -> PutDashboard:
    """The dashboard. Its title is `campaign-<id>`; its uid is shorter, Grafana takes 40 letters."""
    hourly = {"clicks": "number", "opens": "number", "conversions": "number"}
    panels = (
        _panel("timeseries", "What readers do, by hour", _windows(shown, hourly)),
        _panel("table", "E-mail variants side by side", _variants(shown), y=9),
        {
            "type": "text",
            "title": "Who wins, and how sure that is",
            "gridPos": {"x": 0, "y": 18, "w": COLUMNS, "h": 4},
            "options": {"mode": "markdown", "content": f"[The campaign's figures]({_page(shown)})"},
        },
    )
    numbered = tuple({"id": number, **panel} for number, panel in enumerate(panels, start=1))
    title = f"campaign-{shown.campaign_id}"
    return PutDashboard(uid=uid_of(shown.campaign_id), title=title, panels=numbered)


def uid_of(campaign_id: str) -> str:
    """The dashboard's name in Grafana."""
    return f"c-{campaign_id}"


async def put_up(shown: Shown, door: Door, effect: Effect) -> Placed:
    """Write the dashboard once under the effect's key; again it answers what was recorded.

    Raises StepError: CANCELLED where its undo was first, and what Grafana answers.
    """
    recorded = await effect.begin()
    if recorded is not None:
        return Placed.model_validate_json(recorded)
    async with effect.acting(EFFECT_S_MAX):
        done = await door.execute(TOOL, "put_dashboard", dashboard_of(shown), key=effect.key)
    assert isinstance(done.outcome, Dashboard)
    placed = Placed(url=done.outcome.url)
    await effect.settle(placed.model_dump_json().encode())
    return placed


async def take_down(campaign_id: str, door: Door, effect: Effect) -> Retracted:
    """Delete what was put up, or keep it from coming.

    Raises StepError, and Retryable while a try to put it up may still be under way.
    """
    if not await effect.begin_undo():
        return NONE_MADE
    recorded = await effect.undone()
    if recorded is not None:
        return Retracted.model_validate_json(recorded)
    if not await effect.tried():
        return NONE_MADE
    await effect.all_tries_are_over(EFFECT_S_MAX)
    effect.check_lease()
    uid = uid_of(campaign_id)
    if not door.configured(TOOL):
        stays = f"grafana: the dashboard {uid}; delete it there, for Grafana's settings are gone"
        return Retracted(detail="the dashboard could not be deleted", left_behind=(stays,))
    done = await door.execute(TOOL, "delete_dashboard", DeleteDashboard(uid=uid), key=effect.key)
    assert isinstance(done.outcome, Removed)
    retracted = Retracted(
        detail=f"the dashboard {uid} {'was deleted' if done.outcome.found else 'was gone already'}"
    )
    await effect.settle_undo(retracted.model_dump_json().encode())
    return retracted


def _panel(kind: str, title: str, target: Mapping[str, Any], y: int = 0) -> dict[str, Any]:
    return {
        "type": kind,
        "title": title,
        "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 9},
        "datasource": target["datasource"],
        "targets": [target],
    }


def _windows(shown: Shown, counts: Mapping[str, str]) -> dict[str, Any]:
    columns = {"begins_at": "timestamp", "item_id": "string", **counts}
    asked = _query(shown, "/figures/windows", "size_s=3600", columns)
    return asked | {"root_selector": "windows", "format": "timeseries"}


def _variants(shown: Shown) -> dict[str, Any]:
    columns = {"item_id": "string"} | dict.fromkeys(
        ("sent", "opens", "clicks", "conversions", "probability_best"), "number"
    )
    asked = _query(shown, "/figures", "", columns)
    return asked | {"root_selector": "channels.variants", "format": "table"}


def _query(shown: Shown, path: str, query: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """A query as the Infinity data source's documentation describes it."""
    source: dict[str, str] = {"type": INFINITY}
    if shown.datasource:
        source["uid"] = shown.datasource
    address = f"{shown.public_url.rstrip('/')}/api/v1/campaigns/{shown.campaign_id}{path}"
    asked = "&".join(filter(None, (query, f"tenant={shown.tenant_id}")))
    return {
        "refId": "A",
        "datasource": source,
        "type": "json",
        "parser": "backend",
        "source": "url",
        "url": f"{address}?{asked}",
        "url_options": {"method": "GET"},
        "columns": [
            {"selector": name, "text": name, "type": kind} for name, kind in columns.items()
        ],
    }


def _page(shown: Shown) -> str:
    root = shown.public_url.rstrip("/")
    return f"{root}/campaigns/{shown.campaign_id}/figures?tenant={shown.tenant_id}"
