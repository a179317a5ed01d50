"""SearxNG: https://docs.searxng.org/dev/search_api.html. It is one's own and knows no key."""

from tests.adapters.wire import Exchange, Protocol, Says

PROTOCOLS = (
    Protocol(
        "searxng",
        "search",
        "https://docs.searxng.org/dev/search_api.html",
        {"searxng_url": "{root}"},
        {"query": "flour households", "language": "en"},
        (
            Exchange(
                "GET",
                "/search",
                Says(
                    {
                        "query": "flour households",
                        "number_of_results": 0,
                        "results": [
                            {
                                "url": "https://grain.example/study",
                                "title": "How households buy flour, 2025",
                                "content": "64 % of households buy flour online.",
                                "engine": "duckduckgo",
                                "score": 1.0,
                                "category": "general",
                            }
                        ],
                        "answers": [],
                        "suggestions": [],
                        "unresponsive_engines": [],
                    }
                ),
                headers={"accept": "application/json"},
                params={"q": "flour households", "format": "json", "language": "en"},
            ),
        ),
        {
            "results": [
                {
                    "url": "https://grain.example/study",
                    "title": "How households buy flour, 2025",
                    "content": "64 % of households buy flour online.",
                }
            ]
        },
    ),
)
