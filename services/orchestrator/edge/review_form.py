"""A reviewer's form as a browser sends it: the word, its reason, what was rewritten. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from pydantic import ValidationError

from contracts.requests import ReviewDecision
from services.orchestrator.edge.edits import ItemEdit

REASON_CHARS_MAX = 2_000
FIELDS_MAX = 200
_TITLE, _BODY = "title.", "body."


@dataclass(frozen=True, slots=True)
class Word:
    """What the form says; `complaint` is why it cannot be taken as it stands."""

    decision: ReviewDecision = ReviewDecision.APPROVE
    reason: str = ""
    edits: tuple[ItemEdit, ...] = ()
    complaint: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The same for the same word, so that it counts once."""
        told = "\x00".join((self.decision, self.reason, *map(repr, self.edits)))
        return hashlib.sha256(told.encode()).hexdigest()

    def but(self, complaint: str) -> "Word":
        """The same word, and why it was not taken."""
        return replace(self, complaint=complaint)


def word_of(raw: bytes, shown: Sequence[Mapping[str, Any]]) -> Word:
    """The word in a form's `application/x-www-form-urlencoded` bytes, about the texts `shown`."""
    try:
        given = parse_qs(
            raw.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError:
        return Word(complaint="This form cannot be read. Load the page again and decide there.")
    fields = {name: _unix(values[-1]) for name, values in given.items()}
    word = Word(
        reason=fields.get("reason", "").strip()[:REASON_CHARS_MAX],
        titles={n.removeprefix(_TITLE): t for n, t in fields.items() if n.startswith(_TITLE)},
        bodies={n.removeprefix(_BODY): t for n, t in fields.items() if n.startswith(_BODY)},
    )
    try:
        decision = ReviewDecision(fields.get("decision", ""))
        word = replace(word, decision=decision, edits=_edits(word, shown))
    except ValidationError:
        return word.but("A text needs a title of 1 to 300 characters, and a body of 1 to 20,000.")
    except ValueError:
        return word.but("Choose one of the buttons: approve, save the texts, ask, or reject.")
    return word.but(_complaint(word))


def _complaint(word: Word) -> str:
    match word.decision:
        case ReviewDecision.EDIT if not word.edits:
            return "No text was changed: open “Edit this text” below one, change it, then save."
        case ReviewDecision.APPROVE if word.edits:
            return (
                "You changed texts. Save them first: they are checked again, and you approve the "
                "new version."
            )
        case ReviewDecision.REQUEST_CHANGES if not word.reason:
            return "Say what is to be changed: the writers work from your words."
        case ReviewDecision.REQUEST_CHANGES | ReviewDecision.REJECT if word.edits:
            return "You changed texts as well: save them, or undo your changes to decide otherwise."
        case _:
            return ""


def _edits(word: Word, shown: Sequence[Mapping[str, Any]]) -> tuple[ItemEdit, ...]:
    """What differs from the texts that are shown; nothing else of the form counts."""
    found = []
    for item in shown:
        title = word.titles.get(item["id"], item["title"])
        body = word.bodies.get(item["id"], item["body_markdown"])
        changes: dict[str, str] = {}
        if title.strip() != item["title"].strip():
            changes["title"] = title.strip()
        if body.strip() != _unix(item["body_markdown"]).strip():
            changes["body_markdown"] = body.strip()
        if changes:
            found.append(ItemEdit(item_id=item["id"], **changes))
    return tuple(found)


def _unix(text: str) -> str:
    """Forms send every line's end as CR LF (HTML standard, 4.10.21.7)."""
    return text.replace("\r\n", "\n")
