"""Buffer's GraphQL API: a post to a connected social channel, with media; deleted again.

https://developers.buffer.com (createPost, posts, deletePost). Buffer has no idempotency key and
nowhere to keep ours: a repeat searches the channel's newest posts for its text first.
Media are taken from public addresses when the post goes out, so these must stay.
"""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    Pricing,
    Removed,
    adapter_to,
)
from chassis.adapters.failures import CallFailed, misunderstood
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, Vendor, bearer, shaped
from contracts.envelope import FailureReason

TOOL = "buffer"
CREATE = """mutation CreatePost($input: CreatePostInput!) {
  createPost(input: $input) {
    ... on PostActionSuccess { post { id text status dueAt } }
    ... on MutationError { message }
  }
}"""
NEWEST = """query GetPosts($organizationId: OrganizationId!, $channelIds: [ChannelId!]!) {
  posts(first: 50, input: {
    organizationId: $organizationId
    sort: [{field: createdAt, direction: desc}]
    filter: {channelIds: $channelIds}
  }) { edges { node { id text status channelId } } }
}"""
DELETE = """mutation DeletePost($id: PostId!) {
  deletePost(input: {id: $id}) {
    ... on DeletePostSuccess { id }
    ... on MutationError { message }
  }
}"""


class CreatePost(Args):
    """A post; with `due_at` (RFC 3339) it is scheduled, else it is shared now."""

    channel_id: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1)]
    media_urls: tuple[str, ...] = ()
    due_at: str = ""


class FindPost(Args):
    """A text that may have been posted to a channel."""

    channel_id: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1)]


class FoundPost(Outcome):
    """The newest post with that text among the channel's last 50; its id is empty for none."""

    id: str = ""


class DeletePost(Args):
    """A post as Buffer names it."""

    id: str


class Post(Outcome):
    """The post as Buffer knows it."""

    id: str
    text: str | None = None
    status: str | None = None


class _Edge(BaseModel):
    node: Post


class _Error(BaseModel):
    message: str = ""
    extensions: Annotated[dict[str, Any], Field(default_factory=dict)]


class _Errors(BaseModel):
    errors: tuple[_Error, ...] | None = None


class _Posts(BaseModel):
    edges: tuple[_Edge, ...]


def buffer(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = bearer(
        "buffer", settings.buffer_url, "BUFFER_ACCESS_TOKEN", settings.buffer_access_token
    )
    needs = {"BUFFER_ORGANIZATION": settings.buffer_organization, **vendor.needs}
    vendor = replace(vendor, needs=needs)
    calls = _Buffer(vendor, settings.buffer_organization)
    return adapter_to(
        vendor,
        Kind.PUBLISHING,
        "posts to LinkedIn and X through Buffer",
        actions=(
            Action(
                name="create_post",
                about="share or schedule a post, with media by address",
                args=CreatePost,
                outcome=Post,
                run=calls.create,
                timeout_s=15.0,
                key=KeyRule.LOOKED_UP,
                pricing=Pricing.PLAN,
                undo="delete_post",
            ),
            Action(
                name="find_post",
                about="look for a post by its text",
                args=FindPost,
                outcome=FoundPost,
                run=calls.find,
                retry=READING,
            ),
            Action(
                name="delete_post",
                about="delete a post; on the network itself it may stay",
                args=DeletePost,
                outcome=Removed,
                run=calls.delete,
                key=KeyRule.NAMES,
            ),
        ),
    )


class _Buffer:
    def __init__(self, vendor: Vendor, organization: str) -> None:
        self._vendor = vendor
        self._organization = organization

    async def create(self, args: CreatePost, call: Call) -> Post:
        if call.repeat and (found := await self._standing(args, call)):
            return found
        wanted: dict[str, object] = {
            "text": args.text,
            "channelId": args.channel_id,
            "schedulingType": "automatic",
            "mode": "customScheduled" if args.due_at else "shareNow",
        }
        if args.due_at:
            wanted["dueAt"] = args.due_at
        if args.media_urls:
            wanted["assets"] = [{"image": {"url": url}} for url in args.media_urls]
        made = await self._asked(call, CREATE, {"input": wanted}, "createPost")
        return shaped(TOOL, Post, _fine(made, "post"))

    async def find(self, args: FindPost, call: Call) -> FoundPost:
        found = await self._standing(args, call)
        return FoundPost(id=found.id if found else "")

    async def delete(self, args: DeletePost, call: Call) -> Removed:
        made = await self._asked(call, DELETE, {"id": args.id}, "deletePost")
        if "not found" in str(made.get("message", "")).lower():
            return Removed(found=False)
        _fine(made, "id")
        return Removed(found=True)

    async def _standing(self, args: CreatePost | FindPost, call: Call) -> Post | None:
        given = {"organizationId": self._organization, "channelIds": [args.channel_id]}
        found = await self._asked(call, NEWEST, given, "posts")
        nodes = (edge.node for edge in shaped(TOOL, _Posts, found).edges)
        return next((post for post in nodes if post.text == args.text), None)

    async def _asked(
        self, call: Call, query: str, variables: dict[str, Any], name: str
    ) -> dict[str, Any]:
        """The member `name` of the answer's data. GraphQL's errors come with status 200."""
        ask = Ask("POST", "/", body={"query": query, "variables": variables})
        said = (await call.web.ask(self._vendor, ask)).json()
        if not isinstance(said, dict):
            raise misunderstood(TOOL, "no object")
        if errors := shaped(TOOL, _Errors, said).errors:
            raise _refusal(errors[0].message, str(errors[0].extensions.get("code", "")))
        data = said.get("data")
        found = data.get(name) if isinstance(data, dict) else None
        if not isinstance(found, dict):
            raise misunderstood(TOOL, f"no {name}")
        return found


def _fine(made: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - what GraphQL answered
    if name not in made:
        raise _refusal(str(made.get("message", "no word why")), "")
    return made[name]


def _refusal(message: str, code: str) -> CallFailed:
    if code in ("UNAUTHORIZED", "UNAUTHENTICATED", "FORBIDDEN"):
        return CallFailed(
            FailureReason.NOT_CONFIGURED, f"buffer refused ({message}); correct BUFFER_ACCESS_TOKEN"
        )
    if code == "RATE_LIMIT_EXCEEDED":
        return CallFailed(FailureReason.RATE_LIMITED, f"buffer refused ({message})")
    if code in ("UNEXPECTED", "INTERNAL_SERVER_ERROR"):
        return CallFailed(
            FailureReason.UNAVAILABLE, f"buffer is out of order ({message})", nothing_done=False
        )
    return CallFailed(FailureReason.REJECTED, f"buffer refused ({message}); correct the post")
