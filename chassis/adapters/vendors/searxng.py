"""SearxNG: a search engine of one's own over others. It has to allow the format `json`.

https://docs.searxng.org/dev/search_api.html.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    Kind,
    Outcome,
    adapter_to,
)
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, Vendor


class Query(Args):
    """Words to search for; `language` is an ISO code, or empty for any."""

    query: Annotated[str, Field(min_length=1, max_length=2_000)]
    language: str = ""


class Result(BaseModel):
    """A page that was found; `content` is the engine's excerpt."""

    url: str
    title: str = ""
    content: str = ""


class Results(Outcome):
    """The pages that were found, best first."""

    results: tuple[Result, ...]


def searxng(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = Vendor(
        name="searxng",
        root=settings.searxng_url,
        headers={"accept": "application/json"},
        needs={"SEARXNG_URL": settings.searxng_url},
    )

    async def search(args: Query, call: Call) -> Results:
        params = {"q": args.query, "format": "json"}
        if args.language:
            params["language"] = args.language
        return (await call.web.ask(vendor, Ask("GET", "/search", params=params))).of(Results)

    return adapter_to(
        vendor,
        Kind.RESEARCH,
        "pages found by a SearxNG of one's own",
        actions=(
            Action(
                name="search",
                about="find pages in the web",
                args=Query,
                outcome=Results,
                run=search,
                retry=READING,
            ),
        ),
    )
