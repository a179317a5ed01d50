"""A crowd of real campaigns on a running stack: started, approved as they wait, and awaited."""

import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml

BRIEF = Path("examples/briefs/heatpumps.yaml")
ENDED = ("COMPLETED", "FAILED", "REJECTED", "CANCELLED")
LOOK_EVERY_S = 0.5
REQUEST_TIMEOUT_S = 30.0


def address(number: int) -> str:
    """Where the mail of the crowd's campaign of this number goes."""
    return f"reader{number}@example.com"


def brief(site: str, number: int) -> dict[str, Any]:
    """The heat-pump brief, short: two sources, two channels that a witness can watch."""
    found: dict[str, Any] = yaml.safe_load(BRIEF.read_text().replace("{site}", site))
    return found | {
        "name": f"Crowd {number}",
        "sources": found["sources"][:3],
        "competitor_urls": [],
        "channels": ["email", "webhook"],
        "variants": 1,
        "generate_video": False,
        "contact_email": address(number),
        "recipients": [],
    }


class Crowd:
    """`count` campaigns; reads the view's table directly, so that asking costs the edge nothing."""

    def __init__(self, edges: Sequence[str], view: Path, site: str, count: int) -> None:
        self._edges = edges
        self._view = view
        self._site = site
        self._count = count
        self.ids: list[str] = []
        self._approved: set[tuple[str, str]] = set()
        self._stop = threading.Event()
        self._approver = threading.Thread(target=self._approve_as_they_wait, daemon=True)

    def start(self) -> None:
        """Create and start them all, over the edges in turn; from now on each is approved."""
        for number in range(self._count):
            body = {"brief": brief(self._site, number), "start": True}
            self.ids.append(self._post(number, "/api/v1/campaigns", body)["campaign_id"])
        self._approver.start()

    def stop(self) -> None:
        """Approve no more."""
        self._stop.set()
        self._approver.join()

    def states(self) -> dict[str, dict[str, Any]]:
        """The saga state of each campaign, as the view has it."""
        with sqlite3.connect(f"file:{self._view}?mode=ro", uri=True, timeout=30) as connection:
            rows = connection.execute("select campaign_id, state_json from campaigns").fetchall()
        return {campaign_id: json.loads(state) for campaign_id, state in rows}

    def open_commands(self) -> int:
        """How many commands are sent and not answered."""
        sagas = self.states().values()
        return sum(step["status"] == "CALLED" for saga in sagas for step in saga["steps"].values())

    def wait_for_commands(self, count: int, timeout_s: float) -> int:
        """How many commands are open, once there are at least so many."""
        found = 0

        def enough() -> bool:
            nonlocal found
            found = self.open_commands()
            return found >= count

        self.wait(enough, timeout_s)
        return found

    def lives(self) -> Counter[str]:
        """How many campaigns stand where."""
        return Counter(saga["life"] for saga in self.states().values())

    def wait(self, until: Callable[[], bool], timeout_s: float) -> None:
        """Until it is so; fails with where the campaigns stand."""
        deadline = time.monotonic() + timeout_s
        while not until():
            assert time.monotonic() < deadline, f"still waiting: {self.where()}"
            time.sleep(LOOK_EVERY_S)

    def where(self) -> Counter[str]:
        """What is open, for a message."""
        return (
            Counter(
                f"{name}:{step['status']}"
                for saga in self.states().values()
                for name, step in saga["steps"].items()
                if step["status"] not in ("ANSWERED", "SKIPPED", "PENDING")
            )
            + self.lives()
        )

    def wait_for_the_end(self, timeout_s: float) -> None:
        """Until every campaign has ended."""
        self.wait(lambda: sum(self.lives()[end] for end in ENDED) >= self._count, timeout_s)

    def _approve_as_they_wait(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            for number, (campaign_id, saga) in enumerate(sorted(self.states().items())):
                gate = saga["steps"].get("review", {})
                mark = (campaign_id, gate.get("shown_digest", ""))
                if gate.get("status") == "WAITING" and mark not in self._approved:
                    self._approved.add(mark)
                    body = {"decision": "APPROVE", "reason": "the test approves"}
                    self._post(number, f"/api/v1/campaigns/{campaign_id}/review", body)

    def _post(self, number: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask until somebody answers: an edge that was killed comes back."""
        headers = {"Idempotency-Key": f"{path}-{number}-{body.get('decision', '')}"}
        for _ in range(60):
            edge = self._edges[number % len(self._edges)]
            try:
                answer = httpx.post(
                    edge + path, json=body, headers=headers, timeout=REQUEST_TIMEOUT_S
                )
            except httpx.TransportError:
                time.sleep(1.0)
                continue
            if answer.status_code >= 500:
                time.sleep(1.0)
                continue
            assert answer.status_code < 300 or answer.status_code == 409, answer.text
            found: dict[str, Any] = answer.json()
            return found
        raise AssertionError(f"nobody answers at {path}")
