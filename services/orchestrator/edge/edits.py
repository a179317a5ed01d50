"""A reviewer's edits as the whole new result that the log wants. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator

from chassis.codec import Codec
from contracts import identity
from contracts.content import Citation, ContentItem, ContentWritten
from contracts.envelope import Actor, AppName
from contracts.message import Line, Message, Text
from services.orchestrator.edge.problems import fault, invalid


class ItemEdit(Message):
    """New words for one text; what is not given stays."""

    item_id: Annotated[str, Field(pattern=r"^[a-z]+-[a-d]$")]
    title: Line | None = None
    body_markdown: Text | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> "ItemEdit":
        if self.title is None and self.body_markdown is None:
            raise ValueError("give a new title, a new body_markdown, or both")
        return self


class Editing(Message):
    """Who edits, when, by which request."""

    request_id: str
    actor: Actor
    at: datetime


def edited(framed: bytes, edits: Sequence[ItemEdit], editing: Editing, codec: Codec) -> bytes:
    """The framed content result with the edits in it. Raises Problem for an unknown text.

    A citation whose claim the new text does not hold any more is dropped: it would be untrue.
    """
    before = codec.decode(framed)
    if not isinstance(before.body, ContentWritten):
        raise invalid(fault("decision", f"{before.entry.name} has no texts to edit", "APPROVE"))
    items = {item.id: item for item in before.body.items}
    for number, edit in enumerate(edits):
        if edit.item_id not in items:
            rule = "the content has no such text"
            raise invalid(fault(f"edits.{number}.item_id", rule, ", ".join(items)))
        items[edit.item_id] = _rewritten(items[edit.item_id], edit)
    envelope = before.envelope.model_copy(
        update={
            "id": identity.derived(identity.FORWARDS, editing.request_id, "edited"),
            "causation_id": editing.request_id,
            "source": AppName.EDGE,
            "actor": editing.actor,
            "time": editing.at,
        }
    )
    return codec.encode(envelope, before.header, ContentWritten(items=tuple(items.values())))


def _rewritten(item: ContentItem, edit: ItemEdit) -> ContentItem:
    body = edit.body_markdown or item.body_markdown
    kept: tuple[Citation, ...] = tuple(c for c in item.citations if c.claim in body)
    return item.model_copy(
        update={"title": edit.title or item.title, "body_markdown": body, "citations": kept}
    )
