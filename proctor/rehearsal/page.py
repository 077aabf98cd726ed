"""A page without a browser: HTTP with a role's cookie, and a room's socket.

What synthetic candidates and the server's tests speak through; it follows docs/PROTOCOL.md and knows nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp
import socketio

BEAT_SECONDS = 1.0
DEVICES = {part: {"ok": True} for part in ("camera", "microphone", "speaker", "network")}
"""A device check that found everything in order, as `report_device` tells it."""


class Page:
    """One browser in one role."""

    def __init__(self, url: str, role: str, authority: str | None = None) -> None:
        """`authority`: file with the certificate that the server's is signed by, if no public one."""
        self.url = url
        self.role = role
        self.authority = authority
        trusted = ssl.create_default_context(cafile=authority) if authority else True
        self.http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), connector=aiohttp.TCPConnector(ssl=trusted)
        )
        self.socket: socketio.AsyncClient | None = None
        self.heard: list[tuple[str, Any]] = []
        self.listener: Callable[[str, Any], None] | None = None  # hears all that comes, besides
        self._news = asyncio.Condition()
        self._beating: asyncio.Task[None] | None = None
        self.epoch = 0

    async def __aenter__(self) -> Page:
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.leave()
        finally:
            await self.http.close()

    # -- HTTP ---------------------------------------------------------------------------------------------------------

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The JSON answer; with `status` and `error` looked at by `refused`."""
        headers = {"Proctor-Role": self.role, **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        async with self.http.request(method, self.url + path, headers=headers, **more) as response:
            if response.content_type != "application/json":
                return {"status": response.status, "body": await response.read(), "headers": response.headers}
            answer = await response.json()
            if "error" in answer:
                answer["status"] = response.status
            return answer

    async def get(self, path: str) -> Any:
        return await self.call("GET", path)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.call("POST", path, {} if body is None else body)

    async def put(self, path: str, body: Any = None, **more: Any) -> Any:
        return await self.call("PUT", path, body, **more)

    async def sign_in(self, name: str, password: str) -> Any:
        return await self.post("/api/sign-in/staff", {"role": self.role, "name": name, "password": password})

    # -- the room's socket --------------------------------------------------------------------------------------------

    async def join(self, room: str) -> Any:
        """Join and open the socket; the `welcome`, or the refusal of `join`."""
        answer = await self.post(f"/api/rooms/{room}/join")
        if "error" in answer:
            return answer
        self.epoch = answer["epoch"]
        await self.leave()
        self.heard = []
        await self.open_socket(answer["ticket"])
        return await self.hear("welcome")

    async def open_socket(self, ticket: str) -> None:
        """Open the socket. Raises socketio.exceptions.ConnectionError when the ticket is refused."""
        self.socket = socketio.AsyncClient(reconnection=False, http_session=self.http)
        self.socket.on("*", self._hear)
        origin = {"Origin": self.url}  # every browser says where its page came from
        await self.socket.connect(
            self.url, headers=origin, auth={"ticket": ticket}, transports=["websocket"], wait_timeout=10
        )
        self._beating = asyncio.create_task(self._beat(self.socket))

    async def _beat(self, socket: socketio.AsyncClient) -> None:
        """Be heard of, as every page is."""
        while socket.connected:
            await socket.emit("ping_clock", {"client_time": 0.0})
            await asyncio.sleep(BEAT_SECONDS)

    async def fall_silent(self) -> None:
        """Say nothing of itself any more, the socket being there."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
            self._beating = None

    async def leave(self) -> None:
        await self.fall_silent()
        if self.socket is not None:
            await self.socket.disconnect()
            self.socket = None

    async def tell(self, message: str, /, **body: Any) -> Any:
        """Send a message; its acknowledgement."""
        assert self.socket is not None
        return await self.socket.call(message, body, timeout=30)

    async def hear(self, message: str, where: Callable[[Any], bool] = lambda body: True, seconds: float = 10) -> Any:
        """The first such message, heard already or to come."""
        async with asyncio.timeout(seconds), self._news:
            while True:
                for name, body in self.heard:
                    if name == message and where(body):
                        return body
                await self._news.wait()

    async def _hear(self, message: str, body: Any = None) -> None:
        async with self._news:
            self.heard.append((message, body))
            if self.listener is not None:
                self.listener(message, body)
            self._news.notify_all()


async def get_ready(page: Page, room: str, photo: bytes, **report: Any) -> Any:
    """What a candidate's page does between joining and the lobby; the first refusal, or the lobby's answer.

    One that asks to take over from another device shows its camera, and photographs neither face nor card anew.
    """
    asks = (await page.hear("welcome"))["me"]["pending"]
    text = {"version": "rehearsal", "text_sha256": hashlib.sha256(b"rehearsal").hexdigest()}
    steps: list[Callable[[], Awaitable[Any]]] = [
        lambda: page.tell("report_device", **{**DEVICES, **report}),
        lambda: page.tell("consent", **text),
        lambda: page.tell("accept_rules", **text),
        *(partial(page.put, f"/api/rooms/{room}/photos/{subject}", data=photo)
          for subject in (("camera",) if asks else ("face", "card"))),
        lambda: page.tell("enter_lobby"),
    ]  # fmt: skip
    for step in steps:
        answer = await step()
        if "error" in answer:
            break
    return answer


def code(answer: Any) -> str | None:
    """The code of a refusal, None of a success."""
    return answer.get("error", {}).get("code") if isinstance(answer, dict) else None
