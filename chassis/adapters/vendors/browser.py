"""A headless Chromium in a process of its own: what a page looks like, and its text after scripts.

It is given HTML, never an address, and has no network: every connection goes to a proxy that is
not there, and a page that came as a `data:` address may open no file. So a page that was fetched
through research's guard can be rendered, and none can reach inside. Without a browser on this
machine the adapter is not configured.
"""

import asyncio
import base64
import os
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import Field

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    Kind,
    Outcome,
    empty,
)
from chassis.adapters.failures import CallFailed
from chassis.adapters.settings import AdapterSettings
from contracts.envelope import FailureReason

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
HTML_BYTES_MAX = 90_000
"""In base64 it has to fit into one argument of a program: 131,072 bytes on Linux (execve(2))."""

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""

SCRIPTS_MS = 2_000
"""Virtual time that a page's scripts are given."""

PICTURE = "page.png"


class RenderPage(Args):
    """A whole page to run."""

    html: Annotated[str, Field(min_length=1, max_length=HTML_BYTES_MAX)]


class ShootPage(RenderPage):
    """A whole page to draw, in pixels."""

    width: Annotated[int, Field(ge=16, le=4_000)] = 1_200
    height: Annotated[int, Field(ge=16, le=4_000)] = 800


class RenderedPage(Outcome):
    """The page's HTML after its scripts ran."""

    html: str


class Picture(Outcome):
    """A PNG, in base64."""

    png: str


def browser(settings: AdapterSettings) -> Adapter:
    """The adapter, ready where a browser is installed."""
    program = _program(settings.browser_program)
    as_root = settings.browser_sandbox and os.geteuid() == 0
    needs = {"BROWSER_PROGRAM": program, "BROWSER_SANDBOX": "" if as_root else "-"}
    calls = _Browser(program, sandbox=settings.browser_sandbox)
    return Adapter(
        name="browser",
        kind=Kind.RESEARCH,
        about="pages rendered in a headless Chromium, without network",
        needs=tuple(needs),
        missing=empty(needs),
        actions=(
            Action(
                name="render_page",
                about="the HTML after scripts ran",
                args=RenderPage,
                outcome=RenderedPage,
                run=calls.render,
                timeout_s=45.0,
                retry=READING,
            ),
            Action(
                name="shoot_page",
                about="a picture of a page",
                args=ShootPage,
                outcome=Picture,
                run=calls.shoot,
                timeout_s=45.0,
                retry=READING,
            ),
        ),
    )


def _program(named: str) -> str:
    """Where the browser is; empty where there is none."""
    found = (shutil.which(name) for name in ((named,) if named else PROGRAMS))
    return next(filter(None, found), "")


class _Browser:
    def __init__(self, program: str, *, sandbox: bool) -> None:
        self._program = program
        self._sandbox = () if sandbox else ("--no-sandbox",)

    async def render(self, args: RenderPage, call: Call) -> RenderedPage:
        with tempfile.TemporaryDirectory(prefix="sagaline-browser-") as folder:
            out = await self._run(Path(folder), args.html, "--dump-dom")
        return RenderedPage(html=out.decode(errors="replace"))

    async def shoot(self, args: ShootPage, call: Call) -> Picture:
        with tempfile.TemporaryDirectory(prefix="sagaline-browser-") as folder:
            picture = Path(folder) / PICTURE
            size = f"--window-size={args.width},{args.height}"
            await self._run(Path(folder), args.html, size, f"--screenshot={picture}")
            raw = await asyncio.to_thread(_content, picture)
        if not raw:
            raise CallFailed(
                FailureReason.UNAVAILABLE, "browser: no picture was made; look at the browser"
            )
        return Picture(png=base64.b64encode(raw).decode())

    async def _run(self, folder: Path, html: str, *options: str) -> bytes:
        raw = html.encode()
        if len(raw) > HTML_BYTES_MAX:
            raise CallFailed(
                FailureReason.INVALID_INPUT,
                f"html: {len(raw):,} bytes; at most {HTML_BYTES_MAX:,} are rendered",
            )
        page = f"data:text/html;charset=utf-8;base64,{base64.b64encode(raw).decode()}"
        process = await asyncio.create_subprocess_exec(
            self._program,
            "--headless",
            *self._sandbox,
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-dev-shm-usage",
            f"--user-data-dir={folder / 'profile'}",
            f"--proxy-server={NOWHERE}",
            "--proxy-bypass-list=<-loopback>",
            f"--virtual-time-budget={SCRIPTS_MS}",
            *options,
            page,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                _end(process.pid)
                await process.wait()
        if process.returncode != 0:
            raise CallFailed(
                FailureReason.UNAVAILABLE,
                f"browser: {Path(self._program).name} ended with {process.returncode}; run it by "
                "hand to see why",
            )
        return out


def _end(pid: int) -> None:
    """End the browser with all its children: it leads a process group of its own."""
    import signal

    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
