"""From draft to publication: what the training office, the IT unit and the head of the academic unit do before an exam.

Each act is decided, then on the office's log, then carried out, as in `office.py`. What publication rests on is looked
at and changed under the exam's lock (`one_at_a_time.py`). Publication and withdrawal are carried out in every room and
last of all in the exam's row: what was cut short is brought to its end by saying it again, and taken back by the next
start (`finish`).
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import structlog

from proctor import views
from proctor.clock import Clock
from proctor.editions import exam_edition, unchanged
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.exam import plan as plans
from proctor.exam import schedule, staffing
from proctor.exam.articles import cited
from proctor.exam.decisions import planning
from proctor.exam.plan import Plan
from proctor.exam.room import Room
from proctor.exam.schedule import Schedule
from proctor.facts import SERVER
from proctor.live_room import LiveRoom
from proctor.occupancy import schedule_of
from proctor.office_log import OfficeLog
from proctor.one_at_a_time import Act, ExamLocks, together
from proctor.regulation.citation import Regime, named
from proctor.regulation.local_time import local_day
from proctor.regulation.refusal import Refusal
from proctor.rooms import LiveRooms
from proctor.store.exams import Exam, Exams, SealedPaper
from proctor.store.people import People

log = structlog.get_logger(__name__)

CUT_SHORT = "Máy chủ dừng giữa chừng · cut short by the server"
"""The reason that stands on the logs when a start takes back half of a publication."""


class Planning:
    """Use cases before an exam."""

    def __init__(
        self,
        *,
        clock: Clock,
        exams: Exams,
        people: People,
        rooms: LiveRooms,
        log: OfficeLog,
        locks: ExamLocks,
        it_unit: str = "",
    ) -> None:
        self._clock = clock
        self._exams = exams
        self._people = people
        self._rooms = rooms
        self._log = log
        self._locks = locks
        self._it_unit = it_unit

    async def set_plan(self, who: str, exam: str, plan: Plan, seen: str | None = None) -> None:
        """Enter what is decided, in the place of the edition `seen`.

        Raises ProctorError `already_published`, `changed_meanwhile`, `schedule_contradiction` (before the regime),
        `paper_confirmed` by the head of the unit that is named now (B22.4), `bad_request` with
        the place of what cannot be meant (`Plan.wrong`).
        """
        if wrong := plan.wrong(local_day(self._clock.now())):
            raise ProctorError("bad_request", field=wrong)
        async with self._locks.of(exam):
            planned = await self._exams.exam(exam)
            if planned.published_at is not None or _published_in(await self._rooms.of_exam(exam)):
                raise ProctorError("already_published")
            unchanged(seen, exam_edition(planned))
            refuse_contradiction(schedule_of(planned), regime=plan.regime)
            await self._refuse_another_unit(planned, plan)
            await self._log.put(who, o.PlanSet(exam=exam, plan=plan))
            await self._exams.set_plan(exam, plan)

    async def _refuse_another_unit(self, planned: Exam, plan: Plan) -> None:
        unit = planned.plan.unit
        if not unit or plan.is_set_by(unit):
            return
        papers = [await self.paper(planned.exam, use) for use in ("main", "reserve")]
        if any(paper is not None and paper.confirmed_by is not None for paper in papers):
            raise ProctorError("paper_confirmed", unit=unit)

    async def readiness(self, planned: Exam, rooms: Mapping[str, LiveRoom], *, more: bool = False) -> dict[str, Any]:
        """What an exam still lacks for publication, in all and by room; with the rules that ask for it. `more`: that it
        has rooms besides, which are not open, so that nothing is known of what they lack."""
        paper = await self.paper(planned.exam)
        ruling, lacking = plans.publication(
            planned.plan,
            first_day(planned),
            local_day(self._clock.now()),
            plans.PaperState(
                paper is not None and all(_has(live.state, paper) for live in rooms.values()),
                paper is not None and paper.confirmed_by is not None,
            ),
            ((name, planning.setup(live.state)) for name, live in rooms.items()),
        )
        times = schedule_of(planned)
        differ = any(live.state.schedule != times for live in rooms.values() if not live.state.published)
        return {
            "unmet": [*(each for each in ruling.unmet if each != "rooms" or not more), *(["times"] if differ else [])],
            "rooms": {name: list(unmet) for name, unmet in lacking.items()},
            "citations": [str(each) for each in ruling.citations],
            "articles": {"vi": named(ruling.citations, "vi"), "en": named(ruling.citations, "en")},
        }

    async def publish(self, who: str, exam: str) -> None:
        """Publish an exam to its rooms; those that have it already are left.

        Raises ProctorError `not_publishable` with what is missing.
        """
        async with self._locks.of(exam):
            rooms = await self._rooms.of_exam(exam)
            async with together(rooms) as act:
                planned = await self._exams.exam(exam)
                ready = await self.readiness(planned, {live.room: live for live in rooms})
                if ready["unmet"]:
                    raise ProctorError("not_publishable", **ready)
                now = self._clock.now()
                for live in rooms:
                    planning.publish(live.state, now, planned.plan)  # refuses before anything is logged
                if planned.published_at is None:
                    await self._log.put(who, o.ExamPublished(exam=exam))
                for live in rooms:
                    await act(live, who, lambda state, _: planning.publish(state, now, planned.plan))
                await self._exams.set_published(exam, planned.published_at or now)

    async def withdraw(self, who: str, exam: str, reason: str, seen: str | None = None) -> None:
        """Make a published exam a draft again, before anybody can have entered.

        `seen`: the moment of the publication that is meant. Raises ProctorError `room_open`, `reason_needed`,
        `changed_meanwhile` when that does not stand any more.
        """
        async with self._locks.of(exam):
            planned = await self._exams.exam(exam)
            unchanged(seen, views.moment(planned.published_at) or "")
            rooms = await self._rooms.of_exam(exam)
            if planned.published_at is None and not _published_in(rooms):
                return
            if not reason.strip():
                raise ProctorError("reason_needed")
            async with together(rooms) as act:
                now = self._clock.now()
                for live in rooms:
                    planning.withdraw(live.state, now, reason)
                await self._log.put(who, o.ExamWithdrawn(exam=exam, reason=reason))
                for live in rooms:  # judged at the moment of the look, since when nobody has come in
                    await act(live, who, lambda state, _: planning.withdraw(state, now, reason))
                await self._exams.set_published(exam, None)

    async def finish(self) -> None:
        """At a start: bring what was cut short to rooms that differ from their exam.

        They hear of a confirmation and get the newest paper, as the office wanted. Where a publication or a withdrawal
        stands in some of them, the exam is a draft again: the office, who had no answer, publishes it anew. What
        cannot be done any more, as when staff may be in the rooms, is named in the server's log and stays as it is.
        """
        rooms = [live for live in self._rooms.awake() if not live.state.ended]
        for exam in sorted({live.state.exam for live in rooms}):
            await self._finish_or_name(self._finish_publication(exam), exam=exam)
        for live in rooms:
            await self._finish_or_name(self._finish_paper(live), room=live.room)

    async def _finish_or_name(self, finishing: Coroutine[Any, Any, None], **where: str) -> None:
        try:
            await finishing
        except Refusal as refused:
            log.error("rooms differ from their exam; the office has to act", why=refused.code, **where)

    async def _finish_publication(self, exam: str) -> None:
        draft = (await self._exams.exam(exam)).published_at is None
        rooms = [live.state for live in await self._rooms.of_exam(exam)]
        if any(room.published if draft else room.withdrawn for room in rooms):
            await self.withdraw(SERVER, exam, CUT_SHORT)
            log.warning("a publication or withdrawal was cut short; the exam is a draft again", exam=exam)

    async def _finish_paper(self, live: LiveRoom) -> None:
        async with together([live]) as act:
            await self.tell_confirmed(act, live)
            paper = await self.paper(live.state.exam)
            if paper is not None and not _has(live.state, paper):
                loaded = paper.sha256, paper.size
                await act(live, SERVER, lambda state, now: planning.load_paper(state, now, *loaded))

    async def tell_confirmed(self, act: Act, live: LiveRoom) -> None:
        """Tell a room of the papers that the head of the academic unit confirmed for its exam, if it does not know."""
        exam = live.state.exam
        papers = [await self.paper(exam), await self.paper(exam, "reserve")]
        if live.state.paper is not None:
            papers.append(await self._exams.paper_by_digest(exam, live.state.paper.sha256))
        for paper in papers:
            if paper is not None and paper.confirmed_by is not None:
                await _confirm(act, [live], paper.confirmed_by, paper.sha256)

    async def support_room(self, who: str, room: str) -> None:
        """The IT unit supports a room (A14.2b.1)."""
        live = await self._rooms.open(room)
        regime = (await self._exams.exam(live.state.exam)).plan.regime
        unit = self._it_unit or staffing.IT_UNIT[regime]
        async with together([live]) as act:
            if not planning.support_room(live.state, self._clock.now(), unit).events:
                return
            await self._log.put(who, o.RoomSupported(room=room))
            await act(live, who, lambda state, now: planning.support_room(state, now, unit))

    async def set_by(self, who: str) -> list[Exam]:
        """The exams whose papers are for this head of an academic unit to confirm (B22.4), newest first."""
        unit = await self._unit(who)
        return [exam for exam in await self._exams.all_exams() if exam.plan.regime == "B" and exam.plan.is_set_by(unit)]

    async def refuse_reader(self, who: str, exam: str) -> None:
        """Refuse a head of an academic unit a paper that is not theirs to confirm (B22.4): before the release nobody
        else may read one but the training office (A14.2b.6).

        Raises ProctorError `not_of_regime_b`, `other_unit`.
        """
        planned = await self._exams.exam(exam)
        if planned.plan.regime != "B":
            raise ProctorError("not_of_regime_b")
        if not planned.plan.is_set_by(await self._unit(who)):
            raise ProctorError("other_unit")

    async def _unit(self, who: str) -> str:
        member = await self._people.staff_by_id(who)
        return member.unit if member is not None else ""

    async def confirm_paper(self, who: str, exam: str, sha256: str, use: str = "main") -> None:
        """The head of the academic unit confirms the paper that was read (B22.4), by its digest; the reserve too.

        Raises ProctorError `paper_changed` when a newer one was loaded meanwhile, and as `refuse_reader`.
        """
        async with self._locks.of(exam):
            await self.refuse_reader(who, exam)
            paper = await self._exams.paper(exam, use)
            if paper.sha256 != sha256:
                raise ProctorError("paper_changed")
            rooms = await self._rooms.of_exam(exam)
            async with together(rooms) as act:
                if paper.confirmed_by is None:
                    await self._log.put(who, o.PaperConfirmed(exam=exam, sha256=sha256, use=use))
                await _confirm(act, rooms, who, sha256)
            if paper.confirmed_by is None:
                await self._exams.confirm_paper(exam, sha256, who, self._clock.now())

    async def acknowledge(self, who: str, room: str) -> None:
        """A member of staff takes the assignment to a room (A14.2b.2)."""
        live = await self._rooms.open(room)
        await live.act(who, lambda state, now: planning.acknowledge(state, now, who))

    async def paper(self, exam: str, use: str = "main") -> SealedPaper | None:
        """The exam's paper, or its reserve, if one was loaded."""
        try:
            return await self._exams.paper(exam, use)
        except ProctorError:
            return None


