"""What the training office does to a room under way: times, papers and files for all, a held room, the hand-over.

Each act names the office's person and stands on both logs: with its reason on the office's, whole on the room's. The
room is held from the decision to its entry, and all its entries are one commit (ledger/joint.py): whenever the server
is killed, no act is on one of the logs alone, nor in one of several rooms. None is there that changed nothing. What can
move a room's end answers with those who are in two rooms by it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from proctor.clock import Clock
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam import office_events as o
from proctor.exam.decisions import closing, holding, papers, planning, times
from proctor.exam.room import Decision, Room
from proctor.keys import Keys, open_sealed, seal_into
from proctor.ledger.joint import all_or_none
from proctor.ledger.writer import Writer
from proctor.live_room import LiveRoom
from proctor.occupancy import Occupancy
from proctor.office_log import OfficeLog
from proctor.one_at_a_time import together
from proctor.regulation.refusal import Refusal
from proctor.rooms import LiveRooms
from proctor.sealed import sync_directory
from proctor.store.exams import Exams
from proctor.store.identifiers import new_id
from proctor.store.people import People

log = structlog.get_logger(__name__)


class Steering:
    """Use cases of the office while a room runs."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Clock,
        exams: Exams,
        people: People,
        rooms: LiveRooms,
        keys: Keys,
        log: OfficeLog,
        writer: Writer,
    ) -> None:
        self._writer = writer
        self._folder = config.papers
        self._clock = clock
        self._exams = exams
        self._people = people
        self._rooms = rooms
        self._key = keys.of("materials")
        self._log = log
        self._occupancy = Occupancy(exams, people, rooms)

    async def shift_times(
        self, who: str, room: str, minutes: int, seen: datetime, reason: str, act: str
    ) -> list[dict[str, Any]]:
        """Move the times to come of a room equally (A5.3, X34); see `times.shift`."""
        return await self._moving(
            who, room, "shift_times", reason,
            lambda state, now: times.shift(state, now, minutes=minutes, reason=reason, seen=seen, act=act),
        )  # fmt: skip

    async def grant_time(
        self, who: str, room: str, candidate: str, minutes: int, reason: str, end_at: datetime | None, seen: int | None
    ) -> list[dict[str, Any]]:
        """Give one candidate more time, with a reason; it fits before the end or moves it."""
        return await self._moving(
            who, room, "grant_time", reason,
            lambda state, now: times.grant(
                state, now, candidate=candidate, minutes=minutes, reason=reason, end_at=end_at, seen=seen
            ),
        )  # fmt: skip

    async def grant_everybody(
        self, who: str, room: str, minutes: int, seen: int, reason: str, move_end: bool, act: str
    ) -> list[dict[str, Any]]:
        """Give all who have not handed in more time; see `times.grant_everybody`."""
        return await self._moving(
            who, room, "grant_time", reason,
            lambda state, now: times.grant_everybody(
                state, now, minutes=minutes, seen=seen, reason=reason, move_end=move_end, act=act
            ),
        )  # fmt: skip

    async def grant_wishes(
        self, who: str, room: str, candidates: Collection[str], reason: str, move_end: bool
    ) -> list[dict[str, Any]]:
        """Grant the extra minutes that these candidates ask for on the roster, all in one act.

        Raises ProctorError `no_wish` for somebody who asks for none.
        """
        asked = {each.candidate: each.wished_minutes for each in await self._people.candidates(room)}
        minutes = {candidate: asked.get(candidate, 0) for candidate in candidates}
        if not minutes or not all(minutes.values()):
            raise ProctorError("no_wish")
        return await self._moving(
            who, room, "grant_time", reason,
            lambda state, now: times.grant_all(state, now, minutes=minutes, reason=reason, move_end=move_end),
        )  # fmt: skip

    async def allow_late(self, who: str, room: str, candidate: str, reason: str) -> None:
        """Let a candidate come after the late-arrival limit."""
        await self._steer(
            who, room, "allow_late", reason, lambda state, now: planning.allow_late(state, now, candidate, reason)
        )

    async def use_reserve_paper(self, who: str, room: str, reason: str, others: Collection[str] = ()) -> None:
        """Put the reserve paper in the place of the paper, in `others` of the exam's rooms too, or in none.

        Raises ProctorError `not_found` when there is none, or another room is of another exam; Refusal
        `paper_unconfirmed` in regime B.
        """
        live = await self._rooms.open(room)
        reserve = await self._exams.paper(live.state.exam, "reserve")
        await self._steer(
            who, room, "use_reserve_paper", reason,
            lambda state, now: papers.use_reserve(
                state, now, sha256=reserve.sha256, size=reserve.size, reason=reason
            ), others,
        )  # fmt: skip

    async def resolve_hold(self, who: str, room: str, outcome: str, minutes: int, reason: str) -> list[dict[str, Any]]:
        """Decide how a held room goes on."""
        return await self._moving(
            who, room, "resolve_hold", reason,
            lambda state, now: holding.resolve_hold(state, now, outcome=outcome, minutes=minutes, reason=reason),
        )  # fmt: skip

    async def receive_handover(self, who: str, room: str, handover: str) -> None:
        """Confirm the hand-over of a room (A14.2e)."""
        await self._steer(
            who, room, "receive_handover", "", lambda state, now: closing.receive_handover(state, now, handover)
        )

    async def handover_manifest(self, who: str, room: str) -> bytes:
        """What was handed over, by digest: the bytes whose SHA-256 stands on the log; the look is on it too.

        Raises ProctorError `not_found`.
        """
        live = await self._rooms.open(room)
        handover = live.state.handover
        if handover is None:
            raise ProctorError("not_found", what="handover")
        await live.act(who, lambda state, now: Decision((e.ManifestPulled(),)))
        return handover.manifest.encode()

    async def give_material(
        self, who: str, room: str, nature: str, title: str, text: str, file: tuple[bytearray, str] | None,
        others: Collection[str] = (), act: str = "",
    ) -> str:
        """Send a correction, or a further file (bytes, media type), to all of a room, and of `others` of its exam, or
        to nobody; answers with its identifier. Where the paper of one of the others is not released yet, it comes with
        the paper. `act` names what is sent: said again, it goes to nobody twice.

        Raises ProctorError `not_found` for a room of another exam."""
        lives = await self._of_one_exam(room, others)
        described = None
        if file is not None:
            content, kind = file
            if len(content) > papers.MAX_MATERIAL_BYTES:
                raise ProctorError("too_large", limit="20 MB")
            described = (await asyncio.to_thread(_digest, content), len(content), kind)
        material = _named(lives[0].state.exam, act, nature, title, text, described) if act else new_id("g")

        def decide(state: Room, now: datetime) -> Decision:
            return papers.give_material(
                state, now, material=material, nature=nature, title=title, text=text, file=described,
                ahead=state.room != room,
            )  # fmt: skip

        _decide_all(lives, decide, self._clock.now())  # refuses before anything is stored
        held = any(each.given.material == material for live in lives for each in live.state.materials)
        if file is not None and not held:
            await asyncio.to_thread(_seal, self._path(material), self._key, file[0], material)
        await self._steer(who, room, "give_material", title, decide, others)
        return material

    async def material(self, room: str, material: str) -> tuple[bytearray, str]:
        """A further file in the clear, with its media type. Raises ProctorError `not_found`, `damaged`."""
        live = await self._rooms.open(room)
        given = next((each.given for each in live.state.materials if each.given.material == material), None)
        if given is None or given.sha256 is None:
            raise ProctorError("not_found", what="material")
        return await asyncio.to_thread(open_sealed, self._path(material), self._key, material), given.type

    async def _moving(
        self, who: str, room: str, act: str, reason: str, decide: Callable[[Room, datetime], Decision]
    ) -> list[dict[str, Any]]:
        """As `_steer`, of an act that can move the end of a room: who is in two rooms by it. A room under way goes on
        whoever that is; the office has to hear of it."""
        await self._steer(who, room, act, reason, decide)
        try:
            return await self._occupancy.in_two_rooms((await self._rooms.open(room)).state)
        except Exception:  # the act is done all the same
            log.exception("who is in two rooms could not be found out", room=room)
            return []

    async def _steer(
        self, who: str, room: str, act: str, reason: str, decide: Callable[[Room, datetime], Decision],
        others: Collection[str] = (),
    ) -> None:
        lives = await self._of_one_exam(room, others)
        async with together(lives) as act_in:
            now = self._clock.now()
            decided = _decide_all(lives, decide, now)  # refuses before anything is logged
            wanted = [live for live, decision in zip(lives, decided, strict=True) if decision.events]
            if not wanted:
                return
            told = [o.RoomSteered(room=live.room, act=act, reason=reason) for live in wanted]
            await all_or_none(
                self._writer,
                lambda append: self._log.put(who, *told, append=append),
                *(partial(act_in, live, who, lambda state, _: decide(state, now)) for live in wanted),
            )

    async def _of_one_exam(self, room: str, others: Collection[str]) -> list[LiveRoom]:
        lives = [await self._rooms.open(each) for each in dict.fromkeys([room, *others])]
        if len({live.state.exam for live in lives}) > 1:
            raise ProctorError("not_found", what="room")
        return lives

    def _path(self, material: str) -> Path:
        return self._folder / f"{material}.sealed"


