"""Grafana: https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/."""

from tests.adapters.wire import Exchange, Protocol, Says

SETTINGS = {"grafana_url": "{root}", "grafana_token": "glsa_secret"}
HEADERS = {"authorization": "Bearer glsa_secret"}
SOURCE = "https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/"
PANEL = {"type": "stat", "title": "Clicks", "gridPos": {"h": 4, "w": 6, "x": 0, "y": 0}}

PROTOCOLS = (
    Protocol(
        "grafana",
        "put_dashboard",
        SOURCE,
        SETTINGS,
        {"uid": "c-1", "title": "campaign-1", "panels": [PANEL]},
        (
            Exchange(
                "POST",
                "/api/dashboards/db",
                Says(
                    {
                        "id": 1,
                        "uid": "c-1",
                        "url": "/d/c-1/campaign-1",
                        "status": "success",
                        "version": 1,
                        "slug": "campaign-1",
                    }
                ),
                headers={**HEADERS, "content-type": "application/json"},
                body={
                    "dashboard": {
                        "uid": "c-1",
                        "title": "campaign-1",
                        "tags": ["sagaline"],
                        "timezone": "browser",
                        "schemaVersion": 39,
                        "panels": [PANEL],
                    },
                    "overwrite": True,
                    "message": "Sagaline",
                },
            ),
        ),
        {"uid": "c-1", "url": "/d/c-1/campaign-1", "version": 1},
    ),
    Protocol(
        "grafana",
        "delete_dashboard",
        SOURCE,
        SETTINGS,
        {"uid": "c-1"},
        (
            Exchange(
                "DELETE",
                "/api/dashboards/uid/c-1",
                Says(
                    {"title": "campaign-1", "message": "Dashboard campaign-1 deleted", "uid": "c-1"}
                ),
                headers=HEADERS,
            ),
        ),
        {"found": True},
    ),
)
