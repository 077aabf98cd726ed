"""What the training office does with candidates: enroll them, move them, give them their exam codes.

A code is stored as a digest only and told once, to the page that asked for it; whoever loses it gets another. A
candidate who is moved keeps identifier, number and code, so that what was handed out stays right; the code opens the
room that the candidate is in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

import structlog
from msgspec import UNSET, UnsetType

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam import double_booking as booking
from proctor.exam import office_events as o
from proctor.exam.decisions import planning
from proctor.exam.decisions.conditions import not_ended
from proctor.exam.decisions.planning import Enrolment
from proctor.exam.permissions import Role
from proctor.exam.room import Decision, Room
from proctor.facts import SERVER
from proctor.keys import Keys
from proctor.lists.columns import named_columns, problem
from proctor.lists.roster import Roster, read_roster
from proctor.live_room import LiveRoom
from proctor.occupancy import Occupancy, listed
from proctor.office_log import OfficeLog
from proctor.one_at_a_time import Act, together
from proctor.regulation.citation import Regime
from proctor.regulation.refusal import Refusal
from proctor.rooms import LiveRooms
from proctor.store.exams import Exams
from proctor.store.identifiers import new_exam_code, new_id
from proctor.store.people import Candidate, People

log = structlog.get_logger(__name__)


class Rosters:
    """Use cases of rosters and exam codes. `end_session` lets go of the sockets of a session that has ended."""

    def __init__(
        self,
        *,
        clock: Clock,
        exams: Exams,
        people: People,
        rooms: LiveRooms,
        keys: Keys,
        pool: Executor,
        log: OfficeLog,
        end_session: Callable[[str], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._exams = exams
        self._people = people
        self._rooms = rooms
        self._keys = keys
        self._pool = pool
        self._log = log
        self._end_session = end_session
        self._occupancy = Occupancy(exams, people, rooms)
        self._enrolling = asyncio.Lock()  # between the rows and a room's log nobody else may change either

    # -- enrolling ----------------------------------------------------------------------------------------------------

    async def read(self, content: bytes) -> Roster:
        """What a file holds; see `read_roster`."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, read_roster, content)

    async def import_roster(self, who: str, room: str, roster: Roster, *, dry: bool) -> dict[str, Any]:
        """Enroll the candidates of a roster, all or none; each gets an exam code, told this once.

        Raises ProctorError `room_capacity`, `roster_locked`, `name_taken`, `candidate_elsewhere`.
        """
        live, rows = await self._rooms.open(room), roster.rows
        people = [
            Candidate(
                new_id("c"), room, row.number, row.full_name, row.identity, row.shares_place, row.wish,
                row.wished_minutes,
            )
            for row in rows
        ]  # fmt: skip
        if dry:
            warnings = await self._check(live, people, [row.row for row in rows])
            return {"imported": len(rows), "dry": True, "candidates": [_shown(each) for each in people],
                    "columns": named_columns(roster.columns), "warnings": warnings}  # fmt: skip
        async with self._on_record(who, live, len(people)):
            warnings = await self._check(live, people, [row.row for row in rows])
        codes = await self._enroll(who, live, people, [row.row for row in rows], tell=True)
        return {
            "imported": len(people),
            "dry": False,
            "candidates": [
                {"candidate": each.candidate, **_shown(each), "code": codes[each.candidate]} for each in people
            ],
            "warnings": warnings,
        }

    async def enroll_untold(self, who: str, room: str, people: Sequence[Candidate]) -> None:
        """Enroll candidates whose codes nobody is told: they get theirs when codes are issued.

        Raises as `import_roster`.
        """
        await self._enroll(who, await self._rooms.open(room), people, list(range(len(people))), tell=False)

    async def _enroll(
        self, who: str, live: LiveRoom, people: Sequence[Candidate], rows: Sequence[int], *, tell: bool
    ) -> dict[str, str]:
        codes = [new_exam_code() for _ in people]
        digests = [self._keys.code_digest(code) for code in codes]

        regime = await self._regime(live)

        def decide(state: Room, now: datetime) -> Decision:
            return planning.enroll(state, now, [_enrolment(each) for each in people], regime=regime)

        async with self._enrolling, self._on_record(who, live, len(people)):
            await self._check(live, people, rows)  # another roster may have been faster
            candidates = tuple(each.candidate for each in people)
            async with together([live]) as act:
                decide(live.state, now := self._clock.now())  # the room may have begun since
                await self._log.put(who, o.RosterImported(room=live.room, candidates=candidates))
                issued_at = now.isoformat() if tell else None
                on_record = live.state.sittings.keys() | live.state.moved_out.keys()  # whose move may not be finished
                await self._people.add_candidates(live.room, on_record, people, digests, issued_at)
                await act(live, who, lambda state, _: decide(state, now))
        return dict(zip(candidates, codes, strict=True))

    async def _check(self, live: LiveRoom, people: Sequence[Candidate], rows: Sequence[int]) -> list[dict[str, Any]]:
        """Refuse here what would be refused later, before anything is stored; answers with warnings."""
        regime = await self._regime(live)
        planning.enroll(live.state, self._clock.now(), [_enrolment(each) for each in people], regime=regime)
        return await self.refuse_elsewhere(live.state, people, rows)

    async def refuse_elsewhere(
        self, room: Room, people: Sequence[Candidate], rows: Sequence[int]
    ) -> list[dict[str, Any]]:
        """Refuse people who are in another room at that time; warns of those who may be.

        Raises ProctorError `roster_rows` for one who is twice on the list, `candidate_elsewhere`.
        """
        place = booking.for_candidates(room.exam, room.room, room.schedule)
        wanted = [listed(each) for each in people]
        known = await self._people.candidates(room.room)
        enrolled = [listed(each) for each in known if each.candidate in room.sittings]
        if twice := booking.within(wanted, enrolled):
            raise ProctorError("roster_rows", rows=[problem(rows[at], "identity", "repeated") for at in twice])
        found = []
        for clash in await self._occupancy.candidate_clashes(place, wanted):
            person = people[clash.index]
            column = "full_name" if clash.code in ("same_name", "same_person") else "number"
            if not (where := await self._occupancy.titles(clash.room)):
                continue
            told = {"number": person.number, "full_name": person.full_name, **where}
            found.append((clash.refused, problem(rows[clash.index], column, clash.code, **told)))
        if refused := [row for is_refused, row in found if is_refused]:
            raise ProctorError("candidate_elsewhere", rows=refused)
        return [row for _, row in found]

    @contextlib.asynccontextmanager
    async def _on_record(self, who: str, live: LiveRoom, adding: int, number: str = "") -> AsyncIterator[None]:
        """Within it, a refusal because the room is full goes on the room's log too (A14.2a)."""
        try:
            yield
        except Refusal as refusal:
            if refusal.code == "room_capacity":
                regime = await self._regime(live)
                await live.act(
                    who,
                    lambda state, now: planning.refuse_roster(
                        state, now, by=who, adding=adding, number=number, regime=regime
                    ),
                )
            raise

    async def _regime(self, live: LiveRoom) -> Regime:
        """That of the exam, which the room of a draft does not know yet."""
        return (await self._exams.exam(live.state.exam)).plan.regime

    async def candidates(self, room: str) -> list[dict[str, Any]]:
        """The roster as the office keeps it: with what candidates ask for, and when their codes were told."""
        live = await self._rooms.open(room)
        return [
            {"candidate": each.candidate, **_shown(each), "code_issued_at": each.code_issued_at}
            for each in await self._people.candidates(room)
            if each.candidate in live.state.sittings
        ]

    # -- moving -------------------------------------------------------------------------------------------------------

    async def move(self, who: str, room: str, candidate: str, to: str) -> None:
        """Move a candidate to another room of the same exam before the start.

        Raises ProctorError `not_found`, `same_room`, `already_admitted`, `move_too_late`, `candidates_needed`,
        `room_capacity`, `name_taken`.
        """
        old, new = await self._rooms.open(room), await self._rooms.open(to)
        if old.state.exam != new.state.exam or room == to:
            raise ProctorError("same_room")
        async with self._enrolling:
            person = await self._people.candidate_by_id(candidate)
            if person is None or person.room != room:
                raise ProctorError("not_found", what="candidate")
            async with self._on_record(who, new, 1, person.number), together([old, new]) as act:
                now = self._clock.now()
                planning.move_out(old.state, now, candidate, to)  # refuses before anything is logged
                given = planning.given_to(old.state, candidate)
                planning.move_in(new.state, now, _enrolment(person), regime=await self._regime(new), given=given)
                await self._log.put(who, o.CandidateMoved(candidate=candidate, room=room, to=to))
                await self._move(act, who, old, new, person, now)
            await self._sign_out(candidate)  # pages at the old room's door; the same code leads to the new one

    async def remove(self, who: str, room: str, candidate: str, reason: str) -> None:
        """Take a candidate off the roster before admission; the code opens nothing any more.

        Raises ProctorError `not_found`, `reason_needed`, `already_admitted`, `roster_locked`, `candidates_needed`.
        """
        live = await self._rooms.open(room)
        async with self._enrolling:
            async with together([live]) as act:
                now = self._clock.now()
                if planning.remove_candidate(live.state, now, candidate, reason).events:  # refuses before it is logged
                    await self._log.put(who, o.CandidateRemoved(candidate=candidate, room=room, reason=reason))
                    await act(live, who, lambda state, _: planning.remove_candidate(state, now, candidate, reason))
            await self._people.remove_candidate(candidate)
            await self._sign_out(candidate)

    async def finish_moves(self) -> None:
        """At a start: bring to their end the moves and removals that a crash cut short."""
        for old in self._rooms.awake():
            for candidate, gone in old.state.moved_out.items():
                person = await self._people.candidate_by_id(candidate)
                if person is None or person.room != old.room:
                    continue
                if gone.moved_to is None:
                    await self._people.remove_candidate(candidate)
                    continue
                try:
                    new = await self._rooms.open(gone.moved_to)
                    async with together([old, new]) as act:
                        await self._move(act, SERVER, old, new, person, self._clock.now())
                    await self._sign_out(candidate)
                except Refusal as refusal:  # the other room is broken; its candidates cannot sit there either
                    log.error("a move cannot be brought to its end", candidate=candidate, why=refusal.code)

    async def _move(
        self, act: Act, who: str, old: LiveRoom, new: LiveRoom, person: Candidate, now: datetime
    ) -> None:
        """The old room's log decides: whoever admits the candidate there first wins."""
        await act(old, who, lambda state, _: planning.move_out(state, now, person.candidate, new.room))
        regime, given = await self._regime(new), planning.given_to(old.state, person.candidate)
        await act(
            new, who, lambda state, _: planning.move_in(state, now, _enrolment(person), regime=regime, given=given)
        )
        await self._people.move_candidate(person.candidate, new.room)

    # -- codes --------------------------------------------------------------------------------------------------------

    async def issue_codes(
        self, who: str, room: str, candidates: Collection[str] | None, seen: str | UnsetType | None = UNSET
    ) -> list[dict[str, str]]:
        """New exam codes for some candidates of a room, or for all; each is told this once, the earlier ones are dead.
        `seen`, if it is told, is when the newest of these was issued by what the page knows: of two people who issue
        codes at once, the second would make the first one's slips worthless without a word.

        Who was admitted stays signed in: an invigilator saw that face, and a code can only ask to take over there.
        Everybody else is signed out with the earlier code. Raises ProctorError `not_found`, `room_ended`,
        `changed_meanwhile`.
        """
        live = await self._rooms.open(room)
        async with self._enrolling:
            async with together([live]):  # or it might be removed meanwhile, and the codes would open nothing
                state = live.state
                not_ended(state, self._clock.now())
                named = state.sittings if candidates is None else dict.fromkeys(candidates)
                chosen = [state.sitting(candidate) for candidate in named]
                if not chosen:
                    raise ProctorError("not_found", what="candidate")
                codes = {known.candidate: new_exam_code() for known in chosen}
                told = [each.code_issued_at for each in await self._people.candidates(room) if each.candidate in codes]
                if seen is not UNSET and seen != max(filter(None, told), default=None):
                    raise ProctorError("changed_meanwhile")
                await self._log.put(who, o.CodesIssued(room=room, candidates=tuple(codes)))
                digests = {candidate: self._keys.code_digest(code) for candidate, code in codes.items()}
                await self._people.replace_codes(digests, self._clock.now())
            for known in chosen:
                if live.state.sitting(known.candidate).admitted_at is None:
                    await self._sign_out(known.candidate)
        return [
            {"candidate": known.candidate, "number": known.number, "full_name": known.full_name,
             "code": codes[known.candidate]}
            for known in sorted(chosen, key=lambda known: known.number)
        ]  # fmt: skip

    async def check_codes(self, room: str, codes: Mapping[str, str]) -> None:
        """Raises ProctorError `code_not_current` when one of `codes`, by candidate, opens nothing here."""
        current = await self._people.code_digests(room)
        if any(current.get(candidate) != self._keys.code_digest(code) for candidate, code in codes.items()):
            raise ProctorError("code_not_current")

    async def _sign_out(self, candidate: str) -> None:
        for session in await self._people.close_sessions_of(Role.CANDIDATE, candidate):
            await self._end_session(session)


def _enrolment(person: Candidate) -> Enrolment:
    return Enrolment(person.candidate, person.number, person.full_name, person.shares_place)


def _shown(person: Candidate) -> dict[str, Any]:
    return {
        "number": person.number,
        "full_name": person.full_name,
        "identity": person.identity,
        "shares_place": person.shares_place,
        "wish": person.wish,
        "wished_minutes": person.wished_minutes,
    }
