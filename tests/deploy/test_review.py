"""The gate at the command line: what is shown is what is decided about."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deploy.cli import review
from deploy.cli.board import Board
from deploy.cli.edge import Edge, Event
from deploy.cli.outcome import letters_at
from deploy.cli.review import Gate, Verdict
from deploy.cli.talk import CommandFailed, plain

CAMPAIGN = "8d448d56-e0db-55ef-8381-06e4253a8f0b"
DIGEST = "a" * 64
LINK = "https://team.example/review/one/claims.signature"
ESC = "\x1b]0;owned\x07"


def found(**more: Any) -> dict[str, Any]:
    check = {"severity": "WARNING", "name": "reading_ease", "place": "email-a"}
    return {
        "campaign_id": CAMPAIGN,
        "name": "Spring launch",
        "state": "REVIEW",
        "review": {"step": "review", "shown_digest": DIGEST, "editable": True},
        "results": {
            "content": [
                {
                    "id": "email-a",
                    "title": f"A better cup {ESC}",
                    "body_markdown": "Hello,\n\nfirst line\nsecond line\nthird line\nfourth line",
                    "citations": [{}, {}],
                }
            ],
            "assets": [{"channel": "email", "width": 4, "height": 2, "digest": "b" * 64}],
            "report": {
                "verdict": "WARN",
                "checks": [{**check, "verdict": "WARN", "reason": "shorter sentences"}],
            },
        },
        **more,
    }


class OneCampaign(Edge):
    """An edge that knows one campaign and keeps what was decided."""

    def __init__(self, **more: Any) -> None:
        super().__init__("http://127.0.0.1:1")
        self.answer = found(**more)
        self.decisions: list[dict[str, str]] = []

    async def campaign(self, campaign_id: str, *, since: int = 0) -> dict[str, Any]:
        return self.answer

    async def artefact(self, digest: str) -> bytes:
        return digest.encode()

    async def review_links(self, campaign_id: str) -> list[tuple[str, str]]:
        return [("", LINK)]

    async def decide(self, campaign_id: str, decision: dict[str, str], key: str) -> str:
        self.decisions.append(decision)
        return "PUBLISH"


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left = list(answers)

    def answer() -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    monkeypatch.setattr("builtins.input", answer)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        (["y"], Verdict("APPROVE")),
        (["YES"], Verdict("APPROVE")),
        (["what?", "", "n", "off brand"], Verdict("REJECT", "off brand")),
        (["e", "", "e", "shorter"], Verdict("REQUEST_CHANGES", "shorter")),
    ],
)
def test_the_answer_is_what_was_typed(
    answers: list[str], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, *answers)
    assert review.ask() == verdict


def test_an_input_that_ends_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "perhaps")
    with pytest.raises(CommandFailed, match="not decided"):
        review.ask()


async def test_what_is_shown_is_decided_about_and_the_pictures_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, "y")
    edge, board = OneCampaign(), Board()
    board.add(CAMPAIGN, "Spring launch")
    gate = Gate(edge, board, tmp_path, False, "", asyncio.Lock())
    await gate(CAMPAIGN, Event(9, "review_requested", {}))
    assert [one["shown_digest"] for one in edge.decisions] == [DIGEST]
    assert edge.decisions[0]["decision"] == "APPROVE"
    picture = tmp_path / "campaigns" / CAMPAIGN / "email-4x2.png"
    assert picture.read_text() == "b" * 64
    told = capsys.readouterr().err
    for part in ("A better cup", "first line", "2 citations", "email-4x2.png", "WARN", LINK):
        assert part in told
    assert "fourth line" not in told
    assert "\x1b]" not in told


async def test_without_a_terminal_the_flag_approves_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edge, board = OneCampaign(), Board()
    gate = Gate(edge, board, tmp_path, True, "because of --approve", asyncio.Lock())
    await gate(CAMPAIGN, Event(9, "review_requested", {}))
    assert edge.decisions[0]["reason"] == "because of --approve"
    assert "approved without asking, because of --approve" in capsys.readouterr().err


async def test_a_review_that_was_decided_elsewhere_is_not_asked_again(tmp_path: Path) -> None:
    edge = OneCampaign(review=None)
    gate = Gate(edge, Board(), tmp_path, True, "", asyncio.Lock())
    await gate(CAMPAIGN, Event(9, "review_requested", {}))
    assert edge.decisions == []


def test_a_campaign_that_waits_for_nothing_says_what_it_is() -> None:
    with pytest.raises(CommandFailed, match="it is PUBLISH"):
        review.require_waiting(found(review=None, state="PUBLISH"))


def test_letters_are_found_unread_and_read(tmp_path: Path) -> None:
    for part, name in (("new", "key.one"), ("cur", "key.two:2,S"), ("new", "other.one")):
        folder = tmp_path / "mail" / "tenant" / part
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    letters = letters_at("maildir:tenant/new/key", tmp_path)
    assert [path.name for path in letters] == ["key.two:2,S", "key.one"]


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    assert plain(f"a{ESC}b\x00\u202ec\td\n") == "a]0;ownedbc\td\n"
