"""What a model must answer when it is asked for a strategy: one JSON object of this shape."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.goal import Channel
from contracts.research import FindingId
from services.analyst.engines.llm.draft import NotADraft, unfenced

HEADLINE_CHARS_MAX = 80
STATEMENT_CHARS_MAX = 400
MESSAGES_MIN, MESSAGES_MAX = 3, 5
RISKS_MAX = 3


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """One statement and the findings that it rests on; a statement without one is refused."""

    text: Annotated[str, Field(min_length=12, max_length=STATEMENT_CHARS_MAX)]
    findings: Annotated[tuple[FindingId, ...], Field(min_length=1, max_length=4)]


class Angle(Said):
    """How one channel tells it."""

    channel: Channel


class StrategyDraft(_Part):
    """A strategy: whom it speaks to, where it stands, what it says, and how each channel does."""

    headline: Annotated[str, Field(min_length=8, max_length=HEADLINE_CHARS_MAX)]
    audience: Said
    positioning: Said
    key_messages: Annotated[
        tuple[Said, ...], Field(min_length=MESSAGES_MIN, max_length=MESSAGES_MAX)
    ]
    channels: Annotated[tuple[Angle, ...], Field(min_length=1, max_length=len(Channel))]
    risks: Annotated[tuple[Said, ...], Field(max_length=RISKS_MAX)] = ()

    @property
    def places(self) -> tuple[tuple[str, Said], ...]:
        """Every statement under the name by which a model is told of it."""
        messages = ((f"key_messages.{n}", said) for n, said in enumerate(self.key_messages))
        angles = ((f"channels.{angle.channel}", angle) for angle in self.channels)
        risks = ((f"risks.{n}", said) for n, said in enumerate(self.risks))
        return (
            ("audience", self.audience),
            ("positioning", self.positioning),
            *messages,
            *angles,
            *risks,
        )


def read_strategy(answer: str) -> StrategyDraft:
    """The strategy in a model's answer, in a fence of code or not. Raises NotADraft."""
    try:
        return StrategyDraft.model_validate_json(unfenced(answer))
    except ValidationError as refusal:
        first = refusal.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        raise NotADraft(f"{where}: {first['msg']}") from refusal
