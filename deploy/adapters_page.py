"""`docs/adapters.md`: every adapter with its settings, rules and protocol test."""

import sys
from pathlib import Path
from typing import Any

from chassis.adapters.settings import AdapterSettings
from chassis.breaker import NEW
from deploy import pages
from deploy.outside import described, whole_door
from services.optimizer.settings import OptimizerSettings
from services.radar.settings import RadarSettings

PAGE = Path("docs/adapters.md")

_HEAD = """\
# Adapters

Generated from the registry by `python -m deploy.adapters_page`; do not edit.

Each call to the outside is one action of one adapter and goes through one door
(`chassis/adapters/door.py`): arguments are checked, a missing key fails with NOT_CONFIGURED and
calls nobody, the breaker lets it through or not, it has a timeout, and it is tried again only where
that is safe. [Decision 12](decisions/0012-one-door-to-the-outside.md) says why.

`sagaline adapters` shows what is configured here and which breaker is open; `--json` adds the
schema of each action's arguments and answer. Settings are in [settings.md](settings.md).

A new one is a module in `chassis/adapters/vendors` and an entry in `chassis/adapters/catalogue.py`;
its documented requests and answers stand in `tests/adapters/protocols`, and `deploy/outside.py`
names them. Tests demand all four, and an undo of each action that makes something.
"""

_RULES = """\
`tries` is how often the door itself tries a call within its timeout; a step that fails is asked
again by the orchestrator. `once` says why the same call, made twice, has one effect.
"""


def adapters_page() -> str:
    """The whole page, as it is with nothing configured."""
    door = whole_door(
        AdapterSettings.model_construct(browser_program="nobody-installed-this"),
        OptimizerSettings.model_construct(smtp_url="", webhook_url="", webhook_secret=""),
        RadarSettings.model_construct(),
    )
    found = [described(adapter, NEW) for adapter in door.adapters]
    header = ("adapter", "kind", "what it does", "settings", "breaker", "protocol test")
    actions = ("adapter", "action", "tries", "timeout", "once", "cost", "undo")
    rows = [_action_row(one, action) for one in found for action in one["actions"]]
    parts = [_HEAD, pages.table(header, map(_row, found)), "## Actions\n", _RULES]
    return "\n".join([*parts, pages.table(actions, rows)])


def generated() -> pages.Pages:
    """The one file."""
    return {PAGE: adapters_page()}


def _row(adapter: dict[str, Any]) -> tuple[str, ...]:
    breaker = adapter["breaker"]
    return (
        f"`{adapter['name']}`",
        adapter["kind"],
        adapter["about"],
        ", ".join(f"`{name}`" for name in adapter["needs"]),
        f"{breaker['opens_at']} / {breaker['open_s']:g} s / {breaker['successes']}",
        f"[{Path(adapter['protocol_test']).name}](../{adapter['protocol_test']})",
    )


def _action_row(adapter: dict[str, Any], action: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"`{adapter['name']}`",
        f"`{action['name']}`",
        str(action["attempts"]),
        f"{action['timeout_s']:g} s",
        action["key"],
        action["cost"],
        f"`{action['undo']}`" if action["undo"] else "",
    )


if __name__ == "__main__":
    sys.exit(pages.main(generated(), "deploy.adapters_page", __doc__ or ""))
