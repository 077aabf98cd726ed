"""`proctor rehearse`: a whole exam with synthetic people against a running server, as a school does it the day before.

It comes from outside, through the doors that browsers use: it plans and publishes an exam, candidates sign in, show
themselves, are admitted, write, lose their network if they are to, and hand in, while staff watch. What that showed is
judged in `report.py`. Nothing is removed afterwards: exam, recordings and logs are those of an exam called a rehearsal.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from proctor.rehearsal.page import Page, code
from proctor.rehearsal.processes import listening, usage
from proctor.rehearsal.report import Report, judge
from proctor.rehearsal.room_run import Part, Players, RoomRun
from proctor.rehearsal.stage import NotStaged, signed_in, staged

WRITES = 0.6  # of the working time: who lost the network still hands in
_HOSTS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Wanted:
    """What is rehearsed. `loss` in percent of packets each way, `outage` in seconds that a tenth of the candidates is
    without a network, `lead` in seconds for everybody to come in before the release, `minutes` of working time."""

    rooms: int = 1
    candidates: int = 10
    watchers: int = 1
    loss: float = 0.0
    outage: float = 0.0
    minutes: int = 3
    lead: float = 60.0


async def rehearse(
    url: str, name: str, password: str, paper: bytes, wanted: Wanted, authority: str | None,
    progress: Callable[[str], None] = lambda step: None,
) -> Report:  # fmt: skip
    """Play it at the server at `url`, planned by an account of the training office. `authority`: file with the
    certificate that the server's is signed by, if no public one. `progress` hears what is done next.

    Raises NotStaged for what the server refuses before anybody plays, and OSError or aiohttp.ClientError when it cannot
    be reached.
    """
    async with AsyncExitStack() as everything:
        office = await everything.enter_async_context(Page(url, "training_office", authority))
        answer = await office.sign_in(name, password)
        if code(answer) is not None:
            raise NotStaged("sign-in", answer["error"])
        progress("hình và tiếng của thí sinh giả / picture and sound of synthetic candidates")
        players = [await Players.ready(everything) for _ in range(wanted.rooms)]
        progress("lập và công bố kỳ thi / planning and publishing an exam")
        stage = await staged(
            office, paper, rooms=wanted.rooms, candidates=wanted.candidates, minutes=wanted.minutes,
            starts_at=datetime.now(UTC) + timedelta(seconds=wanted.lead),
        )  # fmt: skip
        loses_every = round(100 / wanted.loss) if wanted.loss else 0
        part = Part(wanted.minutes * 60 * WRITES, wanted.outage, loses_every)
        runs = [
            RoomRun(office, stage, room, process, part, wanted.watchers)
            for room, process in zip(stage.rooms, players, strict=True)
        ]
        progress("vào phòng, phát đề, làm bài, nộp / coming in, release, writing, handing in")
        place = urlsplit(url)
        port = place.port or (443 if place.scheme == "https" else 80)
        server = listening(port) if place.hostname in _HOSTS else None
        before, began = usage(server) if server else None, time.monotonic()
        played = await asyncio.gather(*(run.play() for run in runs))
        took, after = time.monotonic() - began, usage(server) if server else None
        progress("xem lại ghi hình / looking at the recordings")
        async with await signed_in(office, stage.inspector) as inspector:
            for run in runs:
                await run.judge_recordings(inspector)
        took_cpu = (after.cpu - before.cpu) / took if before and after else None
        return judge(played, server_cores=took_cpu, server_mb=after.memory / 1e6 if after else None)
