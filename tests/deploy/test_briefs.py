"""A brief with a mistake is refused with the field, the rule and an example; nothing is sent."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.cli import main
from deploy.cli.briefs import BriefRefused, read_brief
from deploy.stack.plan import ROOT

BRIEFS = sorted((ROOT / "examples" / "briefs").glob("*.yaml"))
SITE = "127.0.0.1:8080"
GOOD: dict[str, Any] = {
    "name": "Spring launch",
    "business_name": "Harbour Coffee",
    "industry": "specialty coffee",
    "target_audience": "small offices",
    "goals": ["win 200 trial orders"],
    "channels": ["email", "blog"],
    "contact_email": "maria@example.org",
}


def written(folder: Path, brief: dict[str, Any]) -> Path:
    path = folder / "brief.yaml"
    path.write_text(yaml.safe_dump(brief), encoding="utf-8")
    return path


def refusal(folder: Path, brief: dict[str, Any]) -> str:
    with pytest.raises(BriefRefused) as caught:
        read_brief(written(folder, brief))
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.stem)
def test_a_bundled_brief_is_right_once_the_site_is_known(path: Path) -> None:
    brief = read_brief(path, SITE)
    assert any(SITE in source.location for source in brief.sources)


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.stem)
def test_a_bundled_brief_without_a_site_says_how_to_name_one(path: Path) -> None:
    with pytest.raises(BriefRefused, match="--site HOST:PORT"):
        read_brief(path)


@pytest.mark.parametrize("field", GOOD)
def test_a_missing_field_is_named_with_an_example(field: str, tmp_path: Path) -> None:
    brief = {name: value for name, value in GOOD.items() if name != field}
    line = refusal(tmp_path, brief).splitlines()[0]
    assert line.startswith(f"{tmp_path / 'brief.yaml'}: {field}: Field required; for example ")


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"name": ""}, "name", "at least 1 character"),
        ({"goals": []}, "goals", "at least 1 item"),
        ({"goals": "sell"}, "goals", "valid array"),
        ({"channels": ["email", "fax"]}, "channels.1", "'email', 'blog'"),
        ({"contact_email": "nobody"}, "contact_email", "@-sign"),
        ({"recipients": ["jo@example.org", "jo"]}, "recipients.1", "@-sign"),
        ({"variants": 9}, "variants", "less than or equal to 4"),
        ({"variants": "2"}, "variants", "valid integer"),
        ({"language": "english"}, "language", "pattern"),
        ({"generate_video": "yes please"}, "generate_video", "valid boolean"),
        ({"budget_micros": -1}, "budget_micros", "greater than or equal to 0"),
        ({"brand_voice": {"primary_color": "red"}}, "brand_voice.primary_color", "pattern"),
        ({"brand_voice": {"mood": "calm"}}, "brand_voice.mood", "no such field"),
        ({"sources": [{"kind": "tape", "location": "x"}]}, "sources.0.kind", "'page', 'feed'"),
        ({"sources": [{"kind": "page"}]}, "sources.0.location", "required"),
        ({"scheduled_at": "2026-03-01T09:00:00"}, "scheduled_at", "timezone"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone", "IANA"),
        ({"calendar": [{"channel": "blog", "at": "2026-03-01T09:00:00"}]}, "calendar", "timezone"),
        ({"calendar": [{"channel": "linkedin", "at": "2026-03-01T09:00:00Z"}]}, "calendar", "one"),
        ({"review_notices": ["pager"]}, "review_notices.0", "'github' or 'slack'"),
        ({"contact_mail": "a@example.org"}, "contact_mail", "no such field"),
    ],
)
def test_a_wrong_field_is_named_with_its_rule_and_an_example(
    change: dict[str, Any], field: str, rule: str, tmp_path: Path
) -> None:
    told = refusal(tmp_path, GOOD | change).splitlines()
    assert len(told) == 2
    assert told[0].startswith(f"{tmp_path / 'brief.yaml'}: {field}: ")
    assert rule in told[0]
    assert "; for example " in told[0]
    assert told[1] == "nothing was produced"


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    told = refusal(tmp_path, GOOD | {"name": "", "variants": 0, "colour": "red"})
    assert [line.split(": ")[1] for line in told.splitlines()[:-1]] == [
        "name",
        "variants",
        "colour",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: [", "line 1, column 8: it is no YAML"),
        ("name: a\nname: b", "name is written twice"),
        ("just words", "(body)"),
        ("", "(body)"),
        ("when: !!python/object:os.system {}", "it is no YAML"),
    ],
)
def test_what_is_no_brief_at_all_says_where(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "brief.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BriefRefused) as caught:
        read_brief(path)
    assert told in str(caught.value)


def test_a_brief_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BriefRefused, match="No such file"):
        read_brief(tmp_path / "none.yaml")
    (tmp_path / "picture.yaml").write_bytes(b"\x89PNG\xff")
    with pytest.raises(BriefRefused, match="UTF-8"):
        read_brief(tmp_path / "picture.yaml")


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An API address that only notes who connects."""
    heard: list[bytes] = []

    class Note(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            heard.append(self.rfile.readline())

    with socketserver.TCPServer(("127.0.0.1", 0), Note) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", heard
        finally:
            server.shutdown()
            thread.join()


def test_the_command_exits_with_2_and_asks_nobody_for_a_wrong_brief(
    listener: tuple[str, list[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, heard = listener
    path = written(tmp_path, GOOD | {"variants": 9})
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("sys.argv", ["sagaline", "run", str(path), "--api", url])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "variants: " in said.err
    assert heard == []
