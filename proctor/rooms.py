"""The live rooms of this process: opened at start, set up by the office, asleep once they ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine

from proctor import support_log, views
from proctor.changes import Changes
from proctor.clock import STEP_SECONDS, Clock, set_back_since
from proctor.coding import RoomFold
from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam.decisions import presence
from proctor.exam.room import Decision, Room
from proctor.exam.schedule import Schedule
from proctor.facts import SERVER
from proctor.keys import Keys
from proctor.ledger import tables
from proctor.ledger.actor import Applied, RoomActor, fold_stored
from proctor.ledger.writer import Writer
from proctor.live_room import LiveRoom
from proctor.log_view import format_events
from proctor.media.server import MediaServer
from proctor.pulse import Pulse
from proctor.recording.service import RecordingService
from proctor.signalling.exchange import Push
from proctor.stills import Stills
from proctor.store.exams import Exams
from proctor.unfinished import Unfinished, unfinished

log = structlog.get_logger(__name__)

_TICK_SECONDS = 1.0
_UNSEEN_FROM_OUTSIDE = (e.AnswerSaved, e.SegmentClosed)  # often, and no list of rooms shows them


class LiveRooms:
    """All rooms this process owns, by identifier.

    A room whose log says that it ended stays *dormant* at start: its log is folded, in a worker process, when somebody
    asks for the room. So a restart takes as long as the exams under way need, however many lie behind.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        engine: Engine,
        writer: Writer,
        exams: Exams,
        media: MediaServer,
        recording: RecordingService,
        keys: Keys,
        pool: Executor,
        alive: Path,
        stills: Stills,
        changes: Changes,
    ) -> None:
        """`alive` is a file that holds when this process was last seen running."""
        self._clock = clock
        self._alive_file = alive
        self._alive = _read_moment(alive)
        self._engine = engine
        self._writer = writer
        self._exams = exams
        self._media = media
        self._recording = recording
        self._keys = keys
        self._pool = pool
        self._stills = stills
        self._changes = changes
        self._pulse = Pulse(clock)
        self._standstills = 0  # told to the rooms
        self._database = engine.url.render_as_string(hide_password=False)  # for worker processes
        self._recovering: set[asyncio.Task[None]] = set()
        self._rooms: dict[str, LiveRoom] = {}
        self._folded: list[tuple[LiveRoom, int]] = []  # by `open_all`, with the owner epoch, until `go_on`
        self._goes_on = False  # `go_on` is through
        self._dormant: set[str] = set()
        self._unfinished: dict[str, Unfinished] = {}  # dormant, and not received by the office
        self._paper_keys: dict[str, bytes] = {}  # of released papers, by the digest of the ciphertext
        self._broken: dict[str, ProctorError] = {}
        self._waking: dict[str, asyncio.Task[LiveRoom]] = {}
        self.emit: Callable[[str, Push], None] = lambda room, push: None

    async def open_all(self) -> None:
        """Fold the logs of rooms that have not ended, under a new owner epoch. Nothing is written to them before
        `go_on`."""
        logged = set(tables.rooms(self._engine))
        for row in await self._exams.all_rooms():
            if row.room not in logged:
                continue  # a crash came between planning and the log's first entry; the office plans it again
            if tables.newest_of(self._engine, row.room, e.RoomEnded.kind):
                self._dormant.add(row.room)
                if left := unfinished(self._engine, row.room):
                    self._unfinished[row.room] = left
                continue
            epoch = await self._exams.claim_room(row.room)
            live = self._live(row.room, epoch)
            try:
                live.actor.replay(tables.read(self._engine, row.room))
            except Exception as error:  # this room stays closed; the others must not wait for it
                self._leave_closed(row.room, error)
                continue
            if live.state.removed:  # a crash came between the log and the removal
                await self._exams.remove_room(row.room)
                continue
            self._rooms[row.room] = live
            self._folded.append((live, epoch))

    async def go_on(self) -> None:
        """Go on where the logs end, and act on the time again: to be called when the doors can open.

        What the logs say of the server's return counts from here. Folding many of them takes its seconds, in which no
        page can be back.
        """
        folded, self._folded = self._folded, []
        for live, _ in folded:
            live.start()
        await asyncio.gather(*(self._go_on(live, epoch) for live, epoch in folded))
        for live, _ in folded:
            live.watch()
        self._goes_on = True

    async def _go_on(self, live: LiveRoom, restarted: int | None = None) -> None:
        """Put the first entries of this owner on a room's log, the alarm before them if the clock was set back.

        `restarted`: the owner epoch, of a room that was under way. It is held if the server was down at its release or
        its deadline.
        """
        numbers = {known.receipt_seq for known in live.state.sittings.values()}
        live.receipted |= await asyncio.to_thread(tables.hashes, self._engine, live.room, numbers)
        last = await asyncio.to_thread(tables.last, self._engine, live.room)
        assert last is not None
        seconds = await set_back_since(self._clock, datetime.fromisoformat(last.at))
        if seconds:
            log.error("the system clock was set back between two runs", room=live.room, seconds=round(seconds, 1))
            live.set_back_seconds = seconds
            await live.act(SERVER, lambda room, now: Decision((e.ClockStepped(seconds=-round(seconds, 3)),)))
        if restarted is not None:
            down_since = max(datetime.fromisoformat(last.at), self._alive or datetime.min.replace(tzinfo=UTC))
            await live.act(SERVER, lambda room, now: presence.restart(room, now, restarted, down_since))

    def _leave_closed(self, room: str, error: Exception) -> None:
        """Answer for a room whose log cannot be folded with `chain_broken`, until the next start."""
        log.error("the log of a room cannot be folded; the room stays closed", room=room, error=repr(error))
        broken = error if isinstance(error, ProctorError) else ProctorError("chain_broken", room=room, seq="?")
        self._broken[room] = broken
        self._dormant.discard(room)

    async def close(self) -> None:
        await asyncio.gather(*self._waking.values(), *self._recovering, return_exceptions=True)
        if self._goes_on:  # a start that failed before is no time at which the server ran
            self.say_alive()
        await asyncio.gather(*(live.close() for live in self._rooms.values()))

    async def open(self, room: str) -> LiveRoom:
        """The room, woken if it is dormant. Raises ProctorError `not_found`, `chain_broken`."""
        if room in self._dormant:
            waking = self._waking.get(room)
            if waking is None:
                waking = self._waking[room] = asyncio.create_task(self._wake(room), name=f"waking {room}")
                waking.add_done_callback(lambda _: self._waking.pop(room, None))
            return await asyncio.shield(waking)
        return self.get(room)

    def get(self, room: str) -> LiveRoom:
        """A room that is awake. Raises ProctorError `not_found`, `chain_broken`."""
        if broken := self.broken(room):
            raise broken
        try:
            return self._rooms[room]
        except KeyError:
            raise ProctorError("not_found", what="room") from None

    async def of_exam(self, exam: str) -> list[LiveRoom]:
        """The rooms of an exam, by title, woken if they are dormant; but for those whose log is broken."""
        opened = []
        for row in await self._exams.all_rooms():
            if row.exam == exam and self.has(row.room):
                try:
                    opened.append(await self.open(row.room))
                except ProctorError:
                    if self.broken(row.room) is None:
                        raise
        return opened

    def awake(self) -> list[LiveRoom]:
        """But for those that were removed and whose rows are still there."""
        return [live for live in self._rooms.values() if not live.state.removed]

    def has(self, room: str) -> bool:
        """Whether the room can be opened. A crash right after planning leaves one without a log."""
        return room in self._rooms or room in self._dormant

    def is_dormant(self, room: str) -> bool:
        return room in self._dormant

    def is_to_be_closed(self, room: str, person: str) -> bool:
        """Whether a dormant room waits for its hand-over, and that invigilator may come back to do it (A14.2e)."""
        left = self.left_to_do(room)
        return left is not None and person in left.invigilators

    def left_to_do(self, room: str) -> Unfinished | None:
        """What a dormant room still waits for, if for anything."""
        return self._unfinished.get(room) if room in self._dormant else None

    def broken(self, room: str) -> ProctorError | None:
        """Why the room stays closed, if its log cannot be folded."""
        known = self._broken.get(room)
        return ProctorError("chain_broken", **known.details) if known else None

    async def _wake(self, room: str) -> LiveRoom:
        epoch = await self._exams.claim_room(room)
        loop = asyncio.get_running_loop()
        try:
            state, seq, head = await loop.run_in_executor(self._pool, _fold_log, self._database, room)
        except ProctorError as broken:
            self._leave_closed(room, broken)
            raise
        live = self._live(room, epoch)
        live.actor.restore(state, seq, head)
        live.start()
        await self._go_on(live)
        live.watch()
        self._rooms[room] = live
        self._dormant.discard(room)
        return live

    async def plan(self, who: str, room: str, exam: str, title: str, exam_title: str, times: Schedule) -> LiveRoom:
        """Begin the log of a new room."""
        epoch = await self._exams.claim_room(room)
        live = self._live(room, epoch)
        planned = e.RoomPlanned(room=room, exam=exam, title=title, exam_title=exam_title, schedule=times)
        await live.actor.begin(who, planned)
        self._rooms[room] = live
        live.start()
        live.watch()
        return live

    async def let_go(self, rooms: Iterable[LiveRoom]) -> None:
        """Have rooms no more that were removed, once their rows are gone; pages look again."""
        gone = list(rooms)
        for live in gone:  # all of them before anybody else has a turn
            self._rooms.pop(live.room, None)
        self._changes.tell()
        for live in gone:
            await live.close()

    def recorded(self, room: str, candidate: str, kind: str, data: dict[str, Any]) -> None:
        """Where the recording service tells of segments and faults."""
        if room in self._dormant:  # a crash came between the end of the recording and its last segment
            self._recovering.add(task := asyncio.ensure_future(self._recorded_late(room, candidate, kind, data)))
            task.add_done_callback(self._recovering.discard)
            return
        with contextlib.suppress(ProctorError):
            self.get(room).media.recorded(candidate, kind, data)

    async def _recorded_late(self, room: str, candidate: str, kind: str, data: dict[str, Any]) -> None:
        (await self.open(room)).media.recorded(candidate, kind, data)

    async def beat(self) -> None:
        """So that a time at which this process stood still shows; for ever."""
        await self._pulse.beat()

    async def watch_clock(self) -> None:
        """Put every step of the system clock on the logs of the rooms that have not ended, for ever."""
        told = 0.0
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self._look_at_the_pulse()
            self.say_alive()
            step = self._clock.step_seconds()
            if abs(step - told) < STEP_SECONDS:
                continue
            moved, told = step - told, step
            log.error("the system clock was moved", seconds=round(moved, 1))
            event = e.ClockStepped(seconds=round(moved, 3))
            for live in self._rooms.values():
                if not live.state.ended:
                    live.tell(SERVER, lambda room, now, event=event: Decision((event,)))  # type: ignore[misc]

    def _look_at_the_pulse(self) -> None:
        standstill = self._pulse.look()
        if standstill.number == self._standstills:
            return
        self._standstills = standstill.number
        since, until = views.moment(standstill.since), views.moment(standstill.until)
        log.error("this process stood still", since=since, until=until)
        for live in self._rooms.values():
            live.timer.look()

    def say_alive(self) -> None:
        """Note that the server runs, so that the next start knows from when on it did not."""
        with contextlib.suppress(OSError):  # a full disk; the logs' last entries tell it too, less exactly
            self._alive_file.write_text(self._clock.now().isoformat())

    def known_segments(self) -> KnownSegments:
        """The (room, candidate, segment) that the logs hold."""
        return KnownSegments(
            frozenset(self._dormant),
            frozenset(
                (live.room, known.candidate, segment.name)
                for live in self._rooms.values()
                for known in live.state.sittings.values()
                for segment in known.segments
            ),
        )

    async def events(self, room: str, after: int) -> bytes:
        """The log of a room from the entry after `after`, as JSON; read and formatted in a worker process."""
        if room not in self._dormant:
            self.get(room)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, format_events, self._database, room, after)

    async def support_log(self, rooms: list[str], form: str, language: support_log.Language) -> bytes:
        """Requests for help and their answers in these rooms, as `json`, or as `csv` in `language`.

        Raises ProctorError `not_found`, `chain_broken`.
        """
        for room in rooms:
            if room not in self._dormant:
                self.get(room)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, support_log.report, self._database, rooms, form, language)

    def _live(self, room: str, epoch: int) -> LiveRoom:
        actor: RoomActor[Room, e.Event] = RoomActor(
            room, fold=RoomFold(), writer=self._writer, clock=self._clock, epoch=epoch,
            on_applied=lambda applied: self._applied(live, applied), over=_over,
        )  # fmt: skip
        live = LiveRoom(
            actor, clock=self._clock, media=self._media.room(room), recording=self._recording,
            paper_key=self._unwrapped_paper_key, keys=self._keys, stills=self._stills,
            pulse=self._pulse,
        )  # fmt: skip
        live.emit = self._push
        return live

    def _applied(self, live: LiveRoom, applied: Applied[Room, e.Event]) -> None:
        live.react(applied)
        if not all(isinstance(event, _UNSEEN_FROM_OUTSIDE) for _, event in applied.entries):
            self._changes.tell(live.room)

    def _push(self, room: str, push: Push) -> None:
        self.emit(room, push)
        if push.message == "room":  # also told when only the time has changed it
            self._changes.tell(room)

    async def _unwrapped_paper_key(self, exam: str, sha256: str) -> bytes:
        """The key of the paper that a room's log names; read once, for fifty candidates ask at the same moment."""
        if sha256 not in self._paper_keys:
            paper = await self._exams.paper_by_digest(exam, sha256)
            self._paper_keys[sha256] = self._keys.unwrap(paper.wrapped_key, f"paper {exam}")
        return self._paper_keys[sha256]


def _over(room: Room) -> ProctorError | None:
    """Nothing follows on the log of a room that was removed, also not what waited for its turn."""
    return ProctorError("not_found", what="room") if room.removed else None


def _read_moment(file: Path) -> datetime | None:
    try:
        moment = datetime.fromisoformat(file.read_text())
    except (OSError, ValueError):
        return None
    return moment if moment.tzinfo else None


@dataclass(frozen=True)
class KnownSegments:
    """What the logs hold, to be asked with `in`. A dormant room's log was complete when it ended."""

    dormant: frozenset[str]
    segments: frozenset[tuple[str, str, str]]

    def __contains__(self, segment: object) -> bool:
        return segment in self.segments or (isinstance(segment, tuple) and segment[0] in self.dormant)


def _fold_log(url: str, room: str) -> tuple[Room, int, bytes]:
    """In a worker process: the state that a room's log folds to, with number and hash of its last entry."""
    from proctor.store.engine import sync_engine

    engine = sync_engine(url)
    try:
        return fold_stored(RoomFold(), room, tables.read(engine, room))
    finally:
        engine.dispose()
