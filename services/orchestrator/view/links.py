"""Which links of a campaign readers may follow, from its own state. Pure."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from chassis.codec import Codec
from chassis.errors import Undecodable
from contracts.analytics import TrackedLink, link_id, link_path
from contracts.content import ContentWritten
from contracts.goal import CreateCampaign
from contracts.plan import Phase
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.reports import bodies, tracked_links

SOURCE = "sagaline"


def links_of(saga: Saga, codec: Codec) -> dict[str, TrackedLink]:
    """Every link that is out there, by id.

    A text's links are known from the moment when it may be published: readers may be quicker than
    the rest of the campaign. They lead on when the campaign was undone, for mails stay with
    readers, and posts where networks keep them.
    """
    early = {link.id: link for link in _early(saga, codec)}
    return early | {link.id: link for link in tracked_links(saga, codec)}


def led_on(link: TrackedLink, campaign_id: str) -> str:
    """Where the link leads, with what the site's own statistics need to know whence it came.

    The parameters' names are those that web statistics agree on (`utm_…`); what the address says
    itself stays. A link that names no item, or leads to a place of our own, is left as it is.
    """
    parts = urlsplit(link.target)
    if not link.item_id or parts.scheme not in ("http", "https"):
        return link.target
    told = dict(parse_qsl(parts.query, keep_blank_values=True))
    ours = {
        "utm_source": SOURCE,
        "utm_medium": link.channel.value,
        "utm_campaign": campaign_id,
        "utm_content": link.item_id,
    }
    return urlunsplit(parts._replace(query=urlencode(ours | told)))


def _early(saga: Saga, codec: Codec) -> list[TrackedLink]:
    """A link of each text of each channel whose publication was begun."""
    site = _website(saga, codec)
    if not site:
        return []
    written = [body for body in bodies(saga, codec).values() if isinstance(body, ContentWritten)]
    found = []
    for item in (item for body in written for item in body.items):
        step = saga.steps.get(f"{Phase.PUBLISH}.{item.channel}")
        if step is None or not step.effect_key:
            continue
        own = link_id(saga.campaign_id, item.channel, item.id, step.effect_key)
        path = link_path(saga.campaign_id, own)
        link = TrackedLink(id=own, channel=item.channel, path=path, target=site, item_id=item.id)
        found.append(link)
    return found


def _website(saga: Saga, codec: Codec) -> str:
    try:
        created = codec.decode(saga.goal).body
    except Undecodable:
        return ""
    site = created.goal.website.strip() if isinstance(created, CreateCampaign) else ""
    return site if not site or "://" in site else f"https://{site}"
