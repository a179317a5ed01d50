"""A right example of every request body: in the API's pages, and in its error messages."""

from typing import Any

BRIEF: dict[str, Any] = {
    "name": "Spring launch",
    "business_name": "Harbour Coffee",
    "industry": "specialty coffee",
    "target_audience": "small offices that brew their own",
    "goals": ["win 200 trial orders"],
    "sources": [
        {"kind": "page", "location": "https://example.org/coffee-report", "selector": "main"}
    ],
    "competitor_urls": ["https://example.org/other-roaster"],
    "channels": ["email", "blog"],
    "brand_voice_id": "harbour",
    "brand_voice": {
        "tone": "clear and friendly",
        "audience_address": "you",
        "banned_words": ["cheap"],
        "signature": "The Harbour team",
        "primary_color": "#1f4b99",
        "accent_color": "#f2a33a",
    },
    "call_to_action": "Order a trial bag",
    "website": "https://example.org",
    "postal_address": "1 Quay Street, Bristol",
    "language": "en",
    "variants": 2,
    "generate_video": False,
    "time_zone": "Europe/London",
    "scheduled_at": "2026-03-01T09:00:00Z",
    "calendar": [],
    "review_notices": [],
    "budget_micros": 5_000_000,
    "max_retries": 3,
    "session_id": "spring",
    "metadata": {"team": "growth"},
    "contact_email": "maria@example.org",
    "recipients": ["jo@example.org"],
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "NewCampaign": {
        "tenant_id": "00000000-0000-4000-8000-000000000001",
        "saga": "campaign",
        "start": True,
        "brief": BRIEF,
        "metadata": {"order": "A-17"},
    },
    "CampaignBrief": BRIEF,
    "PublishingNow": {"steps": ["publish.email"], "reason": "the fair opens a day earlier"},
    "Decision": {
        "decision": "APPROVE",
        "shown_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "reason": "reads well",
        "edits": [
            {
                "item_id": "email-a",
                "title": "A better cup at work",
                "body_markdown": "Hello,\n\nyour office deserves better coffee.",
            }
        ],
    },
    "Forking": {
        "at": 12,
        "changes": {
            "brief.target_audience": "cafés that roast their own",
            "strategy.brief.headline": "Roast it where they drink it",
        },
    },
    "Cancelling": {"reason": "the product was recalled"},
    "Pausing": {"reason": "legal has a question", "review_at": "2026-03-02T09:00:00Z"},
    "Reason": {"reason": "legal agreed"},
    "WidePause": {
        "scope": "PHASE",
        "target": "publish",
        "reason": "the mail server moves",
        "review_at": "2026-03-02T09:00:00Z",
    },
    "WideResume": {"scope": "PHASE", "target": "publish", "reason": "it has moved"},
}
