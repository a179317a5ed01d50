"""Commands, jobs and readers of pictures for the visual service's tests."""

import asyncio
import os
import shutil
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from chassis.artefacts import FolderArtefacts, StepArtefacts
from chassis.claims import FolderClaims
from chassis.service import Job
from contracts.content import ContentItem
from contracts.design import RenderDesign
from contracts.envelope import StepCall
from contracts.goal import BrandVoice, Channel, SealedText
from contracts.identity import CAMPAIGNS, TENANTS, command_id, derived, effect_key
from contracts.strategy import ChannelPlan, CitedStatement, StrategyBrief
from contracts.video import RenderVideo
from services.visual.child import ChildDraw

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TENANT = derived(TENANTS, "north")
HEADLINE = "Cut your heating bill by a third before winter arrives"
NAME = "Nordlicht Energie"


@asynccontextmanager
async def drawing(at_once: int = 3, timeout_s: float = 120) -> AsyncIterator[ChildDraw]:
    """Drawing processes that are gone afterwards."""
    draw = ChildDraw(asyncio.Semaphore(at_once), timeout_s)
    try:
        yield draw
    finally:
        await draw.close()


def drawing_processes() -> dict[str, str] | None:
    """This process's children that draw, by id; None where the system does not tell."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    if not children.exists():
        return None
    commands = {pid: _command_of(pid) for pid in children.read_text().split()}
    return {pid: command for pid, command in commands.items() if "child_main" in command}


def _command_of(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""


def store_at(folder: Path) -> FolderArtefacts:
    return FolderArtefacts(folder)


def job_at(folder: Path, *, step: str = "design", round_: int = 0, campaign: str = "one") -> Job:
    campaign_id = derived(CAMPAIGNS, campaign)
    return Job(
        tenant_id=TENANT,
        campaign_id=campaign_id,
        command_id=command_id(campaign_id, step, 1),
        call=StepCall(
            step=step,
            attempt=1,
            round=round_,
            effect_key=effect_key(campaign_id, step, round_),
            not_after=NOW,
        ),
        artefacts=StepArtefacts(store_at(folder), TENANT, campaign_id, step),
        claims=FolderClaims(folder, TENANT),
        unseal=_no_personal_field,
        log=structlog.get_logger(),
    )


def item(channel: Channel, **changes: Any) -> ContentItem:
    fields: dict[str, Any] = {
        "id": f"{channel.value}-a",
        "channel": channel,
        "variant": "a",
        "language": "en",
        "title": HEADLINE,
        "body_markdown": HEADLINE,
        "call_to_action": "Book a free check",
        "citations": (),
    }
    return ContentItem(**{**fields, **changes})


def design(*channels: Channel, **changes: Any) -> RenderDesign:
    fields: dict[str, Any] = {
        "business_name": NAME,
        "headline": HEADLINE,
        "channels": channels,
        "items": tuple(item(channel) for channel in channels),
    }
    return RenderDesign(**{**fields, **changes})


def video(messages: tuple[str, ...] | None = None, **changes: Any) -> RenderVideo:
    said = messages or (
        "Most heat in older houses leaves through the roof.",
        "A blower-door test finds the leaks in two hours.",
    )
    cited = [CitedStatement(text=text, finding_ids=("F1",)) for text in said]
    plan = ChannelPlan(channel=Channel.BLOG, angle=cited[0], call_to_action="Read the guide")
    brief = StrategyBrief(
        headline=HEADLINE,
        audience=cited[0],
        positioning=cited[0],
        key_messages=tuple(cited),
        channel_plan=(plan,),
        kpis=("clicks",),
    )
    fields: dict[str, Any] = {
        "business_name": NAME,
        "headline": HEADLINE,
        "brief": brief,
        "call_to_action": "Book a free check",
        "website": "https://nordlicht.example/",
        "brand_voice": BrandVoice(),
    }
    return RenderVideo(**{**fields, **changes})


def png_size(png: bytes) -> tuple[int, int]:
    """Width and height as the file's own header says (PNG, chunk IHDR)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


def read_by_machine(png: bytes, languages: str = "eng") -> str:
    """What tesseract reads in the picture, on one line."""
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed: nothing here can read the picture's text back")
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", languages, "--psm", "3"],
        input=png,
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return " ".join(done.stdout.decode().split())


def _no_personal_field(sealed: SealedText) -> str:
    raise AssertionError(f"drawing must not open a personal field ({sealed.subject_id})")
