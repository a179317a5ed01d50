"""Notion's API: query a database, read a page's text. Nothing is written there.

https://developers.notion.com/reference/post-database-query and get-block-children, in the version
of 2022-06-28.
"""

from typing import Annotated, Any

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

API_VERSION = "2022-06-28"
PAGE_SIZE_MAX = 100

Id = Annotated[str, Field(pattern=r"^[0-9a-fA-F-]{32,36}$")]


class SearchDatabase(Args):
    """Pages of a database whose text `property` contains `query`; all where that is empty."""

    database_id: Id
    query: str = ""
    property: str = "Name"
    limit: Annotated[int, Field(ge=1, le=PAGE_SIZE_MAX)] = 20


class ReadPage(Args):
    """A page to read."""

    page_id: Id


class FoundPage(BaseModel):
    """A page by its id, its address and its title."""

    id: str
    url: str
    title: str


class FoundPages(Outcome):
    """The pages that were found, in Notion's order."""

    pages: tuple[FoundPage, ...]


class PageText(Outcome):
    """The page's text, a block a line; `cut` where it has more blocks than one answer holds."""

    text: str
    cut: bool = False


class _Page(BaseModel):
    id: str
    url: str
    properties: Annotated[dict[str, Any], Field(default_factory=dict)]


class _Pages(BaseModel):
    results: tuple[_Page, ...]


class _Blocks(BaseModel):
    results: tuple[dict[str, Any], ...]
    has_more: bool = False


def notion(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = Vendor(
        name="notion",
        root=settings.notion_url,
        headers={
            "authorization": f"Bearer {settings.notion_token}",
            "notion-version": API_VERSION,
        },
        needs={"NOTION_TOKEN": settings.notion_token},
        secrets=(settings.notion_token,),
    )

    async def search(args: SearchDatabase, call: Call) -> FoundPages:
        body: dict[str, object] = {"page_size": args.limit}
        if args.query:
            contains = {"contains": args.query}
            body["filter"] = {"property": args.property, "rich_text": contains}
        ask = Ask("POST", f"/v1/databases/{args.database_id}/query", body=body)
        found = (await call.web.ask(vendor, ask)).of(_Pages)
        return FoundPages(
            pages=tuple(FoundPage(id=p.id, url=p.url, title=_title(p)) for p in found.results)
        )

    async def read(args: ReadPage, call: Call) -> PageText:
        params = {"page_size": str(PAGE_SIZE_MAX)}
        ask = Ask("GET", f"/v1/blocks/{args.page_id}/children", params=params)
        blocks = (await call.web.ask(vendor, ask)).of(_Blocks)
        lines = (_plain(block.get(block.get("type", ""), {})) for block in blocks.results)
        return PageText(text="\n".join(filter(None, lines)), cut=blocks.has_more)

    return adapter_to(
        vendor,
        Kind.RESEARCH,
        "pages of a Notion database",
        actions=(
            Action(
                name="search_database",
                about="find pages of a database",
                args=SearchDatabase,
                outcome=FoundPages,
                run=search,
                retry=READING,
            ),
            Action(
                name="read_page",
                about="read a page's text",
                args=ReadPage,
                outcome=PageText,
                run=read,
                retry=READING,
            ),
        ),
    )


def _title(page: _Page) -> str:
    for value in page.properties.values():
        if isinstance(value, dict) and value.get("type") == "title":
            return _text(value.get("title"))
    return ""


def _plain(block: object) -> str:
    return _text(block.get("rich_text") if isinstance(block, dict) else None)


def _text(parts: object) -> str:
    """The plain text of Notion's rich text; of anything else nothing."""
    listed = parts if isinstance(parts, list) else []
    return "".join(str(part.get("plain_text", "")) for part in listed if isinstance(part, dict))
