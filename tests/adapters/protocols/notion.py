"""Notion: https://developers.notion.com/reference, version 2022-06-28."""

from tests.adapters.wire import Exchange, Protocol, Says

SETTINGS = {"notion_url": "{root}", "notion_token": "secret_notion"}
HEADERS = {"authorization": "Bearer secret_notion", "notion-version": "2022-06-28"}
DATABASE = "d9824bdc-8445-4327-be8b-5b47500af6ce"
PAGE = "59833787-2cf9-4fdf-8782-e53db20768a5"
URL = "https://www.notion.so/Tuscan-Kale-598337872cf94fdf8782e53db20768a5"

PROTOCOLS = (
    Protocol(
        "notion",
        "search_database",
        "https://developers.notion.com/reference/post-database-query",
        SETTINGS,
        {"database_id": DATABASE, "query": "home bakers", "property": "Audience", "limit": 5},
        (
            Exchange(
                "POST",
                f"/v1/databases/{DATABASE}/query",
                Says(
                    {
                        "object": "list",
                        "results": [
                            {
                                "object": "page",
                                "id": PAGE,
                                "created_time": "2022-03-01T19:05:00.000Z",
                                "archived": False,
                                "properties": {
                                    "Price": {"id": "BJXS", "type": "number", "number": 2.5},
                                    "Name": {
                                        "id": "title",
                                        "type": "title",
                                        "title": [
                                            {
                                                "type": "text",
                                                "text": {"content": "Tuscan kale"},
                                                "plain_text": "Tuscan kale",
                                            }
                                        ],
                                    },
                                },
                                "url": URL,
                            }
                        ],
                        "next_cursor": None,
                        "has_more": False,
                        "type": "page_or_database",
                        "page_or_database": {},
                    }
                ),
                headers={**HEADERS, "content-type": "application/json"},
                body={
                    "page_size": 5,
                    "filter": {"property": "Audience", "rich_text": {"contains": "home bakers"}},
                },
            ),
        ),
        {"pages": [{"id": PAGE, "url": URL, "title": "Tuscan kale"}]},
    ),
    Protocol(
        "notion",
        "read_page",
        "https://developers.notion.com/reference/get-block-children",
        SETTINGS,
        {"page_id": PAGE},
        (
            Exchange(
                "GET",
                f"/v1/blocks/{PAGE}/children",
                Says(
                    {
                        "object": "list",
                        "results": [
                            {
                                "object": "block",
                                "type": "heading_2",
                                "heading_2": {"rich_text": [{"plain_text": "Lacinato kale"}]},
                            },
                            {"object": "block", "type": "divider", "divider": {}},
                            {
                                "object": "block",
                                "type": "paragraph",
                                "paragraph": {
                                    "rich_text": [
                                        {"plain_text": "A variety of kale "},
                                        {"plain_text": "with a long tradition."},
                                    ]
                                },
                            },
                        ],
                        "next_cursor": None,
                        "has_more": False,
                    }
                ),
                headers=HEADERS,
                params={"page_size": "100"},
            ),
        ),
        {"text": "Lacinato kale\nA variety of kale with a long tradition.", "cut": False},
    ),
)
