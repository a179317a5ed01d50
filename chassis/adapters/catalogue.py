"""The adapters to vendors, and the door with all of them as the settings say.

Services add their own (`Door.register`): what they reach with code that they have anyhow.
"""

from collections.abc import Sequence

from chassis.adapters.description import Adapter
from chassis.adapters.door import Door
from chassis.adapters.prices import Prices
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.vendors.anthropic import anthropic
from chassis.adapters.vendors.browser import browser
from chassis.adapters.vendors.buffer import buffer
from chassis.adapters.vendors.chat import openai, perplexity
from chassis.adapters.vendors.figma import figma
from chassis.adapters.vendors.github import github
from chassis.adapters.vendors.grafana import grafana
from chassis.adapters.vendors.notion import notion
from chassis.adapters.vendors.s3 import s3
from chassis.adapters.vendors.searxng import searxng
from chassis.adapters.vendors.sendgrid import sendgrid
from chassis.adapters.vendors.slack import slack
from chassis.circuits import Circuits
from chassis.clock import Clock, SystemClock

VENDORS = (
    anthropic,
    browser,
    buffer,
    figma,
    github,
    grafana,
    notion,
    openai,
    perplexity,
    s3,
    searxng,
    sendgrid,
    slack,
)


OF_SERVICES = ("feeds", "smtp", "web-fetch", "webhook")
"""What services call the adapters that they add."""

NAMES = (*sorted((*(make.__name__ for make in VENDORS), *OF_SERVICES)),)
"""All adapters; each is called as the function that makes it."""


def vendors(settings: AdapterSettings) -> tuple[Adapter, ...]:
    """Every vendor's adapter as it is configured."""
    return tuple(make(settings) for make in VENDORS)


def open_door(
    settings: AdapterSettings, redis_urls: Sequence[str] = (), clock: Clock | None = None
) -> Door:
    """A process's door to all vendors; its breakers are shared where Redis is given."""
    return Door(
        vendors(settings),
        circuits=Circuits(redis_urls),
        clock=clock or SystemClock(),
        prices=Prices.parse(settings.model_prices),
    )


def unconfigured() -> Door:
    """A door behind which nothing is configured, whatever the environment holds."""
    return Door(vendors(AdapterSettings.model_construct()))
