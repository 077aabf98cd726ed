"""From draft to publication: what the training office, the IT unit and the head of the academic unit do before an exam.

Each act is decided, then on the office's log, then carried out, as in `office.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from proctor.clock import LOCAL_TIME, Clock
from proctor.editions import exam_edition, unchanged
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.exam import plan as plans
from proctor.exam import schedule
from proctor.exam.articles import cited
from proctor.exam.decisions import planning
from proctor.exam.plan import Plan
from proctor.exam.schedule import Schedule
from proctor.live_room import LiveRoom
from proctor.occupancy import schedule_of
from proctor.office_log import OfficeLog
from proctor.regulation.citation import Regime, named
from proctor.rooms import LiveRooms
from proctor.store.exams import Exam, Exams, SealedPaper


class Planning:
    """Use cases before an exam."""

    def __init__(self, *, clock: Clock, exams: Exams, rooms: LiveRooms, log: OfficeLog) -> None:
        self._clock = clock
        self._exams = exams
        self._rooms = rooms
        self._log = log

    async def set_plan(self, who: str, exam: str, plan: Plan, seen: str | None = None) -> None:
        """Enter what is decided, in the place of the edition `seen`.

        Raises ProctorError `already_published`, `changed_meanwhile`, `schedule_contradiction` (before the regime).
        """
        planned = await self._exams.exam(exam)
        if planned.published_at is not None:
            raise ProctorError("already_published")
        unchanged(seen, exam_edition(planned))
        refuse_contradiction(schedule_of(planned), regime=plan.regime)
        await self._log.put(who, o.PlanSet(exam=exam, plan=plan))
        await self._exams.set_plan(exam, plan)

    async def readiness(self, planned: Exam, rooms: Mapping[str, LiveRoom]) -> dict[str, Any]:
        """What an exam still lacks for publication, in all and by room; with the rules that ask for it."""
        ruling, lacking = plans.publication(
            planned.plan,
            first_day(planned),
            self._clock.now().astimezone(LOCAL_TIME).date(),
            await self._paper_state(planned),
            ((name, planning.setup(live.state)) for name, live in rooms.items()),
        )
        times = schedule_of(planned)
        differ = any(live.state.schedule != times for live in rooms.values() if not live.state.published)
        return {
            "unmet": [*ruling.unmet, *(["times"] if differ else [])],
            "rooms": {name: list(unmet) for name, unmet in lacking.items()},
            "citations": [str(each) for each in ruling.citations],
            "articles": {"vi": named(ruling.citations, "vi"), "en": named(ruling.citations, "en")},
        }

    async def publish(self, who: str, exam: str, rooms: Mapping[str, LiveRoom]) -> None:
        """Publish an exam to its rooms; those that have it already are left (a crash came between).

        Raises ProctorError `not_publishable` with what is missing.
        """
        planned = await self._exams.exam(exam)
        ready = await self.readiness(planned, rooms)
        if ready["unmet"]:
            raise ProctorError("not_publishable", **ready)
        now = self._clock.now()
        for live in rooms.values():
            planning.publish(live.state, now, planned.plan)  # refuses before anything is logged
        if planned.published_at is None:
            await self._log.put(who, o.ExamPublished(exam=exam))
        for live in rooms.values():
            await live.act(who, lambda state, now: planning.publish(state, now, planned.plan))
        await self._exams.set_published(exam, planned.published_at or now)

    async def withdraw(self, who: str, exam: str, rooms: Mapping[str, LiveRoom], reason: str) -> None:
        """Make a published exam a draft again, before anybody can have entered. Raises `room_open`, `reason_needed`."""
        planned = await self._exams.exam(exam)
        if planned.published_at is None:
            return
        if not reason.strip():
            raise ProctorError("reason_needed")
        for live in rooms.values():
            planning.withdraw(live.state, self._clock.now(), reason)
        await self._log.put(who, o.ExamWithdrawn(exam=exam, reason=reason))
        await self._exams.set_published(exam, None)
        for live in rooms.values():
            await live.act(who, lambda state, now: planning.withdraw(state, now, reason))

    async def support_room(self, who: str, room: str) -> None:
        """The IT unit supports a room (A14.2b.1)."""
        live = await self._rooms.open(room)
        if not planning.support_room(live.state, self._clock.now()).events:
            return
        await self._log.put(who, o.RoomSupported(room=room))
        await live.act(who, planning.support_room)

    async def confirm_paper(self, who: str, exam: str, sha256: str, use: str = "main") -> None:
        """The head of the academic unit confirms the paper that was read (B22.4), by its digest; the reserve too.

        Raises ProctorError `paper_changed` when a newer one was loaded meanwhile, `not_of_regime_b`.
        """
        of_regime_b(await self._exams.exam(exam))
        paper = await self._exams.paper(exam, use)
        if paper.sha256 != sha256:
            raise ProctorError("paper_changed")
        if paper.confirmed_by is not None:
            return
        await self._log.put(who, o.PaperConfirmed(exam=exam, sha256=sha256, use=use))
        await self._exams.confirm_paper(exam, sha256, who, self._clock.now())

    async def acknowledge(self, who: str, room: str) -> None:
        """A member of staff takes the assignment to a room (A14.2b.2)."""
        live = await self._rooms.open(room)
        await live.act(who, lambda state, now: planning.acknowledge(state, now, who))

    async def paper(self, exam: str) -> SealedPaper | None:
        """The exam's paper, if one was loaded."""
        try:
            return await self._exams.paper(exam)
        except ProctorError:
            return None

    async def _paper_state(self, planned: Exam) -> plans.PaperState:
        paper = await self.paper(planned.exam)
        return plans.PaperState(paper is not None, paper is not None and paper.confirmed_by is not None)


def of_regime_b(planned: Exam) -> None:
    """Refuse a head of an academic unit a paper that is not theirs to confirm: before the release nobody else may read
    one of regime A but the training office (A14.2b.6)."""
    if planned.plan.regime != "B":
        raise ProctorError("not_of_regime_b")


def refuse_contradiction(times: Schedule, *, regime: Regime) -> None:
    """Raises ProctorError `schedule_contradiction` (A14.2b.5)."""
    ruling = schedule.check(times, regime=regime)
    if not ruling.met:
        citation = cited(regime, "A14.2b.5")
        raise ProctorError("schedule_contradiction", unmet=", ".join(ruling.unmet), citation=citation)


def first_day(planned: Exam) -> date:
    """The day of the exam where it is held."""
    return planned.starts_at.astimezone(LOCAL_TIME).date()


def plan_view(plan: Plan) -> dict[str, Any]:
    """A plan in the shape of `Plan`."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        return value.isoformat() if isinstance(value, date) else value

    viewed: dict[str, Any] = plain(asdict(plan))
    return viewed
