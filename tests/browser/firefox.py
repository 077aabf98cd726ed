"""A real Firefox with fake devices, spoken to in WebDriver BiDi (W3C) over one WebSocket, without a driver in between.

Playwright drives a Firefox of its own build only; what candidates have is the one of their system.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.browser.chromium import ARTEFACTS

EXECUTABLE = Path("/usr/bin/firefox-esr")
_PREFERENCES = {
    "media.navigator.streams.fake": True,
    "permissions.default.camera": 1,  # granted; without a grant a page's connections keep to the default route
    "permissions.default.microphone": 1,
    "media.peerconnection.ice.loopback": True,
    "media.autoplay.default": 0,
    "media.cubeb.force_mock_context": True,  # a sound card where there is none; without one, AudioContexts rest
    "intl.accept_languages": "vi-VN, vi",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.update.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.server": "",
}
_START_SECONDS = 40


class BidiError(Exception):
    """A command that Firefox refused: its error code and what it says."""


class Firefox:
    """One browser; each page gets a profile (user context) of its own."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.errors: list[str] = []  # of the pages' scripts
        self.pages: list[FirefoxPage] = []

    async def read(self) -> None:
        """Take answers and events until the browser goes."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                answer = self._waiting.pop(said["id"])
                if answer.done():  # nobody waits any more
                    continue
                if said["type"] == "success":
                    answer.set_result(said["result"])
                else:
                    answer.set_exception(BidiError(f"{said['error']}: {said['message']}"))
            elif said["method"] == "log.entryAdded" and said["params"]["type"] == "javascript":
                self.errors.append(said["params"]["text"])

    async def command(self, method: str, **parameters: Any) -> Any:
        """Send a command and wait for its result. Raises BidiError."""
        number = max(self._waiting, default=0) + 1
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, 60)

    async def new_page(self, *, width: int = 1366, height: int = 768) -> FirefoxPage:
        """A page in its own profile, in front."""
        profile = (await self.command("browser.createUserContext"))["userContext"]
        # A window, since a tab behind another one is throttled and cannot be pictured.
        tab = (await self.command("browsingContext.create", type="window", userContext=profile))["context"]
        size = {"width": width, "height": height}
        await self.command("browsingContext.setViewport", context=tab, viewport=size)
        self.pages.append(FirefoxPage(self, tab))
        return self.pages[-1]


class FirefoxPage:
    """A tab, driven as `playwright`'s pages are, by test ids and real input."""

    def __init__(self, browser: Firefox, tab: str) -> None:
        self.browser = browser
        self._tab = tab

    async def goto(self, url: str) -> None:
        # In front, since devices open for a focused page only.
        await self.browser.command("browsingContext.activate", context=self._tab)
        await self.browser.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def reload(self) -> None:
        await self.browser.command("browsingContext.reload", context=self._tab, wait="complete")

    async def close(self) -> None:
        self.browser.pages.remove(self)
        await self.browser.command("browsingContext.close", context=self._tab)

    async def evaluate(self, expression: str, *arguments: Any) -> Any:
        """What `expression`, possibly a promise or a function of `arguments`, is in the page, as JSON carries it."""
        body = f"""async (given) => {{
          const value = await ({expression});
          return JSON.stringify((typeof value === 'function' ? await value(...JSON.parse(given)) : value) ?? null);
        }}"""
        said = await self.browser.command(
            "script.callFunction", functionDeclaration=body, target={"context": self._tab}, awaitPromise=True,
            arguments=[{"type": "string", "value": json.dumps(arguments)}], userActivation=True,
        )  # fmt: skip
        if said["type"] == "exception":
            raise BidiError(said["exceptionDetails"]["text"])
        return json.loads(said["result"]["value"])

    async def until(self, expression: str, *arguments: Any, seconds: float = 25) -> Any:
        """Wait until `expression` is true in the page; what it is then."""
        async with asyncio.timeout(seconds):
            while not (value := await self.evaluate(expression, *arguments)):
                await asyncio.sleep(0.1)
            return value

    async def click(self, selector: str) -> None:
        """Press the element with a pointer, once it is there, enabled, and not covered."""
        place = await self.until(
            """(selector) => {
              const element = document.querySelector(selector);
              if (!element || element.disabled) return null;
              element.scrollIntoView({ block: 'center', behavior: 'instant' });
              const box = element.getBoundingClientRect();
              const [x, y] = [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)];
              const top = document.elementFromPoint(x, y);
              return element.contains(top) ? { x, y } : null;
            }""",
            selector,
        )
        mouse = {"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", **place}, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0},
        ]}  # fmt: skip
        await self.browser.command("input.performActions", context=self._tab, actions=[mouse])

    async def type(self, text: str) -> None:
        """Press and release the keys of `text` (key codes of WebDriver for those without a character)."""
        strokes = [{"type": way, "value": letter} for letter in text for way in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": strokes}
        await self.browser.command("input.performActions", context=self._tab, actions=[keyboard])

    async def fill(self, selector: str, text: str) -> None:
        """Click the field and type."""
        await self.click(selector)
        await self.type(text)

    async def set_files(self, selector: str, *files: Path) -> None:
        """Choose files."""
        found = await self.browser.command(
            "browsingContext.locateNodes", context=self._tab, locator={"type": "css", "value": selector}
        )
        element = {"sharedId": found["nodes"][0]["sharedId"]}
        await self.browser.command(
            "input.setFiles", context=self._tab, element=element, files=[str(file) for file in files]
        )

    async def offline(self, offline: bool) -> None:
        """The network of this tab, from now on."""
        await self.browser.command(
            "emulation.setNetworkConditions", contexts=[self._tab],
            networkConditions={"type": "offline"} if offline else None,
        )  # fmt: skip

    async def picture(self, name: str) -> None:
        """Keep a screenshot as an artefact of the run."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        taken = await self.browser.command("browsingContext.captureScreenshot", context=self._tab)
        (ARTEFACTS / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))


@contextlib.asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    """A headless browser with a fresh profile under `folder`."""
    profile = folder / "firefox"
    profile.mkdir(parents=True)
    lines = (f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in _PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    process = await asyncio.create_subprocess_exec(
        EXECUTABLE, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile,
        stdout=subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not (told := re.search(rb"BiDi listening on (ws://\S+)", await process.stderr.readline())):
                assert process.returncode is None, "Firefox ended before it listened"
        draining = asyncio.create_task(process.stderr.read())
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(told[1].decode() + "/session", max_msg_size=0) as socket,
        ):
            browser = Firefox(socket)
            reading = asyncio.create_task(browser.read())
            await browser.command("session.new", capabilities={})
            await browser.command("session.subscribe", events=["log.entryAdded"])
            try:
                yield browser
            except BaseException:  # what the pages showed when the test failed
                for number, page in enumerate(browser.pages):
                    with contextlib.suppress(BidiError, TimeoutError):
                        await page.picture(f"failed-firefox-{number}")
                raise
        await reading
        draining.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
