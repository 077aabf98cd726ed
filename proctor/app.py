"""The composition root: the only place that wires the rooms of this house together.

`House.open` builds everything in the order of its dependencies and `close` takes it down in reverse. Tests hand in a
clock that they move by hand; nothing else differs between a test and a server.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, get_args

from aiohttp import web
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from proctor import logs
from proctor.changes import Changes
from proctor.clock import Clock, ServerClock
from proctor.command_line_acts import CommandLineActs
from proctor.config import Config
from proctor.drafts import Drafts, finish_removals
from proctor.errors import ProctorError
from proctor.exam_copies import ExamCopies
from proctor.keys import Keys, MasterKey
from proctor.ledger import tables as ledger_tables
from proctor.ledger.writer import Writer
from proctor.media.server import MediaServer
from proctor.media.turn import Relays
from proctor.office import Office
from proctor.office_log import OfficeLog
from proctor.one_at_a_time import ExamLocks
from proctor.phones import Phones
from proctor.photos import Photos
from proctor.practice import Practice
from proctor.printing import Printing
from proctor.recording.service import RecordingService
from proctor.regulation.citation import Regime
from proctor.regulation.parameters import parameters
from proctor.rooms import LiveRooms
from proctor.rosters import Rosters
from proctor.sign_in import SignIn
from proctor.signalling.namespace import RoomNamespace, socket_server
from proctor.signalling.tickets import Tickets
from proctor.staff_lists import StaffLists
from proctor.staff_passwords import StaffPasswords
from proctor.steering import Steering
from proctor.stills import Stills
from proctor.store import tables
from proctor.store.data_keys import open_keys, stored_check
from proctor.store.engine import async_engine, sync_engine
from proctor.store.exams import Exams
from proctor.store.migrate import upgrade
from proctor.store.people import People
from proctor.store.uploads import Uploads as UploadRows
from proctor.submission_archive import SubmissionArchive
from proctor.token_bucket import Buckets
from proctor.upload_folders import UploadFolders
from proctor.uploads import Uploads
from proctor.web.server import http_app
from proctor.web.services import Services
from proctor.workers import Workers

RESTORING = "restoring"  # a file in the data directory until all of a backup is back
WEBCLIENT = Path(__file__).resolve().parent.parent / "webclient"
_COMING_PER_SECOND, _COMING_AT_ONCE = 2.0, 20.0


class House:
    """One server process, opened."""

    def __init__(self, config: Config, clock: Clock, workers: Workers | None = None) -> None:
        self.config = config
        self.clock = clock
        self._workers = workers
        self._stack = AsyncExitStack()

    @classmethod
    async def open(cls, config: Config, clock: Clock | None = None, workers: Workers | None = None) -> House:
        """Open the data, fold the rooms' logs, open the media port.

        `workers` are the house's own, started and ended with it, unless they are given; then they outlive it.

        Raises ProctorError when something is in the way.
        """
        logs.configure()
        house = cls(config, clock or ServerClock(), workers)
        try:
            await house._open()
        except BaseException:
            await house._stack.aclose()
            raise
        return house

    async def say_closing(self) -> None:
        """Tell the pages that the server restarts."""
        self.changes.close()
        await self.namespace.say_closing()

    async def close(self) -> None:
        """Finish what is being written, close everything."""
        await self._stack.aclose()

    async def _open(self) -> None:
        config, clock, stack = self.config, self.clock, self._stack
        for regime in get_args(Regime):
            parameters(regime)  # a wrong figure is refused now, not when somebody plans an exam
        for folder in (config.data, config.recordings, config.papers, config.uploads, config.photos):
            make_writable(folder)
        stack.enter_context(owned(config.data))
        _sweep(config)
        self.keys, engine = stack.enter_context(opened_store(config))
        asynchronous = async_engine(config.database)
        stack.push_async_callback(asynchronous.dispose)
        self.people = People(asynchronous)
        self.exams = Exams(asynchronous)

        pool = self._workers
        if pool is None:
            pool = Workers(config.workers)
            stack.callback(pool.shutdown, cancel_futures=True)
        pool.warm()

        self.changes = Changes()
        writer = Writer(engine)
        stack.callback(writer.close)
        self.media = MediaServer(
            host=config.media_host, port=config.media_port, announce=config.announce, clock=clock,
            relays=Relays(config.turn, config.turn_secret),
        )  # fmt: skip
        self.recording = RecordingService(
            root=config.recordings, key=self.keys.of("recordings"), clock=clock, pool=pool,
            on_event=lambda room, sitting, kind, data: self.rooms.recorded(room, sitting, kind, data),
        )  # fmt: skip
        self.rooms = LiveRooms(
            clock=clock, engine=engine, writer=writer, exams=self.exams, media=self.media, recording=self.recording,
            keys=self.keys, pool=pool, alive=config.data / "alive",
            stills=Stills(config, self.keys, pool), changes=self.changes,
        )  # fmt: skip
        tickets = Tickets(clock.monotonic)
        self.namespace = RoomNamespace(self.rooms, tickets, clock, self._standing, self._begun_elsewhere)
        self.office_log = OfficeLog(
            clock=clock, engine=engine, writer=writer, pool=pool, on_written=self.changes.tell
        )  # fmt: skip
        stack.push_async_callback(self.office_log.close)
        await self.office_log.open(await self.people.all_staff())
        command_line = CommandLineActs(clock=clock, people=self.people, log=self.office_log)
        await command_line.look()
        await finish_removals(self.office_log, self.exams, config.papers)
        await self.rooms.open_all()
        stack.push_async_callback(self.rooms.close)
        await self.recording.start()
        stack.push_async_callback(self.recording.close)
        await self.media.start()
        stack.push_async_callback(self.media.close)  # first to close: rooms and recorders still hear of the end

        self.sign_in = SignIn(self.people, self.keys, clock, pool)
        locks = ExamLocks(self.office_log.removed)
        self.office = Office(
            config=config, clock=clock, exams=self.exams, people=self.people, rooms=self.rooms, keys=self.keys,
            pool=pool, log=self.office_log, locks=locks, end_seats=self.namespace.end_seats,
        )  # fmt: skip
        self.rosters = Rosters(
            clock=clock, exams=self.exams, people=self.people, rooms=self.rooms, keys=self.keys, pool=pool,
            log=self.office_log, end_session=self.namespace.end_session,
        )  # fmt: skip
        rows = UploadRows(asynchronous)
        folders = UploadFolders(config=config, clock=clock, rows=rows, keys=self.keys, pool=pool)
        self.uploads = Uploads(clock=clock, rows=rows, rooms=self.rooms, folders=folders)
        self.photos = Photos(config=config, clock=clock, rooms=self.rooms, keys=self.keys, pool=pool)
        self.steering = Steering(
            config=config, clock=clock, exams=self.exams, people=self.people, rooms=self.rooms, keys=self.keys,
            log=self.office_log, writer=writer,
        )  # fmt: skip
        practice = Practice(self.media.room("practice"), clock)  # no exam room has that identifier
        stack.push_async_callback(practice.close)
        self.phones = Phones(clock=clock, rooms=self.rooms, people=self.people)
        services = Services(
            config=config, clock=clock, changes=self.changes, people=self.people, sign_in=self.sign_in,
            office=self.office, office_log=self.office_log, rosters=self.rosters,
            staff_lists=StaffLists(
                people=self.people, accounts=self.office.accounts, pool=pool, log=self.office_log
            ),
            staff_passwords=StaffPasswords(
                people=self.people, accounts=self.office.accounts, log=self.office_log, sign_in=self.sign_in,
                end_session=self.namespace.end_session,
            ),
            copies=ExamCopies(
                clock=clock, office=self.office, rosters=self.rosters, exams=self.exams, people=self.people,
                rooms=self.rooms, locks=locks,
            ),
            drafts=Drafts(
                clock=clock, exams=self.exams, people=self.people, rooms=self.rooms, rosters=self.rosters,
                log=self.office_log, writer=writer, locks=locks, papers=config.papers,
                end_session=self.namespace.end_session, end_seats=self.namespace.end_seats,
            ),
            printing=Printing(rooms=self.rooms, rosters=self.rosters, pool=pool), exams=self.exams,
            archive=SubmissionArchive(rooms=self.rooms, folders=folders, keys=self.keys, pool=pool),
            rooms=self.rooms, uploads=self.uploads, photos=self.photos, phones=self.phones, practice=practice,
            steering=self.steering, recording=self.recording,
            tickets=tickets, coming=Buckets(_COMING_PER_SECOND, _COMING_AT_ONCE, keep=10_000),
            end_sockets=self.namespace.end_session, media_port=self.media.port, webclient=WEBCLIENT,
        )  # fmt: skip
        self.http: web.Application = http_app(services)
        self.sockets = socket_server(self.namespace)
        self.sockets.attach(self.http)

        await self.rooms.go_on()
        await self.rosters.finish_moves()
        await self.office.planning.finish()
        for recovery in (self.recording.recover(self.rooms.known_segments()), self.uploads.recover()):
            stack.push_async_callback(_settle, asyncio.create_task(recovery))
        for work in (
            self.namespace.pump(), self.namespace.watch_sessions(), self.namespace.watch_pages(), self.rooms.beat(),
            self.rooms.watch_clock(), command_line.watch(),
        ):  # fmt: skip
            stack.push_async_callback(_cancel, asyncio.create_task(work))

    async def _standing(self, sessions: Collection[str]) -> set[str]:
        return await self.people.standing(sessions, self.clock.now())

    async def _begun_elsewhere(self, room: str, candidate: str) -> list[dict[str, Any]]:
        return await self.uploads.begun_elsewhere(room, candidate)


@contextlib.contextmanager
def opened_store(config: Config) -> Iterator[tuple[Keys, Engine]]:
    """The installation's keys and its database, brought to the newest schema.

    Raises ProctorError `not_writable`, `damaged`, `key_missing`, `wrong_master_key`, `restore_unfinished`; then nothing
    was written to the data.
    """
    make_writable(config.data)
    if (config.data / RESTORING).exists():
        raise ProctorError("restore_unfinished", path=str(config.data))
    engine = sync_engine(config.database)
    try:
        master = fitting_master_key(config, engine)
        upgrade(engine, [tables.metadata, ledger_tables.metadata])
        yield _data_keys(engine, master), engine
    finally:
        engine.dispose()


def _data_keys(engine: Engine, master: MasterKey) -> Keys:
    try:
        with engine.begin() as connection:
            return open_keys(connection, master)
    except IntegrityError:  # another process made them at the same moment: those stand
        with engine.begin() as connection:
            return open_keys(connection, master)


def fitting_master_key(config: Config, engine: Engine) -> MasterKey:
    """The master key of this data; a new one for data that is not there yet.

    Raises ProctorError `not_writable`, `damaged`, `key_missing`, `wrong_master_key`.
    """
    check = stored_check(engine)
    if check is None and not config.master_key.exists():
        try:
            return MasterKey.make(config.master_key)
        except ProctorError as error:
            if error.code != "key_exists":  # else another process was first
                raise
    master = MasterKey.load(config.master_key)
    if check not in (None, master.check_value()):
        raise ProctorError("wrong_master_key", path=str(config.data))
    return master


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold a data directory for one server; the system lets go of it when the process ends, however it ends.

    Raises ProctorError `data_in_use`.
    """
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ProctorError("data_in_use", path=str(folder)) from None
    finally:
        os.close(handle)


def _sweep(config: Config) -> None:
    """Remove what a killed server left half done: archives in the clear, papers that were being sealed."""
    for left in config.data.glob("zip-*"):
        shutil.rmtree(left, ignore_errors=True)
    for part in config.papers.glob("*.part"):
        part.unlink(missing_ok=True)


def make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)  # another process may be trying too
    except OSError:
        raise ProctorError("not_writable", path=str(folder)) from None


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _settle(task: asyncio.Task[None]) -> None:
    await asyncio.gather(task, return_exceptions=True)
