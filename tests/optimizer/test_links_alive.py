"""Links of a text are called once, through the guard: what is gone is named at its place."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chassis.guard import AllowList, Guard
from contracts.audit import AuditContent, QualityCheck, QualityVerdict
from contracts.envelope import Severity
from services.optimizer.audit.checks import failing, report_of, with_checks
from services.optimizer.link_probe import LINKS_MAX, LinkProbe
from tests.optimizer.builders import CLEAN, item

SECONDS = 2.0


class Site(BaseHTTPRequestHandler):
    """Answers by its path, and keeps what it was asked."""

    asked: list[tuple[str, str]]
    protocol_version = "HTTP/1.0"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        type(self).asked.append((self.command, self.path))
        place = self.path.strip("/")
        if place == "inner":
            self._redirect("http://169.254.169.254/latest/meta-data")
        elif place == "loop":
            self._redirect("/loop")
        elif place == "moved":
            self._redirect("/here")
        elif place == "no-head":
            self._status(405 if self.command == "HEAD" else 200)
        else:
            self._status(int(place) if place.isdecimal() else 200)

    def _redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("Location", location)
        self.end_headers()

    def _status(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, *said: object) -> None:
        """Silence: the tests tell what happened."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def linking(*links: str) -> AuditContent:
    body = "Bread takes its time. " + " ".join(f"[see]({link})" for link in links)
    return CLEAN.model_copy(update={"items": (item("webhook-a", body, ()),)})


async def checks(site: str, *links: str, allow: str = "", on: bool = True) -> list[QualityCheck]:
    probe = LinkProbe(
        Guard(AllowList.parse(allow or site)),
        on=on,
        seconds=SECONDS,
        tls=ssl.create_default_context(),
    )
    return list(await probe.checks(linking(*links)))


@pytest.mark.parametrize(
    ("path", "severity", "said"),
    [
        ("404", Severity.HIGH, "answers 404"),
        ("410", Severity.HIGH, "answers 410"),
        ("loop", Severity.HIGH, "more than 5 redirects"),
        ("inner", Severity.HIGH, "not a public address"),
        ("500", Severity.MEDIUM, "answers 500"),
        ("429", Severity.MEDIUM, "answers 429"),
    ],
)
async def test_a_link_that_leads_nowhere_is_named_at_its_place(
    site: str, path: str, severity: Severity, said: str
) -> None:
    (check,) = await checks(site, f"http://{site}/{path}")
    assert check.place == "webhook-a"
    assert check.verdict is QualityVerdict.WARN
    assert check.severity is severity
    assert f"http://{site}/{path}" in check.reason
    assert said in check.reason


@pytest.mark.parametrize("path", ["here", "moved", "no-head"])
async def test_a_link_that_answers_passes(site: str, path: str) -> None:
    (check,) = await checks(site, f"http://{site}/{path}")
    assert check.verdict is QualityVerdict.PASS


async def test_an_inner_address_is_never_called(site: str) -> None:
    (check,) = await checks(site, f"http://{site}/here", allow="10.0.0.1:1")
    assert check.severity is Severity.HIGH
    assert "may not be called" in check.reason
    assert Site.asked == []


async def test_each_link_is_called_once_and_not_more_than_a_few(site: str) -> None:
    many = [f"http://{site}/p{n}" for n in range(LINKS_MAX + 5)]
    await checks(site, *many, *many)
    assert len(Site.asked) == LINKS_MAX
    assert len(set(Site.asked)) == LINKS_MAX


async def test_only_the_web_is_called(site: str) -> None:
    assert await checks(site, "mailto:a@b.example", "ftp://b.example/x", "#top") == []


async def test_switched_off_nobody_is_called_and_the_report_says_so(site: str) -> None:
    (check,) = await checks(site, f"http://{site}/404", on=False)
    assert check.verdict is QualityVerdict.PASS
    assert "AUDIT_LINKS is off" in check.reason
    assert Site.asked == []


async def test_a_dead_link_warns_and_blocks_nothing(site: str) -> None:
    subject = linking(f"http://{site}/404")
    report = with_checks(report_of(subject), tuple(await checks(site, f"http://{site}/404")))
    assert "link_answers" in {check.name for check in failing(report)}
    assert report.verdict is not QualityVerdict.BLOCK
