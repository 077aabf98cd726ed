"""A server that is born many times: `python -m tests.support.many_lives FOLDER PORT`.

What a start costs is mostly imports, so this process makes them once and has each server as a fork of itself. It takes
lines on standard input. To the parent: `begin MOMENT`. To the server: `jump MOMENT`, and `die STEPS`: it kills itself
with SIGKILL at the so-many-th *step* from then on. Steps are where what is on disk changes: before and after each
commit of the database, before each rename, after each fsync. So a test can kill at each of them, one after the other,
instead of by chance.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.command import Command, free_port, started
from tests.support.killable import KillableServer


class Threads(ThreadPoolExecutor):
    """In the place of worker processes: to start one, and to import in it what a job needs, costs more than a life."""

    def warm(self) -> None: ...


class Steps:
    """Counts what goes to the disk, and kills the process when its time has come."""

    def __init__(self) -> None:
        self._left = 0

    def die_at(self, steps: int) -> None:
        self._left = steps

    def __call__(self) -> None:
        if self._left:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Hang this into SQLAlchemy's commits, os.fsync, and every rename."""
        from sqlalchemy.engine.default import DefaultDialect

        commit, fsync = DefaultDialect.do_commit, os.fsync

        def commit_between(dialect: Any, connection: Any) -> None:
            self()
            commit(dialect, connection)
            self()

        def fsync_then_step(handle: Any) -> None:
            fsync(handle)
            self()

        DefaultDialect.do_commit = commit_between  # type: ignore[method-assign]
        os.fsync = fsync_then_step
        sys.addaudithook(lambda event, _: self() if event == "os.rename" else None)


async def serve(folder: Path, port: int, start: datetime, steps: Steps) -> None:
    from proctor.server import listen, serving
    from tests.support.clock import SteppedClock
    from tests.support.house import config_in

    clock = SteppedClock(start, flowing=True)
    config = config_in(folder, port=port)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with serving(config, listen(config), clock=clock) as house:
        print("serving", flush=True)
        while line := (await lines.readline()).decode():
            order, what = line.split()
            if order == "jump":
                clock.jump_to(datetime.fromisoformat(what))
                house.rooms._pulse.look()  # the jump itself is no stall
            else:
                steps.die_at(int(what))
            print("obeyed", flush=True)


def main(folder: Path, port: int) -> None:
    import cv2
    import uvloop

    import proctor.app
    from proctor.lists import roster, staff
    from tests.support.house import hurry

    assert cv2, (roster, staff)  # are here then, and in every server
    hurry()
    proctor.app.Workers = Threads  # type: ignore[misc]
    while line := _line():
        begin = datetime.fromisoformat(line.split()[1])
        if not (child := os.fork()):
            steps = Steps()
            steps.watch()
            uvloop.run(serve(folder, port, begin, steps))
            os._exit(0)
        print(f"born {child}", flush=True)
        os.waitpid(child, 0)
        os.set_blocking(0, True)  # the server's reader made it otherwise, for both
        print("ended", flush=True)


def _line() -> str:
    """A line of standard input, and no byte of the next."""
    read = b""
    while not read.endswith(b"\n") and (byte := os.read(0, 1)):
        read += byte
    return read.decode()


class ManyLives(KillableServer):
    """A server that can be killed and started again, quickly, and that can be told where in an act it dies."""

    def __init__(self, folder: Path, command: Command, port: int) -> None:
        super().__init__(folder)
        self.command, self.port, self.url = command, port, f"http://localhost:{port}"
        self._lives = 0
        self._pid = 0

    async def begin(self) -> None:
        """Another life, until `kill`."""
        self._lives += 1
        await self.command.tell(f"begin {self.now().isoformat()}", "born ")
        self._pid = int(self.command.said.rpartition("born ")[2].split()[0])
        told = json.loads(await self.command.serves(f"{self.url}/api/time"))["server_time"]
        self._anchor = (datetime.fromisoformat(told), time.monotonic())

    async def jump_to(self, moment: datetime) -> None:
        self._anchor = (moment, time.monotonic())
        await self.command.tell(f"jump {moment.isoformat()}", "obeyed")

    async def die_at(self, steps: int) -> None:
        """Have it killed at a step from now on."""
        await self.command.tell(f"die {steps}", "obeyed")

    async def kill(self) -> datetime:
        """SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        at = self.now()
        await self.ended()
        return at

    async def ended(self) -> None:
        """Wait until this life is over."""
        async with asyncio.timeout(60), self.command._news:
            while self.command.said.count("ended\n") < self._lives:
                await self.command._news.wait()

    async def meets(self, act: Coroutine[Any, Any, Any], seconds: float = 30) -> Any:
        """What `act` answers; or the exception that it ended with, if the server died, or `seconds` are over and it is
        killed, before the answer was read."""
        acting, ended = asyncio.ensure_future(act), asyncio.ensure_future(self.ended())
        await asyncio.wait([acting, ended], return_when=asyncio.FIRST_COMPLETED, timeout=seconds)
        await self.kill()
        for task in (acting, ended):
            task.cancel()
        answer, _ = await asyncio.gather(acting, ended, return_exceptions=True)
        return answer


@contextlib.asynccontextmanager
async def many_lives(folder: Path) -> AsyncIterator[ManyLives]:
    """The process that servers over the data in `folder` are born of."""
    port = free_port()
    async with started([sys.executable, "-m", "tests.support.many_lives", str(folder), str(port)]) as command:
        yield ManyLives(folder, command, port)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
