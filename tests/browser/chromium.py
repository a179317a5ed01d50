"""A real browser, driven over its own pipe: pages, clicks and keys, and what went wrong in them.

It speaks the Chrome DevTools Protocol (https://chromedevtools.github.io/devtools-protocol/) over
two file descriptors, so that no driver and no port is needed.
"""

import asyncio
import base64
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
    "--remote-debugging-pipe",
)
ANSWER_BYTES_MAX = 64 * 1024 * 1024
WITHIN_S = 30.0
LOOK_S = 0.05


class Page:
    """One tab. `faults` is what its scripts, its policy and its network complained about."""

    def __init__(self, reader: asyncio.StreamReader, out: int) -> None:
        self.faults: list[str] = []
        self._reader = reader
        self._out = out
        self._session = ""
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def begin(self) -> None:
        """Open the tab."""
        target = await self.ask("Target.createTarget", url="about:blank")
        attached = await self.ask(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await self.ask(f"{domain}.enable")

    async def ask(self, method: str, **params: Any) -> Any:
        """One command and its answer."""
        number = len(self._answers) + 1
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        async with asyncio.timeout(WITHIN_S):
            return await answer

    async def go(self, url: str) -> None:
        """Open an address, and wait until all of it is there."""
        await self.ask("Page.navigate", url=url)
        await self.until(
            f"location.href === {json.dumps(url)} && document.readyState === 'complete'"
        )

    async def js(self, expression: str) -> Any:
        """What an expression is in the page."""
        told = await self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds; between two pages it holds nowhere."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                with suppress(AssertionError, KeyError):
                    if await self.js(f"Boolean({expression})"):
                        return
                await asyncio.sleep(LOOK_S)

    async def click(self, selector: str) -> None:
        """Press the mouse in the middle of what the selector finds."""
        found = json.dumps(selector)
        await self.until(f"document.readyState === 'complete' && document.querySelector({found})")
        box = await self.js(
            f"(() => {{ const e = document.querySelector({found});"
            "e.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const r = e.getBoundingClientRect();"
            "return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask(
                "Input.dispatchMouseEvent", type=kind, **box, button="left", clickCount=1
            )

    async def write(self, selector: str, text: str) -> None:
        """Put a text in the place of a field's own, as keys would."""
        await self.click(selector)
        await self.js(f"document.querySelector({json.dumps(selector)}).select()")
        await self.ask("Input.insertText", text=text)

    async def picture(self, path: Path) -> None:
        """What the window shows."""
        told = await self.ask("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(told["data"]))

    async def listen(self) -> None:
        """Read what the browser says until it goes."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                if "id" in message:
                    self._answered(message)
                else:
                    self._heard(message["method"], message["params"])

    def _answered(self, message: dict[str, Any]) -> None:
        answer = self._answers[message["id"]]
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(AssertionError(message["error"]["message"]))
        else:
            answer.set_result(message["result"])

    def _heard(self, method: str, params: dict[str, Any]) -> None:
        if method == "Page.javascriptDialogOpening":
            yes = asyncio.ensure_future(self.ask("Page.handleJavaScriptDialog", accept=True))
            self._tasks.add(yes)
            yes.add_done_callback(self._tasks.discard)
        elif method == "Runtime.exceptionThrown":
            self.faults.append(str(params["exceptionDetails"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.faults.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")


@asynccontextmanager
async def opened(profile: Path) -> AsyncIterator[Page]:
    """A tab of a browser with a profile of its own; skips where no browser is installed."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium is installed: the console was not tried in a browser")
    (its_in, our_out), (our_in, its_out) = os.pipe(), os.pipe()
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        f'exec "$@" 3<&{its_in} 4>&{its_out}',
        "chromium",
        program,
        *FLAGS,
        f"--user-data-dir={profile}",
        pass_fds=(its_in, its_out),
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(its_in)
    os.close(its_out)
    reader = asyncio.StreamReader(limit=ANSWER_BYTES_MAX)
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_in, "rb")
    )
    page = Page(reader, our_out)
    listening = asyncio.create_task(page.listen())
    try:
        await page.begin()
        yield page
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        pipe.close()
        os.close(our_out)
