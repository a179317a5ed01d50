"""Which text, picture and sources a channel shows; it knows neither HTML nor the outside world."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

from chassis.artefacts import ArtefactMissing
from chassis.errors import StepError
from chassis.service import Job
from contracts.content import ContentItem
from contracts.design import Asset
from contracts.envelope import FailureReason
from contracts.message import Message
from contracts.publish import PublishContent
from services.optimizer.publish.labels import labels

_HOST = re.compile(r"^[\w-]+(\.[\w-]+)+(?:[:/?#]|$)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
SLUG_CHARS_MAX = 70


class SourceNote(Message):
    """A source as readers see it: its number, and what the findings say about where it is."""

    number: int
    title: str
    url: str
    host: str
    finding_ids: tuple[str, ...]


def picture_of(command: PublishContent) -> Asset | None:
    """The channel's own picture, where the design step drew one."""
    own = [asset for asset in command.assets if asset.channel is command.channel]
    return own[0] if own else None


def sources_of(command: PublishContent, item: ContentItem) -> tuple[SourceNote, ...]:
    """The cited sources that the text does not name itself, in order of first use, each once.

    None where the text has a list of its own: two lists would number them twice. Only web
    addresses become links.
    """
    if _lists_its_own(item):
        return ()
    titles = {finding.id: finding.source_title for finding in command.findings}
    cited: dict[str, list[str]] = {}
    named = unquote(item.body_markdown)
    for citation in item.citations:
        if unquote(citation.source_url) in named:
            continue
        cited.setdefault(citation.source_url, []).append(citation.finding_id)
    return tuple(
        SourceNote(
            number=number,
            title=one_line(titles.get(ids[0], "")) or one_line(url),
            url=web_address(url),
            host=host_of(web_address(url)),
            finding_ids=tuple(dict.fromkeys(ids)),
        )
        for number, (url, ids) in enumerate(cited.items(), start=1)
    )


def _lists_its_own(item: ContentItem) -> bool:
    heading = re.escape(labels(item.language)["sources"])
    return re.search(rf"^#+ +{heading} *$", item.body_markdown, re.MULTILINE) is not None


def claims_of(item: ContentItem, sources: tuple[SourceNote, ...]) -> dict[str, str]:
    """The finding id of each claim that one of these sources carries."""
    listed = {finding_id for source in sources for finding_id in source.finding_ids}
    return {c.claim: c.finding_id for c in item.citations if c.finding_id in listed}


async def bytes_of(job: Job, digest: str, what: str) -> bytes:
    """An artefact's bytes. Raises StepError where this tenant has none under the digest."""
    try:
        return await job.artefacts.get(digest)
    except ArtefactMissing as error:
        raise StepError(
            FailureReason.INVALID_INPUT,
            f"{what}: {error}; run the step that makes it again",
        ) from error


def one_line(text: str) -> str:
    """The text on one line, without control characters: fit for headers, titles and XML."""
    return " ".join(_CONTROL.sub("", text).split())


def clean(text: str) -> str:
    """The text without characters that neither XML nor mail can carry."""
    return _CONTROL.sub("", text)


def web_address(text: str) -> str:
    """An http(s) address, `https://` added to a bare host; empty for anything else."""
    text = text.strip()
    if _HOST.match(text):
        text = f"https://{text}"
    if re.search(r"[\s<>\"\x00-\x1f]", text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.hostname else ""


def host_of(address: str) -> str:
    """The host that an address names, without a leading `www.`; empty where there is none."""
    return (urlsplit(address).hostname or "").removeprefix("www.")


def slug_of(title: str) -> str:
    """The title as a file name in plain ASCII; empty where it has no such letters."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words[:SLUG_CHARS_MAX].rsplit("-", 1)[0] if len(words) > SLUG_CHARS_MAX else words
