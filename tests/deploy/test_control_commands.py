"""`sagaline pause`, `resume`, `undo` and their like against an API that keeps what it is asked."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.cli.talk import CommandFailed

CAMPAIGN = "8d448d56-e0db-55ef-8381-06e4253a8f0b"
OWN = f"/api/v1/campaigns/{CAMPAIGN}"
PLAN = {
    "steps": [
        {
            "step": "design",
            "undo": "DeleteDesignAssets",
            "status": "PARKED",
            "tries": 5,
            "until": "u",
        }
    ],
    "left_behind": ["email: read by 3"],
}
ANSWERS: dict[str, dict[str, Any]] = {
    f"{OWN}/undo-plan": PLAN,
    "/api/v1/pauses": {
        "pauses": [
            {
                "scope": "PHASE",
                "target": "publish",
                "owner": "ana",
                "since": "s",
                "review_at": "r",
                "reason": "it moves",
            }
        ],
        "scope": "GLOBAL",
        "target": "",
        "taken": 12,
    },
}


class Api:
    """What was asked, and the answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.refuses = ""
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                self._answer(json.loads(self.rfile.read(length)))

            def _answer(self, body: dict[str, Any]) -> None:
                api.asked.append((self.command, self.path, body))
                told = ANSWERS.get(self.path, {"state": "PAUSED"})
                told = {"detail": api.refuses} if api.refuses else told
                content = json.dumps(told).encode()
                self.send_response(409 if api.refuses else 202)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def sagaline(api: Api, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--api", api.url])


def test_a_campaign_is_paused_with_a_reason_and_a_moment_to_look_again(api: Api) -> None:
    told = sagaline(api, "pause", CAMPAIGN, "--reason", "legal asks", "--review-in", "12h")
    assert told.exit_code == 0, told.output
    ((method, path, body),) = api.asked
    assert (method, path, body["reason"]) == ("POST", f"{OWN}/pause", "legal asks")
    ahead = datetime.fromisoformat(body["review_at"]) - datetime.now(UTC)
    assert timedelta(hours=11) < ahead <= timedelta(hours=12)


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        (["--tenant-wide"], {"scope": "TENANT"}),
        (["--phase", "publish"], {"scope": "PHASE", "target": "publish"}),
        (["--everything"], {"scope": "GLOBAL"}),
    ],
)
def test_a_wider_scope_is_paused_and_resumed(
    api: Api, words: list[str], scope: dict[str, str]
) -> None:
    ANSWERS["/api/v1/pauses/resume"] = ANSWERS["/api/v1/pauses"]
    assert sagaline(api, "pause", *words).exit_code == 0
    assert sagaline(api, "resume", *words).exit_code == 0
    assert [path for _, path, _ in api.asked] == ["/api/v1/pauses", "/api/v1/pauses/resume"]
    for _, _, body in api.asked:
        assert scope.items() <= body.items()


@pytest.mark.parametrize(
    "words", [[], [CAMPAIGN, "--everything"], ["--tenant-wide", "--everything"]]
)
def test_a_pause_of_nothing_or_of_two_things_asks_for_one(api: Api, words: list[str]) -> None:
    told = sagaline(api, "pause", *words)
    assert isinstance(told.exception, CommandFailed)
    assert "name one" in str(told.exception)
    assert api.asked == []


def test_a_length_that_is_none_is_refused(api: Api) -> None:
    told = sagaline(api, "pause", CAMPAIGN, "--review-in", "soon")
    assert isinstance(told.exception, CommandFailed)
    assert told.exception.exit_code == 2
    assert api.asked == []


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["resume", CAMPAIGN], f"{OWN}/resume"),
        (["cancel", CAMPAIGN], f"{OWN}/cancel"),
        (["retry", CAMPAIGN], f"{OWN}/retry"),
        (["publish-now", CAMPAIGN, "--only", "publish.email"], f"{OWN}/publish-now"),
        (["undo", "resume", CAMPAIGN, "design"], f"{OWN}/undo/design/resume"),
        (["undo", "skip", CAMPAIGN, "design"], f"{OWN}/undo/design/skip"),
    ],
)
def test_each_order_goes_to_its_own_address_and_the_new_state_is_told(
    api: Api, words: list[str], path: str
) -> None:
    told = sagaline(api, *words)
    assert (told.exit_code, told.output.strip()) == (0, "PAUSED"), told.output
    assert [(method, where) for method, where, _ in api.asked] == [("POST", path)]


def test_a_refusal_is_said_in_the_sagas_words(api: Api) -> None:
    api.refuses = "ana paused it; resume it first"
    told = sagaline(api, "pause", CAMPAIGN)
    assert isinstance(told.exception, CommandFailed)
    assert str(told.exception) == "ana paused it; resume it first"


def test_the_way_back_and_the_standing_pauses_are_shown(api: Api) -> None:
    plan = sagaline(api, "undo", "plan", CAMPAIGN)
    assert "design  DeleteDesignAssets  PARKED  5" in plan.output
    assert "left behind: email: read by 3" in plan.output
    standing = sagaline(api, "pauses")
    assert "PHASE  publish  ana" in standing.output
    assert json.loads(sagaline(api, "pauses", "--json").output)[0]["owner"] == "ana"
