"""Janus, Debian's package: another media server, to compare ours with.

It runs with its plugin for video rooms and its WebSocket transport alone, and its settings are the package's but for
these: ICE-lite, which its own comments recommend for a server that everybody reaches at its address, and which ours is
too; a log of errors alone; and how many event loops its connections share (`loops`; 0: a thread for each, which is its
default). A room records every stream, the larger layer of a simulcast, as ours does.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = shutil.which("janus")
PORT = 8188
ROOM = 1
_KEEP_ALIVE = 20.0  # seconds; a session ends after 60 without a word
_ANSWER = 20.0


def why_no_janus() -> str:
    """Why Janus cannot run here; empty when it can."""
    return "" if PROGRAM else "there is no `janus` (apt install --no-install-recommends janus)"


def configured(folder: Path, *, loops: int) -> list[str]:
    """The command that starts it with settings of its own in `folder`."""
    assert PROGRAM
    parts = next(Path("/usr/lib").glob("*/janus"))
    plugins, transports = (
        ", ".join(sorted(path.name for path in (parts / kind).glob("*.so") if path.name != kept))
        for kind, kept in (("plugins", "libjanus_videoroom.so"), ("transports", "libjanus_websockets.so"))
    )
    folders = "".join(f'{kind}_folder = "{parts / kind}"\n' for kind in ("plugins", "transports", "events", "loggers"))
    shared = f"event_loops = {loops}\n" if loops else ""
    (folder / "janus.jcfg").write_text(
        f'general: {{\nconfigs_folder = "{folder}"\n{folders}debug_level = 2\ndebug_colors = false\n{shared}}}\n'
        f'nat: {{ ice_lite = true }}\nplugins: {{ disable = "{plugins}" }}\n'
        f'transports: {{ disable = "{transports}" }}\n'
    )
    (folder / "janus.transport.websockets.jcfg").write_text(f"general: {{ ws = true\nws_port = {PORT} }}\n")
    return [PROGRAM, "-F", str(folder), "-C", str(folder / "janus.jcfg")]


class Janus:
    """One session with it. Raises RuntimeError with its words when it refuses something."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._awaited: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._session = 0

    async def make_room(self, records: Path) -> None:
        """One room whose streams are recorded to `records`."""
        handle = await self._attach()
        await self._tell(
            handle, request="create", room=ROOM, publishers=128, bitrate=0, videocodec="vp8", audiocodec="opus",
            record=True, rec_dir=str(records),
        )  # fmt: skip

    async def publish(self, offer: str) -> tuple[int, str]:
        """The publisher's number, and the answer to its offer, whose layers go from small to large."""
        said = await self._tell(
            await self._attach(),
            {"type": "offer", "sdp": offer, "rid_order": "lmh"},
            request="joinandconfigure", room=ROOM, ptype="publisher",
        )  # fmt: skip
        return said["plugindata"]["data"]["id"], said["jsep"]["sdp"]

    async def subscribe(self, streams: Sequence[dict[str, Any]]) -> tuple[int, str]:
        """A subscription to `streams`, and the offer for it. A publisher whose connection stands may not be known as
        one yet."""
        handle = await self._attach()
        async with asyncio.timeout(_ANSWER):
            while True:
                try:
                    said = await self._tell(
                        handle, request="join", room=ROOM, ptype="subscriber", streams=list(streams)
                    )
                except RuntimeError as error:
                    if "No such feed" not in str(error):
                        raise
                    await asyncio.sleep(0.1)
                else:
                    return handle, said["jsep"]["sdp"]

    async def start(self, handle: int, answer: str) -> None:
        """Take the answer to a subscription's offer."""
        await self._tell(handle, {"type": "answer", "sdp": answer}, request="start")

    async def _attach(self) -> int:
        attached = await self._ask(janus="attach", session_id=self._session, plugin="janus.plugin.videoroom")
        handle: int = attached["data"]["id"]
        return handle

    async def _tell(self, handle: int, jsep: dict[str, Any] | None = None, **body: Any) -> dict[str, Any]:
        more = {} if jsep is None else {"jsep": jsep}
        said = await self._ask(janus="message", session_id=self._session, handle_id=handle, body=body, **more)
        if "error" in said.get("plugindata", {}).get("data", {}):
            raise RuntimeError(said["plugindata"]["data"]["error"])
        return said

    async def _ask(self, **message: Any) -> dict[str, Any]:
        number = str(next(self._numbers))
        self._awaited[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({**message, "transaction": number})
        try:
            async with asyncio.timeout(_ANSWER):
                return await self._awaited[number]
        finally:
            del self._awaited[number]

    async def _hear(self) -> None:
        async for received in self._socket:
            message = received.json()
            awaited = self._awaited.get(message.get("transaction", ""))
            if awaited is None or awaited.done() or message["janus"] == "ack":
                continue
            if message["janus"] == "error":
                awaited.set_exception(RuntimeError(message["error"]["reason"]))
            else:
                awaited.set_result(message)

    async def _stay(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_ALIVE)
            await self._socket.send_json({"janus": "keepalive", "session_id": self._session, "transaction": "stay"})


@contextlib.asynccontextmanager
async def session(http: aiohttp.ClientSession, host: str) -> AsyncIterator[Janus]:
    """A session with the one at `host`, as soon as it answers. Raises TimeoutError."""
    async with asyncio.timeout(_ANSWER):
        while True:
            try:
                socket = await http.ws_connect(f"ws://{host}:{PORT}", protocols=["janus-protocol"], max_msg_size=0)
                break
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
    janus = Janus(socket)
    tasks = [asyncio.create_task(janus._hear())]
    try:
        janus._session = (await janus._ask(janus="create"))["data"]["id"]
        tasks.append(asyncio.create_task(janus._stay()))
        yield janus
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await socket.close()