def _published_in(rooms: Iterable[LiveRoom]) -> bool:
    return any(live.state.published for live in rooms)


def _has(room: Room, paper: SealedPaper) -> bool:
    """Whether the room has the exam's paper, or the reserve in its place."""
    held = room.paper
    return held is not None and (held.sha256 == paper.sha256 or held.replaced_at is not None)


async def _confirm(act: Act, rooms: Iterable[LiveRoom], who: str, sha256: str) -> None:
    for live in rooms:
        await act(live, who, lambda state, now: planning.confirm_paper(state, now, sha256))


def refuse_contradiction(times: Schedule, *, regime: Regime) -> None:
    """Raises ProctorError `schedule_contradiction` (A14.2b.5)."""
    ruling = schedule.check(times, regime=regime)
    if not ruling.met:
        citation = cited(regime, "A14.2b.5")
        raise ProctorError("schedule_contradiction", unmet=", ".join(ruling.unmet), citation=citation)


def first_day(planned: Exam) -> date:
    """The day of the exam where it is held."""
    return local_day(planned.starts_at)


def plan_view(plan: Plan) -> dict[str, Any]:
    """A plan in the shape of `Plan`."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        return value.isoformat() if isinstance(value, date) else value

    viewed: dict[str, Any] = plain(asdict(plan))
    return viewed
