"""Whether the links of the texts answer: one request each, through the guard, bounded; no verdict.

An address out of a text is a stranger's, so it is judged and pinned as research's sources are, on
every redirect. A link that is gone is HIGH; one that did not answer now is MEDIUM: it may another
time.
"""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import httpx

from chassis.guard import Guard, GuardedTransport, SourceDead, SourceRefused
from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.links import targets_of
from services.optimizer.audit.rule import Rule

LINKS_MAX = 30
"""Addresses asked for in one audit; a text with more is judged by its first."""

AT_ONCE = 5
REDIRECTS_MAX = 5
USER_AGENT = "Sagaline-Audit/1 (checks the links of a text before it is published)"
ASK_AGAIN = frozenset({403, 405, 501})
"""Answers to HEAD that say nothing about GET."""
GONE = frozenset({404, 410})

IS_THERE = Rule("link_answers", Severity.HIGH)
MAY_BE_THERE = Rule("link_answers", Severity.MEDIUM)


class State(StrEnum):
    """What became of one link."""

    ALIVE = "alive"
    GONE = "gone"
    SILENT = "silent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """One link's state, and the words for it."""

    state: State
    said: str = ""


class LinkProbe:
    """Asks for links; switched off, it asks for none and says so."""

    def __init__(
        self, guard: Guard, *, on: bool, seconds: float, tls: ssl.SSLContext | None = None
    ) -> None:
        """`seconds` is the longest that one link may take, redirects included."""
        self._guard = guard
        self._on = on
        self._seconds = seconds
        self._tls = tls

    async def checks(self, subject: AuditContent) -> tuple[QualityCheck, ...]:
        """One word on each text with links; off, one that says why nobody was asked."""
        places = {item.id: targets_of(item.body_markdown) for item in subject.items}
        asked = list(dict.fromkeys(link for links in places.values() for link in links))
        if not asked:
            return ()
        if not self._on:
            skipped = "links were not called: AUDIT_LINKS is off"
            return (MAY_BE_THERE.passed("").model_copy(update={"reason": skipped}),)
        answers = await self._answers(asked[:LINKS_MAX])
        return tuple(
            check for place, links in places.items() for check in _words_on(place, links, answers)
        )

    async def _answers(self, links: Iterable[str]) -> dict[str, Answer]:
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context)
        free = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(
            transport=GuardedTransport(self._guard, self._tls),
            headers={"User-Agent": USER_AGENT},
            timeout=self._seconds,
            follow_redirects=False,
            trust_env=False,
        ) as client:

            async def one(link: str) -> tuple[str, Answer]:
                async with free:
                    return link, await self._answer(client, link)

            return dict(await asyncio.gather(*(one(link) for link in links)))

    async def _answer(self, client: httpx.AsyncClient, link: str) -> Answer:
        try:
            async with asyncio.timeout(self._seconds):
                status = await _status(client, "HEAD", link)
                if status in ASK_AGAIN:
                    status = await _status(client, "GET", link)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(State.SILENT, f"gave no answer within {self._seconds:g} s")
        except SourceRefused as refusal:
            return Answer(State.REFUSED, f"may not be called ({refusal})")
        except SourceDead as dead:
            return Answer(State.GONE, f"leads nowhere ({dead})")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(State.SILENT, f"did not answer ({str(error) or type(error).__name__})")
        if status in GONE:
            return Answer(State.GONE, f"answers {status}")
        if httpx.codes.is_error(status):
            return Answer(State.SILENT, f"answers {status}")
        return Answer(State.ALIVE)


async def _status(client: httpx.AsyncClient, method: str, link: str) -> int:
    """The last answer's status, its body unread. Raises SourceDead after too many redirects."""
    request = client.build_request(method, link)
    for _ in range(REDIRECTS_MAX + 1):
        response = await client.send(request, stream=True)
        await response.aclose()
        if response.next_request is None:
            return response.status_code
        request = response.next_request
    raise SourceDead(f"more than {REDIRECTS_MAX} redirects")


def _words_on(place: str, links: list[str], answers: dict[str, Answer]) -> list[QualityCheck]:
    asked = [(link, answers[link]) for link in links if link in answers]
    gone = [_told(link, one) for link, one in asked if one.state in {State.GONE, State.REFUSED}]
    silent = [_told(link, one) for link, one in asked if one.state is State.SILENT]
    checks: list[QualityCheck] = []
    if asked and (gone or not silent):
        checks += IS_THERE.verdicts(place, gone)
    if silent:
        checks += MAY_BE_THERE.verdicts(place, silent)
    return checks


def _told(link: str, answer: Answer) -> str:
    advice = "correct it or leave it out" if answer.state is not State.SILENT else "try it by hand"
    return f"the link {link} {answer.said}; {advice}"
