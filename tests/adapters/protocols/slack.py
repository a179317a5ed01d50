"""Slack: requests and answers as https://docs.slack.dev/reference/methods shows them."""

from tests.adapters.wire import KEY, Exchange, Protocol, Says

SETTINGS = {"slack_url": "{root}/api", "slack_bot_token": "xoxb-secret-token"}
HEADERS = {"authorization": "Bearer xoxb-secret-token", "content-type": "application/json"}
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Autumn samples* is ready"}}]
METADATA = {"event_type": "sagaline_effect", "event_payload": {"key": KEY}}
ARGS = {"channel": "C123ABC456", "text": "Autumn samples is ready", "blocks": BLOCKS}
POSTED = {
    "ok": True,
    "channel": "C123ABC456",
    "ts": "1503435956.000247",
    "message": {
        "text": "Autumn samples is ready",
        "username": "ecto1",
        "bot_id": "B123ABC456",
        "type": "message",
        "subtype": "bot_message",
        "ts": "1503435956.000247",
    },
}
POST = Exchange(
    "POST",
    "/api/chat.postMessage",
    Says(POSTED),
    headers=HEADERS,
    body={**ARGS, "metadata": METADATA},
)
HISTORY = {
    "ok": True,
    "messages": [
        {"type": "message", "user": "U123ABC456", "text": "hello", "ts": "1512085950.000216"},
        {"type": "message", "text": "…", "ts": "1503435956.000247", "metadata": METADATA},
    ],
    "has_more": False,
    "pin_count": 0,
}
LOOK = Exchange(
    "GET",
    "/api/conversations.history",
    Says(HISTORY),
    headers={"authorization": HEADERS["authorization"]},
    params={
        "channel": "C123ABC456",
        "oldest": "1794571200.000000",
        "limit": "200",
        "include_all_metadata": "true",
    },
)
METHOD = "https://docs.slack.dev/reference/methods/chat.postMessage"
OUTCOME = {"channel": "C123ABC456", "ts": "1503435956.000247"}

LIST = Exchange(
    "GET",
    "/api/conversations.list",
    Says(
        {
            "ok": True,
            "channels": [
                {"id": "C012AB3CD", "name": "general", "is_channel": True},
                {"id": "C123ABC456", "name": "marketing-reviews", "is_channel": True},
            ],
            "response_metadata": {"next_cursor": ""},
        }
    ),
    headers={"authorization": HEADERS["authorization"]},
    params={
        "exclude_archived": "true",
        "limit": "1000",
        "types": "public_channel,private_channel",
    },
)
BY_NAME = {**ARGS, "channel": "marketing-reviews"}
UPDATED = {**ARGS, "ts": "1503435956.000247"}

PROTOCOLS = (
    Protocol("slack", "post_message", METHOD, SETTINGS, ARGS, (POST,), OUTCOME),
    Protocol(
        "slack", "post_message", METHOD, SETTINGS, ARGS, (LOOK,), OUTCOME, KEY, True, "a repeat"
    ),
    Protocol(
        "slack",
        "post_message",
        METHOD,
        SETTINGS,
        BY_NAME,
        (LIST, LOOK),
        OUTCOME,
        KEY,
        True,
        "a repeat in a channel by its name",
    ),
    Protocol(
        "slack",
        "find_message",
        "https://docs.slack.dev/reference/methods/conversations.history",
        SETTINGS,
        {"channel": "C123ABC456"},
        (LOOK,),
        OUTCOME,
    ),
    Protocol(
        "slack",
        "update_message",
        "https://docs.slack.dev/reference/methods/chat.update",
        SETTINGS,
        UPDATED,
        (
            Exchange(
                "POST",
                "/api/chat.update",
                Says({"ok": True, **OUTCOME, "text": "Autumn samples is ready"}),
                headers=HEADERS,
                body=UPDATED,
            ),
        ),
        {"found": True},
    ),
    Protocol(
        "slack",
        "delete_message",
        "https://docs.slack.dev/reference/methods/chat.delete",
        SETTINGS,
        {"channel": "C123ABC456", "ts": "1503435956.000247"},
        (
            Exchange(
                "POST",
                "/api/chat.delete",
                Says({"ok": True, "channel": "C123ABC456", "ts": "1503435956.000247"}),
                headers=HEADERS,
                body={"channel": "C123ABC456", "ts": "1503435956.000247"},
            ),
        ),
        {"found": True},
    ),
)
