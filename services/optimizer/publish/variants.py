"""Which variants of a text there are, who gets which, and how each is made. Pure."""

from dataclasses import dataclass
from uuid import UUID

from chassis.errors import StepError
from contracts.content import ContentItem
from contracts.envelope import FailureReason
from contracts.identity import EFFECTS, derived
from contracts.publish import PublishContent

SHORT_TITLE_CHARS = 40
BRIEF_TEXT_WORDS = 150


def variants_of(command: PublishContent) -> tuple[ContentItem, ...]:
    """The channel's texts in the order of their variants. Raises StepError where it has none."""
    own = {item.variant: item for item in command.items if item.channel is command.channel}
    if not own:
        raise StepError(
            FailureReason.INVALID_INPUT,
            f"items: there is no text for channel {command.channel}; run the content step for "
            "this channel, or take the channel out of the campaign",
        )
    return tuple(own[variant] for variant in sorted(own))


@dataclass(frozen=True, slots=True)
class Split:
    """Who of a campaign's recipients gets which of the variants."""

    variants: tuple[ContentItem, ...]
    campaign_id: str

    def of(self, subject_id: str) -> ContentItem:
        """The text that this person gets: the same at every try and in every round.

        The person's id is hashed with the campaign's, so that who was in the first half of one
        test is in either half of the next; halves differ by chance, as any random split's do.
        """
        drawn = UUID(derived(EFFECTS, self.campaign_id, "variant", subject_id)).int
        return self.variants[drawn % len(self.variants)]


def split(variants: tuple[ContentItem, ...], campaign_id: str, recipients: int) -> Split:
    """The split of a mailing; one person alone gets the first variant, there being no test."""
    return Split(variants if recipients > 1 else variants[:1], campaign_id)


def traits_of(item: ContentItem) -> tuple[str, ...]:
    """How the text is made, in words of ours: nothing in them was written by anybody else."""
    title = item.title
    words = len(item.body_markdown.split())
    return (
        "its title asks a question" if "?" in title else "its title makes a statement",
        "its title names a figure" if any(map(str.isdigit, title)) else "its title has no figure",
        f"its title has at most {SHORT_TITLE_CHARS} characters"
        if len(title) <= SHORT_TITLE_CHARS
        else f"its title has over {SHORT_TITLE_CHARS} characters",
        f"its text has at most {BRIEF_TEXT_WORDS} words"
        if words <= BRIEF_TEXT_WORDS
        else f"its text has over {BRIEF_TEXT_WORDS} words",
        f"it cites {len({citation.finding_id for citation in item.citations})} findings",
    )
