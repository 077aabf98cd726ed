"""A server in a process of its own, which a test can kill and start again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from proctor.coding import RoomFold
from proctor.errors import ProctorError
from proctor.exam.room import Room
from proctor.ledger import chain, tables
from proctor.office_log import OPERATOR
from proctor.recording.part import part_context, read_part
from proctor.rehearsal.page import Page
from proctor.store.engine import sync_engine
from tests.support.clock import MORNING, SteppedClock
from tests.support.command import Command, free_port, started
from tests.support.house import PASSWORD, Exam, config_in, plan_exam_as, running, stored_keys

STARTS_AT = MORNING + timedelta(hours=2)


class KillableServer:
    """A server that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.command: Command
        self._anchor: tuple[datetime, float] = (MORNING, time.monotonic())

    def now(self) -> datetime:
        """The server's time, also while it is down."""
        return self._anchor[0] + timedelta(seconds=time.monotonic() - self._anchor[1])

    def advance(self, **amount: float) -> None:
        """Let time pass while the server is down."""
        self._anchor = (self._anchor[0] + timedelta(**amount), self._anchor[1])

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        arguments = ["-m", "tests.support.launcher", str(self.folder), str(self.port), self.now().isoformat()]
        async with started([sys.executable, *arguments]) as self.command:
            await self.command.says("serving")  # it, and no other server at that port
            told = json.loads(await self.command.serves(f"{self.url}/api/time"))["server_time"]
            self._anchor = (datetime.fromisoformat(told), time.monotonic())
            yield

    async def jump_to(self, moment: datetime) -> None:
        await self.command.tell(moment.isoformat(), "jumped")
        self._anchor = (moment, time.monotonic())

    async def kill(self) -> datetime:
        """SIGKILL; the server's time at it."""
        self.command.kill()
        at = self.now()
        await self.command.ended()
        return at

    async def has_recorded(self, room: str, candidate: str, seconds: float) -> None:
        """Wait until the running server has that much of the segment it records on disk."""
        key = stored_keys(config_in(self.folder)).of("recordings")
        folder = config_in(self.folder).recordings / room / candidate
        async with asyncio.timeout(seconds + 20):
            while _seconds_in_newest(folder, key, room, candidate, since=self._anchor[0]) < seconds:
                await asyncio.sleep(0.05)

    def room(self, room: str) -> tuple[Room, list[chain.Entry]]:
        """What the log on disk says of a room, its chain verified."""
        engine = sync_engine(config_in(self.folder).database)
        try:
            entries = list(chain.verify(tables.read(engine, room)))
        finally:
            engine.dispose()
        fold, state = RoomFold(), None
        for entry in entries:
            assert entry.payload is not None
            state = fold.apply(state, fold.decode(entry.kind, entry.payload), entry.at)
        assert state is not None
        return state, entries


def _seconds_in_newest(folder: Path, key: bytes, room: str, candidate: str, since: datetime) -> float:
    """What the newest part holds, if it was begun after `since`; a part's name tells when (recording/service.py)."""
    parts = [path for path in folder.glob("s*.part") if int(path.stem[1:]) >= since.timestamp() * 1000]
    if not parts:
        return 0.0
    newest = max(parts)
    with contextlib.suppress(ProctorError):  # finalised just now: another one follows
        content = read_part(newest, key, part_context(room, candidate, newest.stem))
        arrivals = [record.arrival for record in content.records]
        return max(arrivals, default=0.0) - min(arrivals, default=0.0)
    return 0.0


async def planned(server: KillableServer, candidates: int, **more: Any) -> Exam:
    """An exam in the server's data, planned in this process before the server is first up."""
    async with running(server.folder, SteppedClock(server.now(), flowing=True)) as at_first:
        name = "training_office"
        await at_first.house.office.create_staff(OPERATOR, name, "Phòng Đào tạo", "training_office", PASSWORD)
        page = Page(at_first.url, "training_office")
        assert "error" not in await page.sign_in(name, PASSWORD)
        return await plan_exam_as(page, candidates=candidates, starts_at=STARTS_AT, **more)
