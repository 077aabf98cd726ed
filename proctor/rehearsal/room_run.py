"""One room of a rehearsal, played: an invigilator who admits, watchers, and a process with the candidates."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from proctor.rehearsal.candidate import ENCODED, Cast, Fared, Script
from proctor.rehearsal.page import Page, code
from proctor.rehearsal.stage import Stage, StagedRoom, signed_in
from proctor.rehearsal.watcher import LEVELS, TileSeen, Watcher

CHECKS = ["eligibility", "camera", "identity"]
_TOGETHER_SECONDS = 0.3  # those who come within are admitted together
_PEOPLE = 3  # different ones to be seen: encoding each takes a second or more
_SAVE_SECONDS, _LEAST_REVISIONS = 6.0, 20  # between two savings of an answer; in a short rehearsal less
_CLOSE_SECONDS = 20.0  # for the last segments of a recording to be whole


@dataclass(frozen=True)
class Part:
    """What the candidates of a room do: submit after about `writes` seconds; every tenth loses the network for
    `outage` seconds (0: none does); each `loses_every`th packet of media is lost on its way (0: none)."""

    writes: float
    outage: float
    loses_every: int


@dataclass
class Played:
    """What was seen of a room. Times are in seconds; `opened` from the release, or the admission after it, to the paper
    on a page."""

    room: StagedRoom
    fared: list[Fared] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    tiles: list[TileSeen] = field(default_factory=list)  # of all watchers, of candidates without an outage
    recorded: dict[str, float] = field(default_factory=dict)  # share with picture, by number
    worst_level: str = "all"
    media: str = ""  # why nobody could watch, if nobody could


class Players:
    """A process that plays the candidates of a room."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def ready(cls, stack: AsyncExitStack) -> Players:
        """One whose people are encoded; it ends with `stack`. Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "proctor.rehearsal.candidate", str(_PEOPLE),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        stack.push_async_callback(_gone, process)
        assert process.stdout is not None
        if (await process.stdout.readline()).decode().strip() != ENCODED:
            raise OSError("no synthetic candidate could be made")
        return cls(process)

    async def play(self, cast: Cast) -> bytes:
        """What it tells once all are done; nothing if it died."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(cast) + b"\n")
        return await self._process.stdout.readline()


