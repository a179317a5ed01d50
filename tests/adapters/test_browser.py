"""A real Chromium renders what it is given, and reaches neither the network nor any file."""

import base64
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from chassis.adapters.door import Door
from chassis.adapters.failures import CallFailed
from contracts.envelope import FailureReason
from tests.adapters.wire import Says, door_to, opened, serving

HERE: Mapping[str, object] = {"browser_sandbox": False}
SCRIPTED = "<body><p id=a>before</p><script>a.textContent = 'aft' + 'er'</script></body>"


def door(settings: Mapping[str, object] = HERE) -> AbstractAsyncContextManager[Door]:
    made = door_to(settings)
    if not made.configured("browser") and "browser_program" not in settings:
        pytest.skip("no Chromium is installed")
    return opened(made)


async def test_a_page_is_rendered_with_its_scripts() -> None:
    async with door() as opened_door:
        done = await opened_door.execute("browser", "render_page", {"html": SCRIPTED})
    assert '<p id="a">after</p>' in done.outcome.model_dump()["html"]


async def test_a_picture_of_a_page_has_the_size_that_was_asked_for() -> None:
    wanted = {"html": SCRIPTED, "width": 320, "height": 200}
    async with door() as opened_door:
        done = await opened_door.execute("browser", "shoot_page", wanted)
    png = base64.b64decode(done.outcome.model_dump()["png"])
    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (320, 200)


async def test_a_page_reaches_neither_this_machine_nor_its_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("<p>hush</p>")
    with serving([Says({"inside": True})]) as desk:
        html = (
            f"<img src={desk.root}/a.png><iframe src={desk.root}/b></iframe>"
            f"<script>fetch('{desk.root}/c'); location = '{secret.as_uri()}'</script>"
        )
        async with door() as opened_door:
            done = await opened_door.execute("browser", "render_page", {"html": html})
    assert desk.requests == []
    assert "hush" not in done.outcome.model_dump()["html"]


async def test_without_a_browser_it_is_not_configured() -> None:
    async with door({**HERE, "browser_program": "nobody-installed-this"}) as opened_door:
        with pytest.raises(CallFailed, match="BROWSER_PROGRAM") as refusal:
            await opened_door.execute("browser", "render_page", {"html": SCRIPTED})
    assert refusal.value.reason is FailureReason.NOT_CONFIGURED
