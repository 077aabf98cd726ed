"""Another address of a server, as a room has one that lives in another process: what comes in goes on to the server.

It also does what `When it grows` in docs/ARCHITECTURE.md calls missing: it answers pages of the other address (CORS),
and to the server it passes for one of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

_OWN = {"host", "origin", "connection", "upgrade", "transfer-encoding", "content-length", "sec-websocket-key",
        "sec-websocket-version", "sec-websocket-extensions"}  # fmt: skip


@contextlib.asynccontextmanager
async def elsewhere(port: int, url: str) -> AsyncIterator[None]:
    """Answer at `port` for the server at `url`."""
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            allowed = _allowed(request)
            if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
                return web.Response(status=204, headers=allowed)
            sent = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
            sent["Origin"] = url
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await _socket(request, http, url + request.path_qs, sent)
            body = await request.read()
            async with http.request(
                request.method, url + request.path_qs, headers=sent, data=body or None, allow_redirects=False
            ) as told:
                kept = [(name, value) for name, value in told.headers.items() if name.lower() not in _OWN]
                return web.Response(
                    status=told.status, body=await told.read(), headers=CIMultiDict([*kept, *allowed.items()])
                )

        app = web.Application(client_max_size=100 << 20)
        app.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield
        finally:
            await runner.cleanup()


def _allowed(request: web.Request) -> Mapping[str, str]:
    return {
        "Access-Control-Allow-Origin": request.headers.get("Origin", "null"),
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", ""),
        "Access-Control-Expose-Headers": "Location, Upload-Offset, Upload-Length, Upload-Sha256, Upload-Taken-As, "
        "Upload-Refused, Tus-Resumable, ETag, Content-Range",
    }


async def _socket(
    request: web.Request, http: aiohttp.ClientSession, url: str, headers: Mapping[str, str]
) -> web.WebSocketResponse:
    here = web.WebSocketResponse()
    await here.prepare(request)
    async with http.ws_connect(url, headers=headers) as there:

        async def pump(
            source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
            target: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
        ) -> None:
            async for message in source:
                with contextlib.suppress(ConnectionError):
                    if message.type is aiohttp.WSMsgType.TEXT:
                        await target.send_str(message.data)
                    elif message.type is aiohttp.WSMsgType.BINARY:
                        await target.send_bytes(message.data)
            await target.close()

        await asyncio.gather(pump(here, there), pump(there, here))
    return here
