"""A server in a process of its own, so that a test can kill it: `python -m tests.support.launcher FOLDER PORT START`.

It is the server that `proctor serve` runs, but for the clock, which begins at START and flows, and which jumps when a
moment comes in on standard input. As in `proctor.__main__`, nothing of the server is imported by the file itself, which
the worker processes import again.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path


async def serve(folder: Path, port: int, start: datetime) -> None:
    from proctor.server import listen, serving
    from tests.support.clock import SteppedClock
    from tests.support.house import config_in

    clock = SteppedClock(start, flowing=True)
    config = config_in(folder, port=port)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with serving(config, listen(config), clock=clock) as house:
        print("serving", flush=True)
        while line := await reader.readline():
            clock.jump_to(datetime.fromisoformat(line.decode().strip()))
            house.rooms._pulse.look()  # the jump itself is no stall
            print("jumped", flush=True)


if __name__ == "__main__":
    import uvloop

    from proctor.server import until_stopped

    where, at, begin = sys.argv[1:]
    uvloop.run(until_stopped(serve(Path(where), int(at), datetime.fromisoformat(begin))))
