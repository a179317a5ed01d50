"""The tracked link of a channel that publishes one text: who follows its call is counted.

The link's id is known before anything is published; the edge knows it as soon as the step is called
(orchestrator/view/links.py). It leads to the campaign's website.
"""

from dataclasses import dataclass

from contracts.analytics import link_id, link_path
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.ports import Order
from services.optimizer.publish.prose import led_by
from services.optimizer.publish.selection import web_address

PUBLIC = "https://"
"""What an address begins with that readers elsewhere reach."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A website and the link that leads there by way of the edge; both empty where there is none.

    Without a link the text leads straight to the website, and nobody is counted.
    """

    website: str = ""
    link: str = ""

    def led(self, text: str) -> str:
        """The Markdown text, the website's address in it replaced by the link."""
        return led_by(text, self.website, self.link)

    @property
    def address(self) -> str:
        """Where readers are led."""
        return self.link or self.website

    @property
    def leads_to(self) -> str:
        """Where the link leads in the end; empty where there is none."""
        return self.website if self.link else ""


def counted(order: Order, effect: Effect, root: str, *, at_home: bool = False) -> Counted:
    """The tracked link of the order's text, below the edge's address `root`.

    None where readers cannot be expected to reach the edge: its address is not https, and the text
    does not stand on the edge itself (`at_home`).
    """
    website, root = web_address(order.command.website), root.rstrip("/")
    if not website or not (at_home or root.startswith(PUBLIC)):
        return Counted(website)
    campaign_id = effect.job.campaign_id
    own = link_id(campaign_id, order.command.channel, order.item.id, effect.key)
    return Counted(website, root + link_path(campaign_id, own))
