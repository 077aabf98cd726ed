"""A house behind its HTTP port, until it is told to stop.

SIGINT, SIGTERM and SIGHUP cancel the command that runs, wherever it is; everything that was opened is closed on the
way out, and a second signal does not disturb that. What does not end within `STOP_SECONDS` is given up: nothing that
was acknowledged depends on an orderly end, and the next start finalises what this one left.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from aiohttp import web

from proctor.app import House
from proctor.clock import Clock
from proctor.config import Config
from proctor.errors import ProctorError

STOP_SECONDS = 5.0


@contextlib.asynccontextmanager
async def serving(
    config: Config, listener: socket.socket, context: ssl.SSLContext | None = None, *, clock: Clock | None = None
) -> AsyncIterator[House]:
    """A house that answers at `listener`. Raises what `House.open` raises."""
    house = await House.open(config, clock)
    runner = web.AppRunner(house.http, access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        await web.SockSite(runner, listener, ssl_context=context).start()
        yield house
    finally:
        await house.say_closing()
        await runner.cleanup()
        await house.close()


async def until_stopped(work: Awaitable[Any]) -> None:
    """Run `work` to its end, or until a signal asks to stop."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if stopping:
            return
        stopping = True
        print("\nĐang dừng... / Stopping...", flush=True)
        loop.call_later(STOP_SECONDS, _give_up)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopping:
            raise


async def for_ever() -> None:
    """Return never; what runs beside goes on until the command is cancelled.

    What the start has made stays for good, so the garbage collector need not look at it again: 100,000 objects, whose
    full collection would hold up the event loop, and with it the media, for some 40 ms.
    """
    gc.collect()
    gc.freeze()
    await asyncio.get_running_loop().create_future()


def _give_up() -> None:
    print("proctor: không kịp đóng hết; lần chạy sau sẽ hoàn tất phần còn lại\n"
          "proctor: not everything was closed in time; the next start completes the rest", file=sys.stderr)  # fmt: skip
    sys.stderr.flush()
    os._exit(1)


def listen(config: Config) -> socket.socket:
    """The HTTP port; browsers that come before the house is open wait in its queue.

    Raises ProctorError `port_busy`, `address_unavailable`.
    """
    host, port = config.host, config.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        code = "port_busy" if error.errno == errno.EADDRINUSE else "address_unavailable"
        raise ProctorError(code, host=host, port=port, kind="TCP", option="--port") from None
    return listener
