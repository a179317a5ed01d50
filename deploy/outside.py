"""Every adapter of the system behind one door: the vendors', and those that services add."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.adapters.catalogue import open_door
from chassis.adapters.description import Action, Adapter
from chassis.adapters.door import Door, state_of
from chassis.adapters.settings import AdapterSettings
from chassis.breaker import Circuit
from services.optimizer.publish.handlers import adapters_of as of_publishing
from services.optimizer.settings import OptimizerSettings
from services.radar.roles import adapters_of as of_research
from services.radar.settings import RadarSettings

PROTOCOLS: Mapping[str, str] = {
    "anthropic": "tests/adapters/protocols/models.py",
    "browser": "tests/adapters/test_browser.py",
    "buffer": "tests/adapters/protocols/buffer.py",
    "feeds": "tests/adapters/test_research_adapters.py",
    "figma": "tests/adapters/protocols/figma.py",
    "github": "tests/adapters/protocols/github.py",
    "grafana": "tests/adapters/protocols/grafana.py",
    "notion": "tests/adapters/protocols/notion.py",
    "openai": "tests/adapters/protocols/models.py",
    "perplexity": "tests/adapters/protocols/models.py",
    "s3": "tests/adapters/test_s3.py",
    "searxng": "tests/adapters/protocols/searxng.py",
    "sendgrid": "tests/adapters/protocols/sendgrid.py",
    "slack": "tests/adapters/protocols/slack.py",
    "smtp": "tests/adapters/test_publishing_adapters.py",
    "web-fetch": "tests/adapters/test_research_adapters.py",
    "webhook": "tests/adapters/test_publishing_adapters.py",
}
"""Where each adapter's calls are held against its protocol, and each part of them is dropped."""


def whole_door(
    vendors: AdapterSettings,
    optimizer: OptimizerSettings,
    radar: RadarSettings,
    redis_urls: Sequence[str] = (),
) -> Door:
    """The door with all adapters as these settings configure them."""
    door = open_door(vendors, redis_urls)
    door.register(*of_publishing(optimizer), *of_research(radar))
    return door


def described(adapter: Adapter, circuit: Circuit) -> dict[str, Any]:
    """The adapter as data: state, rules, schemas. No secret is in it."""
    profile = adapter.breaker
    return {
        "name": adapter.name,
        "kind": adapter.kind.value,
        "about": adapter.about,
        "state": state_of(adapter),
        "needs": list(adapter.needs),
        "missing": list(adapter.missing),
        "breaker": {
            "state": circuit.state.name.lower(),
            "failures": circuit.failures,
            "opens_at": profile.failures,
            "open_s": profile.open_s,
            "trials": profile.trials,
            "successes": profile.successes,
        },
        "actions": [_action(action) for action in adapter.actions],
        "protocol_test": PROTOCOLS.get(adapter.name, ""),
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "name": action.name,
        "about": action.about,
        "timeout_s": action.timeout_s,
        "attempts": action.retry.attempts,
        "key": action.key.value,
        "cost": action.pricing.value,
        "undo": action.undo,
        "args": action.args.model_json_schema(),
        "outcome": action.outcome.model_json_schema(),
    }
