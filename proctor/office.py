"""What the training office does: plan exams and rooms, assign staff, seal the paper.

Each act is decided, then on the office's log, then carried out.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from proctor import views
from proctor.accounts import Accounts
from proctor.clock import Clock
from proctor.config import Config
from proctor.editions import exam_edition, removal_edition, staff_edition, unchanged
from proctor.errors import ProctorError, describe
from proctor.exam import events as e
from proctor.exam import office_events as o
from proctor.exam import staffing
from proctor.exam.decisions import closing, planning
from proctor.exam.plan import Plan
from proctor.exam.room import Decision
from proctor.exam.schedule import Phase, Schedule
from proctor.exam.staffing import Assigned
from proctor.keys import Keys, open_sealed, seal_into
from proctor.live_room import LiveRoom
from proctor.occupancy import Occupancy, schedule_of
from proctor.office_log import OfficeLog, account
from proctor.one_at_a_time import ExamLocks, together
from proctor.planning import Planning, plan_view, refuse_contradiction
from proctor.regulation.citation import Regime
from proctor.regulation.refusal import Refusal
from proctor.rooms import LiveRooms
from proctor.store.exams import Exam, Exams, RoomRow, SealedPaper
from proctor.store.identifiers import new_id
from proctor.store.people import People, StaffMember

UNAVAILABLE = "unavailable"  # in the place of a phase: the log that would tell it is broken


class Office:
    """Use cases of the training office. `end_seats(room, person)` lets go of the sockets of somebody in a room."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Clock,
        exams: Exams,
        people: People,
        rooms: LiveRooms,
        keys: Keys,
        pool: Executor,
        log: OfficeLog,
        locks: ExamLocks,
        end_seats: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._exams = exams
        self._people = people
        self._rooms = rooms
        self._keys = keys
        self._pool = pool
        self._log = log
        self._locks = locks
        self._end_seats = end_seats
        self.accounts = Accounts(people, pool)
        self.planning = Planning(
            clock=clock, exams=exams, people=people, rooms=rooms, log=log, locks=locks, it_unit=config.it_unit
        )
        self._occupancy = Occupancy(exams, people, rooms)
        self._assigning = asyncio.Lock()

    # -- exams and rooms ----------------------------------------------------------------------------------------------

    async def create_exam(
        self, who: str, title: str, times: Schedule, *, regime: Regime, source: str = ""
    ) -> dict[str, Any]:
        """Plan an exam, after the exam `source` if it is named; its plan says no more at first than the `regime`.

        Raises ProctorError `schedule_contradiction` (A14.2b.5).
        """
        refuse_contradiction(times, regime=regime)
        exam = Exam(
            new_id("e"), title, times.starts_at, times.release_at, times.working_minutes, times.submit_by,
            times.end_at, self._clock.now(), Plan(regime=regime),
        )  # fmt: skip
        await self._log.put(who, o.ExamCreated(exam=exam.exam, title=title, schedule=times, source=source))
        await self._exams.add_exam(exam)
        return await self.exam(exam.exam)

    async def exams(self) -> list[dict[str, Any]]:
        """All exams, newest first. Rooms that ended long ago are listed by what was planned, and not woken for it."""
        return await self._views(await self._exams.all_exams())

    async def exams_to_confirm(self, who: str) -> list[dict[str, Any]]:
        """As `exams`, those whose papers are for this head of an academic unit to confirm (B22.4)."""
        return await self._views(await self.planning.set_by(who))

    async def exam(self, exam: str) -> dict[str, Any]:
        """An exam in the shape of `Exam`."""
        planned = await self._exams.exam(exam)
        await self._rooms.of_exam(exam)  # wakes those that sleep
        (view,) = await self._views([planned])
        return view

    async def _views(self, exams: list[Exam]) -> list[dict[str, Any]]:
        rooms = await self._exams.all_rooms()
        enrolled = await self._people.enrolled()
        listed = []
        for planned in exams:
            plans = [
                self.room_plan(self._rooms.get(row.room))
                if closed is None
                else {
                    "room": row.room, "title": row.title, **closed, **self._waiting(row.room),
                    "candidates": enrolled[row.room], "staff": [],
                }
                for row, closed in ((row, self._closed(row.room)) for row in rooms if row.exam == planned.exam)
                if closed or self._rooms.has(row.room)
            ]
            awake = {
                row.room: self._rooms.get(row.room)
                for row in rooms
                if row.exam == planned.exam and self._rooms.has(row.room) and not self._closed(row.room)
            }
            listed.append(
                {
                    "exam": planned.exam,
                    "title": planned.title,
                    "times": views.times(schedule_of(planned), regime=planned.plan.regime),
                    "plan": plan_view(planned.plan),
                    "edition": exam_edition(planned),
                    "published_at": views.moment(planned.published_at),
                    "removable": await self._removable(planned, awake.values(), rooms),
                    "readiness": await self.planning.readiness(planned, awake, more=len(plans) > len(awake)),
                    "paper": _paper_view(await self.planning.paper(planned.exam)),
                    "reserve": _paper_view(await self.planning.paper(planned.exam, "reserve")),
                    "rooms": plans,
                }
            )
        return listed

    async def _removable(
        self, planned: Exam, awake: Collection[LiveRoom], rooms: Iterable[RoomRow]
    ) -> str | None:
        """The edition that `Drafts.remove` would take; None if it would take none, and while a room sleeps that would
        tell what it holds."""
        if planned.published_at is not None or self._log.was_published(planned.exam):
            return None
        if any(self._closed(row.room) for row in rooms if row.exam == planned.exam):
            return None
        try:
            for live in awake:
                planning.discard(live.state, self._clock.now())
        except Refusal:
            return None
        papers = await self._exams.paper_digests(planned.exam)
        return removal_edition(planned, (live.state for live in awake), papers)

    async def create_room(self, who: str, exam: str, title: str) -> dict[str, Any]:
        """Set up a room (A14.2b.1)."""
        room = new_id("r")
        async with self._locks.of(exam):
            planned = await self._exams.exam(exam)
            await self._log.put(who, o.RoomCreated(exam=exam, room=room, title=title))
            await self._exams.add_room(room, exam, title)
            live = await self._rooms.plan(who, room, exam, title, planned.title, schedule_of(planned))
            paper = await self.planning.paper(exam)
            async with together([live]) as act:
                if paper:
                    loaded = paper.sha256, paper.size
                    await act(live, who, lambda state, now: planning.load_paper(state, now, *loaded))
                await self.planning.tell_confirmed(act, live)
        return self.room_plan(live)

    def room_plan(self, live: LiveRoom) -> dict[str, Any]:
        """A room in the shape of `RoomPlan`."""
        state = live.state
        return {
            "room": state.room,
            "title": state.title,
            "phase": state.phase(self._clock.now()),
            "published": state.published,
            "supported": state.supported,
            "setup": list(planning.setup(state).unmet),
            "unacknowledged": list(staffing.acknowledged(state.staff, regime=state.regime).unmet),
            "times": views.times(state.schedule, regime=state.regime),
            "paper_locked": planning.paper_locked(state),
            "released_at": views.moment(state.released_at),
            "release_due_at": views.moment(state.release_due_at()),
            "release_held": state.release_held,
            "unattended_since": views.moment(state.unattended_since),
            "briefings": views.briefings(state),
            "briefings_missing": list(state.briefings_missing),
            "shift_wanted": state.shift_wanted,
            "delay_reason": state.delay.reason if state.delay else "",
            "hold": views.hold(state),
            "called_off": state.called_off,
            "reserve_used_at": views.moment(state.paper.replaced_at if state.paper else None),
            "materials": [
                {
                    "material": each.given.material,
                    "nature": each.given.nature,
                    "title": each.given.title,
                    "at": views.moment(each.at),
                }
                for each in state.materials
            ],
            "lists": views.staff_lists(state),
            "lists_outdated": closing.outdated(state),
            "handover": views.handover(state),
            "handover_wanted_since": views.moment(state.handover_wanted_since),
            "candidates": [
                {
                    "candidate": known.candidate,
                    "extra_minutes": known.extra_minutes,
                    "late_allowed": known.late_allowed,
                    "referred": known.referred,
                    "number": known.number,
                    "full_name": known.full_name,
                    "state": known.state,
                    "suspended": known.suspended_because,
                    "shares_place": known.shares_place,
                    "connected": known.connected,
                    "admitted_at": views.moment(known.admitted_at),
                    **views.briefings_of(known),
                    "paper": views.paper_receipts(known),
                    "materials_received": sorted(known.materials_received),
                    "submitted_at": views.moment(known.submitted_at),
                    "lists_seen": known.closing_seen,
                }
                for known in state.sittings.values()
            ],
            "staff": views.staff(state),
            "staff_edition": staff_edition(state),
        }

    def _closed(self, room: str) -> dict[str, Any] | None:
        """How lists name the phase of a room that this server has not opened; None otherwise."""
        if broken := self._rooms.broken(room):
            return {"phase": UNAVAILABLE, "unavailable": describe(broken)}
        return {"phase": Phase.ENDED} if self._rooms.is_dormant(room) else None

    def _waiting(self, room: str) -> dict[str, Any]:
        """What lists tell of a room that sleeps and that the office has not got: what it waits for (A14.2e)."""
        left = self._rooms.left_to_do(room)
        if left is None:
            return {}
        return {
            "handover": left.handover,
            "handover_wanted_since": left.handover_wanted_since,
            "lists_outdated": left.lists_outdated,
        }

    async def closed_rooms(self) -> list[dict[str, Any]]:
        """Rooms that ended before this server started, or whose log is broken, as `/api/me` lists them."""
        exams = {exam.exam: exam for exam in await self._exams.all_exams()}
        return [
            {
                "room": row.room,
                "title": row.title,
                "exam_title": exams[row.exam].title,
                "times": views.times(schedule_of(exams[row.exam]), regime=exams[row.exam].plan.regime),
                **closed,
            }
            for row in await self._exams.all_rooms()
            if (closed := self._closed(row.room))
        ]

    # -- people -------------------------------------------------------------------------------------------------------

    async def staff(self) -> list[dict[str, Any]]:
        return [
            {
                "subject": each.staff,
                "name": each.name,
                "full_name": each.full_name,
                "role": each.role,
                "unit": each.unit,
            }
            for each in await self._people.all_staff()
        ]

    async def create_staff(
        self, who: str, name: str, full_name: str, role: str, password: str, unit: str = ""
    ) -> StaffMember:
        """A new account. Raises ProctorError `bad_request`, `name_taken`, `password_too_short`."""
        async with self.accounts.making:
            member = await self.accounts.prepare(name, full_name, role, password, unit)
            await self._log.put(who, o.AccountMade(**account(member)))
            await self._people.add_staff(member)
        return member

    async def assign_staff(
        self, who: str, room: str, staff: Sequence[str], seen: str | None = None
    ) -> dict[str, Any]:
        """Make `staff` the staff of a room (A14.2b.2), in the place of the edition `seen`.

        Whoever is not of it any more leaves it at once.

        Raises ProctorError `staff_elsewhere`, `changed_meanwhile`.
        """
        live = await self._rooms.open(room)
        assigned = []
        for person in dict.fromkeys(staff):
            member = await self._people.staff_by_id(person)
            if member is None:
                raise ProctorError("not_found", what="staff")
            assigned.append(Assigned(member.staff, member.full_name, member.role, unit=member.unit))
        async with self._assigning:  # nobody is assigned elsewhere between the look and the log
            before = live.state.staff.keys()
            unchanged(seen, staff_edition(live.state))
            await self._occupancy.refuse_staff_elsewhere(live.state, assigned)
            async with together([live]) as act:
                if planning.assign_staff(live.state, self._clock.now(), assigned).events:
                    await self._log.put(who, o.RoomStaffed(room=room, staff=tuple(each.staff for each in assigned)))
                    await act(live, who, lambda state, now: planning.assign_staff(state, now, assigned))
        for person in before - {each.staff for each in assigned}:
            await self._end_seats(room, person)
        return self.room_plan(live)

    # -- the paper ----------------------------------------------------------------------------------------------------

    async def load_paper(self, who: str, exam: str, pdf: bytes | bytearray, use: str = "main") -> dict[str, Any]:
        """Seal a paper for all rooms of an exam (A14.2b.4); `use` is "main", or "reserve" for one that waits.

        In regime B a published paper was confirmed (B22.4): another one needs the publication withdrawn first.

        Raises ProctorError `paper_not_pdf`, `too_large`, `paper_locked`, `paper_published`.
        """
        if len(pdf) > planning.MAX_PAPER_BYTES:
            raise ProctorError("too_large", limit="20 MB")
        if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-2048:]:
            raise ProctorError("paper_not_pdf")
        key = os.urandom(32)
        async with self._locks.of(exam):
            planned = await self._exams.exam(exam)
            rooms = []
            if use == "main":
                if planned.plan.regime == "B" and planned.published_at is not None:
                    raise ProctorError("paper_published")
                rooms = await self._rooms.of_exam(exam)
                self._refuse_paper(rooms)  # before it is sealed
            part, sha256, size = await asyncio.to_thread(_seal_to, self._config.papers, key, pdf, exam)
            try:
                async with together(rooms) as act:
                    self._refuse_paper(rooms)  # somebody may have fetched one while this one was sealed
                    await self._log.put(who, o.PaperUploaded(exam=exam, sha256=sha256, bytes=size, use=use))
                    part.replace(self.paper_path(exam, sha256))
                    wrapped = self._keys.wrap(key, f"paper {exam}")
                    await self._exams.add_paper(SealedPaper(exam, sha256, size, wrapped, use))
                    for live in rooms:
                        await act(live, who, lambda state, now: planning.load_paper(state, now, sha256, size))
            finally:
                part.unlink(missing_ok=True)
        return {"bytes": size, "sha256": sha256}

    def _refuse_paper(self, rooms: Sequence[LiveRoom]) -> None:
        for live in rooms:
            planning.load_paper(live.state, self._clock.now(), "", 0)

    async def preview_paper(self, who: str, exam: str, use: str = "main", *, to_confirm: bool = False) -> bytearray:
        """The paper in the clear; on the office's log and on that of every room of the exam.

        `to_confirm`: the head of the academic unit reads it, who may read what is theirs to confirm (B22.4) and no
        other (A14.2b.6). Raises ProctorError `not_of_regime_b`, `other_unit`.
        """
        async with self._locks.of(exam):  # or the draft might be removed meanwhile
            if to_confirm:
                await self.planning.refuse_reader(who, exam)
            paper = await self._exams.paper(exam, use)
            await self._log.put(who, o.PaperPreviewed(exam=exam, sha256=paper.sha256))
            for live in await self._rooms.of_exam(exam):
                await live.act(who, lambda state, now: Decision((e.PaperPreviewed(),)))
            key = self._keys.unwrap(paper.wrapped_key, f"paper {exam}")
            path = self.paper_path(exam, paper.sha256)
            return await asyncio.to_thread(open_sealed, path, key, exam)

    def paper_path(self, exam: str, sha256: str) -> Path:
        """Where the sealed paper lies."""
        return self._config.papers / f"{exam}-{sha256[:16]}.sealed"

    async def publish(self, who: str, exam: str) -> dict[str, Any]:
        """Publish an exam. Raises ProctorError `not_publishable`."""
        await self.planning.publish(who, exam)
        return await self.exam(exam)

    async def withdraw(self, who: str, exam: str, reason: str, seen: str | None = None) -> dict[str, Any]:
        """Make an exam a draft again; see `Planning.withdraw`."""
        await self.planning.withdraw(who, exam, reason, seen)
        return await self.exam(exam)


def _paper_view(paper: SealedPaper | None) -> dict[str, Any] | None:
    if paper is None:
        return None
    return {
        "bytes": paper.size,
        "sha256": paper.sha256,
        "confirmed_by": paper.confirmed_by,
        "confirmed_at": views.moment(paper.confirmed_at),
    }


def _seal_to(folder: Path, key: bytes, pdf: bytes | bytearray, exam: str) -> tuple[Path, str, int]:
    """In a thread: the sealed paper, durable, under a temporary name; with its digest and size."""
    part = folder / f"{exam}-{secrets.token_hex(4)}.part"
    with part.open("wb") as file:
        sha256, size = seal_into(file, key, pdf, exam)
        file.flush()
        os.fsync(file.fileno())
    return part, sha256, size
