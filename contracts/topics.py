"""The topics as data: names, keys, writers, retention and partition counts."""

from dataclasses import dataclass

from contracts.plan import Phase

PARTITIONS = 12
"""The same for every topic that carries a campaign's conversation, so one owner has all of it."""

DAY_MS = 86_400_000
FOREVER = -1


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic: who writes it, what it is keyed by, how long it keeps, and why it exists."""

    name: str
    key: str
    writer: str
    purpose: str
    retention_ms: int = 30 * DAY_MS
    compacted: bool = False
    partitions: int = PARTITIONS


INTAKE = "campaign.intake"
REQUESTS = "campaign.requests"
RESULTS = "campaign.results"
LOG = "campaign.log"
SNAPSHOTS = "campaign.snapshots"
DEAD_LETTERS = "dead.letters"
ENGAGEMENT = "engagement.events"
MEMORY = "memory.items"


def commands_of(phase: str) -> str:
    """The command topic of a phase, for example `research.commands`."""
    return f"{phase}.commands"


TOPICS: tuple[TopicSpec, ...] = (
    TopicSpec(
        INTAKE, "campaign_id or none", "upstream systems", "goals from other systems", DAY_MS
    ),
    TopicSpec(REQUESTS, "campaign_id", "edge", "goals, decisions, cancel, retry"),
    TopicSpec(RESULTS, "campaign_id", "phase services", "step results and failures"),
    TopicSpec(LOG, "campaign_id", "orchestrator", "every fact, for ever", FOREVER),
    TopicSpec(SNAPSHOTS, "campaign_id", "orchestrator", "latest states", FOREVER, compacted=True),
    *(
        TopicSpec(commands_of(phase), "campaign_id", "orchestrator", f"do or undo {phase}")
        for phase in Phase
    ),
    TopicSpec(DEAD_LETTERS, "original key", "any service", "what nobody could work on"),
    TopicSpec(ENGAGEMENT, "campaign_id", "edge", "what readers did", 365 * DAY_MS),
    TopicSpec(
        MEMORY, "tenant_id:namespace:id", "optimizer", "what was learned", FOREVER, compacted=True
    ),
)