def _decide_all(
    lives: Collection[LiveRoom], decide: Callable[[Room, datetime], Decision], now: datetime
) -> list[Decision]:
    """What is decided in each room. A Refusal tells, where there are several, the title of the room as `in_room`."""
    decided = []
    for live in lives:
        try:
            decided.append(decide(live.state, now))
        except Refusal as refusal:
            if len(lives) > 1:
                refusal.details["in_room"] = live.state.title
            raise
    return decided


def _named(*what: object) -> str:
    """The identifier of what an act of the page sends, by all that it is: nothing else can take its place."""
    return f"g_{hashlib.sha256(repr(what).encode()).hexdigest()[:16]}"


def _digest(content: bytearray) -> str:
    """In a thread, since it takes long of 20 MB."""
    return hashlib.sha256(content).hexdigest()


def _seal(path: Path, key: bytes, content: bytearray, bound_to: str) -> None:
    """In a thread: durable before it is logged. What a killed server left is replaced."""
    part = path.with_suffix(f".{secrets.token_hex(4)}.part")  # the same may be sent twice at once
    try:
        with part.open("xb") as file:
            seal_into(file, key, content, bound_to)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_directory(path.parent)
    except OSError:
        part.unlink(missing_ok=True)
        raise ProctorError("disk_full") from None