class RoomRun:
    """Plays it."""

    def __init__(
        self, office: Page, stage: Stage, room: StagedRoom, players: Players, part: Part, watchers: int
    ) -> None:
        """`office`: a page whose server it is played at."""
        self._players = players
        self._office = office
        self._stage = stage
        self._room = room
        self._part = part
        self._watchers_wanted = watchers
        self._watchers: list[Watcher] = []
        self._invigilator: Page | None = None
        self._waiting: set[str] = set()
        self._sittings: dict[str, Any] = {}
        self._released_at: datetime | None = None
        self._dropping = {number for place, (number, _) in enumerate(room.codes) if part.outage and place % 10 == 9}
        if part.outage and not self._dropping:
            self._dropping = {room.codes[-1][0]}
        self.played = Played(room)

    async def play(self) -> Played:
        """From the staff's entry until all candidates are done."""
        numbers = {candidate: number for number, candidate in self._room.candidates.items()}
        async with AsyncExitStack() as stack:
            pages = []
            for place in range(max(1, self._watchers_wanted)):
                account = self._room.supervisor if place else self._room.invigilator
                page = await stack.enter_async_context(await signed_in(self._office, account))
                page.listener = self._told if place == 0 else None
                entered = await page.join(self._room.room)
                if code(entered) is not None:
                    raise ConnectionError(entered["error"]["code"])
                pages.append(page)
            self._invigilator = pages[0]
            for topic in ("rules", "submission"):
                await pages[0].tell("hold_briefing", topic=topic)
            admitting = asyncio.create_task(self._admit())
            stack.push_async_callback(_ended, admitting)
            await self._watch(stack, pages)
            told = await self._players.play(self._cast())
            self.played.fared = msgspec.json.decode(told, type=list[Fared]) if told else []
            for watcher in self._watchers:
                for candidate, tile in watcher.seen().items():
                    if numbers[candidate] not in self._dropping:
                        self.played.tiles.append(tile)
            levels = [watcher.worst_level for watcher in self._watchers]
            self.played.worst_level = max(levels, key=LEVELS.index, default="all")
        self._judge_opening()
        return self.played

    async def _watch(self, stack: AsyncExitStack, pages: list[Page]) -> None:
        for page in pages[: self._watchers_wanted]:
            watcher = Watcher(page, list(self._room.candidates.values()), loses_every=self._part.loses_every)
            try:
                await watcher.begin()
            except Exception as error:  # told in the report: nobody can watch from here
                self.played.media = getattr(error, "code", type(error).__name__)
                return
            stack.push_async_callback(watcher.stop)
            if self._watchers:  # the first one hears by the invigilator's page
                page.listener = watcher.told
            self._watchers.append(watcher)

    def _cast(self) -> Cast:
        revisions = max(_LEAST_REVISIONS, round(self._part.writes / _SAVE_SECONDS))
        scripts = [
            Script(
                number, exam_code, place % _PEOPLE, writes_every=self._part.writes / revisions, revisions=revisions,
                loses_every=self._part.loses_every, gone_for=self._part.outage,
                drops_after=self._part.writes / 3 if number in self._dropping else None,
            )
            for place, (number, exam_code) in enumerate(self._room.codes)
        ]  # fmt: skip
        return Cast(self._office.url, self._room.room, scripts, self._office.authority, tells=True)

    def _told(self, message: str, body: Any) -> None:
        """The invigilator's page heard something."""
        for watcher in self._watchers[:1]:
            watcher.told(message, body)
        if message == "room" and body["released_at"]:
            self._released_at = datetime.fromisoformat(body["released_at"])
        if message != "sitting":
            return
        candidate = body["candidate"]
        self._sittings[candidate] = body
        if body["state"] == "waiting":
            self._waiting.add(candidate)
        expected = body["state"] == "admitted" and body["connected"]
        for watcher in self._watchers:
            watcher.counts(candidate, expected)

    async def _admit(self) -> None:
        assert self._invigilator is not None
        while True:
            await asyncio.sleep(_TOGETHER_SECONDS)
            if self._waiting:
                together = sorted(self._waiting)
                self._waiting.clear()
                await self._invigilator.tell("admit", candidates=together, checks=CHECKS)

    def _judge_opening(self) -> None:
        for sitting in self._sittings.values():
            opened = sitting["paper"]["opened_at"]
            if opened and self._released_at is not None:
                might = max(self._released_at, datetime.fromisoformat(sitting["admitted_at"]))
                self.played.opened.append((datetime.fromisoformat(opened) - might).total_seconds())

    async def judge_recordings(self, inspector: Page) -> None:
        """How much of each candidate was recorded, from the admission to the hand-in. `inspector`: signed in."""
        async with asyncio.timeout(_CLOSE_SECONDS * len(self._room.candidates)):
            for number, candidate in self._room.candidates.items():
                sitting = self._sittings.get(candidate)
                if sitting is None or not (sitting["admitted_at"] and sitting["submitted_at"]):
                    continue
                path = f"/api/rooms/{self._room.room}/recordings/{candidate}"
                manifest = await _whole(inspector, path)
                if code(manifest) is not None:
                    continue
                gone = self._part.outage if number in self._dropping else 0.0
                self.played.recorded[number] = _recorded(manifest, sitting, gone)


async def _whole(inspector: Page, path: str) -> Any:
    """The manifest, once its last segment is finished, or as far as it is."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _CLOSE_SECONDS
    while True:
        manifest = await inspector.get(path)
        if code(manifest) is not None or not manifest["open"] or loop.time() > until:
            return manifest
        await asyncio.sleep(1.0)


def _recorded(manifest: Any, sitting: Any, gone: float) -> float:
    """The share of the time in the exam, less the `gone` seconds, of which there is a picture. The first two seconds
    and the last are left to the beginning and the end of a recording."""
    begin = datetime.fromisoformat(sitting["admitted_at"]).timestamp() * 1000 + 2000
    end = datetime.fromisoformat(sitting["submitted_at"]).timestamp() * 1000 - 1000
    there = 0.0
    for segment in manifest["segments"]:
        if not segment["width"]:
            continue
        since, until = segment["start_ms"], segment["start_ms"] + segment["duration_ms"]
        there += max(0.0, min(until, end) - max(since, begin))
        for hole in segment["holes"]:
            there -= max(0.0, min(since + hole["to_ms"], end) - max(since + hole["from_ms"], begin))
    expected = end - begin - gone * 1000
    return min(1.0, there / expected) if expected > 0 else 1.0


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _gone(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
