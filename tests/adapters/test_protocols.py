"""Each adapter speaks its vendor's protocol, and leaving anything out of it does not go unseen."""

import pytest

from chassis.adapters.catalogue import vendors
from chassis.adapters.door import Door
from chassis.adapters.settings import AdapterSettings
from tests.adapters.protocols import (
    buffer,
    figma,
    github,
    grafana,
    models,
    notion,
    searxng,
    sendgrid,
    slack,
)
from tests.adapters.wire import Protocol, Tampering, droppable, speak

PROTOCOLS: tuple[Protocol, ...] = (
    *buffer.PROTOCOLS,
    *figma.PROTOCOLS,
    *github.PROTOCOLS,
    *grafana.PROTOCOLS,
    *models.PROTOCOLS,
    *notion.PROTOCOLS,
    *searxng.PROTOCOLS,
    *sendgrid.PROTOCOLS,
    *slack.PROTOCOLS,
)
DROPS = [
    pytest.param(protocol, *drop, id=f"{protocol} without {drop[1]} {drop[2]} of {drop[0]}")
    for protocol in PROTOCOLS
    for drop in droppable(protocol)
]
ELSEWHERE = {"browser", "s3"}
"""Their wire is no JSON over HTTP with a fixed key: they have test modules of their own."""

KEYLESS = {"searxng"}
"""One's own server, which asks for no key."""


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=str)
async def test_a_call_is_what_the_vendors_documentation_says(protocol: Protocol) -> None:
    done = await speak(protocol)
    assert done.usage.provider == protocol.tool


@pytest.mark.parametrize(("protocol", "number", "part", "name"), DROPS)
async def test_what_is_dropped_on_the_way_is_noticed(
    protocol: Protocol, number: int, part: str, name: str
) -> None:
    with pytest.raises(AssertionError):
        await speak(protocol, Tampering(number, part, name))


def test_every_action_of_every_vendor_has_its_protocol() -> None:
    door = Door(vendors(AdapterSettings.model_construct()))
    actions = {(a.name, one.name) for a in door.adapters for one in a.actions}
    spoken = {(protocol.tool, protocol.action) for protocol in PROTOCOLS}
    assert {one for one in actions - spoken if one[0] not in ELSEWHERE} == set()
    assert spoken <= actions


def test_every_call_carries_its_key_and_every_write_its_fields() -> None:
    for protocol in PROTOCOLS:
        for exchange in protocol.exchanges:
            keyed = any("secret" in value for value in exchange.headers.values())
            assert keyed is (protocol.tool not in KEYLESS), protocol
            assert exchange.method in ("GET", "DELETE") or exchange.body, protocol
