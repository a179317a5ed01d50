"""Driving campaigns over the API as a person would, and what was seen on the way."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml
from httpx_sse import connect_sse

from deploy.stack.stack import Stack
from services.orchestrator.settings import DEFAULT_TENANT

BRIEFS = Path(__file__).resolve().parents[2] / "examples" / "briefs"
ENDED = ("COMPLETED", "FAILED", "REJECTED", "CANCELLED")
REQUEST_TIMEOUT_S = 30.0
PATIENCE_S = 90.0
LOOK_EVERY_S = 0.1

Brief = dict[str, Any]


class Told(NamedTuple):
    """One event of a stream."""

    id: str
    name: str
    data: dict[str, Any]


@dataclass
class Run:
    """One campaign from its creation to where it was left."""

    campaign_id: str
    tenant_id: str
    percentages: list[int] = field(default_factory=list)
    stream: list[Told] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def results(self) -> dict[str, Any]:
        """What its steps answered."""
        found: dict[str, Any] = self.detail["results"]
        return found

    @property
    def texts(self) -> str:
        """Everything that was written, in one string."""
        items = self.results["content"]
        return "\n".join(f"{item['title']}\n{item['body_markdown']}" for item in items)


class Road:
    """A running stack, and one way to take a campaign along it."""

    def __init__(self, stack: Stack, prefix: str) -> None:
        self.stack = stack
        self.prefix = prefix
        self.api = httpx.Client(base_url=stack.edge_url, timeout=REQUEST_TIMEOUT_S)

    @property
    def state_dir(self) -> Path:
        """Where the stack keeps its files."""
        return self.stack.state_dir

    def brief(self, example: str, /, **changes: Any) -> Brief:
        """One of the example briefs, with some fields changed."""
        text = (BRIEFS / f"{example}.yaml").read_text("utf-8").replace("{site}", self.stack.site)
        found: Brief = yaml.safe_load(text)
        return found | changes

    def complete(self, brief: Brief, tenant_id: str = DEFAULT_TENANT) -> Run:
        """Take a campaign to COMPLETED, approving what is shown; its stream is recorded."""
        run = self.create(brief, tenant_id)
        run.percentages.append(self._get(run, "/progress")["progress_percentage"])
        recorder = threading.Thread(target=self._record, args=(run,))
        recorder.start()
        self.start(run)
        self.follow(run)
        recorder.join(PATIENCE_S)
        assert run.detail["state"] == "COMPLETED", (run.detail["state"], run.detail["failure"])
        return run

    def create(self, brief: Brief, tenant_id: str = DEFAULT_TENANT) -> Run:
        """An IDLE campaign."""
        made = self._post("/api/v1/campaigns", tenant_id, {"brief": brief})
        return Run(made["campaign_id"], tenant_id)

    def start(self, run: Run) -> None:
        """Take it on its way."""
        self._post(f"/api/v1/campaigns/{run.campaign_id}/start", run.tenant_id, None)

    def follow(self, run: Run, until: tuple[str, ...] = ENDED) -> None:
        """Poll its progress, approving what waits, until it is in one of the states."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            told = self._get(run, "/progress")
            run.percentages.append(told["progress_percentage"])
            if told["current_phase"] in until:
                run.detail = self._get(run)
                return
            if told["current_phase"] == "REVIEW":
                self.approve(run)
            assert time.monotonic() < deadline, self._get(run)["trace"]
            time.sleep(LOOK_EVERY_S)

    def approve(self, run: Run) -> None:
        """Approve exactly what is shown now, if anything still is."""
        review = self._get(run)["review"]
        if review is not None:
            word = {"decision": "APPROVE", "shown_digest": review["shown_digest"]}
            self._post(f"/api/v1/campaigns/{run.campaign_id}/review", run.tenant_id, word)

    def events(self, run: Run) -> list[dict[str, Any]]:
        """Its facts, in order."""
        found: list[dict[str, Any]] = self._get(run, "/events")["events"]
        return found

    def artefact(self, digest: str, tenant_id: str = DEFAULT_TENANT) -> bytes:
        """Stored bytes, over the edge."""
        answer = self.api.get(f"/artefacts/{digest}", headers={"X-Tenant-Id": tenant_id})
        assert answer.status_code == 200, answer.text
        return answer.content

    def _get(self, run: Run, path: str = "") -> dict[str, Any]:
        headers = {"X-Tenant-Id": run.tenant_id}
        answer = self.api.get(f"/api/v1/campaigns/{run.campaign_id}{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _post(self, path: str, tenant_id: str, body: dict[str, Any] | None) -> dict[str, Any]:
        answer = self.api.post(path, json=body, headers={"X-Tenant-Id": tenant_id})
        assert answer.status_code in (201, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _record(self, run: Run) -> None:
        """The campaign's whole stream, from its first event until the edge closes it."""
        path = f"/api/genesis/stream/{run.campaign_id}"
        params = {"tenant": run.tenant_id}
        with (
            httpx.Client(base_url=self.stack.edge_url, timeout=PATIENCE_S) as listener,
            connect_sse(listener, "GET", path, params=params) as source,
        ):
            for event in source.iter_sse():
                if event.data:
                    run.stream.append(Told(event.id, event.event, event.json()))
