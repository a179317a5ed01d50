"""What a model must answer: one JSON object of this shape, and nothing else counts."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.research import FindingId

ANSWER_CHARS_MAX = 20_000
_FENCE = re.compile(r"^\s*```(?:json)?\s*\n(?P<inner>.*?)\n?\s*```\s*$", re.DOTALL)


class NotADraft(ValueError):
    """The answer is not of this shape; the message says where, in words a model can act on."""


class DraftClaim(BaseModel):
    """Words of the body that rest on a finding."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    finding: FindingId
    words: Annotated[str, Field(min_length=8, max_length=600)]


class Draft(BaseModel):
    """One text: `body` holds `[F1]` behind the words that rest on finding F1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=3, max_length=240)]
    preheader: Annotated[str, Field(max_length=300)] = ""
    body: Annotated[str, Field(min_length=20, max_length=8_000)]
    claims: Annotated[tuple[DraftClaim, ...], Field(min_length=1, max_length=20)]


def unfenced(answer: str) -> str:
    """The answer without a fence of code round it. Raises NotADraft where it is far too long."""
    if len(answer) > ANSWER_CHARS_MAX:
        raise NotADraft(f"the answer is longer than {ANSWER_CHARS_MAX} characters")
    fenced = _FENCE.match(answer)
    return (fenced["inner"] if fenced else answer).strip()


def read_draft(answer: str) -> Draft:
    """The draft in a model's answer; a fence of code round it is taken off. Raises NotADraft."""
    try:
        return Draft.model_validate_json(unfenced(answer))
    except ValidationError as refusal:
        first = refusal.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        raise NotADraft(f"{where}: {first['msg']}") from refusal
