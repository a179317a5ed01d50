"""The examples as pages: brief, strategy and every text, just as the embedded engine makes them."""

from datetime import UTC, datetime
from pathlib import Path

from contracts import identity
from contracts.content import ContentItem, WriteContent
from contracts.goal import CampaignBrief
from contracts.strategy import BuildStrategy, CitedStatement, StrategyBrief
from services.analyst.engines.embedded.writer import write as write_texts
from services.analyst.ports import Order, Written
from services.analyst.strategy import build
from tests.analyst.examples.recorded import BRIEFS, FOLDER, brief_of, findings_of

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
_MADE = (
    "Made by the embedded engine (no account, no model) from what research read on the pages "
    "named below. `python -m tests.analyst.examples` makes this page again; a test compares."
)
TENANT = "11111111-1111-4111-8111-111111111111"


def rendered() -> dict[Path, str]:
    """Every page and what should stand in it."""
    return {FOLDER / f"{slug}.md": _page(slug) for slug in BRIEFS}


def write() -> list[Path]:
    """Write what differs; the pages that did."""
    changed = []
    for path, text in rendered().items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def made(slug: str) -> tuple[CampaignBrief, StrategyBrief, Written]:
    """The example's brief, the strategy made of it, and its texts."""
    wishes, findings = brief_of(slug), findings_of(slug)
    given = wishes.model_dump()
    fields = {name: given[name] for name in BuildStrategy.model_fields if name in given}
    asked = BuildStrategy.model_validate({**fields, "findings": findings})
    strategy = build(asked, (), NOW, wishes.language).brief
    fields = {name: given[name] for name in WriteContent.model_fields if name in given}
    content = WriteContent.model_validate({**fields, "brief": strategy, "findings": findings})
    campaign = identity.campaign_id(TENANT, f"example {slug}")
    return wishes, strategy, write_texts(Order(content, campaign, wishes.language))


def _page(slug: str) -> str:
    wishes, strategy, written = made(slug)
    parts = [
        f"# {wishes.business_name}: {wishes.name}",
        _MADE,
        "## Brief",
        _brief(slug, wishes),
        "## Strategy",
        _strategy(strategy),
        "## Texts",
        *(_text(item) for item in written.items),
    ]
    if written.notes or written.short_of:
        parts += ["## Notes", "\n".join(f"- {n}" for n in (*written.short_of, *written.notes))]
    return "\n\n".join(parts) + "\n"


def _brief(slug: str, wishes: CampaignBrief) -> str:
    used = {finding.source_url: finding.source_title for finding in findings_of(slug)}
    lines = [
        f"- For: {wishes.target_audience}",
        f"- In: {wishes.industry}",
        *(f"- Goal: {goal}" for goal in wishes.goals),
        f"- Voice: {wishes.brand_voice.tone}; never: {', '.join(wishes.brand_voice.banned_words)}",
        f"- Read: {'; '.join(dict.fromkeys(used.values()))}",
    ]
    return "\n".join(lines)


def _strategy(strategy: StrategyBrief) -> str:
    lines = [
        f"**{strategy.headline}**",
        f"Audience: {_cited(strategy.audience)}",
        f"Position: {_cited(strategy.positioning)}",
        "\n".join(f"- {_cited(message)}" for message in strategy.key_messages),
        "\n".join(f"- *{plan.channel}*: {_cited(plan.angle)}" for plan in strategy.channel_plan),
        "\n".join(f"- {kpi}" for kpi in strategy.kpis),
        "\n".join(f"- Risk: {_cited(risk)}" for risk in strategy.risks),
    ]
    return "\n\n".join(line for line in lines if line)


def _cited(statement: CitedStatement) -> str:
    return f"{statement.text} `{' '.join(statement.finding_ids)}`".removesuffix(" ``")


def _text(item: ContentItem) -> str:
    heads = [f"### {item.id}", f"Title: {item.title}"]
    heads += [f"Preheader: {item.preheader}"] if item.preheader else []
    return "\n\n".join([*heads, f"````markdown\n{item.body_markdown}\n````"])
