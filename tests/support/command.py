"""A command of the project as a person starts it in a terminal: its words, its processes, Ctrl-C."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import itertools
import os
import random
import re
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import aiohttp
import psutil

TOP = Path(__file__).resolve().parents[2]
T = TypeVar("T")
PORTS = itertools.cycle(random.sample(range(start := 12_000 + os.getpid() % 200 * 100, start + 100), 100))


def free_port() -> int:
    """A TCP port that nobody has now, and that nobody is given before it is used.

    It lies below those that the system gives to connections and to whoever asks for any port (from 32768 on), and each
    process that runs tests looks in a hundred of its own, told by its id: a server would else come up at the port of
    another test, and this test would talk to that. Two whose ids are 200 apart share one.
    """
    for port in itertools.islice(PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just closed is free
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("every port is taken")


class Command:
    """A running command, at the head of a process group as in a terminal."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())
        self._family: set[psutil.Process] = set()
        self._silent = False
        self.pid = process.pid
        self.said = ""

    async def _read(self) -> None:
        assert self._process.stdout is not None
        decoder = codecs.getincrementaldecoder("utf-8")()  # a letter may come in two pieces
        while piece := await self._process.stdout.read(4096):
            async with self._news:
                self.said += decoder.decode(piece)
                self._news.notify_all()
        async with self._news:
            self._silent = True
            self._news.notify_all()

    async def _until(self, heard: Callable[[], T | None], seconds: float) -> T:
        """What `heard` finds in the words, as soon as it does; a failure that shows them when no more can come."""
        try:
            async with asyncio.timeout(seconds), self._news:
                while (found := heard()) is None:
                    assert not self._silent, f"it ended, having said: {self.said}"
                    await self._news.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"not heard within {seconds} s; it said: {self.said}") from None

    async def says(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        """Wait for words that match `pattern`."""
        return await self._until(lambda: re.search(pattern, self.said), seconds)

    async def serves(self, url: str, seconds: float = 30, trusted: ssl.SSLContext | bool = True) -> bytes:
        """Wait for the page at `url`."""
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as http:
            while True:
                assert self._process.returncode is None, self.said
                with contextlib.suppress(aiohttp.ClientConnectorError):
                    async with http.get(url, ssl=trusted) as answer:
                        assert answer.status == 200
                        return await answer.read()
                await asyncio.sleep(0.01)

    async def tell(self, line: str, answer: str) -> None:
        """Write a line to the command's standard input and wait for the line that answers."""
        heard = self.said.count(answer)
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        await self._until(lambda: self.said.count(answer) > heard or None, seconds=10)

    def interrupt(self) -> None:
        """Ctrl-C: the whole foreground group gets SIGINT."""
        self._remember()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM to the command alone, as a service manager's stop."""
        self._remember()
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL to the command alone."""
        self._remember()
        self._process.kill()

    def stop(self) -> None:
        """SIGSTOP: the command stands still until it may `go_on`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._process.send_signal(signal.SIGCONT)

    async def ended(self, seconds: float = 20) -> int:
        """The exit code, once the command and everything it had started are gone."""
        async with asyncio.timeout(seconds):
            code = await self._process.wait()
            await self._reading
            while any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in self._family):
                await asyncio.sleep(0.02)
        return code

    def _remember(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self._family.update(psutil.Process(self._process.pid).children(recursive=True))


@contextlib.asynccontextmanager
async def started(
    arguments: Sequence[str | Path], environment: Mapping[str, str] | None = None, **more: object
) -> AsyncIterator[Command]:
    """Run a command in the project's folder; whatever of it is left at the end is killed."""
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=more.pop("cwd", TOP), env={**os.environ, **(environment or {})}, start_new_session=True,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, **more,
    )  # fmt: skip
    command = Command(process)
    try:
        yield command
    finally:
        command._remember()
        for member in (*command._family, process):
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                member.kill()
        await process.wait()
        await command._reading


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start
