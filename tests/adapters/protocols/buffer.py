"""Buffer: https://developers.buffer.com, its examples of createPost, posts and deletePost."""

from collections.abc import Mapping

from chassis.adapters.vendors.buffer import CREATE, DELETE, NEWEST
from tests.adapters.wire import KEY, Exchange, Protocol, Says

SETTINGS = {
    "buffer_url": "{root}",
    "buffer_access_token": "buffer-secret",
    "buffer_organization": "some_organization_id",
}
HEADERS = {"authorization": "Bearer buffer-secret", "content-type": "application/json"}
TEXT = "Why your next loaf starts at the mill #baking"
URL = "https://molinoalto.example/site/t/media/d.png"
INPUT = {
    "text": TEXT,
    "channelId": "some_channel_id",
    "schedulingType": "automatic",
    "mode": "shareNow",
    "assets": [{"image": {"url": URL}}],
}
ARGS = {"channel_id": "some_channel_id", "text": TEXT, "media_urls": [URL]}
POST = {"id": "67e0a1b2c3d4e5f601234567", "text": TEXT, "status": "scheduled", "dueAt": None}
DUE = "2026-12-01T10:28:47Z"
GUIDE = "https://developers.buffer.com/examples/create-image-post.html"


def created(wanted: Mapping[str, object]) -> Exchange:
    return Exchange(
        "POST",
        "/",
        Says({"data": {"createPost": {"post": POST}}}),
        headers=HEADERS,
        body={"query": CREATE, "variables": {"input": wanted}},
    )


def looked(*nodes: Mapping[str, object]) -> Exchange:
    given = {"organizationId": "some_organization_id", "channelIds": ["some_channel_id"]}
    return Exchange(
        "POST",
        "/",
        Says({"data": {"posts": {"edges": [{"node": node} for node in nodes]}}}),
        headers=HEADERS,
        body={"query": NEWEST, "variables": given},
    )


FOUND = {"id": POST["id"], "text": TEXT, "status": "scheduled"}
OTHER: dict[str, object] = {"id": "other", "text": "Something else", "status": "sent"}

PROTOCOLS = (
    Protocol("buffer", "create_post", GUIDE, SETTINGS, ARGS, (created(INPUT),), FOUND),
    Protocol(
        "buffer",
        "create_post",
        "https://developers.buffer.com/examples/create-scheduled-post.html",
        SETTINGS,
        {"channel_id": "some_channel_id", "text": TEXT, "due_at": DUE},
        (
            created(
                {
                    "text": TEXT,
                    "channelId": "some_channel_id",
                    "schedulingType": "automatic",
                    "mode": "customScheduled",
                    "dueAt": DUE,
                }
            ),
        ),
        FOUND,
        note="for later",
    ),
    Protocol(
        "buffer",
        "create_post",
        "https://developers.buffer.com/examples/get-posts-for-channels.html",
        SETTINGS,
        ARGS,
        (looked(OTHER, POST),),
        FOUND,
        KEY,
        True,
        "a repeat",
    ),
    Protocol(
        "buffer",
        "create_post",
        "https://developers.buffer.com/examples/get-posts-for-channels.html",
        SETTINGS,
        ARGS,
        (looked(OTHER), created(INPUT)),
        FOUND,
        KEY,
        True,
        "a repeat of what never arrived",
    ),
    Protocol(
        "buffer",
        "find_post",
        "https://developers.buffer.com/examples/get-posts-for-channels.html",
        SETTINGS,
        {"channel_id": "some_channel_id", "text": TEXT},
        (looked(OTHER, POST),),
        {"id": POST["id"]},
    ),
    Protocol(
        "buffer",
        "delete_post",
        "https://developers.buffer.com/reference.html#deletePost",
        SETTINGS,
        {"id": POST["id"]},
        (
            Exchange(
                "POST",
                "/",
                Says({"data": {"deletePost": {"id": POST["id"]}}}),
                headers=HEADERS,
                body={"query": DELETE, "variables": {"id": POST["id"]}},
            ),
        ),
        {"found": True},
    ),
)
